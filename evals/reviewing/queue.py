"""Keeps each organisation's review queue in MLflow: its questions, and the turns worth a look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from evals.reviewing.pick import Judged, reason
from evals.reviewing.questions import QUESTIONS, Asked
from evals.tracking import THUMB, Tracking, paged

QUEUE = "To review"
REASON = "review_reason"
"""The tag that says why a turn is in the queue."""
SHARE = 0.05
"""Of the turns that nothing speaks against, how many are looked at."""
MOST = 500
"""Turns looked through in one pass, the latest first."""
PAGE = 100


class ReviewQueue:
    """The queues of all organisations in one MLflow."""

    def __init__(
        self,
        tracking: Tracking,
        share: float = SHARE,
        reviewers: Callable[[str], Iterable[str]] = lambda org_id: (),
    ) -> None:
        """``reviewers(org_id)``: logins that the organisation's queue is opened to."""
        self._tracking = tracking
        self._client: Any = tracking.client
        self._share = share
        self._reviewers = reviewers
        self._queues: dict[str, str] = {}

    def ready(self, org_id: str) -> str:
        """Id of the organisation's queue; questions and queue are made where they are not yet."""
        if org_id not in self._queues:
            experiment = self._tracking.experiment(org_id)
            # MLflow shows the youngest question first
            asked = [self._question(experiment, q) for q in reversed(QUESTIONS)]
            self._queues[org_id] = self._found(experiment) or self._made(experiment, asked)
        return self._queues[org_id]

    def fill(self, org_id: str) -> dict[str, str]:
        """Puts the turns worth a look into the queue, each once; trace → why, of the new ones."""
        queue, experiment = self.ready(org_id), self._tracking.experiment(org_id)
        self._open_to(queue, self._reviewers(org_id))
        held = set(self._held(queue))
        new: dict[str, str] = {}
        for trace in self._latest(experiment):
            id = str(trace.info.trace_id)
            why = None if id in held else reason(_judged(trace.info), self._share)
            if why is not None:
                new[id] = why
        for id, why in new.items():
            self._client.set_trace_tag(id, REASON, why)
        if new:
            self._client._add_items_to_review_queue(queue, item_ids=list(new))
        return new

    def reviewed(self, org_id: str) -> Iterator[Any]:
        """The traces that people have looked at, whole."""
        queue = self.ready(org_id)
        for id in self._held(queue, "complete"):
            yield self._client.get_trace(id)

    def _question(self, experiment: str, asked: Asked) -> str:
        found = {s.name: s.schema_id for s in self._client._list_label_schemas(experiment)}
        if asked.name in found:
            return str(found[asked.name])
        made = self._client._create_label_schema(
            experiment,
            name=asked.name,
            type=asked.kind,
            input=asked.input(),
            instruction=asked.words,
            enable_comment=asked.labels is not None,
        )
        return str(made.schema_id)

    def _open_to(self, queue: str, logins: Iterable[str]) -> None:
        """MLflow opens a queue to its users alone, whatever else they may see."""
        users = set(self._client._get_review_queue(queue).users)
        new = {login.strip().lower() for login in logins} - users
        if new:
            self._client._update_review_queue(queue, users=sorted(users | new))

    def _found(self, experiment: str) -> str | None:
        named = (q for q in self._client._list_review_queues(experiment) if q.name == QUEUE)
        return next((str(q.queue_id) for q in named), None)

    def _made(self, experiment: str, questions: list[str]) -> str:
        made = self._client._create_review_queue(
            experiment, name=QUEUE, queue_type="custom", users=[], schema_ids=questions
        )
        return str(made.queue_id)

    def _held(self, queue: str, status: str | None = None) -> Iterator[str]:
        items = paged(
            lambda token: self._client._list_review_queue_items(
                queue, status=status, max_results=PAGE, page_token=token
            )
        )
        return (str(item.item_id) for item in items)

    def _latest(self, experiment: str) -> Iterator[Any]:
        traces = paged(
            lambda token: self._client.search_traces(
                locations=[experiment],
                max_results=PAGE,
                order_by=["timestamp_ms DESC"],
                page_token=token,
                include_spans=False,
            )
        )
        return islice(traces, MOST)


def _judged(info: Any) -> Judged:
    """What stands on a trace; what has no verdict is left out."""
    thumbs: list[bool] = []
    by_rule: dict[str, float] = {}
    by_model: dict[str, float] = {}
    for a in info.assessments:
        value = getattr(a, "value", None)
        if a.name == THUMB:
            thumbs.append(bool(value))
        elif isinstance(value, bool | int | float) and (a.metadata or {}).get("verdict"):
            side = by_model if a.source.source_type == "LLM_JUDGE" else by_rule
            side[a.name] = float(value)
    failed = str(getattr(info.state, "value", info.state)) == "ERROR"
    return Judged(str(info.trace_id), tuple(thumbs), by_rule, by_model, failed)
