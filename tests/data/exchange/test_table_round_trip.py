"""What is written as a table is read back as equal rules; what no cell can hold is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from data.exchange.table.read import TableRead, Words, read_tables
from data.exchange.table.write import csv_bytes, grids, xlsx_bytes
from data.ontology.model import Ontology
from data.packs import load_pack
from data.rulelang.ast import And, Condition, Rule, RuleSet, attributes_of
from data.rulelang.kleene import condition_value
from data.rulelang.request import Request
from tests.generators import World, every_request, worlds

Write = Callable[[Ontology, RuleSet], bytes]


def as_csv(ontology: Ontology, rule_set: RuleSet) -> bytes:
    made, _ = grids(ontology, rule_set, together=True)
    return csv_bytes(made[0]) if made else b""


def as_xlsx(ontology: Ontology, rule_set: RuleSet) -> bytes:
    made, _ = grids(ontology, rule_set)
    return xlsx_bytes(made) if made else b""


def read_back(content: bytes, world: World) -> TableRead:
    titles = frozenset(t for r in world.rule_set.rules for t in (r.title, *r.overrides))
    return read_tables("rules.csv", content, Words(world.ontology, world.code_sets, titles))


def same(one: Condition | None, other: Condition | None, ontology: Ontology) -> bool:
    """Whether two conditions hold of the same requests of the small world."""
    paths = tuple(dict.fromkeys([*attributes_of(one, ontology), *attributes_of(other, ontology)]))
    return all(
        condition_value(one, facts, request, ontology)
        == condition_value(other, facts, request, ontology)
        for facts in every_request(ontology, paths)
        for request in [Request(facts, {})]
    )


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
@settings(max_examples=60, deadline=None)
@given(world=worlds(most=4))
def test_rules_come_back_equal(write: Write, world: World) -> None:
    sound = [r for r in world.rule_set.rules if not (r.start and r.until and r.start > r.until)]
    world = replace(world, rule_set=replace(world.rule_set, rules=tuple(sound)))
    content = write(world.ontology, world.rule_set)
    _, left_out = grids(world.ontology, world.rule_set)
    kept = {r.title: r for r in sound}
    for finding in left_out:
        kept.pop(finding.rules[0], None)
    if not kept:
        assert not content
        return
    found = read_back(content, world)
    assert not found.problems
    back = {r.title: r for r in found.rules}
    assert back.keys() == kept.keys()
    for title, rule in kept.items():
        assert same(rule.when, back[title].when, world.ontology)
        assert set(rule.then) == set(back[title].then)
        assert replace(rule, when=None, then=()) == replace(back[title], when=None, then=())


def sorted_parts(rule: Rule) -> Any:
    when = rule.when
    parts = frozenset(when.parts) if isinstance(when, And) else when
    return replace(rule, when=None, then=()), parts, frozenset(rule.then)


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_the_shipped_rules_come_back(write: Write) -> None:
    pack = load_pack("radiology")
    world = World(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    found = read_back(write(pack.ontology, pack.rule_set), world)
    assert not found.problems
    back = {r.title: sorted_parts(r) for r in found.rules}
    before = {r.title: sorted_parts(r) for r in pack.rule_set.rules}
    equal = [t for t in back if back[t] == before[t]]
    assert len(back) >= 120
    assert len(back) - len(equal) <= 1  # `unless x is y` comes back as `x is not y`
