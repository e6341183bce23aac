"""How long the grammar drafter takes: forty words over an ontology of 230 attributes."""

from __future__ import annotations

import itertools

from pytest_benchmark.fixture import BenchmarkFixture

from data.ontology import Attribute, Decision, Ontology
from data.rulelang.ast import RuleSet
from graph.drafters.base import Task
from graph.drafters.grammar import GrammarDrafter
from tests.bench.test_decide import percentiles
from tests.graph.drafters.random_words import RandomPack, make_pack, sentences


def test_forty_words_over_230_attributes(benchmark: BenchmarkFixture) -> None:
    drafter = GrammarDrafter()
    pack, ontology = _wide()
    task = Task(ontology, pack.code_sets, RuleSet())
    first = next(iter(sentences(pack, 3, 1))).sentence
    said = [
        " ".join((plain.sentence.rstrip(".") + " unless " + first).split()[:40])
        for plain in sentences(pack, 5, 40)
    ]
    turns = itertools.cycle(said)
    benchmark.pedantic(
        drafter.draft, setup=lambda: ((next(turns), task), {}), rounds=200, warmup_rounds=1
    )
    percentiles(benchmark)


def _wide() -> tuple[RandomPack, Ontology]:
    """A pack with 230 attributes."""
    pack = make_pack(1)
    more: dict[str, Attribute] = dict(pack.ontology.attributes)
    for n in range(20):
        other = make_pack(100 + n)
        for a in other.ontology.attributes.values():
            path = f"{pack.entity}.x{n}_{a.name}"
            if len(more) < 230:
                more[path] = Attribute(
                    path, a.type, a.label, unit=a.unit, min=a.min, max=a.max, values=a.values
                )
    decisions: dict[str, Decision] = dict(pack.ontology.decisions)
    ontology = Ontology(
        "wide", "Wide", None, pack.ontology.entities, more, {}, pack.ontology.scopes, decisions
    )
    assert len(ontology.attributes) == 230
    return pack, ontology
