"""The grammar drafter on the open cases, and on a pack of made-up words: the floor it holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from data.ontology import Attribute, Decision, Ontology
from data.rulelang.ast import RuleSet
from data.rulelang.render import render
from graph.drafters.base import Task
from graph.drafters.grammar import GrammarDrafter
from graph.drafters.score import Scores, report, score
from tests.graph.drafters.random_words import RandomPack, make_pack, same_decisions, sentences

OPEN = Path(__file__).parents[4] / "shared" / "cases" / "open"
needs_open = pytest.mark.skipif(
    not OPEN.is_dir(), reason="the open cases (../shared/cases/open) are not on this machine"
)


@pytest.fixture(scope="module")
def scores() -> Scores:
    return score(OPEN, GrammarDrafter())


@needs_open
def test_right_on_the_open_cases(scores: Scores) -> None:
    assert scores.share("right", "sentence") >= 0.54, report(scores)
    assert scores.share("right", "paraphrase") >= 0.35, report(scores)


@needs_open
def test_hardly_ever_wrong_on_the_open_cases(scores: Scores) -> None:
    assert scores.share("wrong") < 0.03, report(scores)
    assert scores.share("refused") == 0


@needs_open
def test_ambiguous_sentences_are_asked_about(scores: Scores) -> None:
    assert all(s.verdict == "asked" for s in scores.scored if s.apart), report(scores)


@needs_open
def test_a_missing_fact_is_never_assumed(scores: Scores) -> None:
    assert all(s.open_kept == s.open_all for s in scores.scored if s.verdict == "right")


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_plain_sentences_of_made_up_words(seed: int) -> None:
    pack = make_pack(seed)
    verdicts: Counter[str] = Counter()
    wrong: list[str] = []
    for n, plain in enumerate(sentences(pack, seed, 48)):
        draft = GrammarDrafter().draft(
            plain.sentence, Task(pack.ontology, pack.code_sets, RuleSet())
        )
        if draft.status != "drafted":
            verdicts["asked"] += 1
        elif same_decisions(pack, draft.readings[0].rules, plain.rule, n):
            verdicts["right"] += 1
        else:
            wrong.append(plain.sentence + "\n" + render(draft.readings[0].rules[0], pack.ontology))
    assert verdicts["right"] / 48 >= 0.40, verdicts
    assert len(wrong) / 48 < 0.03, "\n".join(wrong)


def test_forty_words_over_230_attributes_take_less_than_150_ms() -> None:
    drafter = GrammarDrafter()
    pack, ontology = _wide()
    task = Task(ontology, pack.code_sets, RuleSet())
    first = next(iter(sentences(pack, 3, 1))).sentence
    drafter.draft(first, task)
    from time import perf_counter

    times: list[float] = []
    for plain in sentences(pack, 5, 40):
        words = (plain.sentence.rstrip(".") + " unless " + first).split()[:40]
        began = perf_counter()
        drafter.draft(" ".join(words), task)
        times.append(perf_counter() - began)
    assert sorted(times)[int(0.95 * len(times))] < 0.15


def _wide() -> tuple[RandomPack, Ontology]:
    """A pack with 230 attributes."""
    pack = make_pack(1)
    more: dict[str, Attribute] = dict(pack.ontology.attributes)
    for n in range(20):
        other = make_pack(100 + n)
        for a in other.ontology.attributes.values():
            path = f"{pack.entity}.x{n}_{a.name}"
            if len(more) < 230:
                more[path] = Attribute(
                    path, a.type, a.label, unit=a.unit, min=a.min, max=a.max, values=a.values
                )
    decisions: dict[str, Decision] = dict(pack.ontology.decisions)
    ontology = Ontology(
        "wide", "Wide", None, pack.ontology.entities, more, {}, pack.ontology.scopes, decisions
    )
    assert len(ontology.attributes) == 230
    return pack, ontology
