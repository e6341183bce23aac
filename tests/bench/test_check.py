"""How long the analysis of a whole rule set takes: the radiology pack, every witness included."""

from __future__ import annotations

import random

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from data.packs.load import load_pack
from data.rulelang.ast import Compare, Count, Decide, Rows, Rule, RuleSet, Span, all_of
from data.rulelang.check import check
from data.rulelang.regions import containment
from data.rulelang.version import make_version
from tests.bench.rule_sets import ruled
from tests.histories import ONTOLOGY


def test_check(benchmark: BenchmarkFixture) -> None:
    pack = load_pack("radiology")
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    findings = benchmark.pedantic(check, (version,), rounds=3)
    assert [f for f in findings if f.severity == "error"] == []


@pytest.mark.parametrize("count", [250, 1000])
def test_check_of_scoped_rules(benchmark: BenchmarkFixture, count: int) -> None:
    """So many rules of one decision; 1,000 took 3.6 s of processor time on two shared cores."""
    version = ruled(count, asked=1).version
    assert benchmark.pedantic(check, (version,), rounds=1)


def test_containment(benchmark: BenchmarkFixture) -> None:
    pack = load_pack("radiology")
    edges = benchmark.pedantic(containment, (pack.ontology, pack.rule_set.rules), rounds=3)
    assert edges.inside


def test_check_of_lists(benchmark: BenchmarkFixture) -> None:
    """100 rules on one decision, each with a test of earlier visits."""
    draw = random.Random(1)
    version = make_version(
        ONTOLOGY, {}, (), RuleSet(tuple(_looks_back(draw, n) for n in range(100)))
    )
    assert benchmark.pedantic(check, (version,), rounds=1)


def _looks_back(draw: random.Random, number: int) -> Rule:
    where = draw.choice([None, Compare("visit.exam", "is", "mri")])
    rows = Rows("visits", where, Span(draw.choice([1, 3, 6, 12]), "months"))
    when = all_of(
        Count(rows, "is at least", draw.randint(1, 3)),
        Compare("request.age", "is", draw.randint(0, 3)),
    )
    return Rule(f"rule {number}", (Decide("room", draw.choice("abc")),), when)
