"""Hands turns to an OpenTelemetry collector, as the same masked record that MLflow gets.

Ids are the trace's own, so a collector that gets a turn twice has it once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from evals.carrier import Carrier, Work
from evals.outbox import Held, Outbox
from evals.traces import SpanRecord, TurnRecord, trace_id_of
from evals.tracking import span_id, spans_of, tags_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

TIMEOUT = 5
"""Seconds for one try; the outbox tries again."""
NAMES: Mapping[str, str] = {
    "model": "gen_ai.request.model",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
}
"""Our fields → OpenTelemetry's names for them."""


class NotTaken(Exception):
    """The collector did not take it."""


class Exporting(Carrier):
    """The sender to a collector."""

    def __init__(self, outbox: Outbox, url: str, pause: float = 1.0) -> None:
        """``url``: the collector's, with its path: ``http://localhost:4318/v1/traces``."""
        super().__init__(outbox, ["export"], lambda: _work(url), pause)


def _work(url: str) -> Work:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult

    exporter = OTLPSpanExporter(endpoint=url, timeout=TIMEOUT)

    def work(held: Held) -> None:
        turn = TurnRecord.from_json(held.parcel.payload)
        if exporter.export(list(_spans(turn))) is not SpanExportResult.SUCCESS:
            raise NotTaken

    return work


def _spans(turn: TurnRecord) -> Iterator[ReadableSpan]:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    trace_id = trace_id_of(turn.org_id, turn.turn_id)
    resource = Resource({"service.name": "rulewright"})
    common = {"session.id": turn.session, "user.id": turn.user}
    common |= {f"rulewright.{n}": v for n, v in tags_of(turn).items() if not n.startswith("mlflow")}

    def context(place: int) -> SpanContext:
        whole, own = int(trace_id.removeprefix("tr-"), 16), span_id(trace_id, place)
        return SpanContext(whole, int.from_bytes(own, "big"), False, TraceFlags(1))

    for place, span in enumerate(spans_of(turn)):
        bad = Status(StatusCode.ERROR, span.error) if span.error else Status(StatusCode.OK)
        yield ReadableSpan(
            name=span.name,
            context=context(place),
            parent=context(0) if place else None,
            resource=resource,
            attributes={**(common if place == 0 else {}), **_attributes(span)},
            kind=SpanKind.INTERNAL,
            status=bad,
            start_time=span.started,
            end_time=span.ended,
        )


def _attributes(span: SpanRecord) -> dict[str, Any]:
    found: dict[str, Any] = {NAMES[k]: v for k, v in span.outputs.items() if k in NAMES}
    for name, content in (("input.value", span.inputs), ("output.value", span.outputs)):
        if content:
            found[name] = json.dumps(content, ensure_ascii=False)
    return found
