"""What the chat handlers need, handed to them: a test hands in its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from app.layer import Layer
    from graph.context import Recorder
    from graph.events import Event
    from graph.run import Who
    from graph.tables import Attached


class Assistant(Protocol):
    """The door of the pipeline, as the chat uses it."""

    def turn(
        self, who: Who, thread_id: str, message: str, recorder: Recorder | None = None
    ) -> AsyncIterator[Event]: ...

    def attach(
        self,
        who: Who,
        thread_id: str,
        file: Attached,
        message: str = "",
        recorder: Recorder | None = None,
    ) -> AsyncIterator[Event]: ...

    def act(
        self,
        who: Who,
        thread_id: str,
        action: str,
        payload: Mapping[str, Any],
        recorder: Recorder | None = None,
    ) -> AsyncIterator[Event]: ...

    async def waiting(self, thread_id: str) -> Sequence[Mapping[str, Any]]: ...

    async def forget(self, thread_id: str) -> None: ...


class People(Protocol):
    """Who may come in."""

    async def check(self, login: str, password: str, address: str) -> Person | None:
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
class Asked:
    """What begins a turn."""

    thread_id: str
    run_id: str
    """The answer it will be: thumbs are about it."""
    message: str = ""
    action: str = ""
    """The button, where it was one."""


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
    record: Callable[[Who, Asked], AbstractAsyncContextManager[Recorder]]
    """Around one turn: what it enters with is told of every step."""
    keep_opinion: Callable[[Opinion], Awaitable[None]]
    drop_opinion: Callable[[str, str], Awaitable[None]]
    """``drop_opinion(run_id, login)``: the thumb was taken back."""
    examples: Callable[[Who], Awaitable[Sequence[str]]]
    """Sentences of the organisation's own that show how a rule is said."""
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
