"""Each scorer on cases of its own: right, wrong, and no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from evals.facts import DraftFacts, Kept, RuleFacts, Term
from evals.score import Score
from evals.scorers import SCORERS, score_draft

CASES: Mapping[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "scorers.yaml").read_text()
)
BY_NAME = {s.NAME: s for s in SCORERS}


def facts_of(raw: Mapping[str, Any]) -> DraftFacts:
    plain = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    plain["rules"] = tuple(rule_of(r) for r in raw.get("rules", ()))
    plain["own_words"] = frozenset(raw.get("own_words", ()))
    plain["scenarios"] = Kept(**raw["scenarios"]) if "scenarios" in raw else None
    return DraftFacts(**{"message": "", **plain})


def rule_of(raw: Mapping[str, Any]) -> RuleFacts:
    terms = tuple(Term(tuple(t["ids"]), tuple(t["names"])) for t in raw.get("terms", ()))
    return RuleFacts(raw["text"], raw.get("reads_back"), terms)


def cases() -> Iterator[Any]:
    for scorer, several in CASES.items():
        for case in several:
            yield pytest.param(BY_NAME[scorer], case, id=f"{scorer}: {case['name']}")


@pytest.mark.parametrize(("scorer", "case"), list(cases()))
def test_a_scorer_says_what_it_should(scorer: ModuleType, case: Mapping[str, Any]) -> None:
    score: Score = scorer.score(facts_of(case["facts"]))

    assert score.name == scorer.NAME
    assert score.value is case["value"]
    assert score.verdict == ("abstained" if case["value"] is None else "scored")
    assert score.reason == case.get("reason", score.reason)
    assert score.reason


def test_every_scorer_has_a_right_a_wrong_and_an_undecided_case() -> None:
    assert CASES.keys() == BY_NAME.keys()
    for scorer, several in CASES.items():
        assert {c["value"] for c in several} == {True, False, None}, scorer


def test_a_scorer_that_breaks_is_no_verdict_and_stops_no_other() -> None:
    broken = replace(DraftFacts("words"), sentences=(None,))  # type: ignore[arg-type]

    scores = {s.name: s for s in score_draft(broken)}

    assert scores.keys() == BY_NAME.keys()
    assert (scores["plain_language"].value, scores["plain_language"].verdict) == (None, "failed")
    assert scores["plain_language"].reason == "TypeError"
    assert scores["parses"].verdict == "abstained"
