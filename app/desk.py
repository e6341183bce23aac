"""What the chat handlers need, handed to them: a test hands in its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from app.layer import Layer
    from graph.events import Event
    from graph.run import Who


class Assistant(Protocol):
    """The door of the pipeline, as the chat uses it."""

    def turn(self, who: Who, thread_id: str, message: str) -> AsyncIterator[Event]: ...

    def act(
        self, who: Who, thread_id: str, action: str, payload: Mapping[str, Any]
    ) -> AsyncIterator[Event]: ...

    async def pending(self, thread_id: str) -> Mapping[str, Any] | None: ...


class TurnRecord(Protocol):
    """One turn being recorded for the reviewers."""

    def saw(self, event: Event) -> None:
        """Take note of what the pipeline told; never blocks, never raises."""
        ...


class People(Protocol):
    """Who may come in."""

    async def check(self, login: str, password: str) -> Person | None:
        """The person, if the password is theirs."""
        ...

    async def who(self, login: str) -> Who | None:
        """Rights as they stand now; ``None`` where the person is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in."""

    login: str
    display: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Opinion:
    """A thumb, and what its person wrote with it."""

    run_id: str
    """The answer it is about."""
    login: str
    up: bool
    comment: str


@dataclass(frozen=True)
class Desk:
    """Everything behind the chat of one process."""

    people: People
    assistant: Assistant
    layer: Layer
    record: Callable[[Who, str, str, str], AbstractContextManager[TurnRecord]]
    """``record(who, thread_id, run_id, message)`` around one turn."""
    keep_opinion: Callable[[Opinion], Awaitable[None]]
    drop_opinion: Callable[[str, str], Awaitable[None]]
    """``drop_opinion(run_id, login)``: the thumb was taken back."""
    examples: Callable[[Who], Awaitable[Sequence[str]]]
    """Sentences of the organisation's own that show how a rule is said."""
    forget: Callable[[str], Awaitable[None]]
    """``forget(thread_id)``: the conversation was deleted."""
    close: Callable[[], Awaitable[None]]
    ready: Callable[[], Awaitable[Mapping[str, bool]]] = field(kw_only=True)
    """What the readiness check looks at, by name."""


_current: list[Desk] = []


def put_desk(desk: Desk) -> None:
    """Make ``desk`` the one the handlers of this process use."""
    _current[:] = [desk]


def desk() -> Desk:
    """The process's desk. Raises ``LookupError`` before :func:`put_desk`."""
    if not _current:
        raise LookupError("the chat is still starting")
    return _current[0]
