"""Rules and requests in plain words, from the ontology alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from data.ontology.model import Attribute, Ontology
from data.rulelang.ast import (
    And,
    Compare,
    Concept,
    Decide,
    Known,
    LeaveToStaff,
    Modify,
    Not,
    Or,
    Rule,
    Scope,
)
from graph.describe import describe
from graph.drafters.grammar.titles import title_of
from graph.words import flag_words, result_words, rule_words, value_words
from tests.graph.small import ONTOLOGY, WHEELCHAIR, exam_is


def test_a_rule_reads_as_plain_sentences() -> None:
    assert rule_words(WHEELCHAIR, ONTOLOGY) == (
        "At clinic family Northstar: when the exam is screening mammogram and the wheelchair "
        "assistance is yes and the patient age is at least 40 years, the procedure code is "
        "MM123WA.",
    )


def test_every_clause_of_a_rule_is_said() -> None:
    rule = Rule(
        "Everything",
        (Modify("procedure_code", "BI", False), LeaveToStaff("procedure_code")),
        Or((Not(exam_is("brain mri")), Known("patient.age"))),
        scope=Scope("state", ("TX", "OH")),
        mandatory=True,
        because="State law.",
        start=date(2027, 1, 1),
        until=date(2027, 12, 31),
        overrides=("General mammogram",),
    )
    said = " ".join(rule_words(rule, ONTOLOGY))
    for part in (
        "At state TX or OH",
        "it is not the case that the exam is brain mri or the patient age is known",
        "loses the modifier BI",
        "is left to staff",
        "no other rule may overrule it",
        "from 1 January 2027 until 31 December 2027",
        "overrules “General mammogram”",
        "Because: State law.",
    ):
        assert part in said


def test_a_rule_without_a_condition_holds_always() -> None:
    rule = Rule("Plain", (Decide("procedure_code", Concept("screening mammogram")),))
    assert rule_words(rule, ONTOLOGY) == (
        "Everywhere, always: the procedure code is the code for screening mammogram.",
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"patient.age": 40, "patient.sex": "female", "patient.wheelchair": True,
             "request.exam": "screening mammogram", "clinic.family": "Northstar"},
            "a 40-year-old woman, wheelchair assistance, screening mammogram at Northstar",
        ),
        ({"patient.age": 8}, "an 8-year-old patient"),
        ({"patient.sex": "male"}, "a man"),
        ({"patient.wheelchair": False}, "wheelchair assistance: no"),
        ({"patient.name": "Jane Roe"}, "any request"),
        ({}, "any request"),
        ({"clinic.id": "north-1", "clinic.family": "Northstar", "clinic.state": "TX",
          "request.date": date(2026, 3, 1)}, "any request at north-1, Northstar on 1 March 2026"),
    ],
)  # fmt: skip
def test_a_request_is_told_as_a_person_would(given: dict, words: str) -> None:
    assert describe(ONTOLOGY, given) == words


def test_another_organisation_s_words_are_told_alike() -> None:
    attributes = (
        Attribute("issue.labels", "set", "labels", of="enum", values={"bug": (), "docs": ()}),
        Attribute("issue.effort", "decimal", "effort", unit="days"),
        Attribute("issue.area", "enum", "area", values={"parser": ()}),
    )
    ontology = Ontology("i", "i", None, ("issue",), {a.path: a for a in attributes}, {}, None, {})
    given = {
        "issue.labels": frozenset(["docs", "bug"]),
        "issue.effort": Decimal("2.5"),
        "issue.area": "parser",
    }
    assert describe(ontology, given) == "labels bug and docs, effort 2.5 days, area parser"
    rule = Rule("R", (), Compare("issue.labels", "include any of", ("bug", "docs")))
    assert "the labels include any of bug or docs" in rule_words(replace(rule), ontology)[0]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"status": "decided", "value": "MM123"}, "MM123"),
        ({"status": "decided", "value": True}, "yes"),
        ({"status": "decided", "value": []}, "none"),
        ({"status": "decided", "value": ["Ring.", "Wait."]}, "“Ring.” and “Wait.”"),
        (
            {"status": "undecided", "possible": [["Ring."], ["Ring.", "Wait."], []]},
            "open: “Ring.”, “Ring.” and “Wait.” or none",
        ),
        ({"status": "no_rule"}, "no rule"),
        ({"status": "left_to_staff"}, "left to staff"),
        ({"status": "undecided", "possible": ["A", {"status": "no_rule"}]}, "open: A or no rule"),
        ({"status": "undecided", "possible": list("ABCDE")}, "open: 5 results possible"),
        ({"status": "conflict"}, "a conflict"),
        ({"status": "error"}, "an error"),
    ],
)
def test_results_in_a_few_words(result: dict, words: str) -> None:
    assert result_words(result) == words


def test_one_of_a_unit_is_one() -> None:
    assert value_words(1, "hours") == "1 hour"
    assert value_words(Decimal("1.5"), "hours") == "1.5 hours"
    assert value_words(1, "kg") == "1 kg"
    assert value_words(frozenset()) == "none"


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("pregnant", "the guest is pregnant", "the guest is not pregnant"),
        ("takes metformin", "the guest takes metformin", "the guest does not take metformin"),
        ("out of office", "the guest is out of office", "the guest is not out of office"),
        ("hearing impaired", "the guest is hearing impaired", "the guest is not hearing impaired"),
        ("interpreter needed", "the interpreter is needed", "the interpreter is not needed"),
        ("wheelchair assistance", "the wheelchair assistance is yes",
         "the wheelchair assistance is no"),
    ],
)  # fmt: skip
def test_a_yes_or_no_fact_is_said_in_english(name: str, yes: str, no: str) -> None:
    attribute = Attribute("guest.x", "boolean", name)
    assert (flag_words(attribute, True), flag_words(attribute, False)) == (yes, no)


@pytest.mark.parametrize("count", range(1, 8))
def test_a_title_ends_with_a_whole_part(count: int) -> None:
    parts = [
        Compare("patient.age", "is at least", 40), exam_is("screening mammogram"),
        Not(exam_is("diagnostic mammogram")), Compare("patient.sex", "is not", "female"),
        Compare("patient.wheelchair", "is", False), Compare("patient.age", "is between", (40, 60)),
        Not(Compare("patient.sex", "is", "male")),
    ][:count]  # fmt: skip
    then = (Decide("procedure_code", "MM123WA"),)
    title = title_of(then, And(tuple(parts)), Scope("family", ("Northstar",)), ONTOLOGY, ())
    assert len(title) <= 60
    assert title.split()[-1] not in {"not", "no", "is", "at", "least", "patient", "to", "and"}
