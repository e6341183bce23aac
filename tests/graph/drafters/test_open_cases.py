"""The grammar drafter on the open cases, and on a pack of made-up words: the floor it holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from data.packs.load import load_pack
from data.rulelang.ast import And, Compare, Condition, Not, Rule, RuleSet, Scope
from data.rulelang.parse import parse
from data.rulelang.render import render
from graph.drafters.base import Task
from graph.drafters.grammar import GrammarDrafter
from graph.drafters.score import Scores, report, score
from tests.graph.drafters.random_words import make_pack, same_decisions, sentences

OPEN = Path(__file__).parents[4] / "shared" / "cases" / "open"
needs_open = pytest.mark.skipif(
    not OPEN.is_dir(), reason="the open cases (../shared/cases/open) are not on this machine"
)


@pytest.fixture(scope="module")
def scores() -> Scores:
    return score(OPEN, GrammarDrafter())


@needs_open
def test_right_on_the_open_cases(scores: Scores) -> None:
    assert scores.share("right", "sentence") >= 0.78, report(scores)
    assert scores.share("right", "paraphrase") >= 0.54, report(scores)


@needs_open
def test_hardly_ever_wrong_on_the_open_cases(scores: Scores) -> None:
    assert scores.share("wrong") <= 0.01, report(scores)
    assert scores.share("refused") == 0


@needs_open
def test_ambiguous_sentences_are_asked_about(scores: Scores) -> None:
    assert all(s.verdict == "asked" for s in scores.scored if s.apart), report(scores)


@needs_open
def test_a_missing_fact_is_never_assumed(scores: Scores) -> None:
    assert all(s.open_kept == s.open_all for s in scores.scored if s.verdict == "right")


def test_examples_of_the_shipped_pack_become_their_rules() -> None:
    pack = load_pack("radiology")
    right = 0
    for example in pack.examples:
        task = Task(pack.ontology, pack.code_sets, RuleSet(), scope_rows=pack.scope_rows)
        drafted = GrammarDrafter().draft(example.sentence, task)
        wanted = parse(example.rules, pack.ontology, pack.code_sets).rule_set
        if drafted.status == "drafted":
            assert _meant(drafted.readings[0].rules) == _meant(wanted.rules), example.sentence
            right += 1
    assert right / len(pack.examples) >= 0.80, right


def _meant(rules: tuple[Rule, ...]) -> list[str]:
    """What the rules say, whatever their titles and the order of their conditions."""
    return sorted(
        repr((sorted(map(repr, r.then)), _parts(r.when), r.scope, r.mandatory, r.start, r.until))
        for r in rules
    )


def _parts(condition: Condition | None) -> list[str]:
    parts: tuple[Condition | None, ...] = (condition,)
    if isinstance(condition, And):
        parts = condition.parts
    return sorted(p for c in parts for p in _plain(c))


def _plain(condition: Condition | None) -> list[str]:
    """`not (x is a)` as `x is not a`, `include all of a, b` as two."""
    match condition:
        case Not(Compare(path, "is", value)):
            return [repr(Compare(path, "is not", value))]
        case Compare(path, "include all of", tuple(values)):
            return [repr(Compare(path, "include", v)) for v in values]
        case _:
            return [repr(condition)]


def test_a_scope_row_limits_a_rule_to_its_place() -> None:
    pack = load_pack("radiology")
    task = Task(pack.ontology, pack.code_sets, RuleSet(), scope_rows=pack.scope_rows)
    said = "Walk-ins at lake-2 and lake-3 get 10 extra minutes."
    with_rows = GrammarDrafter().draft(said, task)
    assert with_rows.readings[0].rules[0].scope == Scope("id", ("lake-2", "lake-3"))
    without = GrammarDrafter().draft(said, replace(task, scope_rows=()))
    assert without.status == "question"


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
