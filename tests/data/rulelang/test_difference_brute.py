"""The semantic difference agrees with going through every request with both evaluators."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from data.rulelang.analyse.difference import Change, Difference, Move, difference
from data.rulelang.ast import attributes_of
from data.rulelang.cells import applicability
from data.rulelang.evaluate import decide_one
from data.rulelang.kleene import condition_value
from data.rulelang.parse import parse
from data.rulelang.render import render_set
from data.rulelang.request import Request, nested, read_request
from data.rulelang.version import Version, make_version
from tests.generators import CODE_SETS, World, every_request, requests, rule_sets, worlds

brute = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def version_of(world: World) -> Version:
    return make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)


@st.composite
def pairs(draw: st.DrawFn, known: bool = False) -> tuple[Version, Version]:
    """Two versions of one organisation: most of the rules are the same in both."""
    world = draw(worlds(most=4, known=known))
    rules = {r.title: r for r in world.rule_set.rules}
    other = draw(rule_sets(world.ontology, 2, known))
    rules |= {r.title: r for r in other.rules}
    for title in draw(st.lists(st.sampled_from(sorted(rules)), max_size=1)):
        del rules[title]
    after = replace(world, rule_set=replace(world.rule_set, rules=tuple(rules.values())))
    if draw(st.booleans()):
        swapped = {"North": CODE_SETS["South"], "South": CODE_SETS["South"]}
        after = replace(after, code_sets=swapped)
    return version_of(world), version_of(after)


def every(*versions: Version) -> list[dict[str, object]]:
    """All complete requests over the facts that either version names."""
    said = [applicability(v.ontology, r) for v in versions for r in v.rule_set.rules]
    paths = {p for c in said for p in attributes_of(c, versions[0].ontology)} | {
        "site.family",
        "site.state",
    }
    first = versions[0]
    named = tuple(p for p in first.ontology.attributes if p in paths)
    return list(every_request(first.ontology, named, first.scope_rows))  # type: ignore[arg-type]


def key(version: Version, facts, decision: str) -> tuple[object, object]:
    return decide_one(version, Request(facts, {}), decision).key


def told(change: Change, facts, ontology) -> bool:
    return any(condition_value(c, facts, Request(facts, {}), ontology) for c in change.where.where)


def holds_together(found: Difference, before: Version, after: Version) -> None:
    for change in found.changes:
        request = read_request(before.ontology, nested(change.witness.given))
        one, other = (key(v, request.given, change.decision) for v in (before, after))
        assert one == change.before.key != other == change.after.key


@brute
@given(pairs())
def test_exactly_the_changed_requests_are_told(pair):
    before, after = pair
    found = difference(before, after)
    holds_together(found, before, after)
    assert not found.uncompared
    for name in before.ontology.decisions:
        changes = [c for c in found.changes if c.decision == name]
        exact = all(c.where.exact for c in changes) and name not in found.unlisted
        for facts in every(before, after):
            changed = key(before, facts, name) != key(after, facts, name)
            here = [c for c in changes if told(c, facts, before.ontology)]
            assert changed <= bool(here) or name in found.unlisted, (facts, name, found)
            assert not exact or bool(here) == changed, (facts, name, found)
    for change in found.changes:
        assert any(told(change, f, before.ontology) for f in every(before, after))


@brute
@given(pairs(known=True), st.data())
def test_equal_is_equal_for_every_request_whatever_is_asked(pair, data):
    before, after = pair
    found = difference(before, after)
    holds_together(found, before, after)
    facts = data.draw(requests(before.ontology))
    silent = [
        d
        for d in before.ontology.decisions
        if d not in {c.decision for c in found.changes} and not found.uncompared
    ]
    for name in silent:
        assert key(before, facts, name) == key(after, facts, name), facts


@brute
@given(worlds(known=True))
def test_a_version_is_equal_to_itself_however_it_is_written(world):
    version = version_of(world)
    text = render_set(replace(world.rule_set, rules=world.rule_set.rules[::-1]), world.ontology)
    read = parse(text, world.ontology, CODE_SETS)
    assume(not read.findings)
    again = make_version(world.ontology, world.code_sets, world.scope_rows, read.rule_set)
    assert difference(version, replace(again, id="another")).equal


@brute
@given(pairs())
def test_either_way_the_same_changes(pair):
    there, back = difference(*pair), difference(*pair[::-1])
    assert there.equal == back.equal
    if not there.unlisted:
        assert {(c.decision, c.move) for c in there.changes} == {
            (c.decision, backwards(c.move)) for c in back.changes
        }


def backwards(move: Move) -> Move:
    return Move(move.now, move.was, move.lost, move.gained, move.more and -move.more)


@brute
@given(pairs())
def test_regions_are_told_in_the_language(pair):
    before, after = pair
    for change in difference(before, after).changes:
        for condition in change.where.where:
            if condition is not None:
                rule = replace(
                    before.rule_set.rules[0], when=condition, overrides=(), start=None, until=None
                )
                text = render_set(replace(before.rule_set, rules=(rule,), gaps=()), before.ontology)
                read = parse(text, before.ontology, CODE_SETS)
                assert not read.findings, (text, read.findings)
                assert read.rule_set.rules[0].when == condition, text
