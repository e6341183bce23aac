"""The chat's handlers. Each hands on to what does the work; the library loads this file itself."""

from __future__ import annotations

from typing import Any, cast

import chainlit as cl
from chainlit.types import ThreadDict
from chainlit.user import User

from app.attached import taken
from app.desk import desk
from app.gate import client_address
from app.layer import Layer
from app.profiles import profiles
from app.turns import press_button, press_card, reopen, say


@cl.data_layer
def data_layer() -> Layer:
    return desk().layer


@cl.password_auth_callback
async def on_sign_in(username: str, password: str) -> User | None:
    person = await desk().people.check(username, password, client_address())
    if person is None:
        return None
    roles = sorted(person.roles)
    return User(identifier=person.login, display_name=person.display, metadata={"roles": roles})


@cl.set_chat_profiles
async def on_profiles(user: User | None) -> list[cl.ChatProfile]:
    who = await desk().people.who(user.identifier) if user else None
    if who is None:
        return []
    examples = await desk().examples(who)
    return [
        cl.ChatProfile(
            name=p.name,
            markdown_description=p.description,
            icon=p.icon,
            default=p.default,
            starters=[cl.Starter(label=s.label, message=s.message) for s in p.starters],
        )
        for p in profiles(who.roles, examples)
    ]


@cl.on_message
async def on_message(message: cl.Message) -> None:
    await say(message.content, taken(message))


async def on_card(action: cl.Action) -> dict[str, Any]:
    return await press_card(payload_of(action))


async def on_button(action: cl.Action) -> dict[str, Any]:
    return await press_button(payload_of(action))


def payload_of(action: cl.Action) -> dict[str, Any]:
    """What the browser sent: nothing in it is to be believed."""
    return cast("dict[str, Any]", action.payload)  # pyright: ignore[reportUnknownMemberType]


for name, answered in (("card", on_card), ("button", on_button)):
    cl.action_callback(name)(answered)  # pyright: ignore[reportUnknownMemberType]


@cl.on_chat_resume
async def on_resume(thread: ThreadDict) -> None:
    await reopen(thread)  # the library shows this very object next
