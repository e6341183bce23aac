"""How long it takes to see what a rule changes in the past requests of both packs that ship."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from data.packs import Pack, load_pack
from data.packs.history import history_table
from data.rulelang.parse import parse
from data.rulelang.version import Version, make_version
from graph.replay import History, Replay, replay

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


EXTERNAL = """
rule "Nobody from outside"
  then exclude engineers where company is external
"""


def past(name: str, folder: Path) -> tuple[Pack, History]:
    pack = load_pack(name)
    path = history_table(pack, folder)
    assert path is not None
    return pack, History(pq.read_table(path), pack.ontology)


@pytest.fixture(scope="module")
def radiology(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pack, History]:
    return past("radiology", Path(tmp_path_factory.mktemp("history")))


@pytest.fixture(scope="module")
def issues(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pack, History]:
    return past("issues", Path(tmp_path_factory.mktemp("history")))


Versions = tuple[History, Version, Version]


def versions(pack: Pack, history: History, rule: str) -> Versions:
    added = parse(rule, pack.ontology, pack.code_sets)
    assert not added.findings
    rules = replace(pack.rule_set, rules=(*pack.rule_set.rules, *added.rule_set.rules))
    before, after = (
        make_version(pack.ontology, pack.code_sets, pack.scope_rows, r)
        for r in (pack.rule_set, rules)
    )
    return history, before, after


def told(benchmark: BenchmarkFixture, found: Replay) -> None:
    benchmark.extra_info["changed"] = found.changed
    print(f"\n{benchmark.name}: {found.run} requests, {found.changed} changed")
    assert found.changed


@pytest.mark.parametrize("rule", [WHEELCHAIR, EVERYWHERE], ids=["one family", "everywhere"])
def test_replay(benchmark: BenchmarkFixture, radiology: tuple[Pack, History], rule: str) -> None:
    args = versions(*radiology, rule)
    told(benchmark, benchmark.pedantic(replay, args=args, rounds=5, warmup_rounds=1))


def test_replay_of_a_choice(benchmark: BenchmarkFixture, issues: tuple[Pack, History]) -> None:
    """Each round with versions that remember nothing of an earlier one."""

    def fresh() -> tuple[Versions, dict[str, object]]:
        return versions(*issues, EXTERNAL), {}

    told(benchmark, benchmark.pedantic(replay, setup=fresh, rounds=5, warmup_rounds=1))
