"""How long it takes to compare two versions: the radiology pack, itself and edited, and many rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from data.packs.load import load_pack
from data.rulelang.analyse.difference import difference
from data.rulelang.version import Version, make_version
from tests.bench.rule_sets import seeded


def without(version: Version, every: int) -> Version:
    """The version with each so many-th rule taken out."""
    rules = tuple(r for i, r in enumerate(version.rule_set.rules) if i % every)
    left = replace(version.rule_set, rules=rules)
    return make_version(version.ontology, version.code_sets, version.scope_rows, left)
