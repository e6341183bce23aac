"""How long the analysis of a whole rule set takes: the radiology pack, every witness included."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from data.packs.load import load_pack
from data.rulelang.check import check
from data.rulelang.regions import containment
from data.rulelang.version import make_version


def test_check(benchmark: BenchmarkFixture) -> None:
    pack = load_pack("radiology")
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    findings = benchmark.pedantic(check, (version,), rounds=3)
    assert [f for f in findings if f.severity == "error"] == []


def test_containment(benchmark: BenchmarkFixture) -> None:
    pack = load_pack("radiology")
    edges = benchmark.pedantic(containment, (pack.ontology, pack.rule_set.rules), rounds=3)
    assert edges.inside
