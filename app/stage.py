"""Puts a turn's events on the screen: steps while it works, then the answer or the card."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, assert_never
from weakref import WeakValueDictionary

import chainlit as cl
from chainlit.element import Element, ElementType
from chainlit.utils import utc_now

from app import cards, wording
from app.desk import Desk, desk
from app.layer import CardRow
from data.access import ROLES_OF, may
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

LONGEST_TABLE = 300
"""Rows that travel with a message; a longer table is kept as a file, and read in pages."""


class Rows(Element):
    """A long table, in the chat's own viewer, which reads its JSON as text."""

    type: ClassVar[ElementType] = "dataframe"

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        super().__init__(  # pyright: ignore[reportCallIssue]
            name="table",
            content=json.dumps(cards.table_json(rows)),
            mime="text/plain",
            size="large",
        )


@dataclass
class Stage:
    """One turn on the screen of somebody with these roles."""

    roles: frozenset[str]
    root: cl.Step | None = None
    running: dict[str, cl.Step] = field(default_factory=dict[str, cl.Step])
    steps: int = 0
    started: float = 0.0

    async def play(self, events: AsyncIterator[Event]) -> None:
        """Show every event as it comes; a stopped turn leaves no step spinning."""
        self.started = asyncio.get_running_loop().time()
        ended = False
        try:
            async for event in events:
                await self.show(event)
            ended = True
        finally:
            await self.fold(ended)

    async def show(self, event: Event) -> None:
        match event:
            case NodeStarted():
                await self._begin(event)
            case NodeProgress():
                await self._progress(event)
            case NodeFinished():
                await self._end(event)
            case Reply():
                await self.fold(ended=True)
                await answer(event, self.roles)
            case Card():
                await self.fold(ended=True)
                await send_card(event)
            case Trouble():
                await self.fold(ended=True)
                await cl.Message(wording.with_reference(event.text, event.reference)).send()
            case _:
                assert_never(event)

    async def _begin(self, event: NodeStarted) -> None:
        if self.root is None:
            self.root = _step(wording.WORKING, parent=_run_id(), opened=True)
            await self.root.send()
        step = _step(event.label, parent=self.root.id)
        self.running[event.node] = step
        await step.send()

    async def _progress(self, event: NodeProgress) -> None:
        if step := self.running.get(event.node):
            step.name = f"{event.text} ({event.done:.0%})"
            await step.update()

    async def _end(self, event: NodeFinished) -> None:
        """A step that is done says what came of it."""
        step = self.running.pop(event.node, None)
        if step is None:
            return
        step.name, step.end = event.summary or event.label, utc_now()
        self.steps += 1
        await step.update()

    async def fold(self, ended: bool) -> None:
        """Fold the steps into one line."""
        for step in self.running.values():
            step.end = utc_now()
            await step.update()
        self.running.clear()
        if self.root is None or self.root.end:
            return
        seconds = asyncio.get_running_loop().time() - self.started
        words = wording.worked(self.steps, seconds) if ended else wording.stopped(self.steps)
        self.root.name, self.root.end = words, utc_now()
        self.root.default_open = False
        await self.root.update()


def _run_id() -> str | None:
    run = cl.context.current_run
    return run.id if run else None


def _step(name: str, parent: str | None, opened: bool = False) -> cl.Step:
    step = cl.Step(
        name=name, type="tool", parent_id=parent, show_input=False,
        default_open=opened, auto_collapse=opened,
    )  # fmt: skip
    step.metadata = {"avatarName": cl.config.config.ui.name}
    step.start = utc_now()
    return step


async def answer(reply: Reply, roles: frozenset[str]) -> None:
    """An answer: text, a table, and buttons that survive a reload; none that may not be used."""
    rows = reply.rows or []
    elements: list[Any] = []
    if len(rows) > LONGEST_TABLE:
        elements.append(Rows(rows))
    elif rows:
        props = cards.table_props(rows, reply.text)
        elements.append(cl.CustomElement(name="Table", props=props, display="inline"))
    if actions := usable(reply.actions, roles):
        elements.append(_buttons(actions))
    await cl.Message(reply.text, elements=elements).send()


def usable(actions: Sequence[ButtonSpec], roles: frozenset[str]) -> list[ButtonSpec]:
    """The buttons that somebody with these roles may use."""
    return [a for a in actions if not _forbidden(a.action, roles)]


def _forbidden(name: str, roles: frozenset[str]) -> bool:
    return any(action == name and not may(roles, action) for action in ROLES_OF)


def _buttons(actions: Sequence[ButtonSpec]) -> cl.CustomElement:
    buttons = [{"action": a.action, "label": a.label, "payload": dict(a.payload)} for a in actions]
    props = cards.button_props(uuid.uuid4().hex, buttons)
    return cl.CustomElement(name="Buttons", props=props, display="inline")


async def send_card(card: Card) -> None:
    """Store a card, then show it: nobody sees a question that a crash could lose."""
    await (await stored_card(card)).send()


async def stored_card(card: Card) -> cl.Message:
    """The message of a card, stored and not yet shown."""
    props = cards.card_props(card.kind, card.interrupt_id, card.payload)
    element = cl.CustomElement(name=cards.ELEMENTS[card.kind], props=props, display="inline")
    message = cl.Message(cards.card_text(props), elements=[element])
    message.created_at, element.for_id = utc_now(), message.id
    await asyncio.sleep(0)  # what was sent before queues first: the library stores in tasks
    await desk().layer.create_step(message.to_dict())
    message.persisted = True
    await desk().layer.create_element(element)
    return message


CardStatus = Literal[
    "confirmed",
    "changed",
    "discarded",
    "dropped",
    "kept",
    "answered",
    "superseded",
    "stale",
    "over",
]
OUTCOMES: Mapping[str, CardStatus] = {
    "change": "changed",
    "discard": "discarded",
    "keep": "kept",
    "answer": "answered",
}
DRAFT_KINDS = ("confirm", "question")


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done to a card, and what was said with it."""

    action: str
    text: str = ""


_settling: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""One lock a conversation, for as long as somebody holds it or waits for it."""


async def settle(card: CardRow, status: CardStatus, said: str = "") -> None:
    """Show a card's outcome, with the answer that was given, and make it inert."""
    await redraw(card, settled(card, status, said))


def settled(card: CardRow, status: CardStatus, said: str = "") -> dict[str, Any]:
    """The props of a card that ended so."""
    outcome = wording.answered(said) if status == "answered" and said else ""
    return card.props | cards.status_props(status, outcome)


async def settle_pressed(card: CardRow, label: str) -> None:
    """Show which button was pressed, and make the row of buttons inert."""
    await redraw(card, card.props | cards.status_props("answered", wording.pressed(label)))


async def redraw(card: CardRow, props: dict[str, Any]) -> None:
    """Show a card again, with these props; stored when this returns."""
    await (await stored_again(card, props)).update()


async def stored_again(card: CardRow, props: dict[str, Any]) -> cl.CustomElement:
    """A card with these props, stored and not yet shown."""
    element = cl.CustomElement(
        id=card.id, name=card.name, props=props, for_id=card.for_id, display="inline"
    )
    await desk().layer.create_element(element)
    return element


async def press_again(here: Desk, thread_id: str, acted: Mapping[str, Acted]) -> None:
    """Draw cards afresh whose press came to nothing, so that they can be pressed again."""
    for card in await here.layer.cards(thread_id):
        if card.props.get("interrupt_id") in acted and card.props.get("open"):
            await redraw(card, card.props | {"tries": int(card.props.get("tries", 0)) + 1})


async def settle_old(here: Desk, thread_id: str, acted: Mapping[str, Acted]) -> None:
    """Settle every card that no longer waits; ``acted``: interrupt id → what was done to it.

    One at a time for a conversation: who acted has the last word on a card.
    """
    async with _settling.setdefault(thread_id, asyncio.Lock()):
        waiting = await here.assistant.waiting(thread_id)
        for card, props in await _ended(here, thread_id, acted, waiting):
            await redraw(card, props)
        if acted.keys() & {str(w["interrupt_id"]) for w in waiting}:
            await press_again(here, thread_id, acted)


async def bring_up_to_date(here: Desk, thread_id: str) -> None:
    """Store the cards as they truly are, for a page about to open the conversation: those that
    ended meanwhile, and what waits but was never stored, should the server have stopped there."""
    async with _settling.setdefault(thread_id, asyncio.Lock()):
        waiting = await here.assistant.waiting(thread_id)
        for card, props in await _ended(here, thread_id, {}, waiting):
            await stored_again(card, props)
        kept = {c.props.get("interrupt_id") for c in await here.layer.cards(thread_id)}
        for payload in waiting:
            interrupt = str(payload["interrupt_id"])
            if interrupt not in kept:
                await stored_card(Card(interrupt, payload["kind"], dict(payload)))


async def _ended(
    here: Desk, thread_id: str, acted: Mapping[str, Acted], waiting: Sequence[Mapping[str, Any]]
) -> list[tuple[CardRow, dict[str, Any]]]:
    """The cards that no longer wait and do not say so, with the props that do."""
    ids = {str(w["interrupt_id"]) for w in waiting}
    again = {str(w.get("draft_id")) for w in waiting if w["kind"] in DRAFT_KINDS}
    ended: list[tuple[CardRow, dict[str, Any]]] = []
    for card in await here.layer.cards(thread_id):
        interrupt = str(card.props.get("interrupt_id") or "")
        shown = card.props.get("open") or interrupt in acted
        if interrupt and interrupt not in ids and shown:
            kind, done = str(card.props.get("kind")), acted.get(interrupt, Acted(""))
            waits_again = str(card.props.get("draft_id")) in again
            outcome = outcome_of(done.action, kind, waits_again)
            ended.append((card, settled(card, outcome, done.text)))
    return ended


def outcome_of(action: str, kind: str, waits_again: bool) -> CardStatus:
    """How a card ended. A confirmation did not save where its draft waits once more, and what was
    discarded is a change of it; what came of a promotion or a taught word is said in the answer."""
    if kind == "word" and action:
        return "answered"
    if action == "confirm":
        return "answered" if kind == "promotion" else "superseded" if waits_again else "confirmed"
    if action == "discard" and waits_again:
        return "dropped"
    if kind == "fact" and action == "discard":
        return "over"
    return OUTCOMES.get(action, "superseded")
