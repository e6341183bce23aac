"""The assistant: the one door to the pipeline, for the chat and for tests alike."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command

from data.rulelang.ast import Scope
from data.store import NotYours, own_thread
from graph.call_candidates import names_said
from graph.context import Recorder, Services, Silent
from graph.doors import DOORS, Begin, Door, Pending, ToCard, refusal, way
from graph.events import (
    ButtonSpec,
    Card,
    Event,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Reply,
    Trouble,
)
from graph.pipeline import LABELS, Pipeline, build
from graph.policies import is_policy, passages_of
from graph.routes import Route, route
from graph.state import Json, fresh, is_whole
from graph.tables import Attached, read_attached
from graph.told import facts, told

log = logging.getLogger(__name__)

WAITING_NODES = frozenset(["ask", "confirm", "approve", "listen", "settle_word"])
SPOKEN: Mapping[str, str] = {"promote": "promote to production", "roll_back": "roll back"}
"""Buttons that say what a person would type."""
LONGEST = 10_000
TROUBLE = (
    "Something went wrong on our side, and nothing was saved. Please try again; "
    "if it stays so, tell your administrator this reference."
)
EMPTY = "Tell me a rule in your own words, or say `help`."
BUSY_WITH_DRAFT = (
    "A draft is waiting. Confirm it, discard it or say `keep it`, then attach the file again."
)
NOT_YOURS = "This conversation belongs to someone else. Start one of your own, please."
LONG = "That is more than I can read at once. Please send it in shorter parts."


@dataclass(frozen=True, slots=True)
class Who:
    """The person who speaks, as sign-in knows them."""

    org_id: str
    person_id: str
    login: str
    roles: frozenset[str]
    grants: tuple[Scope | None, ...]
    """Where they may write; ``None`` is everywhere."""

    def to_json(self) -> Json:
        grants = [g and {"level": g.level, "values": list(g.values)} for g in self.grants]
        return {
            "org_id": self.org_id,
            "person_id": self.person_id,
            "login": self.login,
            "roles": sorted(self.roles),
            "grants": grants,
        }


class Assistant:
    """One a process. Turns of one conversation run one after another."""

    def __init__(
        self,
        services: Services,
        checkpointer: BaseCheckpointSaver[Any],
        recorder: Recorder | None = None,
    ) -> None:
        """``recorder`` hears the turns that are given none of their own."""
        self._services = services
        self._graph: Pipeline = build(checkpointer)
        self._recorder: Recorder = recorder or Silent()
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting_for: dict[str, int] = {}

    async def turn(
        self, who: Who, thread_id: str, message: str, recorder: Recorder | None = None
    ) -> AsyncIterator[Event]:
        """Answers a message: steps as they happen, then a reply or a card."""
        heard = recorder or self._recorder
        work = self._turn(who, thread_id, message, heard)
        async for event in self._guarded(who, thread_id, work, heard):
            yield event

    async def attach(
        self,
        who: Who,
        thread_id: str,
        file: Attached,
        message: str = "",
        recorder: Recorder | None = None,
    ) -> AsyncIterator[Event]:
        """Takes up a table or a text: a card with all its rules, and what could not be read."""
        heard = recorder or self._recorder
        work = self._attach(who, thread_id, file, message, heard)
        async for event in self._guarded(who, thread_id, work, heard):
            yield event

    async def act(
        self,
        who: Who,
        thread_id: str,
        action: str,
        payload: Mapping[str, Any],
        recorder: Recorder | None = None,
    ) -> AsyncIterator[Event]:
        """A button: decides a waiting card once, or says what the button stands for."""
        heard = recorder or self._recorder
        work = self._act(who, thread_id, action, payload, heard)
        async for event in self._guarded(who, thread_id, work, heard):
            yield event

    async def pending(self, thread_id: str, who: Who | None = None) -> Json | None:
        """What the conversation waits for, newest first; ``None`` where it waits for nothing.

        With ``who`` it is ``None`` for a conversation of anyone else as well.
        """
        if who is not None and not await self._owns(who, thread_id):
            return None
        waiting = await self._pending(thread_id)
        return waiting[0].payload if waiting else None

    async def waiting(self, thread_id: str) -> list[Json]:
        """Everything the conversation waits for: a promotion and a draft may wait side by side."""
        return [w.payload for w in await self._pending(thread_id)]

    async def warm(self, org_id: str) -> None:
        """Does ahead of time what the first turn would wait for; harmless to leave out."""
        await asyncio.to_thread(self._services.warm, org_id)

    async def forget(self, thread_id: str) -> None:
        """Removes the conversation's checkpoints: what it waited for is gone with them."""
        checkpointer = cast("BaseCheckpointSaver[Any]", self._graph.checkpointer)
        for door in (*DOORS, "talk"):
            await checkpointer.adelete_thread(f"{thread_id}/{door}")

    async def _guarded(
        self, who: Who, thread_id: str, work: AsyncGenerator[Event], recorder: Recorder
    ) -> AsyncGenerator[Event]:
        """One turn of a conversation at a time; whatever goes wrong ends in a plain sentence."""
        lock = self._locks.setdefault(thread_id, asyncio.Lock())
        self._waiting_for[thread_id] = self._waiting_for.get(thread_id, 0) + 1
        try:
            async with lock, aclosing(work) as events:
                if not await self._owns(who, thread_id):
                    yield Reply(NOT_YOURS)
                    return
                async for event in events:
                    yield event
        except Exception as error:
            reference = uuid.uuid4().hex[:8]
            log.exception("a turn failed", extra={"reference": reference})
            recorder.failed(error, reference)
            yield Trouble(TROUBLE, reference)
        finally:
            self._waiting_for[thread_id] -= 1
            if not self._waiting_for[thread_id]:
                del self._waiting_for[thread_id], self._locks[thread_id]

    async def _owns(self, who: Who, thread_id: str) -> bool:
        def check() -> bool:
            with self._services.store.session() as session:
                try:
                    own_thread(session, who.org_id, who.person_id, thread_id)
                except NotYours:
                    return False
            return True

        return await asyncio.to_thread(check)

    async def _turn(
        self, who: Who, thread_id: str, message: str, recorder: Recorder
    ) -> AsyncGenerator[Event]:
        if not message.strip():
            yield Reply(EMPTY)
            return
        if len(message) > LONGEST:
            yield Reply(LONG)
            return
        number = route(message, lambda text: True).args.get("request")
        waiting = await self._pending(thread_id)
        shown = await self._shown(thread_id, waiting, message)
        said = await asyncio.to_thread(
            self._services.masked, who.org_id, message.strip(), number, shown
        )
        asked = route(said, lambda text: True, waiting[0].kind if waiting else None)
        async with aclosing(self._answered(who, thread_id, said, asked, waiting, recorder)) as got:
            async for event in got:
                yield event

    async def _attach(
        self, who: Who, thread_id: str, file: Attached, message: str, recorder: Recorder
    ) -> AsyncGenerator[Event]:
        if any(w.door == "draft" for w in await self._pending(thread_id)):
            yield Reply(BUSY_WITH_DRAFT)
            return
        if is_policy(file):
            kind, read = "policy", await asyncio.to_thread(passages_of, file)
        else:
            kind = "table"
            read = await asyncio.to_thread(read_attached, self._services, who.org_id, file)
        title = await asyncio.to_thread(self._services.masked, who.org_id, file.title)
        start = fresh(who.to_json(), f"the file {title}")
        start["args"] = {kind: {**read, "name": title}, "beside": bool(message.strip())}
        async with aclosing(self._stream(thread_id, "draft", start, recorder)) as events:
            async for event in events:
                yield event

    def _answered(
        self,
        who: Who,
        thread_id: str,
        said: str,
        asked: Route,
        waiting: list[Pending],
        recorder: Recorder,
    ) -> AsyncGenerator[Event]:
        """What the words lead to: see :func:`graph.doors.way`."""
        match way(asked, said, waiting, who.roles):
            case ToCard(card, action, text):
                return self._resumed(who, thread_id, card, action, text, recorder)
            case Begin(door):
                return self._anew(who, thread_id, door, said, recorder)
            case Reply() as reply:
                return _only(reply)

    async def _act(
        self,
        who: Who,
        thread_id: str,
        action: str,
        payload: Mapping[str, Any],
        recorder: Recorder,
    ) -> AsyncGenerator[Event]:
        text = str(payload.get("text", ""))
        if action == "say" or action in SPOKEN:
            said = self._turn(who, thread_id, SPOKEN.get(action, text), recorder)
        else:
            waiting = await self._pending(thread_id)
            wanted = payload.get("interrupt_id")
            card = next((w for w in waiting if w.interrupt_id == wanted), None)
            reason = refusal(card, action, text)
            if card is None or reason:
                yield Reply(reason)
                return
            shown = await self._shown(thread_id, [card], text)
            masked = await asyncio.to_thread(self._services.masked, who.org_id, text, None, shown)
            said = self._resumed(who, thread_id, card, action, masked, recorder)
        async with aclosing(said) as events:
            async for event in events:
                yield event

    async def _anew(
        self, who: Who, thread_id: str, door: Door, said: str, recorder: Recorder
    ) -> AsyncGenerator[Event]:
        start = fresh(who.to_json(), said)
        start["mentioned"] = await self._mentioned(thread_id)
        async with aclosing(self._stream(thread_id, door, start, recorder)) as events:
            async for event in events:
                yield event

    async def _mentioned(self, thread_id: str) -> Json:
        """The rules that were spoken of last, through whichever door."""
        states = [await self._graph.aget_state(_config(thread_id, d)) for d in (*DOORS, "talk")]
        told: list[Json] = [s.values["mentioned"] for s in states if s.values.get("mentioned")]
        return max(told, key=lambda m: str(m["at"])) if told else {}

    def _resumed(
        self,
        who: Who,
        thread_id: str,
        card: Pending,
        action: str,
        text: str,
        recorder: Recorder,
    ) -> AsyncGenerator[Event]:
        verdict: Json = {
            "action": action,
            "text": text,
            "by": who.person_id,
            "who": who.to_json(),
            "thread_id": thread_id,
            "interrupt_id": card.interrupt_id,
            "waited": _seconds_since(card.shown),
        }
        command: Command[Any] = Command(resume={card.interrupt_id: verdict})
        return self._stream(thread_id, card.door, command, recorder)

    async def _stream(
        self, thread_id: str, door: Door, start: Any, recorder: Recorder
    ) -> AsyncGenerator[Event]:
        """Runs the pipeline until it ends or waits, telling each step."""
        config = _config(thread_id, door)
        began: dict[str, tuple[float, Json]] = {}
        card: Card | None = None
        async for mode, event in self._graph.astream(
            start,
            config,
            context=self._services,
            stream_mode=["tasks", "updates", "custom"],
            durability="sync",
        ):
            if mode == "custom":
                yield NodeProgress(**cast(Json, event)["progress"])
            elif mode == "updates":
                card = _card(cast(Json, event)) or card
            elif "result" not in (task := cast(Json, event)):
                if task["name"] == "next_rule":
                    recorder.facts(facts(task["input"]))
                began[task["id"]] = (perf_counter(), task["input"])
                if task["name"] not in WAITING_NODES:
                    yield NodeStarted(task["name"], LABELS[task["name"]])
            elif not task["interrupts"]:
                for step in _finished(task, *began.pop(task["id"]), recorder):
                    yield step
        recorder.facts(facts((await self._graph.aget_state(config)).values))
        if card is not None:
            yield card

    async def _shown(self, thread_id: str, waiting: Sequence[Pending], said: str) -> Json:
        """Facts of the request that was explained last in this conversation; and candidates that a
        call was told of, or is told now."""
        talk = await self._graph.aget_state(_config(thread_id, "talk"))
        call = await self._graph.aget_state(_config(thread_id, "call"))
        last: Json = talk.values.get("last_request") or {"facts": {}}
        known: Json = call.values.get("call") or {}
        asked = [names_said(w.card["candidates"], said) for w in waiting if "candidates" in w.card]
        return {**last["facts"], **known.get("rows", {}), **(asked[0] if asked else {})}

    async def _pending(self, thread_id: str) -> list[Pending]:
        """The cards that wait; one that an older release left in another form waits no more."""
        found: list[Pending] = []
        for door in DOORS:
            state = await self._graph.aget_state(_config(thread_id, door))
            if is_whole(state.values):
                shown = state.created_at or ""
                found += [Pending(door, i.id, i.value, shown) for i in state.interrupts]
        return found


def _seconds_since(shown: str) -> float | None:
    """How long a card was waiting; ``None`` where that was not noted."""
    if not shown:
        return None
    gone = datetime.now(UTC) - datetime.fromisoformat(shown)
    return round(max(gone.total_seconds(), 0.0), 1)


async def _only(event: Event) -> AsyncGenerator[Event]:
    yield event


def _config(thread_id: str, door: Door) -> RunnableConfig:
    return {"configurable": {"thread_id": f"{thread_id}/{door}"}, "recursion_limit": 60}


def _card(update: Json) -> Card | None:
    for waiting in update.get("__interrupt__", ()):
        payload: Json = {**waiting.value, "interrupt_id": waiting.id}
        return Card(waiting.id, payload["kind"], payload)
    return None


def _finished(task: Json, began: float, before: Json, recorder: Recorder) -> list[Event]:
    """A step that ended: told to the listener, and its reply shown."""
    name, millis = task["name"], (perf_counter() - began) * 1000
    update: Json = dict(task["result"] or {})
    inputs, outputs = told(name, before, update)
    recorder.node(name, inputs, outputs, millis)
    finished = NodeFinished(name, LABELS[name], update.get("summary", ""), millis)
    started = [NodeStarted(name, LABELS[name])] if name in WAITING_NODES else []
    reply = _reply(update.get("reply"))
    return [*started, finished, *([reply] if reply else [])]


def _reply(reply: Json | None) -> Reply | None:
    if not reply:
        return None
    actions = tuple(ButtonSpec(**a) for a in reply.get("actions", ()))
    return Reply(reply["text"], reply.get("rows"), actions)
