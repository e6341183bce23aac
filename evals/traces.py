"""Records a turn as plain data while it runs. Light to import: MLflow is not touched here.

The record goes into the outbox when the turn ends; :mod:`evals.delivery` writes it to MLflow later.
Only what :mod:`evals.allowed` names enters it, and every text in it is masked on the way in.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from threading import Lock
from types import TracebackType
from typing import Any, Literal

from data.access.masking import pseudonym
from evals.allowed import (
    ENVIRONMENT,
    NODE_NAME,
    NODES,
    REFERENCE,
    TURN,
    UNLISTED,
    VERSION,
    Hide,
    admit,
    code_of,
    fields_of,
)
from evals.outbox import Outbox, Parcel
from evals.score import Score
from evals.veil import Mask, Veil, mask_kept

Clock = Callable[[], int]
"""Nanoseconds since 1970."""

BACKLOG = 1_000
"""Parcels held in memory while the store does not answer; the oldest go first beyond that."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SpanRecord:
    """One node of a turn. Times are nanoseconds since 1970."""

    name: str
    started: int
    ended: int
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    error: str | None = None
    """Kind of the exception; never its message."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn, ready to be written anywhere: plain JSON, nothing identifying in it."""

    turn_id: str
    org_id: str
    session: str
    user: str
    version: str | None
    started: int
    ended: int
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    spans: tuple[SpanRecord, ...]
    scores: tuple[Score, ...]
    error: str | None = None
    reference: str | None = None
    """What its person was told to give support, where the turn broke."""
    ontology: str | None = None
    """Hash of the words that the version's rules are made of."""
    environment: str | None = None
    """Whose rules the turn speaks of."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> TurnRecord:
        whole: dict[str, Any] = dict(raw)
        whole["spans"] = tuple(SpanRecord(**s) for s in raw["spans"])
        whole["scores"] = tuple(Score(**s) for s in raw["scores"])
        return cls(**whole)


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's thumb and comment on a turn; a later one of the same person replaces it."""

    turn_id: str
    value: bool
    """``True`` is a thumb up."""
    comment: str | None
    person: str
    """The pseudonym."""


def plain_id(id: str) -> str:
    """An id of ours as it is; anything else, which might say something, as its hash."""
    return id if ID.fullmatch(id) else hashlib.sha256(id.encode()).hexdigest()[:32]


def trace_id_of(org_id: str, turn_id: str) -> str:
    """The id a turn's trace has in MLflow; known before the trace is there."""
    turn = f"{org_id}:{plain_id(turn_id)}"
    return "tr-" + hashlib.sha256(turn.encode()).hexdigest()[:32]


def session_of(thread_id: str) -> str:
    """The conversation's id. Thread ids come from a browser: any but a UUID is hashed."""
    try:
        return str(uuid.UUID(thread_id))
    except ValueError:
        return "t-" + hashlib.sha256(thread_id.encode()).hexdigest()[:32]


ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Node:
    """A node that is running: set ``outputs`` before it ends."""

    outputs: dict[str, Any] = field(default_factory=dict[str, Any])


class TurnRecorder:
    """Collects one turn. None of its methods raises on what it is given, or waits for anything."""

    def __init__(
        self,
        turn_id: str,
        org_id: str,
        session: str,
        user: str,
        veil: Veil,
        clock: Clock,
    ) -> None:
        self.turn_id = turn_id
        self._org_id, self._session, self._user = org_id, session, user
        self._hide: Hide = veil
        self._veil = veil
        self._clock = clock
        self._started = clock()
        self._inputs: dict[str, Any] = {}
        self._outputs: dict[str, Any] = {}
        self._version: str | None = None
        self._ontology: str | None = None
        self._environment: str | None = None
        self._spans: list[SpanRecord] = []
        self._scores: list[Score] = []
        self._error: str | None = None
        self._reference: str | None = None

    def said(self, *messages: str) -> None:
        """What the author said earlier about this draft: what it hides stays hidden here."""
        for message in messages:
            self._veil.learn(message)
        self._inputs |= admit(TURN.inputs, {"said": messages}, self._hide)

    def asked(self, message: str | None = None, action: str | None = None) -> None:
        """What began the turn: a message, or a button."""
        if message is not None:
            self._veil.learn(message)
        self._inputs |= admit(TURN.inputs, {"message": message, "action": action}, self._hide)

    def on_version(
        self, version_id: str | None, ontology: str | None = None, environment: str | None = None
    ) -> None:
        """The rule set version the turn speaks of, its words, and which environment runs it."""
        self._version = VERSION(version_id, self._hide)
        self._ontology = VERSION(ontology, self._hide)
        self._environment = ENVIRONMENT(environment, self._hide)

    def answered(self, outputs: Mapping[str, Any]) -> None:
        """What the turn came to: fields of ``evals.allowed.TURN``, or a ``card`` that has them."""
        card: Mapping[str, Any] = outputs.get("card") or {}
        question = {"question": card["text"]} if card.get("text") else {}
        self._outputs |= admit(TURN.outputs, {**outputs, **card, **question}, self._hide)

    def node(
        self,
        name: str,
        inputs: Mapping[str, Any],
        outputs: Mapping[str, Any],
        millis: float,
        error: BaseException | None = None,
    ) -> None:
        """Adds a node that has just ended and took ``millis`` milliseconds."""
        ended = self._clock()
        self._add(name, inputs, outputs, ended - int(millis * 1e6), ended, error)

    @contextmanager
    def running(self, name: str, inputs: Mapping[str, Any]) -> Generator[Node]:
        """Adds a node that runs inside the ``with``; an exception is noted by its kind."""
        started, node = self._clock(), Node()
        try:
            yield node
        except BaseException as error:
            self._add(name, inputs, node.outputs, started, self._clock(), error)
            raise
        self._add(name, inputs, node.outputs, started, self._clock(), None)

    def scored(self, *scores: Score) -> None:
        """Adds scores; their reasons are masked like every other text."""
        self._scores += [s.masked(self._hide) for s in scores]

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Scores the turn's draft: what :func:`graph.told.facts` tells, ``version`` the object."""
        from evals.online import score_told

        try:
            self.scored(*score_told(facts, facts["version"]))
        except Exception as error:
            log.warning("a draft could not be scored: %s", code_of(error))

    def failed(self, error: BaseException, reference: str | None = None) -> None:
        """The turn broke: kept as the kind of error, and under what reference it was told."""
        self._error = code_of(error)
        self._reference = REFERENCE(reference, self._hide) or self._reference
        if isinstance(error, Exception):
            self.answered({"status": "trouble"})

    def record(self) -> TurnRecord:
        """The turn so far."""
        return TurnRecord(
            self.turn_id, self._org_id, self._session, self._user, self._version,
            self._started, self._clock(), self._inputs, self._outputs,
            tuple(self._spans), tuple(self._scores), self._error, self._reference,
            self._ontology, self._environment,
        )  # fmt: skip

    def _add(
        self,
        name: str,
        inputs: Mapping[str, Any],
        outputs: Mapping[str, Any],
        started: int,
        ended: int,
        error: BaseException | None,
    ) -> None:
        fields = fields_of(name)
        self._spans.append(
            SpanRecord(
                name if name in NODES or NODE_NAME.fullmatch(name) else UNLISTED,
                max(started, self._started),
                ended,
                admit(fields.inputs, inputs, self._hide),
                admit(fields.outputs, outputs, self._hide),
                None if error is None else code_of(error),
            )
        )


class Tracer:
    """Records turns and feedback into the outbox. What it cannot put is kept and tried again."""

    def __init__(
        self,
        outbox: Outbox,
        key: bytes,
        mask: Mask = mask_kept,
        clock: Clock = time.time_ns,
    ) -> None:
        """``key``: at least 16 bytes; pseudonyms lead back to people only with it."""
        self._outbox = outbox
        self._mask = mask
        self._key = key
        self._clock = clock
        self._order = Lock()
        self._backlog: deque[Parcel] = deque(maxlen=BACKLOG)

    def turn(
        self,
        org_id: str,
        person_id: str,
        thread_id: str,
        turn_id: str,
        keep: Collection[str] = (),
    ) -> Recording:
        """``with`` or ``async with``: one turn. ``keep`` are the organisation's own words."""
        user, veil = pseudonym(self._key, person_id), Veil(self._mask, keep)
        turn, session = plain_id(turn_id), session_of(thread_id)
        recorder = TurnRecorder(turn, org_id, session, user, veil, self._clock)
        return Recording(recorder, self._keep)

    def _keep(self, recorder: TurnRecorder) -> None:
        record = recorder.record()
        key = f"turn:{record.turn_id}"
        self._put(Parcel("turn", record.org_id, record.turn_id, key, key, record.to_json()))

    def feedback(
        self, org_id: str, person_id: str, turn_id: str, value: bool, comment: str | None = None
    ) -> None:
        """A thumb, with or without a comment; it replaces the person's earlier one."""
        person, turn = pseudonym(self._key, person_id), plain_id(turn_id)
        masked = Veil(self._mask, ())(comment) if comment else None
        self._thumb("feedback", org_id, person, turn, asdict(Feedback(turn, value, masked, person)))

    def feedback_removed(self, org_id: str, person_id: str, turn_id: str) -> None:
        """The person took the thumb back."""
        person, turn = pseudonym(self._key, person_id), plain_id(turn_id)
        self._thumb("feedback-removed", org_id, person, turn, {"turn_id": turn, "person": person})

    def confirmed(
        self, org_id: str, turn_id: str, retrieved: Collection[str], reference: Collection[str]
    ) -> None:
        """The author confirmed the rule drafted in ``turn_id``: retrieval can now be judged.

        ``reference`` are the ids of the terms of the confirmed rule.
        """
        turn = plain_id(turn_id)
        key = f"confirmed:{turn}"
        payload = {"retrieved": list(retrieved), "reference": list(reference)}
        self._put(Parcel("confirmed", org_id, turn, key, key, payload))

    def _thumb(
        self,
        kind: Literal["feedback", "feedback-removed"],
        org_id: str,
        person: str,
        turn_id: str,
        payload: Mapping[str, Any],
    ) -> None:
        subject = f"feedback:{turn_id}:{person}"
        key = f"{subject}:{self._clock()}"
        self._put(Parcel(kind, org_id, turn_id, subject, key, payload))

    def _put(self, parcel: Parcel) -> None:
        """Never raises: a turn is answered whether or not it can be recorded."""
        with self._order:
            self._backlog.append(parcel)
            try:
                while self._backlog:
                    self._outbox.put(self._backlog[0])
                    self._backlog.popleft()
            except Exception as error:
                log.warning("%d parcels wait in memory: %s", len(self._backlog), code_of(error))


class Recording(
    AbstractContextManager[TurnRecorder, None], AbstractAsyncContextManager[TurnRecorder, None]
):
    """A turn being recorded. ``async with`` writes to the outbox off the event loop."""

    def __init__(self, recorder: TurnRecorder, keep: Callable[[TurnRecorder], None]) -> None:
        self._recorder = recorder
        self._keep = keep

    def __enter__(self) -> TurnRecorder:
        return self._recorder

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end(error)
        self._keep(self._recorder)

    async def __aenter__(self) -> TurnRecorder:
        return self._recorder

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end(error)
        await asyncio.shield(asyncio.to_thread(self._keep, self._recorder))

    def _end(self, error: BaseException | None) -> None:
        if error is not None:
            self._recorder.failed(error)
