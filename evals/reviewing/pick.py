"""Which turns a person should look at, and why. Pure: it sees verdicts, not MLflow."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

LOW = 0.5
"""A score below it is low; a yes counts 1, a no 0."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of one turn."""

    trace_id: str
    thumbs: tuple[bool, ...] = ()
    by_rule: Mapping[str, float] = field(default_factory=dict[str, float])
    """Deterministic scorer → its value."""
    by_model: Mapping[str, float] = field(default_factory=dict[str, float])
    """Model judge → its value."""
    failed: bool = False
    """The turn itself broke."""


def reason(turn: Judged, share: float) -> str | None:
    """Why the turn is worth a look, the weightiest reason; ``None`` where it is not.

    ``share``: of all others, how many are looked at all the same, 0 to 1. The same turns every
    time: chance is drawn from the trace's id.
    """
    low = sorted(n for n, v in {**turn.by_rule, **turn.by_model}.items() if v < LOW)
    if False in turn.thumbs:
        return "thumb down"
    if turn.failed:
        return "the turn broke"
    if True in turn.thumbs and low:
        return f"a thumb up, but {low[0].replace('_', ' ')} is low"
    if _apart(turn.by_model):
        return "judges disagree"
    if low:
        return f"{low[0].replace('_', ' ')} is low"
    return "drawn by chance" if _drawn(turn.trace_id) < share else None


def _apart(values: Mapping[str, float]) -> bool:
    """One judge is content and another is not."""
    return bool(values) and min(values.values()) < LOW <= max(values.values())


def _drawn(trace_id: str) -> float:
    """A number from 0 to 1 that the id settles."""
    return int.from_bytes(hashlib.sha256(trace_id.encode()).digest()[:6], "big") / 2**48
