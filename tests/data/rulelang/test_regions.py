"""Containment of conditions agrees with going through every request."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.rulelang.ast import (
    And,
    Compare,
    Condition,
    Decide,
    Known,
    Not,
    Or,
    Rule,
    Scope,
    all_of,
    any_of,
    attributes_of,
)
from data.rulelang.cells import holds
from data.rulelang.precedence import Edges
from data.rulelang.regions import Regions, TooMany, containment, disjoint
from tests.generators import DECISIONS, POOL, conditions, every_request, ontology_of, worlds

ONTOLOGY = ontology_of(POOL, DECISIONS)


def true_of(condition: Condition | None, given) -> bool:
    """The condition of a complete request, two-valued: the plainest reading there is."""
    match condition:
        case None:
            return True
        case Compare():
            return holds(condition, given[condition.attribute])
        case Not():
            return not true_of(condition.part, given)
        case And():
            return all(true_of(p, given) for p in condition.parts)
        case Or():
            return any(true_of(p, given) for p in condition.parts)
        case Known():
            raise AssertionError("not part of the fragment")


def rule(title: str, when: Condition | None, room: str = "a") -> Rule:
    return Rule(title, (Decide("room", room),), when)


def region(condition: Condition | None, paths: tuple[str, ...]) -> set[int]:
    return {i for i, r in enumerate(every_request(ONTOLOGY, paths)) if true_of(condition, r)}


def spelled_out(r: Condition | None, q: Condition | None) -> Edges:
    paths = tuple(dict.fromkeys((*attributes_of(r, ONTOLOGY), *attributes_of(q, ONTOLOGY))))
    inner, outer = region(r, paths), region(q, paths)
    if not inner or not outer:
        return Edges()
    if inner == outer:
        return Edges(equal=frozenset({("r", "q"), ("q", "r")}))
    pairs = [("r", "q")] * (inner < outer) + [("q", "r")] * (outer < inner)
    return Edges(inside=frozenset(pairs))


small = conditions(ontology_of(POOL[:3], DECISIONS))


@settings(max_examples=150, deadline=None)
@given(st.none() | small, st.none() | small)
def test_containment_is_that_of_the_sets_of_requests(r, q):
    assert containment(ONTOLOGY, [rule("r", r), rule("q", q, "b")]) == spelled_out(r, q)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(POOL).flatmap(lambda a: st.tuples(*[conditions(ontology_of((a,), ()))] * 2)))
def test_containment_holds_for_every_type(pair):
    r, q = pair
    assert containment(ONTOLOGY, [rule("r", r), rule("q", q, "b")]) == spelled_out(r, q)


@settings(max_examples=100, deadline=None)
@given(small, small)
def test_hulls_that_are_disjoint_share_no_request(r, q):
    regions = Regions(ONTOLOGY, [r, q])
    one, other = regions.hull(r), regions.hull(q)
    paths = tuple(dict.fromkeys((*attributes_of(r, ONTOLOGY), *attributes_of(q, ONTOLOGY))))
    if one is None or other is None or disjoint(one, other):
        assert not region(r, paths) & region(q, paths)


def many(*ages: int) -> Condition:
    """More boxes than are counted by hand: any two differ in at least two facts."""
    sexes = ("female", "male", "other")
    return any_of(
        *(
            all_of(
                Compare("patient.age", "is", age),
                Compare("patient.calm", "is", calm),
                Compare("patient.urgent", "is", urgent),
                Compare("patient.sex", "is", sexes[(age + calm + 2 * urgent) % 3]),
            )
            for age in ages
            for calm in (False, True)
            for urgent in (False, True)
        )
    )


def test_a_condition_of_many_boxes_is_proven_by_the_solver():
    wide, narrow = many(0, 1, 2), many(0, 1)
    with pytest.raises(TooMany):
        Regions(ONTOLOGY, [wide]).boxes(wide)
    edges = containment(ONTOLOGY, [rule("wide", wide), rule("narrow", narrow, "b")])
    assert edges == Edges(inside=frozenset({("narrow", "wide")}))
    edges = containment(ONTOLOGY, [rule("one", wide), rule("two", Not(Not(wide)), "b")])
    assert edges == Edges(equal=frozenset({("one", "two"), ("two", "one")}))


def test_a_rule_without_condition_holds_everywhere():
    calm = Compare("patient.calm", "is", True)
    either = any_of(calm, Not(calm))
    edges = containment(
        ONTOLOGY, [rule("all", None), rule("calm", calm, "b"), rule("either", either, "c")]
    )
    assert edges.inside == {("calm", "all"), ("calm", "either")}, (
        "a condition that is always true is no condition"
    )
    assert edges.equal == {("all", "either"), ("either", "all")}


def test_rules_that_cannot_compete_have_no_edges():
    calm = Compare("patient.calm", "is", True)
    same = [rule("all", None), rule("calm", calm)]
    apart = [rule("all", None), Rule("calm", (Decide("code", "C3"),), calm)]
    asks = [rule("all", None), rule("asks", all_of(calm, Known("patient.age")), "b")]
    assert [containment(ONTOLOGY, rules) for rules in (same, apart, asks)] == [Edges()] * 3


@settings(max_examples=60, deadline=None)
@given(worlds(most=7, known=True))
def test_edges_of_many_rules_are_those_of_each_pair(world):
    rules = world.rule_set.rules
    pairs = [containment(world.ontology, pair) for pair in combinations(rules, 2)]
    inside = {pair for edges in pairs for pair in edges.inside}
    equal = {pair for edges in pairs for pair in edges.equal}
    assert containment(world.ontology, rules) == Edges(frozenset(inside), frozenset(equal))


def test_rules_that_can_never_meet_have_no_edges():
    calm = Compare("patient.calm", "is", True)
    here, there = Scope("family", ("North",)), Scope("family", ("South",))
    wide = replace(rule("all", None), scope=here)
    for scope in (there, Scope("state", ("TX",)), None):
        assert (
            containment(ONTOLOGY, [wide, replace(rule("calm", calm, "b"), scope=scope)]) == Edges()
        )
    meeting = replace(rule("calm", calm, "b"), scope=Scope("family", ("South", "North")))
    assert containment(ONTOLOGY, [wide, meeting]).inside == {("calm", "all")}
