"""A turn of the real pipeline, from the sentence to the trace."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # before LangGraph is imported

import pytest

from data.store.tables import new_id
from evals.allowed import fields_of
from evals.delivery import Delivery
from evals.online import own_words
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer, TurnRecorder
from evals.tracking import Tracking
from graph.events import Card
from tests.evals.conftest import KEY
from tests.evals.test_delivery import THREAD, delivery_to, traces_of
from tests.graph.world import SENTENCE, World, make_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


class Ear:
    """Hands on what the pipeline tells, and notes what the list would not let through."""

    def __init__(self, turn: TurnRecorder, world: World) -> None:
        self._turn, self._world = turn, world
        self.unlisted: set[str] = set()

    def node(
        self, name: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], millis: float
    ) -> None:
        fields = fields_of(name)
        self.unlisted |= {f"{name}.{f}" for f in inputs.keys() - fields.inputs.keys()}
        self.unlisted |= {f"{name}.{f}" for f in outputs.keys() - fields.outputs.keys()}
        self._turn.node(name, inputs, outputs, millis)

    def facts(self, facts: Mapping[str, Any]) -> None:
        version = self._world.services.version(self._world.org_id, facts["version"])
        self._turn.answered(facts)
        self._turn.on_version(facts["version"])
        self._turn.facts({**facts, "version": version})

    def failed(self, error: BaseException, reference: str) -> None:
        self._turn.failed(error, reference)


async def test_a_turn_of_the_pipeline_is_a_trace_with_its_nodes_and_scores(
    world: World, tracking: Tracking
) -> None:
    outbox, author = StoreOutbox(world.store), world.author
    staging = world.services.version(world.org_id, str(world.staging()))
    recording = Tracer(outbox, KEY).turn(
        world.org_id, author.person_id, THREAD, new_id(), own_words(staging)
    )
    async with world.assistant() as assistant, recording as turn:
        ear = Ear(turn, world)
        turn.asked(SENTENCE)
        events = [e async for e in assistant.turn(author, THREAD, SENTENCE, ear)]

    assert isinstance(events[-1], Card), events[-1]
    assert ear.unlisted == set(), "told by the pipeline and dropped"
    delivery: Delivery = delivery_to(tracking, outbox)
    assert delivery.flush() == 0

    (trace,) = traces_of(tracking, world.org_id)
    spans = {s.name: s for s in trace.data.spans}
    assert spans.keys() == {"turn", "route", "retrieve", "draft", "validate", "test"}
    assert spans["turn"].inputs == {"message": SENTENCE}
    assert spans["turn"].outputs["status"] == "waiting"
    assert spans["draft"].outputs["rules"] == spans["turn"].outputs["rules"]
    assert spans["retrieve"].outputs["retrieved"]
    assert trace.info.tags["version"] == staging.id

    given = {a.name: (a.value, a.metadata["verdict"]) for a in trace.info.assessments}
    assert given["parses"] == (True, "scored")
    assert given["accounted"] == (True, "scored")
    assert given["reproduced"] == (True, "scored")
    assert given["nothing_identifying"] == (True, "scored")
    assert given["retrieval_recall"] == (None, "abstained")
    assert "failed" not in {verdict for _, verdict in given.values()}, given
