"""The difference where rules look at rows, at two facts at once, and at what is defined."""

from __future__ import annotations

from functools import cache

from data.ontology.load import load_ontology
from data.rulelang.analyse.difference import Difference, difference
from data.rulelang.evaluate import decide_one
from data.rulelang.parse import parse
from data.rulelang.render import render_condition
from data.rulelang.request import nested, read_request
from data.rulelang.version import Version, make_version

WORDS = """
name: rows
title: Rows
date: request.date
entities:
  patient: {attributes: {age: {type: integer, min: 0, max: 120}}}
  request:
    attributes:
      date: {type: date}
      low: {type: integer, min: 0, max: 50}
      high: {type: integer, min: 0, max: 50}
  visit: {attributes: {exam: {type: enum, values: {scan: [], x-ray: []}}, date: {type: date}}}
relations:
  visits: {from: patient, entity: visit, label: visit, date: date}
decisions:
  colour: {type: enum, values: {red: [], blue: []}}
"""
ALL = 'rule "all" then colour is red\n'
LATELY = (
    'rule "lately" when any visit where ( exam is scan ) within the last {} then colour is blue\n'
)


@cache
def version(rules: str) -> Version:
    ontology, wrong = load_ontology(WORDS)
    assert ontology is not None, wrong
    parsed = parse(rules, ontology, {})
    assert not parsed.findings, parsed.findings
    return make_version(ontology, {}, (), parsed.rule_set)


def compared(one: str, other: str) -> Difference:
    """The difference, its witnesses re-run here once more."""
    before, after = version(one), version(other)
    found = difference(before, after)
    for change in found.changes:
        shown = nested(change.witness.given, change.witness.rows)
        keys = [
            decide_one(v, read_request(v.ontology, shown), change.decision).key
            for v in (before, after)
        ]
        assert keys == [change.before.key, change.after.key]
        assert keys[0] != keys[1]
    return found


def where(found: Difference) -> list[list[str]]:
    return [
        [render_condition(c, found.ontology) if c else "" for c in change.where.where]
        for change in found.changes
    ]


def test_a_longer_span_is_told_by_the_rows_between() -> None:
    found = compared(ALL + LATELY.format("12 months"), ALL + LATELY.format("24 months"))
    assert where(found) == [
        [
            "no visit where ( exam is scan ) within the last 12 months "
            "and any visit where ( exam is scan ) within the last 24 months"
        ]
    ]
    (change,) = found.changes
    assert len(change.witness.rows["visits"]) == 1
    assert not found.uncompared


def test_a_count_is_the_same_as_any() -> None:
    count = LATELY.replace("any visit where", "number of visits where").replace(
        "within the last {}", "within the last {} is at least 1"
    )
    assert compared(ALL + LATELY.format("1 year"), ALL + count.format("12 months")).equal


def test_what_is_defined_is_what_it_stands_for() -> None:
    named = "define scanned as any visit where ( exam is scan ) within the last 12 months\n"
    rule = 'rule "lately" when scanned is yes then colour is blue\n'
    assert compared(ALL + LATELY.format("12 months"), named + ALL + rule).equal


def test_two_facts_compared_either_way_round() -> None:
    one = 'rule "over" when low is more than high then colour is blue\n'
    assert compared(
        ALL + one, ALL + one.replace("low is more than high", "high is less than low")
    ).equal
    found = compared(ALL + one, ALL + one.replace("more than", "at least"))
    (change,) = found.changes
    given = change.witness.given
    assert given["request.low"] == given["request.high"]
