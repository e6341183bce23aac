"""The radiology pack is large enough to be believed, free of findings, and tells its story."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.packs import load_pack
from data.packs.cases import Scenario
from data.packs.load import Pack
from data.rulelang.ast import Decide, LeaveToStaff, Modify, Rule
from data.rulelang.check import check
from data.rulelang.evaluate import decide
from data.rulelang.parse import parse
from data.rulelang.request import read_request
from data.rulelang.version import Version, make_version

PACK = load_pack("radiology")
REQUEST = {
    "patient": {"age": 52, "wheelchair": True},
    "request": {"exam": "screening mammogram", "date": "2026-11-20"},
    "clinic": {"id": "north-3", "family": "Northstar", "state": "TX"},
    "prior_visits": [{"date": "2025-10-02", "exam": "screening mammogram"}],
}
STORY = """
rule "Wheelchair mammogram"
  scope      family Northstar
  when       exam is screening mammogram
             and patient age is more than 40
             and wheelchair assistance is yes
  then       procedure code is MM123WA
"""


def version_of(pack: Pack, *more: Rule) -> Version:
    rules = replace(pack.rule_set, rules=(*pack.rule_set.rules, *more))
    return make_version(pack.ontology, pack.code_sets, pack.scope_rows, rules)


@pytest.fixture(scope="module")
def version() -> Version:
    return version_of(PACK)


@pytest.fixture(scope="module")
def with_story() -> Version:
    parsed = parse(STORY, PACK.ontology, PACK.code_sets)
    assert not parsed.findings
    return version_of(PACK, *parsed.rule_set.rules)


def test_it_is_as_large_as_promised() -> None:
    sizes = {name: len(codes.codes) for name, codes in PACK.code_sets.items()}
    assert len(PACK.ontology.attributes) >= 40
    assert len(sizes) >= 6
    assert min(sizes.values()) == 5
    assert max(sizes.values()) == 250
    assert len(PACK.rule_set.rules) >= 60
    assert len(PACK.scenarios) >= 50
    assert len(PACK.examples) >= 40


def test_every_part_of_the_language_is_in_use() -> None:
    rules = PACK.rule_set.rules
    outcomes = [o for r in rules for o in r.then]
    levels = {r.scope.level for r in rules if r.scope}
    assert levels >= {"state", "family", "id"}
    assert any(r.mandatory and r.scope is None for r in rules)
    assert any(r.mandatory and r.scope is not None for r in rules)
    assert any(r.start for r in rules)
    assert any(r.until for r in rules)
    assert any(r.overrides for r in rules)
    assert any(isinstance(o, LeaveToStaff) for o in outcomes)
    assert {o.adds for o in outcomes if isinstance(o, Modify)} == {True, False}
    assert {o.decision for o in outcomes} == set(PACK.ontology.decisions)
    assert PACK.rule_set.gaps


def test_codes_of_one_concept_differ_between_families() -> None:
    for exam in ("chest x-ray", "knee x-ray"):
        codes = [c.for_concept(exam) for c in PACK.code_sets.values()]
        assert len({c.code for c in codes if c}) == len(PACK.code_sets), exam


def test_every_family_has_clinics_and_every_clinic_a_family_with_codes() -> None:
    assert {row["family"] for row in PACK.scope_rows} == set(PACK.code_sets)
    assert {row["state"] for row in PACK.scope_rows} == set(
        PACK.ontology.attributes["clinic.state"].values
    )


def test_what_identifies_a_person_is_marked_and_no_rule_looks_at_it() -> None:
    marked = {p for p, a in PACK.ontology.attributes.items() if a.sensitive == "identifying"}
    assert marked == {"patient.name", "patient.mrn", "patient.phone", "patient.birth_date"}
    labels = [PACK.ontology.attributes[p].label for p in marked]
    assert not any(label in text for label in labels for text in PACK.rule_files.values())


def test_no_two_facts_share_a_label_or_a_synonym() -> None:
    seen: dict[str, str] = {}
    for fact in PACK.ontology.facts:
        for word in {w.casefold() for w in (fact.label, *fact.synonyms)}:
            assert seen.setdefault(word, fact.path) == fact.path, word


def test_analysis_finds_no_error_and_nothing_redundant(version: Version) -> None:
    found = [(f.severity, f.code, f.message) for f in check(version) if f.severity != "note"]
    assert found == []


@pytest.mark.parametrize("scenario", PACK.scenarios, ids=lambda s: s.name)
def test_scenarios_hold(scenario: Scenario, version: Version) -> None:
    results = decide(version, read_request(PACK.ontology, scenario.given))
    for name, expected in scenario.expect.items():
        result = results[name].to_json()
        if isinstance(expected, dict):
            assert result["status"] == expected["status"], result
        else:
            assert (result["status"], result["value"]) == ("decided", expected), result


def test_scenarios_show_every_status() -> None:
    expected = [e for s in PACK.scenarios for e in s.expect.values()]
    statuses = {e["status"] for e in expected if isinstance(e, dict)}
    assert statuses == {"no_rule", "left_to_staff", "undecided"}


def test_an_ordinary_request_is_decided_with_nothing_more_asked(version: Version) -> None:
    results = decide(version, read_request(PACK.ontology, REQUEST))
    assert {r.status for r in results.values()} == {"decided"}
    assert results["procedure_code"].value == "MM123"


def test_the_shipped_pack_has_no_wheelchair_rule_for_the_mammogram_at_northstar(
    version: Version,
) -> None:
    for wheelchair in (True, False):
        given = {**REQUEST, "patient": {"age": 52, "wheelchair": wheelchair}}
        result = decide(version, read_request(PACK.ontology, given))["procedure_code"]
        assert (result.value, result.rules) == ("MM123", ())


def test_the_wheelchair_rule_joins_as_an_exception(with_story: Version) -> None:
    result = decide(with_story, read_request(PACK.ontology, REQUEST))["procedure_code"]
    assert result.value == "MM123WA"
    assert [(b.rule, b.because) for b in result.beats] == [("General mammogram", "exception")]
    found = [f.message for f in check(with_story) if f.severity != "note"]
    assert found == []


def test_codes_said_literally_stand_in_the_code_set_of_their_family() -> None:
    for rule in PACK.rule_set.rules:
        for outcome in rule.then:
            if isinstance(outcome, Decide) and isinstance(outcome.value, str):
                assert rule.scope is not None and rule.scope.level == "family"
                assert all(outcome.value in PACK.code_sets[f].codes for f in rule.scope.values)
