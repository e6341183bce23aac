"""Writes turns, scores and thumbs to MLflow so that writing twice is writing once.

Every id is derived from the turn's own, so a second try finds the first one's rows: a trace is
merged by its id, a span by its own, an assessment by its own. MLflow's fluent API cannot do this
(it draws random ids and sends them from a queue that drops), so this goes one level lower, to the
client that MLflow's own exporter uses.

MLflow is imported when a :class:`Tracking` is opened, never by importing this module.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from evals.score import Score, Verdict
from evals.traces import Feedback, SpanRecord, TurnRecord, trace_id_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Assessment, AssessmentSource, Span

QUIET: Mapping[str, str] = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "RAGAS_DO_NOT_TRACK": "true",
    "MLFLOW_MODEL_CATALOG_URI": "",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_ASYNC_TRACE_LOGGING_RETRY_TIMEOUT": "5",
    "MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}
"""MLflow's and Ragas' environment: nothing leaves the machine, and a dead server is told soon."""

THUMB = "thumb"
PAGE = 200
"""Traces that are asked for at once."""


def be_quiet() -> None:
    """To be called before MLflow or Ragas is imported; what is set already stays."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


class NoTraceYet(Exception):
    """The turn it speaks of has not been delivered."""


def paged(page_after: Callable[[str | None], Any]) -> Iterator[Any]:
    """All of a list that MLflow gives page by page; ``page_after(None)`` is its first page."""
    token: str | None = None
    while True:
        page = page_after(token)
        yield from page
        token = page.token
        if not token:
            return


def traces_between(
    client: MlflowClient, experiment_id: str, start: datetime, end: datetime
) -> Iterator[Any]:
    """The traces that began from ``start`` on and before ``end``."""
    first, after = (int(t.timestamp() * 1000) for t in (start, end))
    wanted = f"attributes.timestamp_ms >= {first} AND attributes.timestamp_ms < {after}"
    return paged(
        lambda token: client.search_traces(
            locations=[experiment_id], filter_string=wanted, max_results=PAGE, page_token=token
        )
    )


def experiment_name(org_id: str) -> str:
    """One experiment an organisation; ids have one length, so none begins another."""
    return f"rulewright-{org_id}"


def nights_name(organisation: str) -> str:
    """The experiment of an organisation's nights, by its name, which no other has."""
    return f"rulewright-nightly-{organisation}"


def nights_artifacts(folder: Path, organisation: str) -> str:
    """Where its runs leave files, below the server's folder for them: no server is needed."""
    return (folder / nights_name(organisation)).resolve().as_uri()


@contextmanager
def first_opening(uri: str) -> Generator[None]:
    """Holds the right to make MLflow's tables in a SQLite file; two makers would collide."""
    if not uri.startswith("sqlite:///"):
        yield
        return
    path = Path(unquote(uri.removeprefix("sqlite:///")))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Tracking:
    """An opened MLflow store: a database of its own, or a server (``http…``).

    Opening takes seconds the first time (tables are made), and about two after that.
    """

    def __init__(self, uri: str) -> None:
        be_quiet()
        from mlflow import MlflowClient
        from mlflow.tracing.client import TracingClient

        with first_opening(uri):
            self._experiments = MlflowClient(tracking_uri=uri)
            self.client: Any = TracingClient(uri)
        self._ids: dict[str, str] = {}

    def experiment(self, org_id: str) -> str:
        """Id of the organisation's experiment, made when it is not there yet."""
        if org_id not in self._ids:
            self._ids[org_id] = self._find(org_id) or self._make(org_id)
        return self._ids[org_id]

    def _find(self, org_id: str) -> str | None:
        found = self._experiments.get_experiment_by_name(experiment_name(org_id))
        return None if found is None else str(found.experiment_id)

    def _make(self, org_id: str) -> str:
        from mlflow.exceptions import MlflowException

        name = experiment_name(org_id)
        try:
            return self._experiments.create_experiment(name, f"mlflow-artifacts:/{name}")
        except MlflowException as error:
            if error.error_code == "RESOURCE_ALREADY_EXISTS" and (found := self._find(org_id)):
                return found
            raise

    def write_turn(self, turn: TurnRecord) -> str:
        """The turn as one trace with its scores; returns the trace's id."""
        from mlflow.entities import TraceInfo, TraceLocation, TraceState

        trace_id, experiment = trace_id_of(turn.org_id, turn.turn_id), self.experiment(turn.org_id)
        info = TraceInfo(
            trace_id=trace_id,
            trace_location=TraceLocation.from_experiment_id(experiment),
            request_time=turn.started // 1_000_000,
            execution_duration=(turn.ended - turn.started) // 1_000_000,
            state=TraceState.ERROR if turn.error else TraceState.OK,
            request_preview=_preview(turn.inputs),
            response_preview=_preview(turn.outputs),
            client_request_id=turn.turn_id,
            trace_metadata={
                "mlflow.trace.session": turn.session,
                "mlflow.trace.user": turn.user,
            },
            tags=tags_of(turn),
            assessments=[_assessment(trace_id, s) for s in turn.scores],
        )
        self.client.start_trace(info)
        self.client.log_spans(experiment, _spans(trace_id, turn))
        return trace_id

    def verdicts(self, org_id: str, turn_id: str) -> dict[str, Verdict]:
        """Score → verdict, of those that stand on the turn's trace."""
        from mlflow.exceptions import MlflowException

        trace_id = trace_id_of(org_id, turn_id)
        try:
            found = self.client.get_trace_info(trace_id).assessments
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                raise NoTraceYet(trace_id) from None
            raise
        return {a.name: a.metadata["verdict"] for a in found if "verdict" in (a.metadata or {})}

    def write_scores(self, org_id: str, turn_id: str, scores: Iterable[Score]) -> None:
        """Adds scores to a turn's trace, or replaces those of the same names."""
        trace_id = trace_id_of(org_id, turn_id)
        for score in scores:
            self._upsert(_assessment(trace_id, score))

    def write_feedback(self, org_id: str, given: Feedback) -> None:
        """Adds a person's thumb, or replaces it."""
        from mlflow.entities import AssessmentSource
        from mlflow.entities import Feedback as MlflowFeedback

        trace_id = trace_id_of(org_id, given.turn_id)
        thumb = MlflowFeedback(
            name=THUMB,
            value=given.value,
            rationale=given.comment or "",
            source=AssessmentSource("HUMAN", given.person),
            trace_id=trace_id,
        )
        thumb.assessment_id = assessment_id(trace_id, THUMB, given.person)
        self._upsert(thumb)

    def remove_feedback(self, org_id: str, turn_id: str, person: str) -> None:
        """Takes a person's thumb away; without one there is nothing to do."""
        from mlflow.exceptions import MlflowException

        trace_id = trace_id_of(org_id, turn_id)
        try:
            self.client.delete_assessment(trace_id, assessment_id(trace_id, THUMB, person))
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise

    def _upsert(self, given: Assessment) -> None:
        from mlflow.exceptions import MlflowException

        trace_id, id = str(given.trace_id), str(given.assessment_id)
        store = self.client.store
        try:
            store.get_assessment(trace_id, id)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            self._create(given)
            return
        store.update_assessment(
            trace_id,
            id,
            feedback=given.feedback,
            rationale=given.rationale,
            metadata=given.metadata,
        )

    def _create(self, given: Assessment) -> None:
        from mlflow.exceptions import MlflowException

        try:
            self.client.store.create_assessment(given)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                raise NoTraceYet(str(given.trace_id)) from None
            raise


def assessment_id(trace_id: str, name: str, source: str) -> str:
    whole = f"{trace_id}:{name}:{source}"
    return "a-" + hashlib.sha256(whole.encode()).hexdigest()[:32]


def _assessment(trace_id: str, score: Score) -> Assessment:
    """``abstained`` and ``failed`` have no value; the trace says which of the two, and why."""
    from mlflow.entities import AssessmentError, Feedback

    broke = AssessmentError(score.reason, None, None) if score.verdict == "failed" else None
    made = Feedback(
        name=score.name,
        value=score.value,
        error=broke,
        rationale=score.reason,
        source=_source(score),
        metadata={"verdict": score.verdict, **_version(score)},
        trace_id=trace_id,
    )
    made.assessment_id = assessment_id(trace_id, score.name, "CODE")
    return made


def _source(score: Score) -> AssessmentSource:
    from mlflow.entities import AssessmentSource

    if score.by:
        return AssessmentSource("LLM_JUDGE", f"{score.by}: {score.name} {score.version}")
    return AssessmentSource("CODE", f"evals.scorers.{score.name}")


def _version(score: Score) -> dict[str, str]:
    return {"version": score.version} if score.version else {}


def tags_of(turn: TurnRecord) -> dict[str, str]:
    """What a turn is found by."""
    outputs = turn.outputs
    said = {
        "mlflow.traceName": "turn",
        "organisation": turn.org_id,
        "session": turn.session,
        "user": turn.user,
        "environment": turn.environment,
        "version": turn.version,
        "ontology": turn.ontology,
        **{name: outputs.get(name) for name in ("intent", "status", "drafter")},
        **_model_tags(turn.spans),
        "error": turn.error,
        "reference": turn.reference,
    }
    return {name: str(value) for name, value in said.items() if value}


def _model_tags(spans: Sequence[SpanRecord]) -> dict[str, Any]:
    """Which model was asked last, and with which wording of the prompt."""
    asked = [s.outputs for s in spans if s.outputs.get("model")]
    return {n: asked[-1].get(n) for n in ("model", "prompt_version")} if asked else {}


def _spans(trace_id: str, turn: TurnRecord) -> list[Span]:
    top = span_id(trace_id, 0)
    return [
        _span(trace_id, span_id(trace_id, n), top if n else None, node)
        for n, node in enumerate(spans_of(turn))
    ]


def spans_of(turn: TurnRecord) -> tuple[SpanRecord, ...]:
    """The turn as a span, and after it its nodes."""
    root = SpanRecord("turn", turn.started, turn.ended, turn.inputs, turn.outputs, turn.error)
    return (root, *turn.spans)


def span_id(trace_id: str, place: int) -> bytes:
    """The id of the span that stands at this place of its turn; the turn itself stands at 0."""
    return hashlib.sha256(f"{trace_id}:{place}".encode()).digest()[:8]


SPAN_TYPES: Mapping[str, str] = {"turn": "CHAIN", "retrieve": "RETRIEVER", "validate": "EVALUATOR"}


def _span(trace_id: str, id: bytes, parent: bytes | None, node: SpanRecord) -> Span:
    from mlflow.entities import Span

    attributes = {
        "mlflow.traceRequestId": trace_id,
        "mlflow.spanType": SPAN_TYPES.get(node.name, "TASK"),
        "mlflow.spanInputs": node.inputs,
        "mlflow.spanOutputs": node.outputs.get("documents", node.outputs),
        **_of_model(node.outputs),
    }
    return Span.from_dict(
        {
            "trace_id": _base64(bytes.fromhex(trace_id.removeprefix("tr-"))),
            "span_id": _base64(id),
            "parent_span_id": None if parent is None else _base64(parent),
            "name": node.name,
            "start_time_unix_nano": node.started,
            "end_time_unix_nano": node.ended,
            "status": {
                "code": "STATUS_CODE_ERROR" if node.error else "STATUS_CODE_OK",
                "message": node.error or "",
            },
            "attributes": {k: json.dumps(v, ensure_ascii=False) for k, v in attributes.items()},
            "events": [],
            "links": [],
        }
    )


def _of_model(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Model, tokens and cost under the names by which MLflow adds them up."""
    found: dict[str, Any] = {}
    if "model" in outputs:
        found["mlflow.llm.model"] = outputs["model"]
    if "input_tokens" in outputs and "output_tokens" in outputs:
        read, written = int(outputs["input_tokens"]), int(outputs["output_tokens"])
        usage = {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
        found["mlflow.chat.tokenUsage"] = usage
    if "input_cost" in outputs and "output_cost" in outputs:
        read, written = float(outputs["input_cost"]), float(outputs["output_cost"])
        cost = {"input_cost": read, "output_cost": written, "total_cost": read + written}
        found["mlflow.llm.cost"] = cost
    return found


def _preview(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)[:1_000]


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
