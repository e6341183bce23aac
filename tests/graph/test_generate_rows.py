"""Made-up requests about a history: rows on each side of every limit, and no more than it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from data.ontology.model import Attribute, Ontology, Relation
from data.packs.load import load_pack
from data.rulelang.ast import RuleSet
from data.rulelang.evaluate import decide_one
from data.rulelang.kleene import condition_value
from data.rulelang.parse import parse
from data.rulelang.request import Request, read_request
from data.rulelang.version import Version, make_version
from graph.chooser import Chooser
from graph.describe import describe
from graph.generate import Trial, trials
from graph.words import result_words
from tests.graph.small import CODE_SETS, ONTOLOGY, RULE_SET, SCOPE_ROWS

VISIT = (
    Attribute("visit.date", "date", "visit date"),
    Attribute("visit.exam", "enum", "exam", values=ONTOLOGY.attributes["request.exam"].values),
    Attribute("visit.dose", "integer", "dose", unit="mGy", min=0, max=90),
    Attribute("visit.doctor", "text", "doctor", sensitive="identifying"),
)
WITH_VISITS: Ontology = replace(
    ONTOLOGY,
    entities=(*ONTOLOGY.entities, "visit"),
    attributes={**ONTOLOGY.attributes, **{a.path: a for a in VISIT}},
    relations={"prior_visits": Relation("prior_visits", "patient", "visit", "prior visit", "date")},
)
PACK = load_pack("radiology")
HISTORY = (
    "Lung screening once a year",
    "Earlier contrast reaction",
    "Bone density every two years",
    "Third scan within 30 days",
)


def tried(text: str) -> tuple[Version, dict[str, Trial]]:
    """The version with one more rule, and what is tried of it."""
    said = f'rule "New" when {text} then instructions include "Look at the history."'
    parsed = parse(said, WITH_VISITS, CODE_SETS)
    assert not parsed.findings, parsed.findings
    rules = RuleSet((*RULE_SET.rules, *parsed.rule_set.rules))
    before, after = (make_version(WITH_VISITS, CODE_SETS, SCOPE_ROWS, s) for s in (RULE_SET, rules))
    return after, {t.why: t for t in trials(before, after, parsed.rule_set.rules)}


def changes(trial: Trial) -> bool:
    return trial.before != trial.after


def days(trial: Trial) -> list[object]:
    """How long before the request each row lies, in days."""
    today = trial.given["request.date"]
    assert isinstance(today, date)
    rows = trial.rows["prior_visits"]
    return sorted((today - d).days for r in rows if isinstance(d := r["visit.date"], date))


def test_a_span_is_tried_on_its_first_day_and_the_day_before() -> None:
    _, shown = tried("any prior visit where ( exam is brain mri ) within the last 30 days")
    first = shown["prior visit on the first day of the last 30 days"]
    before = shown["prior visit the day before the last 30 days"]
    assert (days(first), changes(first)) == ([30], True)
    assert (days(before), changes(before)) == ([31], False)
    assert not changes(shown["without any prior visit"])
    assert not changes(shown["prior visit with another exam"])
    assert changes(shown["what the rule says"])


def test_a_number_of_rows_is_tried_one_less_and_one_more() -> None:
    _, shown = tried("number of prior visits within the last 1 year is between 2 and 3")
    fewer, said = shown["one prior visit fewer"], shown["what the rule says"]
    assert [len(t.rows["prior_visits"]) for t in (fewer, said)] == [1, 2]
    assert [changes(t) for t in (fewer, said)] == [False, True]


def test_the_latest_row_is_tried_a_day_on_each_side() -> None:
    _, shown = tried("months since latest prior visit where ( dose is at least 5 ) is at least 11")
    reached = shown["what the rule says"]
    younger = shown["prior visit a day less than 11 months ago"]
    assert (changes(reached), changes(younger)) == (True, False)
    assert days(reached)[0] == days(younger)[0] + 1  # type: ignore[operator]
    beyond = shown["prior visit beyond the limit of dose"]
    assert [r["visit.dose"] for r in beyond.rows["prior_visits"]] == [4]
    assert not changes(beyond)


def test_no_row_is_told_with_none_and_turned_by_one() -> None:
    _, shown = tried("no prior visit where ( exam is brain mri ) within the last 6 weeks")
    said = shown["what the rule says"]
    assert said.rows == {"prior_visits": ()}
    assert "no prior visits" in said.words
    assert not changes(shown["with such a prior visit"])
    assert not changes(shown["prior visit on the first day of the last 6 weeks"])
    assert changes(shown["prior visit the day before the last 6 weeks"])


def test_rows_beside_facts_and_hours_are_found() -> None:
    _, shown = tried("any prior visit where ( exam is request exam ) within the last 72 hours")
    assert changes(shown["what the rule says"])
    assert not changes(shown["prior visit with another exam"])


@pytest.mark.parametrize("title", HISTORY)
def test_history_rules_of_the_pack_change_only_what_they_apply_to(title: str) -> None:
    rules = PACK.rule_set.rules
    (rule,) = (r for r in rules if r.title == title)
    fewer = replace(PACK.rule_set, rules=tuple(r for r in rules if r != rule))
    before, after = (
        make_version(PACK.ontology, PACK.code_sets, PACK.scope_rows, s)
        for s in (fewer, PACK.rule_set)
    )
    condition = Chooser(after).condition(rule)
    made = trials(before, after, (rule,))
    assert len(made) >= 5
    for trial in made:
        request = read_request(PACK.ontology, trial.to_json()["given"])
        holds = condition_value(condition, request.given, request, PACK.ontology)
        assert (trial.before != trial.after) == holds, trial
        assert "open" not in f"{trial.before} {trial.after}"
        for decision in {o.decision for o in rule.then}:
            said = result_words(decide_one(after, request, decision).to_json())
            assert said in trial.after


def test_rows_are_told_together_and_without_what_identifies() -> None:
    row = {"visit.exam": "brain mri", "visit.date": date(2026, 5, 3), "visit.doctor": "Ada"}
    request = Request({}, {"prior_visits": (row, row)})
    told = describe(WITH_VISITS, request.given, request.rows)
    assert told == "2 prior visits (exam brain mri, 3 May 2026)"
