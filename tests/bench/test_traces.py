"""What recording and scoring cost a turn. ``pytest tests/bench/test_traces.py`` prints it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data.access.masking import ontology_words
from data.packs.load import load_pack
from data.rulelang.render import render
from data.rulelang.version import Version, make_version
from data.store import create_organisation, open_store
from data.store.tables import new_id
from evals.online import score_told
from evals.outbox import ALL, HOLD, Held, Kind, Parcel
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer
from graph.generate import trials

KEY = b"a key of the benchmarks"
THREAD = "6f1e0c1e-0b67-4b3d-9a53-2f6a4c1f7a10"


class Nowhere:
    """Takes everything and keeps nothing: what is left is the recording itself."""

    def put(self, parcel: Parcel) -> None:
        return None

    def take(self, limit: int, kinds: Collection[Kind] = ALL, hold: timedelta = HOLD) -> list[Held]:
        return []

    def delivered(self, held: Held) -> None:
        return None

    def failed(self, held: Held, error: str) -> None:
        return None

    def waiting(self, kinds: Collection[Kind] = ALL) -> int:
        return 0


@pytest.fixture(scope="module")
def version() -> Version:
    pack = load_pack("radiology")
    return make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)


@pytest.fixture(scope="module")
def told(version: Version) -> dict[str, Any]:
    rule = max(version.rule_set.rules, key=lambda r: len(render(r, version.ontology)))
    text = render(rule, version.ontology)
    said = "Screening mammograms for women of 40 and over at Northstar get MM123WA, please"
    return {
        "version": version.id,
        "message": said,
        "status": "waiting",
        "rules": [text],
        "sentences": ["It holds at Northstar.", "Women from 40 years on get this code."],
        "retrieved": list(version.ontology.attributes)[:12],
        "placed": ["screening mammograms for women"],
        "unplaced": [],
        "scenarios": {"run": 50, "kept": 50},
        "generated": [t.to_json() for t in trials(version, version, [rule])],
    }


def record(tracer: Tracer, org: str, keep: frozenset[str], told: dict[str, Any]) -> None:
    with tracer.turn(org, "ann", THREAD, new_id(), keep) as turn:
        turn.asked(told["message"])
        for node in ("route", "retrieve", "draft", "validate", "test", "confirm"):
            turn.node(node, told, told, 2.0)
        turn.answered(told)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[StoreOutbox, str]]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.session() as session:
        org = create_organisation(session, "bench").id
    yield StoreOutbox(store), org
    store.close()


def test_recording_a_turn(benchmark: Any, version: Version, told: dict[str, Any]) -> None:
    keep = ontology_words(version.ontology, version.code_sets, version.scope_rows)
    tracer = Tracer(Nowhere(), KEY)

    benchmark.pedantic(record, (tracer, "o", keep, told), rounds=50, warmup_rounds=3)

    assert not benchmark.enabled or benchmark.stats.stats.median < 0.05


def test_recording_a_turn_onto_disk(
    benchmark: Any, version: Version, told: dict[str, Any], kept: tuple[StoreOutbox, str]
) -> None:
    keep = ontology_words(version.ontology, version.code_sets, version.scope_rows)
    outbox, org = kept
    tracer = Tracer(outbox, KEY)

    benchmark.pedantic(record, (tracer, org, keep, told), rounds=50, warmup_rounds=3)

    assert outbox.waiting() == (53 if benchmark.enabled else 1)


def test_scoring_a_draft(benchmark: Any, version: Version, told: dict[str, Any]) -> None:
    scores = benchmark.pedantic(score_told, (told, version), rounds=50, warmup_rounds=3)

    assert {s.verdict for s in scores} == {"scored", "abstained"}
    assert not benchmark.enabled or benchmark.stats.stats.median < 0.05
