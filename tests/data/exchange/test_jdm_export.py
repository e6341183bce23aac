"""A rule set written as a JDM graph decides in the ZEN engine as it does here."""

from __future__ import annotations

import json
from datetime import date, time
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from data.exchange.jdm.entries import text
from data.exchange.jdm.write import jdm_bytes
from data.exchange.problem import NotSayable
from data.packs import load_pack
from data.rulelang.evaluate import decide_one, with_defaults
from data.rulelang.findings import InputError
from data.rulelang.request import Request, nested, read_request
from data.rulelang.result import Result
from data.rulelang.version import Version, make_version
from tests.generators import World, every_request, worlds

zen = pytest.importorskip("zen", reason="the ZEN engine is not installed (extra `bench`)")
MOST_REQUESTS = 300


class Engine:
    """The ZEN engine over the graph that was written."""

    def __init__(self, version: Version) -> None:
        self.version = version
        graph, self.left_out = jdm_bytes(version)
        content = json.loads(graph)
        self._zen: Any = zen.ZenEngine({"loader": {"type": "static", "content": {"it": content}}})
        tables = [n for n in content["nodes"] if n["type"] == "decisionTableNode"]
        self.decisions = [t["id"] for t in tables]

    def told(self, request: Request) -> dict[str, tuple[str, Any]]:
        facts = with_defaults(self.version, request)
        got = self._zen.evaluate("it", nested(facts))["result"]
        return {name: _answer(got.get(name) or {}) for name in self.decisions}

    def expected(self, request: Request) -> dict[str, tuple[str, Any]]:
        found = {n: decide_one(self.version, request, n) for n in self.decisions}
        return {n: (r.status, _plain(r)) for n, r in found.items() if r.status != "undecided"}


def _answer(got: dict[str, Any]) -> tuple[str, Any]:
    value = got.get("value")
    together = sorted(set(map(str, value))) if isinstance(value, list) else value
    return got.get("status", "no_rule"), together


def _plain(result: Result) -> Any:
    match result.value:
        case tuple() | frozenset() as several:
            return sorted(map(str, several))
        case date() | time() as moment:
            return moment.isoformat()
        case Decimal() as number:
            return float(number)
        case other:
            return other


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(world=worlds(most=4), seed=st.integers(0, 6))
def test_every_complete_request_is_decided_alike(world: World, seed: int) -> None:
    ontology = world.ontology
    try:
        version = make_version(ontology, world.code_sets, world.scope_rows, world.rule_set)
        engine = Engine(version)
    except InputError:
        assume(False)
        return
    every = every_request(ontology, tuple(ontology.attributes), world.scope_rows)
    for facts in islice(every, seed, 7 * MOST_REQUESTS, 7):
        request = read_request(ontology, nested(facts))
        told = engine.told(request)
        for name, expected in engine.expected(request).items():
            assert told[name] == expected, (name, facts)


def test_the_past_of_a_pack_is_decided_alike() -> None:
    pack = load_pack("radiology")
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    engine = Engine(version)
    assert {"minutes"} <= set(engine.decisions)
    assert "decision `procedure code`" in {f.place for f in engine.left_out}
    compared = 0
    for scenario in pack.scenarios:
        request = read_request(pack.ontology, dict(scenario.given))
        told = engine.told(request)
        for name, expected in engine.expected(request).items():
            compared += 1
            assert told[name] == expected, (scenario.name, name)
    assert compared > len(pack.scenarios) // 2


@pytest.mark.parametrize("said", ["plain", 'with "one" kind', "with 'the other'", "ü — é"])
def test_a_text_is_quoted(said: str) -> None:
    assert zen.evaluate_expression(text(said), {}) == said


@pytest.mark.parametrize("said", ["\"both\" and 'both'", "back\\slash", "two\nlines"])
def test_what_cannot_be_quoted_is_refused(said: str) -> None:
    with pytest.raises(NotSayable):
        text(said)
