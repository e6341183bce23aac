"""What holds of every decision: no file order, one winner or a conflict, nothing assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.rulelang.ast import RuleSet, attributes_of
from data.rulelang.cells import applicability
from data.rulelang.evaluate import decide, decide_one
from data.rulelang.kleene import condition_value
from data.rulelang.precedence import beats
from data.rulelang.request import Request
from data.rulelang.version import Version, make_version
from tests.generators import DOMAINS, SCOPES, World, requests, worlds

often = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def version_of(world: World) -> Version:
    return make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)


@st.composite
def asked(draw: st.DrawFn, known: bool = False):
    world = draw(worlds(known=known))
    return world, draw(requests(world.ontology))


def answers(version: Version, facts: dict[str, Any]) -> dict[str, Any]:
    return {name: r.to_json() for name, r in decide(version, Request(facts, {})).items()}


@often
@given(asked(known=True), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_changes_nothing(case, random):
    world, facts = case
    mixed = list(world.rule_set.rules)
    random.shuffle(mixed)
    other = replace(world, rule_set=RuleSet(tuple(mixed), world.rule_set.gaps))
    one, two = version_of(world), version_of(other)
    assert (one.id, answers(one, facts)) == (two.id, answers(two, facts))


@often
@given(asked())
def test_there_is_one_winner_or_a_conflict(case):
    """Law 3, told once more in a line: a winner beats all that say otherwise."""
    world, facts = case
    version = version_of(world)
    complete = next(fillings(version, facts))
    result = decide(version, Request(complete, {})).get("room")
    said = {
        r: o
        for r in world.rule_set.rules
        for o in r.then
        if o.decision == "room"
        and condition_value(
            applicability(world.ontology, r), complete, Request(complete, {}), world.ontology
        )
    }
    winners = {
        r.title
        for r in said
        if all(beats(world.ontology, version.edges, r, q) for q in said if said[q] != said[r])
    }
    if result is not None and said:
        assert result.rule == min(winners, default=None)
        assert (result.status == "conflict") == (not winners)
        assert len({said[r] for r in said if r.title in winners}) <= 1


def looked_at(version: Version, decision: str | None = None) -> set[str]:
    """Facts that the rules of one decision look at, or of all of them."""
    rules = [r for r in version.rule_set.rules if decision in (None, *(o.decision for o in r.then))]
    ontology = version.ontology
    named = {p for r in rules for p in attributes_of(applicability(ontology, r), ontology)}
    return named | ({"site.family"} if decision in (None, "code") else set())


def fillings(
    version: Version, facts: dict[str, Any], decision: str | None = None
) -> Iterator[dict[str, Any]]:
    """The request with every unknown fact that some rule looks at filled in every way.

    Unknown scope levels are those of a row that agrees with the request, where there is one.
    What is said of ``is known`` stays as it was: a filled fact is still not given.
    """
    defaults = {a.path: a.default for a in version.ontology.facts if a.default is not None}
    known = {**defaults, **facts}
    open_ = sorted(p for p in looked_at(version, decision) if p not in known)
    rows = [{SCOPES.path(k): v for k, v in row.items()} for row in version.scope_rows]
    agreeing = [r for r in rows if all(known.get(p, v) == v for p, v in r.items())]
    for values in product(*(DOMAINS[p] for p in open_)):
        filled = dict(zip(open_, values, strict=True))
        if not agreeing or any(all(filled.get(p, v) == v for p, v in r.items()) for r in agreeing):
            yield {**known, **filled}


@often
@given(asked())
def test_nothing_is_decided_by_assuming_a_fact(case):
    """All fillings by brute force, over finer values than the evaluator looks at."""
    world, facts = case
    version = version_of(world)
    spelled: dict[str, set[Any]] = {name: set() for name in version.ontology.decisions}
    for complete in fillings(version, facts):
        for name, result in decide(version, Request(complete, {})).items():
            spelled[name].add(result.key)
    for name, result in decide(version, Request(facts, {})).items():
        if len(spelled[name]) == 1:
            assert {result.key} == spelled[name]
        else:
            assert result.status == "undecided"
            assert {r.key for r in result.possible} == spelled[name]


@often
@given(asked())
def test_what_is_needed_is_what_changes_the_answer_with_as_few_other_facts_as_can_be(case):
    """Without a table of places: on its own, as facts are then free of each other."""
    world, facts = case
    version = version_of(world)
    for name, result in decide(version, Request(facts, {})).items():
        every = [
            (f, decide_one(version, Request(f, {}), name).key)
            for f in fillings(version, facts, name)
        ]
        least = differences(every, sorted({p for f, _ in every for p in f} - {*facts}))
        assert set(result.needs) == set[str]().union(*least)
        assert bool(least) == (result.status == "undecided")
        assert world.scope_rows or all(len(some) == 1 for some in least)


def differences(every: list[tuple[dict[str, Any], Any]], paths: list[str]) -> list[set[str]]:
    """The sets of facts in which two fillings differ whose results differ, where no fewer do."""
    found: list[set[str]] = []
    if len({key for _, key in every}) < 2:
        return found
    for some in (set(s) for n in range(1, len(paths) + 1) for s in combinations(paths, n)):
        if any(f <= some for f in found):
            continue
        groups: dict[Any, set[Any]] = {}
        for f, key in every:
            rest = tuple(sorted((p, str(v)) for p, v in f.items() if p not in some))
            groups.setdefault(rest, set()).add(key)
        if any(len(keys) > 1 for keys in groups.values()):
            found.append(some)
    return found


@often
@given(asked(known=True))
def test_a_fact_that_no_rule_names_changes_nothing(case):
    world, facts = case
    version = version_of(world)
    named = looked_at(version) | ({*version.places.paths} if world.scope_rows else set())
    bare = {p: v for p, v in facts.items() if p in named}
    assert keys(version, facts) == keys(version, bare)


@often
@given(asked())
def test_more_facts_never_change_what_is_decided(case):
    """Law 1: ``is known`` is the one condition under which a later fact may change a result."""
    world, facts = case
    version = version_of(world)
    before = keys(version, facts)
    for complete in list(fillings(version, facts))[:5]:
        after = keys(version, complete)
        assert all(after[n] == key for n, key in before.items() if key[0] != "undecided")


def keys(version: Version, facts: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    return {n: r.key for n, r in decide(version, Request(facts, {})).items()}
