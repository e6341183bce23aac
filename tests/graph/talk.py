"""One conversation of an author with a shipped pack, for tests that talk to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from data.packs.load import Pack, load_pack
from graph.checkpoints import open_checkpoints
from graph.events import Card, Event
from graph.run import Assistant, Who
from tests.graph.radiology import radiology
from tests.graph.world import card_of, new_thread, press, reply_of, say

shipped = cache(load_pack)


@dataclass
class Talk:
    """One conversation of an author."""

    assistant: Assistant
    author: Who
    thread: str

    async def say(self, message: str) -> list[Event]:
        return await say(self.assistant, self.author, self.thread, message)

    async def card(self, message: str) -> Card:
        return card_of(await self.say(message))

    async def reply(self, message: str) -> str:
        return reply_of(await self.say(message)).text

    async def press(self, card: Card, action: str = "confirm", text: str = "") -> list[Event]:
        return await press(self.assistant, self.author, self.thread, action,
                           interrupt_id=card.interrupt_id, text=text)  # fmt: skip


@asynccontextmanager
async def talking(
    pack: str | Pack, folder: Path, *, role: str = "", history: Path | None = None
) -> AsyncIterator[Talk]:
    """A conversation over a store of its own; the author in another ``role`` where one is given."""
    pack = shipped(pack) if isinstance(pack, str) else pack
    services, author = radiology(pack, folder, history)
    who = replace(author, roles=frozenset([role])) if role else author
    async with open_checkpoints(str(folder / "checkpoints.db")) as checkpoints:
        yield Talk(Assistant(services, checkpoints), who, new_thread())


def rule_of(card: Card) -> str:
    """The rules of a card that can be confirmed, on one line."""
    assert card.kind == "confirm", card.payload["text"]
    return " ".join(" ".join(r["text"] for r in card.payload["rules"]).split())
