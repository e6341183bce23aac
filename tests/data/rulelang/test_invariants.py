"""Invariants: read, written, hashed, and found broken exactly where some request breaks them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from data.rulelang.ast import (
    Contribute,
    Decide,
    Include,
    Invariant,
    LeaveToStaff,
    Modify,
    attributes_of,
)
from data.rulelang.cells import applicability
from data.rulelang.check import check, new_findings
from data.rulelang.codes import resolve
from data.rulelang.evaluate import decide_one
from data.rulelang.kleene import condition_value
from data.rulelang.parse import parse
from data.rulelang.render import render_set
from data.rulelang.request import Request, read_request
from data.rulelang.result import Result
from data.rulelang.version import Version, make_version, version_from_json, version_to_json
from tests.data.rulelang.test_checks import PACK, version, words
from tests.generators import CODE_SETS, World, every_request, invariants, worlds

MOST_REQUESTS = 2_000
brute = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)


@st.composite
def kept(draw: st.DrawFn) -> World:
    world = draw(worlds(most=4))
    assume(any(d.hit != "sum" for d in world.ontology.decisions.values()))
    titles = draw(st.sampled_from([("one",), ("one", "two")]))
    said = tuple(draw(invariants(world.ontology, t)) for t in titles)
    return replace(world, rule_set=replace(world.rule_set, invariants=said))


def version_of(world: World) -> Version:
    return make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)


def broken(version: Version, invariant: Invariant, facts) -> bool:
    """By the evaluator alone, on a complete request."""
    if not condition_value(invariant.when, facts, Request(facts, {}), version.ontology):
        return False
    result = decide_one(version, Request(facts, {}), invariant.outcome.decision)
    return gets(version, invariant, result, facts) == invariant.never


def gets(version: Version, invariant: Invariant, result: Result, facts) -> bool:
    decision = version.ontology.decisions[invariant.outcome.decision]
    codes = version.code_sets[facts["site.family"]]
    match invariant.outcome:
        case LeaveToStaff():
            return result.status == "left_to_staff"
        case _ if result.status != "decided":
            return False
        case Modify(_, modifier):
            return modifier in resolve(decision, str(result.value), codes).modifiers  # type: ignore[union-attr]
        case Decide(_, said) if decision.type == "code":
            wanted = resolve(decision, said, codes)  # type: ignore[arg-type]
            code = resolve(decision, str(result.value), codes)
            assert code is not None
            return (
                wanted is not None
                and wanted.base == code.base
                and set(wanted.modifiers) <= set(code.modifiers)
            )
        case Decide(_, said) | Contribute(_, said):
            return result.value == said
        case Include(_, said):
            return said in result.value  # type: ignore[operator]


def every(version: Version):
    said = [applicability(version.ontology, r) for r in version.rule_set.rules]
    said += [i.when for i in version.rule_set.invariants]
    paths = {p for c in said for p in attributes_of(c, version.ontology)} | {"site.family"}
    named = tuple(p for p in version.ontology.attributes if p in paths)
    return list(every_request(version.ontology, named, version.scope_rows))


@brute
@given(kept())
def test_found_broken_exactly_where_a_request_breaks_it(world):
    version = version_of(world)
    requests = every(version)
    assume(len(requests) <= MOST_REQUESTS)
    found = [f for f in check(version) if f.code == "invariant" and f.severity == "error"]
    for invariant in version.rule_set.invariants:
        mine = [f for f in found if f"the invariant `{invariant.title}`:" in f.message]
        breaking = [f for f in requests if broken(version, invariant, f)]
        assert bool(mine) == bool(breaking), (invariant, mine, breaking[:1])
        for finding in mine:
            given = read_request(version.ontology, finding.witness).given
            shown = {**version.defaults, **given}
            assert condition_value(invariant.when, shown, Request(shown, {}), version.ontology)


@brute
@given(kept())
def test_what_is_written_is_read_back(world):
    text = render_set(world.rule_set, world.ontology)
    read = parse(text, world.ontology, CODE_SETS)
    assert set(read.rule_set.invariants) == set(world.rule_set.invariants), (text, read.findings)


def test_an_invariant_is_part_of_the_version():
    rules = 'rule "all" then colour is red\n'
    plain = version(rules)
    held = version(rules + 'invariant "no blue" never loud is yes with colour is blue\n')
    assert plain.id != held.id
    assert version_from_json(version_to_json(held)).id == held.id


def test_a_derived_fact_may_stand_in_one():
    held = version(
        "define elder as age is at least 65\n"
        'rule "all" then colour is red\n' + PACK["always"] +
        'invariant "elders" never elder is yes with colour is red\n'
    )  # fmt: skip
    assert [f.code for f in check(held)] == ["invariant"]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("never loud is yes with minutes adds 5", "what a request gets in the end"),
        ("never loud is yes with procedure code drops WA", "what a request gets in the end"),
        ("never loud is yes with colour is purple", "purple"),
        ("never loudness is yes with colour is red", "loudness"),
        ("never loud is yes with colour is red until 2027-01-01", "has no `until`"),
        ("loud is yes with colour is red", "loud"),
    ],
)
def test_what_cannot_be_meant_is_told(said, wrong):
    ontology, code_sets = words()
    (finding,) = parse(f'invariant "it" {said}', ontology, code_sets).findings
    assert wrong in finding.message
    assert finding.suggestion


def test_only_what_a_change_breaks_is_new():
    law = 'invariant "no red" never age is less than 18 with colour is red\n' + PACK["always"]
    one = 'rule "loud" when loud is yes then colour is red\n'
    two = 'rule "heavy" when weight is at least 100 and loud is no then colour is red\n'
    before, after = check(version(law + one)), check(version(law + one + two))
    assert [f.rules for f in before if f.code == "invariant"] == [("loud",)]
    assert [f.rules for f in new_findings(before, after)] == [("heavy",)]
    harmless = 'rule "calm" when loud is no and age is at least 18 then colour is blue\n'
    assert new_findings(before, check(version(law + one + harmless))) == []
