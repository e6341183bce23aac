"""How long it takes to see what a rule changes in 100,000 past requests of the radiology pack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from data.packs import Pack, load_pack
from data.packs.history import history_table
from data.rulelang.parse import parse
from data.rulelang.version import make_version
from graph.replay import History, replay

WHEELCHAIR = """
rule "Wheelchair mammogram"
  scope family Northstar
  when exam is screening mammogram
       and patient age is more than 40
       and wheelchair assistance is yes
  then procedure code is MM123WA
"""
EVERYWHERE = """
rule "Older patients take longer"
  when patient age is at least 70
  then appointment length adds 10
"""


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("radiology")


@pytest.fixture(scope="module")
def history(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> History:
    path = history_table(pack, Path(tmp_path_factory.mktemp("history")))
    assert path is not None
    return History(pq.read_table(path), pack.ontology)


@pytest.mark.parametrize("rule", [WHEELCHAIR, EVERYWHERE], ids=["one family", "everywhere"])
def test_replay(benchmark: BenchmarkFixture, pack: Pack, history: History, rule: str) -> None:
    before = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    added = parse(rule, pack.ontology, pack.code_sets)
    assert not added.findings
    rules = replace(pack.rule_set, rules=(*pack.rule_set.rules, *added.rule_set.rules))
    after = make_version(pack.ontology, pack.code_sets, pack.scope_rows, rules)
    found = benchmark.pedantic(replay, args=(history, before, after), rounds=5, warmup_rounds=1)
    benchmark.extra_info["changed"] = found.changed
    print(f"\n{benchmark.name}: {len(history)} requests, {found.changed} changed")
    assert found.changed
