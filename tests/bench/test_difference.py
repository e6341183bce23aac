"""How long it takes to compare two versions: the same one, one rule changed, a tenth taken out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from data.ontology.model import Value
from data.packs.load import load_pack
from data.rulelang.analyse.difference import difference
from data.rulelang.ast import Decide
from data.rulelang.version import Version, make_version
from tests.bench import rule_sets


def edited(version: Version, every: int) -> Version:
    """The version without each so many-th rule."""
    kept = tuple(r for i, r in enumerate(version.rule_set.rules) if i % every)
    fewer = replace(version.rule_set, rules=kept)
    return make_version(version.ontology, version.code_sets, version.scope_rows, fewer)


def revalued(version: Version, value: Value) -> Version:
    """The version with another value in its first rule."""
    first, *rest = version.rule_set.rules
    other = replace(first, then=(Decide(first.then[0].decision, value),))
    rules = replace(version.rule_set, rules=(other, *rest))
    return make_version(version.ontology, version.code_sets, version.scope_rows, rules)


def radiology() -> Version:
    pack = load_pack("radiology")
    return make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)


def test_radiology_and_itself(benchmark: BenchmarkFixture) -> None:
    version = radiology()
    found = benchmark.pedantic(difference, (version, replace(version, id="again")), rounds=3)
    assert found.equal


def test_radiology_and_an_edited_copy(benchmark: BenchmarkFixture) -> None:
    version = radiology()
    found = benchmark.pedantic(difference, (version, edited(version, 30)), rounds=3)
    assert found.changes


@pytest.mark.parametrize("count", [250, 1000])
def test_one_rule_of_many(benchmark: BenchmarkFixture, count: int) -> None:
    version = rule_sets.ruled(count).version
    found = benchmark.pedantic(difference, (version, revalued(version, "code 59")), rounds=1)
    assert found.changes


@pytest.mark.parametrize("count", [250, 1000])
def test_a_tenth_of_many(benchmark: BenchmarkFixture, count: int) -> None:
    version = rule_sets.ruled(count).version
    found = benchmark.pedantic(difference, (version, edited(version, 10)), rounds=1)
    assert found.changes
