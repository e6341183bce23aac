"""What judges see of a turn: the masked record, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.traces import TurnRecord

Seen = Mapping[str, Any]


def said(turn: TurnRecord) -> tuple[str, ...]:
    """All that the author said about the draft, oldest first."""
    message = turn.inputs.get("message")
    return tuple(turn.inputs.get("said") or ([message] if message else []))


def rules(turn: TurnRecord) -> tuple[str, ...]:
    """The rule texts that the turn came to."""
    return tuple(turn.outputs.get("rules", ()))


def sentences(turn: TurnRecord) -> tuple[str, ...]:
    """What the card says of them in words."""
    return tuple(turn.outputs.get("sentences", ()))


def question(turn: TurnRecord) -> str:
    """What was asked back; empty where nothing was."""
    return str(turn.outputs.get("question", "")) if turn.outputs.get("status") == "question" else ""


def documents(turn: TurnRecord) -> tuple[str, ...]:
    """The texts that were looked up last, best first."""
    found: Sequence[Mapping[str, Any]] = ()
    for span in turn.spans:
        found = span.outputs.get("documents", found)
    return tuple(str(d["page_content"]) for d in found)
