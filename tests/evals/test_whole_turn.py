"""A turn of the real pipeline, from the sentence to the trace."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # before LangGraph is imported

import pytest

from data.access.masking import pseudonym
from data.rulelang.render import render
from data.store.tables import new_id
from evals.allowed import fields_of
from evals.delivery import Delivery
from evals.online import faults, ontology_id, own_words
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer, TurnRecorder
from evals.tracking import Tracking
from graph.drafters.base import Draft, Placed, Question, Reading, Task
from graph.drafters.model import ModelDrafter, ModelSettings
from graph.events import Card, Reply
from graph.prompts import shipped
from tests.evals.conftest import KEY
from tests.evals.test_delivery import THREAD, delivery_to, traces_of
from tests.graph.model_server import readings, serving
from tests.graph.small import ONTOLOGY, WHEELCHAIR
from tests.graph.test_model import MESSAGE
from tests.graph.test_scored import InTurn
from tests.graph.world import SENTENCE, Told, World, make_world


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
        self._turn.on_version(version.id, ontology_id(version), facts["environment"])
        self._turn.facts({**facts, "version": version})

    def failed(self, error: BaseException, reference: str) -> None:
        self._turn.failed(error, reference)


def root_of(trace: Any) -> Any:
    return trace.search_spans(name="turn")[0]


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
    assert spans.keys() == {"turn", "route", "retrieve", "draft", "validate", "test", "score"}
    assert spans["turn"].inputs == {"message": SENTENCE}
    assert spans["turn"].outputs["status"] == "waiting"
    assert spans["draft"].outputs["rules"] == spans["turn"].outputs["rules"]
    tags = trace.info.tags
    assert (tags["version"], tags["ontology"]) == (staging.id, ontology_id(staging))
    assert (tags["session"], tags["environment"]) == (THREAD, "staging")
    assert tags["user"] == pseudonym(KEY, author.person_id)

    given = {a.name: (a.value, a.metadata["verdict"]) for a in trace.info.assessments}
    assert given["parses"] == (True, "scored")
    assert given["accounted"] == (True, "scored")
    assert given["reproduced"] == (True, "scored")
    assert given["nothing_identifying"] == (True, "scored")
    assert given["retrieval_recall"] == (None, "abstained")
    assert "failed" not in {verdict for _, verdict in given.values()}, given


async def test_mlflow_and_ragas_read_what_was_looked_up_as_documents(
    world: World, tracking: Tracking
) -> None:
    from mlflow.genai.utils.trace_utils import extract_retrieval_context_from_trace

    outbox, author = StoreOutbox(world.store), world.author
    recording = Tracer(outbox, KEY).turn(world.org_id, author.person_id, THREAD, new_id())
    async with world.assistant() as assistant, recording as turn:
        turn.asked(SENTENCE)
        [_ async for _ in assistant.turn(author, THREAD, SENTENCE, Ear(turn, world))]
    delivery_to(tracking, outbox).flush()

    (trace,) = traces_of(tracking, world.org_id)
    (documents,) = extract_retrieval_context_from_trace(trace).values()
    (span,) = trace.search_spans(span_type="RETRIEVER")
    assert {d["doc_uri"] for d in documents} >= {"patient.wheelchair", "clinic.family=Northstar"}
    assert all(d["content"] for d in documents)
    assert all(d["metadata"]["score"] > 0 for d in span.outputs)


class Asks(Told):
    """Asks once which code is meant."""

    def draft(self, message: str, task: Task) -> Draft:
        if not task.answers:
            asked = Question("Which code?", ("MM123", "MM123WA"))
            return Draft("question", self.name, question=asked)
        placed = (Placed(0, len(message), message, "when"),)
        return Draft("drafted", self.name, (Reading((WHEELCHAIR,), placed),))


async def test_a_question_its_answer_and_what_was_chosen_are_on_the_trace_with_the_wait(
    tmp_path: Path, tracking: Tracking
) -> None:
    world = make_world(tmp_path, drafters=(Asks(),))
    outbox, author, thread = StoreOutbox(world.store), world.author, str(uuid.uuid4())
    tracer = Tracer(outbox, KEY)
    said: list[tuple[str, str]] = [("", SENTENCE), ("answer", "MM123WA")]
    async with world.assistant() as assistant:
        for action, text in (*said, ("confirm", "")):
            recording = tracer.turn(world.org_id, author.person_id, thread, new_id())
            async with recording as turn:
                ear = Ear(turn, world)
                if not action:
                    events = [e async for e in assistant.turn(author, thread, text, ear)]
                    continue
                (card,) = await assistant.waiting(thread)
                sent = {"interrupt_id": card["interrupt_id"], "text": text}
                events = [e async for e in assistant.act(author, thread, action, sent, ear)]
                assert ear.unlisted == set()
    assert isinstance(events[-1], Reply), events[-1]
    delivery_to(tracking, outbox).flush()

    traces = {root_of(t).outputs["status"]: t for t in traces_of(tracking, world.org_id)}
    asking, drafted, saved = (traces[s] for s in ("question", "waiting", "saved"))
    root = root_of(asking)
    assert root.outputs["question"] == "Which code?"
    assert root.outputs["options"] == ["MM123", "MM123WA"]
    (ask,) = drafted.search_spans(name="ask")
    assert ask.inputs["question"] == root.outputs["question"]
    assert (ask.outputs["action"], ask.outputs["answer"]) == ("answer", "MM123WA")
    (confirm,) = saved.search_spans(name="confirm")
    assert (confirm.outputs["action"], confirm.outputs["status"]) == ("confirm", "saved")
    assert 0 <= confirm.outputs["waited"] < 60 and 0 <= ask.outputs["waited"] < 60


async def test_what_a_model_was_asked_and_what_it_took_is_on_the_trace(
    tmp_path: Path, tracking: Tracking
) -> None:
    with serving() as model:
        settings = ModelSettings(model.base_url, "stub", "key", 5.0, 2.0, 10.0)
        told = Told()
        world = make_world(tmp_path, drafters=(ModelDrafter(settings), told))
        told.known.clear()
        model.will(readings("no rule at all"), readings(render(WHEELCHAIR, ONTOLOGY)))
        outbox, author = StoreOutbox(world.store), world.author
        recording = Tracer(outbox, KEY).turn(world.org_id, author.person_id, THREAD, new_id())
        async with world.assistant() as assistant, recording as turn:
            turn.asked(MESSAGE)
            [_ async for _ in assistant.turn(author, THREAD, MESSAGE, Ear(turn, world))]
    delivery_to(tracking, outbox).flush()

    (trace,) = traces_of(tracking, world.org_id)
    (draft, *_) = trace.search_spans(name="draft")
    told_of = {k: draft.outputs[k] for k in ("drafter", "model", "prompt", "tries")}
    assert told_of == {"drafter": "stub", "model": "stub", "prompt": "draft", "tries": 2}
    assert draft.outputs["prompt_version"] == shipped().version
    assert trace.info.token_usage["total_tokens"] == 4
    assert trace.info.cost["total_cost"] == pytest.approx(2 * 2e-6 + 2 * 10e-6)
    tags = trace.info.tags
    assert (tags["model"], tags["prompt_version"]) == ("stub", shipped().version)


async def test_a_draft_that_scores_low_and_the_next_are_both_on_the_trace(
    tmp_path: Path, tracking: Tracking
) -> None:
    """The scorers are those of the chat: a name in a rule's title must not stay there."""
    named = replace(WHEELCHAIR, title="Call Mrs. Alvarez, 555-201-3344")
    drafter = InTurn(named, WHEELCHAIR)
    world = make_world(tmp_path, drafters=(drafter,))
    world.services = replace(world.services, faults=faults)
    outbox, author = StoreOutbox(world.store), world.author
    recording = Tracer(outbox, KEY).turn(world.org_id, author.person_id, THREAD, new_id())
    async with world.assistant() as assistant, recording as turn:
        ear = Ear(turn, world)
        [_ async for _ in assistant.turn(author, THREAD, SENTENCE, ear)]
    assert ear.unlisted == set()
    delivery_to(tracking, outbox).flush()

    (trace,) = traces_of(tracking, world.org_id)
    steps = sorted(trace.data.spans, key=lambda s: s.start_time_ns)
    first, second = (s for s in steps if s.name == "draft")
    low, high = (s.outputs for s in steps if s.name == "score")
    assert first.outputs["rules"] != second.outputs["rules"] == root_of(trace).outputs["rules"]
    assert "Alvarez" not in str(first.outputs)
    assert low["faults"] and "shown" not in low
    assert high["shown"] == "second" and len(high["faults"]) < len(low["faults"])
    assert drafter.tasks[1].faults
