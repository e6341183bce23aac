"""A rule set written as DMN and read back answers every request of a small world as before."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from data.exchange.dmn.load import load_dmn
from data.exchange.dmn.write import dmn_bytes
from data.ontology.model import Ontology
from data.packs import load_pack
from data.rulelang.evaluate import decide, decide_one
from data.rulelang.findings import InputError
from data.rulelang.request import Request, nested, read_request
from data.rulelang.version import Version, make_version
from tests.generators import World, every_request, worlds

MOST_REQUESTS = 600


def version_of(world: World) -> Version:
    return make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)


def asked(ontology: Ontology, facts: dict[str, Any]) -> Request:
    """The request as far as the model's facts go: it holds those that its tables read."""
    mine = {path: value for path, value in facts.items() if path in ontology.attributes}
    return read_request(ontology, nested(mine))


def shown(version: Version, request: Request, decision: str) -> tuple[str, Any]:
    result = decide_one(version, request, decision)
    value = sorted(map(str, result.value)) if isinstance(result.value, tuple) else result.value
    return result.status, value


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(world=worlds(most=4), seed=st.integers(0, 6))
def test_every_request_is_answered_as_before(world: World, seed: int) -> None:
    before = version_of(world)
    try:
        content, _ = dmn_bytes(before)
    except InputError:
        assume(False)
        return
    made = load_dmn(content)
    after = make_version(made.ontology, {}, (), made.rule_set)
    paths = tuple(world.ontology.attributes)
    every = every_request(world.ontology, paths, world.scope_rows)
    for facts in islice(every, seed, 7 * MOST_REQUESTS, 7):
        request = read_request(world.ontology, nested(facts))
        for name in after.plans:
            told = shown(after, asked(made.ontology, facts), name)
            assert told == shown(before, request, name), (name, facts, content.decode())


def test_what_is_written_again_is_the_same() -> None:
    """Once through the model, nothing more is lost."""
    pack = load_pack("radiology")
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    content, left_out = dmn_bytes(version)
    first = load_dmn(content)
    again, _ = dmn_bytes(make_version(first.ontology, {}, (), first.rule_set))
    second = load_dmn(again)
    assert first.ontology.decisions.keys() == second.ontology.decisions.keys()
    assert Counter(len(r.then) for r in first.rule_set.rules) == Counter(
        len(r.then) for r in second.rule_set.rules
    )
    assert {f.place for f in left_out} >= {"decision `procedure code`"}
    assert "`Prairie takes x-rays only` was left out: an accepted gap is no rule" in {
        f.message for f in left_out
    }


def test_the_shipped_decisions_answer_as_before() -> None:
    pack = load_pack("radiology")
    before = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    content, _ = dmn_bytes(before)
    made = load_dmn(content)
    after = make_version(made.ontology, {}, (), made.rule_set)
    assert "minutes" in after.plans
    for scenario in pack.scenarios:
        request = read_request(pack.ontology, dict(scenario.given))
        mine = {p: v for p, v in request.given.items() if p in made.ontology.attributes}
        results = decide(after, Request(mine, {}))
        for name, result in results.items():
            old = decide_one(before, request, name)
            if old.status == "decided" and pack.ontology.decisions[name].hit != "collect":
                assert (result.status, result.value) == (old.status, old.value), scenario.name
