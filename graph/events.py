"""What a turn tells its listener, in order: steps, then a reply, a card or a trouble."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A step of the pipeline began; ``label`` is what a person reads."""

    node: str
    label: str


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """A step that takes longer than a second says how far it is (0 to 1)."""

    node: str
    text: str
    done: float


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """A step ended; ``summary`` is one plain sentence about what came of it."""

    node: str
    label: str
    summary: str
    millis: float


@dataclass(frozen=True, slots=True)
class ButtonSpec:
    """A button under a reply: ``action`` and ``payload`` go back through ``Assistant.act``."""

    action: str
    label: str
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a turn, in Markdown; ``rows`` is a table to show with it."""

    text: str
    rows: list[dict[str, Any]] | None = None
    actions: tuple[ButtonSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """The turn waits for a person: the interrupt's id and all that is to be shown."""

    interrupt_id: str
    kind: Literal["confirm", "question", "promotion", "fact", "word"]
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something of ours went wrong; nothing was saved. ``reference`` finds it in the log."""

    text: str
    reference: str


Event = NodeStarted | NodeProgress | NodeFinished | Reply | Card | Trouble
