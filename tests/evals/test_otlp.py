"""Turns reach an OpenTelemetry collector too: the same masked record, whole, when it is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from data.store.tables import new_id
from evals.delivery import Delivery
from evals.otlp import Exporting
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer, trace_id_of
from evals.tracking import Tracking
from tests.evals.conftest import Clock
from tests.evals.test_delivery import THREAD, VERSION, one_turn


class Collector:
    """Takes what it is sent, or answers with an error."""

    def __init__(self) -> None:
        self.status = 200
        self.taken: list[ExportTraceServiceRequest] = []
        self.raw = b""
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if collector.status == 200 and self.path == "/v1/traces":
                    collector.raw += body
                    collector.taken.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self) -> dict[str, Any]:
        return {
            s.name: s
            for request in self.taken
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for s in scope.spans
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


def attributes(span: Any) -> dict[str, Any]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}


def sent(outbox: StoreOutbox, tracking: Tracking) -> int:
    sender = Delivery(outbox, "", 0.01, lambda _: tracking, then=["export"])
    return sender.flush()


def test_a_turn_reaches_the_collector_with_its_ids_steps_and_tags(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str, collector: Collector
) -> None:
    turn_id = one_turn(tracer, org)
    assert sent(outbox, tracking) == 0

    assert Exporting(outbox, collector.url, 0.01).flush() == 0

    spans = collector.spans()
    assert spans.keys() == {"turn", "retrieve", "draft"}
    root = spans["turn"]
    assert root.trace_id.hex() == trace_id_of(org, turn_id).removeprefix("tr-")
    assert {s.parent_span_id for n, s in spans.items() if n != "turn"} == {root.span_id}
    said = attributes(root)
    assert (said["session.id"], said["rulewright.organisation"]) == (THREAD, org)
    assert said["rulewright.version"] == VERSION
    assert "wheelchair mammograms get MM123WA" in said["input.value"]
    draft = attributes(spans["draft"])
    assert (draft["gen_ai.usage.input_tokens"], draft["gen_ai.usage.output_tokens"]) == (30, 12)
    assert draft["gen_ai.usage.input_tokens"] == 30
    assert spans["draft"].end_time_unix_nano > spans["draft"].start_time_unix_nano


def test_what_is_masked_for_mlflow_is_masked_for_the_collector(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str, collector: Collector
) -> None:
    with tracer.turn(org, "ann", THREAD, new_id()) as turn:
        turn.asked("Wheelchair for Jane Smith, call 555-201-0134")
        turn.node("draft", {}, {"question": "what does `Smith` mean?"}, 1, ValueError("Smith"))
    sent(outbox, tracking)

    assert Exporting(outbox, collector.url, 0.01).flush() == 0

    assert b"Wheelchair for" in collector.raw and b"ValueError" in collector.raw
    assert not [w for w in (b"Jane", b"Smith", b"0134", b"ann") if w in collector.raw]


def test_a_collector_that_is_down_holds_up_nobody_and_gets_it_later(
    tracer: Tracer, outbox: StoreOutbox, tracking: Tracking, org: str, collector: Collector,
    clock: Clock,
) -> None:  # fmt: skip
    collector.status = 400
    one_turn(tracer, org)
    assert sent(outbox, tracking) == 0, "MLflow has it meanwhile"
    exporting = Exporting(outbox, collector.url, 0.01)
    assert exporting.once() == 0

    collector.status = 200
    clock.later()

    assert exporting.once() == 1
    assert len(collector.spans()) == 3
