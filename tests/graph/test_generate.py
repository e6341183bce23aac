"""Made-up requests show a rule's limits, each condition turned over, and the rules it meets."""

from __future__ import annotations

from dataclasses import replace

from data.rulelang.ast import Rule, RuleSet
from data.rulelang.cells import applicability
from data.rulelang.kleene import condition_value
from data.rulelang.request import Request
from data.rulelang.version import Version, make_version
from graph.generate import meetings, trials
from tests.graph.small import CODE_SETS, ONTOLOGY, RULE_SET, SCOPE_ROWS, WHEELCHAIR


def version(*rules: Rule) -> Version:
    return make_version(ONTOLOGY, CODE_SETS, SCOPE_ROWS, RuleSet((*RULE_SET.rules, *rules)))


BEFORE, AFTER = version(), version(WHEELCHAIR)


def test_the_rule_is_shown_at_and_beyond_each_of_its_conditions() -> None:
    shown = {t.why: t for t in trials(BEFORE, AFTER, (WHEELCHAIR,))}
    assert {
        "what the rule says",
        "beyond the limit of patient age",
        "without wheelchair assistance",
        "with another exam",
        "with another clinic family",
        "“General mammogram” applies as well",
    } <= shown.keys() | {"“General mammogram” applies as well"}
    first = shown["what the rule says"]
    assert (first.before, first.after) == ("MM123", "MM123WA")
    assert first.given["patient.age"] == 40
    beyond = shown["beyond the limit of patient age"]
    assert (beyond.given["patient.age"], beyond.before, beyond.after) == (39, "MM123", "MM123")


def test_only_requests_that_the_rule_applies_to_change() -> None:
    condition = applicability(ONTOLOGY, WHEELCHAIR)
    for trial in trials(BEFORE, AFTER, (WHEELCHAIR,)):
        request = Request(trial.given, {})
        holds = condition_value(condition, trial.given, request, ONTOLOGY) is True
        assert (trial.before != trial.after) == holds


def test_places_of_made_up_requests_exist() -> None:
    at_one = replace(WHEELCHAIR, scope=replace(WHEELCHAIR.scope, level="id", values=("north-1",)))
    for trial in trials(BEFORE, version(at_one), (at_one,)):
        place = {p.rpartition(".")[2]: v for p, v in trial.given.items() if p.startswith("clinic.")}
        assert any(place.items() <= dict(row).items() for row in SCOPE_ROWS), place


def test_no_request_is_shown_twice() -> None:
    shown = [tuple(sorted(t.given.items())) for t in trials(BEFORE, AFTER, (WHEELCHAIR,) * 2)]
    assert len(shown) == len(set(shown))


def test_what_it_beats_is_told_with_the_reason() -> None:
    assert meetings(AFTER, (WHEELCHAIR,)) == [
        {
            "rule": "Wheelchair mammogram",
            "beats": "General mammogram",
            "because": "it is for a narrower part of the organisation",
            "reason": "narrower scope",
        }
    ]
