"""Judges the turns that wait for it: bounded, tried again, each turn once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from threading import BoundedSemaphore, Thread
from typing import Protocol

from evals.carrier import BATCH, Carrier
from evals.judges import METRICS, RUBRICS, Judge, model_judges, plain_judges
from evals.judges.endpoint import Endpoint, kind_of
from evals.judges.examples import Taught, nothing_taught
from evals.outbox import HOLD, Held, Outbox
from evals.score import Score, Verdict, failed
from evals.traces import TurnRecord

AGAIN = frozenset(["Timeout", "Unreachable", "Refused", "Malformed"])
"""Silences after which asking again may help."""
GRACE = 2.0
"""Seconds that a judge gets beyond its own time-out before it is left alone."""


class Unanswered(Exception):
    """A judge gave no answer; the turn is judged again later."""


class Board(Protocol):
    """Where scores are written and can be looked up."""

    def verdicts(self, org_id: str, turn_id: str) -> Mapping[str, Verdict]: ...

    def write_scores(self, org_id: str, turn_id: str, scores: Sequence[Score]) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How much judging there is."""

    share: float = 1.0
    """Of the turns, how many are judged by models: 0 to 1."""
    tries: int = 3
    """How often a turn is taken up while a judge does not answer."""
    at_once: int = 4
    """Judges that are asked at the same time."""


class Judging:
    """The work of one parcel: the judges of one turn."""

    def __init__(
        self,
        board: Board,
        endpoint: Endpoint | None,
        limits: Limits,
        taught: Taught = nothing_taught,
    ) -> None:
        self._board = board
        self._limits = limits
        self._plain = plain_judges()
        self._models = model_judges(endpoint, taught) if endpoint else ()
        self._seconds = (endpoint.timeout if endpoint else 0.0) + GRACE
        self._room = BoundedSemaphore(limits.at_once)

    def __call__(self, held: Held) -> None:
        """Judges what is not judged yet. Raises :class:`Unanswered` while it is worth a try."""
        turn = TurnRecord.from_json(held.parcel.payload)
        known = self._board.verdicts(turn.org_id, turn.turn_id)
        have = {name for name, verdict in known.items() if verdict != "failed"}
        scores = judged(turn, self._judges(turn, have), self._seconds, self._room)
        self._board.write_scores(turn.org_id, turn.turn_id, scores)
        silent = [s for s in scores if s.verdict == "failed" and s.reason in AGAIN]
        if silent and held.tries + 1 < self._limits.tries:
            raise Unanswered(silent[0].reason)

    def _judges(self, turn: TurnRecord, have: Collection[str]) -> list[Judge]:
        drawn = is_drawn(turn.turn_id, self._limits.share)
        wanted = (*self._plain, *(self._models if drawn else ()))
        return [j for j in wanted if j.name not in have]


def is_drawn(turn_id: str, share: float) -> bool:
    """Whether the turn is among the share; the same every time it is asked.

    >>> sum(is_drawn(f"{n:032x}", 0.25) for n in range(1000))
    259
    """
    drawn = int.from_bytes(hashlib.sha256(turn_id.encode()).digest()[:8], "big")
    return drawn < share * 2**64


def judged(
    turn: TurnRecord,
    judges: Sequence[Judge],
    seconds: float,
    room: AbstractContextManager[object],
) -> tuple[Score, ...]:
    """One score of each judge. One that breaks, or is not done in time, is ``failed``."""
    asked = [_Asked(judge, turn, room) for judge in judges]
    return tuple(a.score(seconds) for a in asked)


class _Asked:
    """A judge at work, in a thread that nobody has to wait for."""

    def __init__(
        self, judge: Judge, turn: TurnRecord, room: AbstractContextManager[object]
    ) -> None:
        self._judge = judge
        self._turn = turn
        self._room = room
        self._score: Score | None = None
        self._thread = Thread(target=self._ask, name=f"judge {judge.name}", daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        with self._room:
            self._score = _safely(self._judge.judge, self._judge, self._turn)

    def score(self, seconds: float) -> Score:
        self._thread.join(seconds)
        return self._score or _silent(self._judge, "Timeout")


def _safely(ask: Callable[[TurnRecord], Score], judge: Judge, turn: TurnRecord) -> Score:
    try:
        return ask(turn)
    except Exception as error:
        return _silent(judge, kind_of(error))


def _silent(judge: Judge, kind: str) -> Score:
    return replace(failed(judge.name, kind), by=judge.by, version=judge.version)


def judging_carrier(
    outbox: Outbox,
    open_board: Callable[[], Board],
    endpoint: Endpoint | None,
    limits: Limits,
    pause: float = 1.0,
    taught: Taught = nothing_taught,
) -> Carrier:
    """Takes up the turns that wait to be judged; they are held for as long as that can take."""
    seconds = (endpoint.timeout if endpoint else 0.0) + GRACE
    waves = ceil((len(METRICS) + len(RUBRICS)) / limits.at_once) + 1
    batch = 1 if endpoint else BATCH
    hold = HOLD + timedelta(seconds=waves * seconds)
    return Carrier(
        outbox,
        ["judge"],
        lambda: Judging(open_board(), endpoint, limits, taught),
        pause,
        batch,
        hold,
    )
