"""Law 7: the question asked leaves the fewest expected further ones; by brute force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ontology.model import Value
from data.rulelang.ask import ask
from data.rulelang.ast import RuleSet
from data.rulelang.evaluate import decide_one
from data.rulelang.parse import parse
from data.rulelang.request import Request
from data.rulelang.version import Version, make_version, version_from_json, version_to_json
from data.rulelang.weights import counted, shares
from tests.data.rulelang.test_laws import ONTOLOGY
from tests.generators import CODE_SETS, SCOPES, World, requests, worlds

some = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
SMALL = 5
"""Facts that may be needed at once, so that every order of questions can be gone through."""


def version_of(world: World) -> Version:
    return make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)


class Brute:
    """Every order of questions, by the public evaluator alone; all answers alike likely."""

    def __init__(self, version: Version, decision: str) -> None:
        self.version, self.decision = version, decision
        self.costs: dict[Any, float] = {}

    def cost(self, facts: Mapping[str, Value]) -> float:
        key = tuple(sorted((p, str(v)) for p, v in facts.items()))
        if key not in self.costs:
            needs = decide_one(self.version, Request(facts, {}), self.decision).needs
            asked = {
                *needs,
                *(self.levels(facts) if {*needs} & {*self.version.places.paths} else ()),
            }
            self.costs[key] = min((self.after(facts, p) for p in sorted(asked)), default=0.0)
        return self.costs[key]

    def after(self, facts: Mapping[str, Value], path: str) -> float:
        found = self.answers(facts, path)
        return 1 + sum(share * self.cost({**facts, path: value}) for value, share in found)

    def levels(self, facts: Mapping[str, Value]) -> list[str]:
        return [
            p
            for p in self.version.places.paths
            if p not in facts and len(self.answers(facts, p)) > 1
        ]

    def answers(self, facts: Mapping[str, Value], path: str) -> list[tuple[Value, float]]:
        places = self.version.places
        rows = [places.rows[i] for i in places.agreeing(facts)]
        if path in places.paths and rows:
            values = [row[path] for row in rows]
            return [(v, values.count(v) / len(values)) for v in dict.fromkeys(values)]
        plan = self.version.plans[self.decision]
        kinds = plan.fillings.get((path, None))
        if kinds is None:  # a set: each combination of the elements asked
            elements = [
                e for p, e in (u for u in plan.order if isinstance(u, tuple)) if p == path and e
            ]
            sets = [frozenset[str]()]
            for e in elements:
                sets += [s | {e} for s in sets]
            kinds = tuple(sets)
        return [(v, 1 / len(kinds)) for v in kinds]


@st.composite
def asked(draw: st.DrawFn):
    world = draw(worlds(most=4))
    return world, draw(requests(world.ontology))


@some
@given(asked())
def test_the_question_asked_is_a_best_one(case):
    world, facts = case
    version = version_of(world)
    for name in version.plans:
        result = decide_one(version, Request(facts, {}), name)
        best = ask(version, Request(facts, {}), [name])
        if result.status != "undecided":
            assert best is None
            continue
        assert best in result.needs
        if len(result.needs) <= SMALL:
            brute = Brute(version, name)
            costs = {p: brute.after(facts, p) for p in result.needs}
            assert costs[best] <= min(costs.values()) + 1e-6, (best, costs)


@some
@given(asked(), st.randoms(use_true_random=False))
def test_asking_until_nothing_is_open_reaches_what_all_facts_give(case, random):
    """Whatever is not known by anybody is left out, and the others still settle what they can."""
    world, facts = case
    version = version_of(world)
    name = next(iter(version.plans))
    known, skip = dict(facts), set[str]()
    for _ in range(len(version.ontology.attributes) + 1):
        path = ask(version, Request(known, {}), [name], skip)
        if path is None:
            break
        assert path not in known and path not in skip
        if random.random() < 0.2:
            skip.add(path)
        else:
            known[path] = random.choice([v for v, _ in Brute(version, name).answers(known, path)])
    else:
        raise AssertionError("asked for ever")
    if not skip:
        assert decide_one(version, Request(known, {}), name).status != "undecided"


@some
@given(asked())
def test_the_order_of_the_rules_changes_no_question(case):
    world, facts = case
    turned = replace(world, rule_set=RuleSet(world.rule_set.rules[::-1], world.rule_set.gaps))
    one, two = version_of(world), version_of(turned)
    assert ask(one, Request(facts, {})) == ask(two, Request(facts, {}))


def small(rules: str, weights: Mapping[str, Any] | None = None) -> Version:
    assert ONTOLOGY
    parsed = parse(rules, ONTOLOGY, CODE_SETS)
    assert not parsed.findings, parsed.findings
    return make_version(ONTOLOGY, CODE_SETS, (), parsed.rule_set, weights or {})


ALWAYS = 'rule "always" then colour is red'


def test_what_is_rarely_so_is_asked_first() -> None:
    """One `no` settles it: ask where `no` is likelier."""
    both = 'rule "b" when loud is yes and age is at least 40 then colour is red'
    rest = 'rule "r" when not ( loud is yes and age is at least 40 ) then colour is blue'
    seldom_old = {"person.age": ((20, 99), (60, 1)), "person.loud": ((False, 1), (True, 99))}
    seldom_loud = {"person.age": ((20, 1), (60, 99)), "person.loud": ((False, 99), (True, 1))}
    assert ask(small(f"{both}\n{rest}", seldom_old), Request({}, {})) == "person.age"
    assert ask(small(f"{both}\n{rest}", seldom_loud), Request({}, {})) == "person.loud"


def test_one_question_may_settle_several_decisions() -> None:
    rules = """
    rule "a" when loud is yes then colour is red
    rule "b" when loud is no then colour is blue
    rule "c" when loud is yes or age is at least 60 then notes include "speak up"
    """
    assert ask(small(rules), Request({}, {}), ["colour", "notes"]) == "person.loud"


def test_a_fact_that_cannot_change_the_outcome_is_never_asked() -> None:
    rules = """
    rule "old" when age is at least 40 and loud is yes then colour is red
    rule "young" when age is less than 40 or loud is no then colour is red
    """
    assert ask(small(rules), Request({}, {}), ["colour"]) is None


def test_weights_are_part_of_the_version() -> None:
    weights = {"person.age": ((20, 9), (60, 1)), "visit.day": ((date(2026, 1, 5), 3),)}
    plain, weighted = small(ALWAYS, {}), small(ALWAYS, weights)
    assert plain.id != weighted.id
    assert "weights" not in version_to_json(plain)
    read = version_from_json(version_to_json(weighted))
    assert (read.id, dict(read.weights)) == (weighted.id, weights)


def test_of_very_many_values_some_stand_for_their_neighbours() -> None:
    many = counted(dict.fromkeys(range(1000), 3))
    assert len(many) == 100
    below, above = shares(many, [lambda v: v < 500, lambda v: v >= 500])  # type: ignore[operator]
    assert abs(below - above) < 0.01
    assert counted({"b": 2, "a": 1}) == (("a", 1), ("b", 2))


def test_scope_levels_that_the_rules_do_not_name_help_out() -> None:
    """Nobody can tell the family: another level may still say which it is."""
    rows = (
        {"state": "AL", "family": "North", "id": "n1"},
        {"state": "TX", "family": "South", "id": "s1"},
    )
    rules = """
    rule "n" scope family North then colour is red
    rule "s" scope family South then colour is blue
    """
    assert ONTOLOGY
    version = make_version(ONTOLOGY, CODE_SETS, rows, parse(rules, ONTOLOGY, CODE_SETS).rule_set)
    assert ask(version, Request({}, {}), ["colour"]) == "site.family"
    assert ask(version, Request({}, {}), ["colour"], {"site.family"}) == SCOPES.path("state")
    assert ask(version, Request({}, {}), ["colour"], {*version.places.paths}) is None
