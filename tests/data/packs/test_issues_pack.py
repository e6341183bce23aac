"""The issues pack chooses engineers as its scenarios say, and its made-up past can be replayed."""

from __future__ import annotations

import pytest

from data.packs import load_pack
from data.packs.cases import Scenario
from data.packs.history.table import generate
from data.rulelang.ast import Narrow, Prefer
from data.rulelang.check import check
from data.rulelang.evaluate import decide, decide_one
from data.rulelang.fast.table import Requests
from data.rulelang.request import read_request
from data.rulelang.version import make_version

PACK = load_pack("issues")
VERSION = make_version(PACK.ontology, PACK.code_sets, PACK.scope_rows, PACK.rule_set)


def test_it_is_as_large_as_promised_and_free_of_findings() -> None:
    chosen = [o for r in PACK.rule_set.rules for o in r.then if isinstance(o, Narrow | Prefer)]
    assert 25 <= len(PACK.rule_set.rules) <= 40
    assert len(chosen) >= 20
    assert len(PACK.scenarios) >= 25
    assert {f.severity for f in check(VERSION)} <= {"note"}


@pytest.mark.parametrize("case", PACK.scenarios, ids=lambda c: c.name)
def test_scenario(case: Scenario) -> None:
    results = decide(VERSION, read_request(PACK.ontology, case.given))
    for name, expected in case.expect.items():
        result = results[name]
        if isinstance(expected, dict):
            assert result.status == expected["status"]
        else:
            assert (result.status, result.value) == ("decided", expected)


def test_its_past_holds_candidates_and_was_decided_by_its_rules() -> None:
    table = generate(PACK, rows=150)
    requests = Requests(table, PACK.ontology)
    then = table.column("decided.assignee").to_pylist()
    labels, overruled = (table.column(n).to_pylist() for n in ("version", "overruled"))
    agreed = 0
    for row, decided in enumerate(then):
        result = decide_one(VERSION, requests.request(row), "assignee")
        if result.status == "decided" and not overruled[row] and labels[row] == "2026-11":
            assert result.value == decided
            agreed += 1
    assert agreed > 50


def test_equal_arguments_make_equal_pasts() -> None:
    assert generate(PACK, rows=40).equals(generate(PACK, rows=40))
