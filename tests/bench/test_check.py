"""How long the analysis of a whole rule set takes: the radiology pack, every witness included."""

from __future__ import annotations

import random
from dataclasses import replace
from time import process_time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from data.packs.load import load_pack
from data.rulelang.ast import (
    Compare,
    Count,
    Decide,
    Invariant,
    Rows,
    Rule,
    RuleSet,
    Span,
    all_of,
)
from data.rulelang.check import check
from data.rulelang.regions import containment
from data.rulelang.version import Version, make_version
from tests.bench.rule_sets import ruled
from tests.histories import ONTOLOGY


def test_check(benchmark: BenchmarkFixture) -> None:
    pack = load_pack("radiology")
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    findings = benchmark.pedantic(check, (version,), rounds=3)
    assert [f for f in findings if f.severity == "error"] == []


@pytest.mark.parametrize("count", [250, 1000, 5000])
@pytest.mark.parametrize("laws", [False, True], ids=["rules", "laws too"])
def test_check_of_scoped_rules(count: int, laws: bool) -> None:
    """So many rules of one decision: what is found, and then the request for every finding."""
    version = ruled(count, asked=1).version
    version = lawful(version) if laws else version
    started = process_time()
    findings = check(version)
    found = process_time()
    shown = sum(f.witness is not None for f in findings)
    ended = process_time()
    print(
        f"\n{count:6,} rules{', laws too' if laws else ''}: {len(findings):4} findings in "
        f"{found - started:5.2f} s, {shown:4} requests in {ended - found:5.2f} s, "
        f"{ended - started:5.2f} s of processor time in all"
    )


def lawful(version: Version) -> Version:
    """The same with gaps told by exam, two mandatory rules, one for everybody, two invariants."""
    decision = version.ontology.decisions["code"]
    required = replace(decision, required=True, gap_by="request.exam")
    rules = list(version.rule_set.rules)
    for place in (len(rules) // 50, len(rules) // 2):
        rules[place] = replace(rules[place], mandatory=True)
    old, seldom = (Compare("patient.age", "is at least", age) for age in (60, 100))
    exam = Compare("request.exam", "is", "exam 3")
    rules.append(Rule("everybody old", (Decide("code", "code 1"),), old))
    kept = (
        Invariant("never", seldom, Decide("code", "code 7"), never=True),
        Invariant("always", all_of(exam, seldom), Decide("code", "code 7"), never=False),
    )
    return make_version(
        replace(version.ontology, decisions={"code": required}),
        version.code_sets,
        version.scope_rows,
        RuleSet(tuple(rules), invariants=kept),
    )


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
