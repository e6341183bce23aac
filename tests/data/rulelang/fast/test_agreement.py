"""Every evaluator gives what the reference gives: result, winning rule, undecided set, every byte.

A case is one request under one version. ``AGREEMENT_CASES`` says how many are run: 20,000 unless
told otherwise, 1,000,000 in the nightly job; and an eighth as many with lists and choices.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ontology.model import Ontology, Value
from data.packs.load import load_pack
from data.rulelang.ast import CompareFacts, Op, Rule, all_of, any_of
from data.rulelang.evaluate import decide
from data.rulelang.fast import batch, compiled, index, survivors
from data.rulelang.fast.batch import Batch
from data.rulelang.fast.compiled import Compiled
from data.rulelang.fast.survivors import LeafByLeaf, fastest
from data.rulelang.fast.table import Requests
from data.rulelang.parse import parse
from data.rulelang.request import Request, read_request
from data.rulelang.result import Result
from data.rulelang.version import Version, make_version
from tests.bench.rule_sets import request, ruled
from tests.generators import DOMAINS, World, worlds
from tests.listed import listed_requests, listed_worlds
from tests.tables import table_of_requests

CASES = int(os.environ.get("AGREEMENT_CASES", "20000"))
A_WORLD = 40
"""Requests asked of each version."""
LISTED, A_LISTED = CASES // 8, 20
"""The same of worlds with lists, in which one request takes longer."""


def some_requests(ontology: Ontology, seed: int) -> list[dict[str, Value]]:
    """Requests with none, few or many of their facts unknown."""
    random = Random(seed)
    made: list[dict[str, Value]] = []
    for n in range(A_WORLD):
        unknown = (0.0, 0.15, 0.5)[n % 3]
        given = [(p, random.choice(DOMAINS[p])) for p in ontology.attributes]
        made.append({p: v for p, v in given if random.random() >= unknown})
    return made


def version_of(world: World) -> Version:
    return make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)


@st.composite
def comparing_facts(draw: st.DrawFn) -> World:
    """A world in which some rules compare two facts, besides or instead of what they ask."""
    world = draw(worlds(most=7, known=True))
    paths = list(world.ontology.attributes)
    alike = [
        (p, q)
        for p in paths
        for q in paths
        if world.ontology.attributes[p].type == world.ontology.attributes[q].type != "set"
    ]
    ops: list[Op] = ["is", "is not"]
    changed: list[Rule] = []
    for rule in world.rule_set.rules:
        one, other = draw(st.sampled_from(alike))
        test = CompareFacts(one, draw(st.sampled_from(ops)), other)
        join = draw(st.sampled_from([None, None, all_of, any_of]))
        when = join(test, rule.when) if join and rule.when else test if join else rule.when
        changed.append(replace(rule, when=when))
    return replace(world, rule_set=replace(world.rule_set, rules=tuple(changed)))


def shown(results: dict) -> str:
    return json.dumps({name: r.to_json() for name, r in results.items()})


SIZES = st.sampled_from([(1, 2), (3, 2), (1, 256), (3, 256), (1500, 256)])
"""Most rules in a leaf, and most values it remembers."""


@settings(max_examples=CASES // A_WORLD, deadline=None, suppress_health_check=list(HealthCheck))
@given(comparing_facts(), st.integers(0, 2**32), SIZES)
def test_evaluators_agree(world: World, seed: int, sizes: tuple[int, int]) -> None:
    version = version_of(world)
    made = some_requests(version.ontology, seed)
    agree(version, [Request(facts, {}) for facts in made], *sizes)


@settings(max_examples=LISTED // A_LISTED, deadline=None, suppress_health_check=list(HealthCheck))
@given(listed_worlds(), st.integers(0, 2**32), SIZES)
def test_evaluators_agree_on_lists(world: World, seed: int, sizes: tuple[int, int]) -> None:
    version = version_of(world)
    agree(version, listed_requests(version.ontology, seed, A_LISTED), *sizes)


def agree(version: Version, made: list[Request], most_in_leaf: int, most_met: int) -> None:
    """Each request alone and all of them in batches, as the reference answers them."""
    expected = [decide(version, request) for request in made]
    with pytest.MonkeyPatch.context() as patch:
        for module in (compiled, survivors):
            patch.setattr(module, "MOST_IN_LEAF", most_in_leaf)
        patch.setattr(index, "MOST_VALUES", most_met)
        patch.setattr(compiled, "MOST_ANSWERS", most_met)
        patch.setattr(batch, "LEAST_A_THREAD", max(1, len(made) // 3))
        fast = Compiled(version)
        version.__dict__["compiled"] = fast
        batches = [Batch(version, loop) for loop in (LeafByLeaf, fastest())]
        for request, meant in zip(made, expected, strict=True):
            found = fast.decide(request)
            assert found == meant, (request, found, meant)
            assert shown(found) == shown(meant)
        table = table_of_requests(version.ontology, made)
        for many in batches:
            answers = many.decide(Requests(table, version.ontology))
            for name, answer in answers.items():
                told = [brief(answer.results[code]) for code in answer.codes]
                assert told == [brief(meant[name]) for meant in expected]


def test_a_level_of_a_rule_that_cannot_apply_is_named_by_every_evaluator() -> None:
    pack = load_pack("issues")
    text = """
    rule "named"
      when kind is bug and repository is "ledger-core"
      then assignee is ann
    rule "inside"
      when product is Ledger
      then exclude engineers where company is external
    rule "first by name"
      then prefer engineers where on call is yes
    """
    parsed = parse(text, pack.ontology, pack.code_sets)
    assert not parsed.findings
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, parsed.rule_set)
    asked = {"issue": {"kind": "question"},
             "engineers": [{"login": "ann", "company": "external", "on_call": True},
                           {"login": "bob", "company": "own staff", "on_call": True}]}  # fmt: skip
    request = read_request(pack.ontology, asked)
    meant = decide(version, request)["assignee"]
    assert meant.needs == ("repository.product", "repository.id"), meant
    assert version.compiled.decide_one(request, "assignee") == meant


def brief(result: Result) -> tuple[Any, ...]:
    """What the batch evaluator tells of every request."""
    return (result.status, result.value, result.rule, result.possible, result.needs)


@pytest.mark.parametrize(("count", "sizes"), [(40, (2, 4)), (400, (2, 4)), (400, (16, 256))])
def test_evaluators_agree_on_many_rules_of_many_places(count: int, sizes: tuple[int, int]) -> None:
    """Unknown facts are among those by which the index divides the rules."""
    random = Random(count)
    version = ruled(count, 0).version
    rules = version.rule_set.rules
    made: list[Request] = []
    for n in range(120):
        near = random.choice([None, random.choice(rules)])
        given = dict(read_request(version.ontology, request(random, count, near)).given)
        for path in random.sample(sorted(given), n % 4):
            del given[path]
        made.append(Request(given, {}))
    agree(version, [*made, *made], *sizes)
