"""One turn of a person: a message or a press of a button, from its check to its outcome."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import chainlit as cl
import structlog

from app import wording
from app.desk import Asked, Desk, desk
from app.layer import CardRow
from app.stage import (
    Acted,
    Stage,
    bring_up_to_date,
    press_again,
    redraw,
    settle,
    settle_old,
    settle_pressed,
)
from graph.events import Event
from graph.routes import route

if TYPE_CHECKING:
    from chainlit.types import ThreadDict

    from graph.context import Recorder
    from graph.run import Who
    from graph.tables import Attached

log = structlog.get_logger("chat")
CARD_ACTIONS: Mapping[str, frozenset[str]] = {
    "confirm": frozenset({"confirm", "change", "discard", "keep"}),
    "question": frozenset({"answer", "discard", "keep"}),
    "promotion": frozenset({"confirm", "discard"}),
    "fact": frozenset({"answer", "discard"}),
    "word": frozenset({"confirm", "refuse", "discard"}),
}
"""What may be done to a card of each kind."""
ANSWERS = frozenset({"draft", "agree", "decline"})
"""What typed words are to the pipeline where they answer the question that waits."""
NEED_TEXT = frozenset({"change", "answer"})
MAY_HAVE_TEXT = frozenset({"refuse"})
"""Actions that somebody may give a reason for."""
RUN_NAME = "on_message"
"""The name under which the chat shows thumbs; a button's answer gets them too."""
_running: Counter[str] = Counter()
"""Turns under way, by conversation."""
_background: set[asyncio.Task[None]] = set()
Answer = dict[str, Any]
Play = Callable[["Recorder"], AsyncIterator[Event]]
"""Starts the pipeline's part of a turn, telling the recorder of it."""


class Refused(Exception):
    """A message or a press that cannot be carried out; its text is for the person."""


def readable(text: str) -> str:
    """The message, ready to be read. Raises :class:`Refused`."""
    text = text.strip()
    if not text:
        raise Refused(wording.EMPTY_MESSAGE)
    if len(text) > wording.LONGEST_MESSAGE:
        raise Refused(wording.too_long(len(text)))
    return text


async def say(text: str, file: Attached | None = None) -> None:
    """A message: the assistant decides whether it is a rule, an edit or a question."""
    try:
        message, who = readable(text) if file is None or text.strip() else "", await person()
    except Refused as refusal:
        await cl.Message(str(refusal)).send()
        return
    thread = cl.context.session.thread_id
    await cl.send_window_message({"rulewright_thread": thread})
    here = desk()
    if file is not None:
        if not message:
            await _name_conversation(here, thread, file.title)
        told = f"{file.title} {message}".strip()
        await run(
            here, who, lambda r: here.assistant.attach(who, thread, file, message, r), {},
            message=told,
        )  # fmt: skip
        return
    acted = said_to(await here.assistant.waiting(thread), message)
    await run(
        here, who, lambda r: here.assistant.turn(who, thread, message, r), acted, message=message
    )


async def _name_conversation(here: Desk, thread: str, name: str) -> None:
    """A first message without words names no conversation, and its page would have no address."""
    known = await here.layer.get_thread(thread)
    if known is None or not known.get("name"):
        await cl.context.emitter.init_thread(name)


def said_to(waits: Sequence[Mapping[str, Any]], message: str) -> Mapping[str, Acted]:
    """What typed words do to the question that waits, if they answer it."""
    question = next((w for w in waits if w.get("kind") in ("question", "fact")), None)
    if question is None or route(message, lambda _: True, "question").intent not in ANSWERS:
        return {}
    return {str(question["interrupt_id"]): Acted("answer", message)}


async def person() -> Who:
    """Who speaks, with their rights of this moment. Raises :class:`Refused`."""
    user = cl.context.session.user
    who = await desk().people.who(user.identifier) if user else None
    if who is None:
        raise Refused(wording.SIGNED_OUT)
    return who


async def run(
    here: Desk,
    who: Who,
    play: Play,
    acted: Mapping[str, Acted],
    message: str = "",
    action: str = "",
) -> None:
    """Play a turn. Whatever goes wrong ends in a sentence with a reference."""
    thread, current = cl.context.session.thread_id, cl.context.current_run
    asked = Asked(thread, current.id if current else thread, message, action)
    reference = secrets.token_hex(4)
    _running[thread] += 1
    try:
        async with here.record(who, asked) as recorder:
            await _played(Stage(who.roles), play, recorder, reference)
        await settle_old(here, thread, acted)
    except Exception as error:
        log.error("turn failed", reference=reference, thread=thread, exc_info=error)
        await cl.Message(wording.trouble(reference)).send()
        await press_again(here, thread, acted)
    finally:
        _running[thread] -= 1


async def _played(stage: Stage, play: Play, recorder: Recorder, reference: str) -> None:
    """Show the turn; one that breaks is recorded under the reference that its person is told."""
    try:
        await stage.play(play(recorder))
    except Exception as error:
        recorder.failed(error, reference)
        raise


async def press_card(payload: Mapping[str, Any]) -> Answer:
    """A button of a card. The waiting interrupt, not the browser, says what may be done."""
    try:
        interrupt, action, text = _pressed(payload)
        who, here, thread = await person(), desk(), cl.context.session.thread_id
        waits = await here.assistant.waiting(thread)
        waiting = next((w for w in waits if w["interrupt_id"] == interrupt), None)
        if waiting is None:
            await cl.context.emitter.send_toast(wording.ALREADY_DECIDED, "info")
            await _show_stale(here, thread, interrupt)
            raise Refused(wording.ALREADY_DECIDED)
        if action not in CARD_ACTIONS.get(str(waiting.get("kind")), frozenset()):
            raise Refused(wording.UNREADABLE_ACTION)
    except Refused as refusal:
        return {"ok": False, "message": str(refusal)}
    sent = {"interrupt_id": interrupt, "text": text}
    _in_background(
        run(
            here,
            who,
            lambda r: here.assistant.act(who, thread, action, sent, r),
            {interrupt: Acted(action, text)},
            message=text,
            action=action,
        )
    )
    return {"ok": True}


def _pressed(payload: Mapping[str, Any]) -> tuple[str, str, str]:
    """Interrupt, action and text of a press. Raises :class:`Refused`."""
    interrupt, action = payload.get("interrupt_id"), payload.get("action")
    text = payload.get("text", "")
    if not (isinstance(interrupt, str) and isinstance(action, str) and isinstance(text, str)):
        raise Refused(wording.UNREADABLE_ACTION)
    wanted = action in NEED_TEXT or (action in MAY_HAVE_TEXT and text.strip())
    return interrupt, action, readable(text) if wanted else ""


async def _show_stale(here: Desk, thread: str, interrupt: str) -> None:
    """Draw the card as it is: this page may show it as it was."""
    for card in await here.layer.cards(thread):
        if card.props.get("interrupt_id") == interrupt:
            await (settle(card, "stale") if card.props.get("open") else redraw(card, card.props))


async def press_button(payload: Mapping[str, Any]) -> Answer:
    """A button under an answer; what it does is read from the stored answer, not from the press."""
    try:
        who, here, thread = await person(), desk(), cl.context.session.thread_id
        card, button = _stored_button(await here.layer.cards(thread), payload)
    except Refused as refusal:
        return {"ok": False, "message": str(refusal)}
    action, sent = str(button["action"]), dict(button["payload"])
    await settle_pressed(card, str(button["label"]))
    _in_background(
        run(
            here,
            who,
            lambda r: here.assistant.act(who, thread, action, sent, r),
            {},
            action=action,
        )
    )
    return {"ok": True}


def _stored_button(
    stored: list[CardRow], payload: Mapping[str, Any]
) -> tuple[CardRow, dict[str, Any]]:
    wanted, number = payload.get("card_id"), payload.get("number")
    card = next((c for c in stored if wanted and c.props.get("card_id") == wanted), None)
    if card is None or not isinstance(number, int):
        raise Refused(wording.UNREADABLE_ACTION)
    if not card.props.get("open"):
        raise Refused(wording.ALREADY_DECIDED)
    buttons = card.props.get("buttons", [])
    if not 0 <= number < len(buttons):
        raise Refused(wording.UNREADABLE_ACTION)
    return card, buttons[number]


def _in_background(turn: Any) -> None:
    """Run a turn after the press was answered, under a run of its own so that it gets thumbs."""

    async def whole() -> None:
        await cl.context.emitter.task_start()
        try:
            async with cl.Step(name=RUN_NAME, type="run"):
                await turn
        finally:
            await cl.context.emitter.task_end()

    task = asyncio.create_task(whole())
    cl.context.session.current_task = task
    _background.add(task)
    task.add_done_callback(_background.discard)


async def reopen(thread: ThreadDict) -> None:
    """A conversation about to be shown again: its cards say what is true now."""
    here, thread_id = desk(), thread["id"]
    try:
        if not _running[thread_id]:
            await bring_up_to_date(here, thread_id)
            thread.update(await here.layer.get_thread(thread_id) or thread)
    except Exception as error:
        log.error("cards not refreshed", thread=thread_id, exc_info=error)
