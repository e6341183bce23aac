"""Why not: the smallest change of facts, against trying every change with the evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ontology.load import load_ontology
from data.ontology.model import Value
from data.rulelang.analyse.why_not import why_not
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Decide,
    Exists,
    Rows,
    Rule,
    RuleSet,
    attributes_of,
)
from data.rulelang.cells import applicability
from data.rulelang.evaluate import decide_one, with_defaults
from data.rulelang.request import Request, read_request
from data.rulelang.version import Version, make_version
from data.rulelang.wish import Wish, granted, read_wish
from tests.generators import DOMAINS, SCOPES, World, requests, worlds

Facts = Mapping[str, Value]
LEVELS = tuple(SCOPES.path(level) for level in SCOPES.levels)
SAID = (
    "C3", "C3WA", "C3BI", "X2", "X2WA", "X2WABI", "N1", "S1", "WA", "BI", "a", "b", "c",
    "left to staff", "no rule", "bring a friend", "come early", "0", "5", "10", "15", "20", "25",
)  # fmt: skip


@st.composite
def asked(draw: st.DrawFn) -> tuple[World, dict[str, Value], str, str]:
    world = draw(worlds(most=4, known=True))
    facts = draw(requests(world.ontology))
    return (
        world,
        facts,
        draw(st.sampled_from(list(world.ontology.decisions))),
        draw(st.sampled_from(SAID)),
    )


def named(version: Version, decision: str) -> tuple[str, ...]:
    rules = [r for r in version.rule_set.rules if any(o.decision == decision for o in r.then)]
    ontology = version.ontology
    paths = {p for r in rules for p in attributes_of(applicability(ontology, r), ontology)}
    paths |= {"site.family", "site.state"} if decision == "code" else set()
    return tuple(p for p in version.ontology.attributes if p in paths)


def gives(version: Version, facts: Facts, wish: Wish) -> bool:
    request = Request(facts, {})
    result = decide_one(version, request, wish.decision)
    return granted(version, wish, with_defaults(version, request), result)


def changes(facts: Facts, paths: tuple[str, ...]) -> Iterator[Facts]:
    """Every way to give each of these facts another value, or a value at all."""
    for values in product(*(DOMAINS[p] for p in paths)):
        changed = dict(zip(paths, values, strict=True))
        if all(facts.get(p) != v for p, v in changed.items()):
            yield {**facts, **changed}


def smallest(version: Version, facts: Facts, wish: Wish) -> tuple[bool, tuple[str, ...]] | None:
    """Whether it means going elsewhere, and the first of the smallest sets of facts to change."""
    paths = named(version, wish.decision)
    levels = [p for p in paths if p in LEVELS]
    here = tuple(p for p in paths if p not in LEVELS)
    for moved in _sets(here):
        if any(gives(version, f, wish) for f in changes(facts, moved)):
            return False, moved
    if not levels:
        return None
    if not version.scope_rows:
        every = (m for m in _sets(paths) if set(m) & set(levels))
        found = (m for m in every if any(gives(version, f, wish) for f in changes(facts, m)))
        return next(((True, m) for m in found), None)
    places = [{SCOPES.path(k): v for k, v in row.items()} for row in version.scope_rows]
    for moved in _sets(here):
        for place in places:
            if any(gives(version, {**f, **place}, wish) for f in changes(facts, moved)):
                return True, moved
    return None


def _sets(paths: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for size in range(len(paths) + 1):
        yield from combinations(paths, size)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(asked())
def test_the_change_is_the_smallest_there_is_and_gives_the_wish(case: Any) -> None:
    world, facts, decision, said = case
    version = make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)
    wish = read_wish(version, decision, said, Request(facts, {}))
    if wish is None:
        return
    found = why_not(version, Request(facts, {}), wish)
    assert found.complete
    expected = smallest(version, facts, wish)
    if found.change is None:
        assert expected is None
        return
    change = found.change.facts
    assert gives(version, {**facts, **change}, wish)
    assert all(facts.get(p) != v for p, v in change.items())
    assert expected is not None
    elsewhere, moved = expected
    if elsewhere and version.scope_rows:
        assert tuple(p for p in change if p not in LEVELS) == moved
        assert any(p in LEVELS for p in change)
        place = {k: {**facts, **change}[SCOPES.path(k)] for k in SCOPES.levels}
        assert place in version.scope_rows
    else:
        assert tuple(p for p in version.ontology.attributes if p in change) == moved


ROWS = """
name: desk
title: A desk
date: job.day
entities:
  job:
    attributes:
      size: {type: integer, min: 0, max: 9}
      day: {type: date}
      due: {type: date}
  call:
    attributes:
      day: {type: date}
relations:
  calls: {from: job, entity: call, label: call, date: day}
decisions:
  lane: {type: enum, values: {fast: [], slow: []}}
"""


def desk() -> Version:
    ontology, findings = load_ontology(ROWS)
    assert ontology, findings
    called = Exists(Rows("calls"))
    late = CompareFacts("job.due", "is before", "job.day")
    rules = (
        Rule("usual", (Decide("lane", "slow"),)),
        Rule("called", (Decide("lane", "fast"),), And((called, Compare("job.size", "is", 1)))),
        Rule("late", (Decide("lane", "fast"),), late),
    )
    return make_version(ontology, {}, (), RuleSet(rules))


@pytest.mark.parametrize(
    ("rows", "change"),
    [([], {"job.day": date(2026, 2, 4)}), ([{"day": "2026-01-01"}], {"job.size": 1})],
)
def test_history_stays_as_it_is_and_of_facts_that_are_compared_one_moves_past_the_other(
    rows: list[Any], change: Facts
) -> None:
    version = desk()
    job = {"day": "2026-02-02", "due": "2026-02-03", "size": 3}
    request = read_request(version.ontology, {"job": job, "calls": rows})
    found = why_not(version, request, Wish("lane", "value", "fast"))
    assert found.tests and found.change is not None
    assert found.change.facts == change
    assert found.change.result.value == "fast"
