"""Turns, scores and thumbs reach MLflow once each, in the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.access.masking import pseudonym
from data.store.engine import Store
from data.store.tables import new_id
from evals.delivery import Delivery, command
from evals.outbox import Held, Parcel
from evals.score import abstained, failed, scored
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer, TurnRecord, trace_id_of
from evals.tracking import Tracking, experiment_name
from tests.evals.conftest import KEY, Clock

THREAD = "6f1e0c1e-0b67-4b3d-9a53-2f6a4c1f7a10"
VERSION = "sha256:" + "b" * 64


def delivery_to(tracking: Tracking, outbox: StoreOutbox) -> Delivery:
    return Delivery(outbox, "", pause=0.01, open_tracking=lambda _: tracking)


def one_turn(tracer: Tracer, org: str, turn_id: str | None = None) -> str:
    turn_id = turn_id or new_id()
    with tracer.turn(org, "ann", THREAD, turn_id) as turn:
        turn.asked("wheelchair mammograms get MM123WA")
        turn.on_version(VERSION)
        with turn.running("retrieve", {"message": "wheelchair"}) as node:
            node.outputs = {"retrieved": ["patient.wheelchair"]}
        with turn.running("draft", {"attempt": 1}) as node:
            time.sleep(0.002)
            node.outputs = {"drafter": "grammar", "input_tokens": 30, "output_tokens": 12}
        turn.scored(scored("parses", True, "1 of 1 rules read back as written"))
        turn.scored(abstained("grounded", "nothing was looked up"), failed("plain", "TypeError"))
        turn.answered({"status": "drafted", "drafter": "grammar"})
    return turn_id


def traces_of(tracking: Tracking, org: str) -> list[Any]:
    client = tracking.client  # pyright: ignore[reportPrivateUsage]
    return list(client.search_traces(locations=[tracking.experiment(org)], max_results=500))


def thumbs(trace: Any) -> list[tuple[bool, str, str]]:
    found = [a for a in trace.info.assessments if a.name == "thumb"]
    return [(a.value, a.rationale or "", a.source.source_id) for a in found]


def test_a_turn_that_broke_is_an_error_with_its_reference(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str
) -> None:
    with tracer.turn(org, "ann", THREAD, new_id()) as turn:
        turn.asked("wheelchair mammograms get MM123WA")
        turn.failed(RuntimeError("Jane Smith"), "ab12cd34")

    delivery_to(tracking, outbox).flush()

    (trace,) = traces_of(tracking, org)
    (root,) = trace.data.spans
    assert trace.info.state == "ERROR"
    assert (trace.info.tags["error"], trace.info.tags["reference"]) == ("RuntimeError", "ab12cd34")
    assert root.outputs == {"status": "trouble"}
    assert root.status.status_code == "ERROR"


def test_a_turn_becomes_one_trace_with_all_that_was_recorded(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str
) -> None:
    turn_id = one_turn(tracer, org)

    assert delivery_to(tracking, outbox).flush() == 0

    (trace,) = traces_of(tracking, org)
    info = trace.info
    assert info.trace_id == trace_id_of(org, turn_id)
    assert info.client_request_id == turn_id
    assert info.trace_metadata["mlflow.trace.session"] == THREAD
    assert info.trace_metadata["mlflow.trace.user"] == pseudonym(KEY, "ann")
    assert info.tags["organisation"] == org
    assert info.tags["version"] == VERSION
    assert (info.tags["status"], info.tags["drafter"]) == ("drafted", "grammar")
    assert info.state == "OK"
    assert info.token_usage == {"input_tokens": 30, "output_tokens": 12, "total_tokens": 42}

    root, retrieve, draft = sorted(trace.data.spans, key=lambda s: s.start_time_ns)
    assert (root.name, root.parent_id) == ("turn", None)
    assert root.inputs == {"message": "wheelchair mammograms get MM123WA"}
    assert {retrieve.parent_id, draft.parent_id} == {root.span_id}
    assert retrieve.outputs == {"retrieved": ["patient.wheelchair"]}
    assert draft.end_time_ns - draft.start_time_ns >= 2_000_000

    given = {a.name: a for a in info.assessments}
    assert (given["parses"].value, given["parses"].metadata["verdict"]) == (True, "scored")
    assert (given["grounded"].value, given["grounded"].error) == (None, None)
    assert given["grounded"].metadata["verdict"] == "abstained"
    assert given["plain"].value is None
    assert given["plain"].error.error_code == "TypeError"


def test_each_organisation_has_an_experiment_of_its_own(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str, store: Store
) -> None:
    from data.store import create_organisation

    with store.session() as session:
        other = create_organisation(session, "other").id
    one_turn(tracer, org)
    one_turn(tracer, other)
    one_turn(tracer, other)

    delivery_to(tracking, outbox).flush()

    assert [len(traces_of(tracking, o)) for o in (org, other)] == [1, 2]
    assert experiment_name(org) != experiment_name(other)


def test_writing_a_turn_twice_is_writing_it_once(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str
) -> None:
    one_turn(tracer, org)
    (held,) = outbox.take(1)
    for _ in range(2):
        tracking.write_turn(TurnRecord.from_json(held.parcel.payload))

    (trace,) = traces_of(tracking, org)
    assert len(trace.data.spans) == 3
    assert len(trace.info.assessments) == 3


def test_a_thumb_is_an_assessment_that_changes_and_goes_with_it(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str
) -> None:
    turn_id, delivery = one_turn(tracer, org), delivery_to(tracking, outbox)
    ann, bob = pseudonym(KEY, "ann"), pseudonym(KEY, "bob")

    tracer.feedback(org, "ann", turn_id, True, "spot on")
    tracer.feedback(org, "bob", turn_id, True)
    delivery.flush()
    assert sorted(thumbs(traces_of(tracking, org)[0])) == sorted(
        [(True, "spot on", ann), (True, "", bob)]
    )

    tracer.feedback(org, "ann", turn_id, False)
    delivery.flush()
    assert (False, "", ann) in thumbs(traces_of(tracking, org)[0])
    assert len(thumbs(traces_of(tracking, org)[0])) == 2

    tracer.feedback_removed(org, "ann", turn_id)
    tracer.feedback_removed(org, "ann", turn_id)
    delivery.flush()
    assert thumbs(traces_of(tracking, org)[0]) == [(True, "", bob)]


def test_thumbs_of_one_person_arrive_in_order(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str
) -> None:
    turn_id = one_turn(tracer, org)
    tracer.feedback(org, "ann", turn_id, True)
    tracer.feedback_removed(org, "ann", turn_id)
    tracer.feedback(org, "ann", turn_id, False, "no")

    delivery_to(tracking, outbox).flush()

    assert thumbs(traces_of(tracking, org)[0]) == [(False, "no", pseudonym(KEY, "ann"))]


def test_a_thumb_given_before_its_trace_arrives_lands_after_it(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str, clock: Clock
) -> None:
    turn_id, delivery = new_id(), delivery_to(tracking, outbox)
    tracer.feedback(org, "ann", turn_id, True)
    assert delivery.once() == 0

    one_turn(tracer, org, turn_id)
    assert delivery.once() == 1, "the turn"
    clock.later()
    assert delivery.once() == 1, "then the thumb"

    assert outbox.waiting() == 0
    assert [t[0] for t in thumbs(traces_of(tracking, org)[0])] == [True]


class Watched(StoreOutbox):
    """Notes that a delivery failed."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, clock)
        self.met = threading.Event()

    def failed(self, held: Held, error: str) -> None:
        super().failed(held, error)
        self.met.set()


@pytest.fixture(params=["down", "slow"])
def bad_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Nobody listens, or somebody who takes the call and says nothing."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if request.param == "slow":
            listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_mlflow_that_is_down_or_slow_costs_a_turn_nothing_and_gets_it_later(
    tracer: Tracer, tracking: Tracking, org: str, store: Store, clock: Clock, bad_server: str
) -> None:
    outbox = Watched(store, clock)
    delivery = Delivery(outbox, bad_server, pause=0.01)
    one_turn(tracer, org)
    delivery.start()
    while not outbox.met.is_set():
        one_turn(tracer, org)
        time.sleep(0.02)
    delivery.stop(30)

    waiting = outbox.waiting()
    assert waiting >= 2, "turns went on meanwhile; nothing got through, and nothing is lost"

    clock.later()
    assert delivery_to(tracking, outbox).flush() == 0
    assert len(traces_of(tracking, org)) == waiting


def test_a_parcel_that_cannot_be_read_holds_up_no_other(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str
) -> None:
    outbox.put(Parcel("turn", org, "bad", "bad", "bad", {"nothing": "of a turn"}))
    one_turn(tracer, org)

    delivery = delivery_to(tracking, outbox)
    delivery.once()

    assert outbox.waiting() == 1
    assert len(traces_of(tracking, org)) == 1


def test_a_sender_stops_when_told(outbox: StoreOutbox, tracking: Tracking) -> None:
    delivery = delivery_to(tracking, outbox)
    delivery.start()
    delivery.stop(timeout=5)

    assert "delivery" not in [t.name for t in threading.enumerate()]


KILLED = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from data.store import open_store
from evals.delivery import Delivery
from evals.store_outbox import StoreOutbox

class Mortal(StoreOutbox):
    left = int(sys.argv[3])
    def delivered(self, held):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        super().delivered(held)

ahead = timedelta(days=int(sys.argv[4]))
outbox = Mortal(open_store(sys.argv[1]), lambda: datetime.now(UTC) + ahead)
Delivery(outbox, sys.argv[2]).flush()
"""


def test_a_sender_killed_between_delivering_and_marking_delivers_each_turn_once(
    tracer: Tracer,
    outbox: StoreOutbox,
    tracking: Tracking,
    tracking_uri: str,
    org: str,
    store: Store,
    clock: Clock,
) -> None:
    url, turns = str(store.engine.url), {one_turn(tracer, org) for _ in range(100)}
    for marked in (0, 30):
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, url, tracking_uri, str(marked), str(clock.ahead.days)],
            capture_output=True,
        )
        assert ended.returncode == -signal.SIGKILL
        clock.later()
    assert outbox.waiting() == 70
    assert len(traces_of(tracking, org)) > 30, "more are delivered than are marked"

    assert delivery_to(tracking, outbox).flush(60) == 0

    traces = traces_of(tracking, org)
    assert sorted(t.info.client_request_id for t in traces) == sorted(turns)
    assert {len(t.data.spans) for t in traces} == {3}
    assert {len(t.info.assessments) for t in traces} == {3}


def test_the_sender_runs_as_a_process_and_ends_when_told(
    tracer: Tracer,
    outbox: StoreOutbox,
    tracking: Tracking,
    tracking_uri: str,
    org: str,
    store: Store,
) -> None:
    one_turn(tracer, org)
    process = subprocess.Popen(command(str(store.engine.url), tracking_uri))
    try:
        until = time.monotonic() + 60
        while outbox.waiting() and time.monotonic() < until:
            time.sleep(0.1)
        assert outbox.waiting() == 0
    finally:
        process.terminate()
    assert process.wait(20) == 0
    assert len(traces_of(tracking, org)) == 1


@pytest.mark.parametrize("found", [["patient.age", "patient.sex", "rule:Old", "example:1"]])
def test_retrieval_is_judged_once_the_author_has_confirmed(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str, found: list[str]
) -> None:
    from evals.retrieval import before_confirmation

    turn_id, delivery = new_id(), delivery_to(tracking, outbox)
    with tracer.turn(org, "ann", THREAD, turn_id) as turn:
        turn.scored(*before_confirmation())
    delivery.flush()
    assert scores_of(tracking, org) == {"retrieval_precision": None, "retrieval_recall": None}

    tracer.confirmed(org, turn_id, found, {"patient.age", "request.exam", "procedure_code"})
    delivery.flush()

    assert scores_of(tracking, org) == {
        "retrieval_precision": pytest.approx(1 / 2),
        "retrieval_recall": pytest.approx(1 / 3),
    }


def scores_of(tracking: Tracking, org: str) -> dict[str, float | None]:
    (trace,) = traces_of(tracking, org)
    return {a.name: a.value for a in trace.info.assessments}


def test_a_fresh_database_survives_two_openers(tmp_path: Path) -> None:
    look = "import sys; from evals.tracking import Tracking; Tracking(sys.argv[1]).experiment('o')"
    uri = f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}"
    both = [subprocess.Popen([sys.executable, "-c", look, uri], env=os.environ) for _ in range(2)]

    assert [p.wait(120) for p in both] == [0, 0]
