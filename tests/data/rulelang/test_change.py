"""A version made from another is the one that is made anew: same edges, same id, same meetings."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.packs import load_pack
from data.packs.version import version_of
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.cells import applicability
from data.rulelang.change import change_of, changed
from data.rulelang.kleene import condition_value
from data.rulelang.request import Request
from data.rulelang.version import Version, make_version, version_from_json, version_to_json
from tests.generators import World, every_request, worlds

many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def version_of_rules(world: World, rules: RuleSet) -> Version:
    return make_version(world.ontology, world.code_sets, world.scope_rows, rules)


@st.composite
def two_rule_sets(draw: st.DrawFn) -> tuple[World, RuleSet, RuleSet]:
    """Rule sets over the same words; of some titles they have different rules."""
    world = draw(worlds(most=6, known=True))
    rules = world.rule_set.rules
    kept = [draw(st.sets(st.sampled_from(range(len(rules))))) for _ in range(2)]
    before, after = ([r for i, r in enumerate(rules) if i in some] for some in kept)
    edited = draw(st.sets(st.sampled_from(range(len(rules)))))
    after = [edit(draw, r, rules) if i in edited else r for i, r in enumerate(after)]
    return world, *(replace(world.rule_set, rules=tuple(some)) for some in (before, after))


def edit(draw: st.DrawFn, rule: Rule, rules: tuple[Rule, ...]) -> Rule:
    """The rule with another's condition, outcome, place or dates."""
    other = draw(st.sampled_from(rules))
    part = draw(st.sampled_from(["when", "then", "scope", "mandatory", "overrides", "start"]))
    return replace(rule, **{part: getattr(other, part)})


@many
@given(two_rule_sets())
def test_what_a_change_makes_is_what_the_whole_makes(drawn: tuple[World, RuleSet, RuleSet]) -> None:
    world, old, new = drawn
    after = changed(version_of_rules(world, old), new)
    whole = version_of_rules(world, new)
    assert after.edges == whole.edges
    assert after.id == whole.id
    assert after.digests == whole.digests
    back = changed(after, old)
    assert (back.edges, back.id) == ((made := version_of_rules(world, old)).edges, made.id)


@many
@given(worlds(most=6))
def test_rules_that_apply_together_are_said_to_meet(world: World) -> None:
    version = version_of_rules(world, world.rule_set)
    named = tuple(version.ontology.attributes)
    for rule in version.rule_set.expanded().rules:
        met = version.meeting.titles(rule)
        for facts in sample(every_request(version.ontology, named[:4], version.scope_rows)):
            applying = [r.title for r in version.rule_set.expanded().rules
                        if applies(version, r, facts)]  # fmt: skip
            assert rule.title not in applying or met.issuperset(applying)


def sample(requests: object) -> list[dict[str, object]]:
    found = list(requests)  # type: ignore[call-overload]
    return random.Random(1).sample(found, min(60, len(found)))


def applies(version: Version, rule: Rule, facts: dict[str, object]) -> bool:
    whole = applicability(version.ontology, rule)
    return condition_value(whole, facts, Request(facts, {}), version.ontology) is True


def test_each_rule_of_a_pack_comes_and_goes() -> None:
    for name in ("radiology", "issues"):
        whole = version_of(load_pack(name))
        for rule in whole.rule_set.rules:
            fewer = replace(
                whole.rule_set, rules=tuple(r for r in whole.rule_set.rules if r != rule)
            )
            without = changed(whole, fewer)
            made = make_version(
                whole.ontology, whole.code_sets, whole.scope_rows, fewer, whole.weights
            )
            assert (without.id, without.edges) == (made.id, made.edges)
            assert changed(without, whole.rule_set).id == whole.id


def test_an_order_of_rules_is_no_change() -> None:
    whole = version_of(load_pack("radiology"))
    turned = replace(whole.rule_set, rules=whole.rule_set.rules[::-1])
    assert change_of(whole.rule_set, turned).rules == ()
    assert changed(whole, turned).id == whole.id
    read = version_from_json(version_to_json(whole))
    assert change_of(whole.rule_set, read.rule_set).rules == ()
