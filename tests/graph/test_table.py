"""A table attached to a message: one card for all its rows, or its bad cells by name."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from graph.events import Event
from graph.run import Assistant, Who
from graph.tables import MOST_RULES, Attached
from tests.graph.world import World, card_of, new_thread, press, reply_of

TABLE = (
    "title,scope,patient age,wheelchair assistance,exam,procedure code\n"
    "Old with wheelchair,family Northstar,>= 80,yes,screening mammogram,MM123WA\n"
    "General mammogram again,,,no,diagnostic mammogram,left to staff\n"
)


async def attach(
    assistant: Assistant, who: Who, thread: str, text: str | bytes, words: str = ""
) -> list[Event]:
    content = text.encode() if isinstance(text, str) else text
    file = Attached("C:\\tables\\codes.csv", content)
    return [e async for e in assistant.attach(who, thread, file, words)]


@pytest.fixture
async def assistant(world: World) -> AsyncIterator[Assistant]:
    async with world.assistant() as made:
        yield made


async def test_all_rows_are_one_draft_and_are_confirmed_together(
    world: World, assistant: Assistant
) -> None:
    thread = new_thread()
    card = card_of(await attach(assistant, world.author, thread, TABLE, "please add these"))
    assert [r["title"] for r in card.payload["rules"]] == [
        "Old with wheelchair", "General mammogram again",
    ]  # fmt: skip
    assert card.payload["notices"][0] == "Read 2 rules from “codes.csv”."
    assert "say again by itself" in card.payload["notices"][1]
    assert card.payload["can_confirm"]
    told = reply_of(await press(assistant, world.author, thread, "change", text="make it 90",
                                interrupt_id=card.interrupt_id))  # fmt: skip
    assert "came as a file: change it there" in told.text
    again = await assistant.pending(thread)
    assert again is not None
    done = await press(
        assistant, world.author, thread, "confirm", interrupt_id=again["interrupt_id"]
    )
    assert "“Old with wheelchair”, “General mammogram again”" in reply_of(done).text
    assert "Old with wheelchair" in {r.title for r in world.rules()}


async def test_a_bad_cell_is_named_and_nothing_waits(world: World, assistant: Assistant) -> None:
    thread = new_thread()
    bad = TABLE.replace(">= 80", "eighty").replace("MM123WA", "MM12WA")
    told = reply_of(await attach(assistant, world.author, thread, bad)).text
    assert "**sheet codes, row 2, column patient age (C)**" in told
    assert "column procedure code (F)**: `MM12WA` stands in no code set (did you mean" in told
    assert await assistant.pending(thread) is None


async def test_what_is_no_table_is_told(world: World, assistant: Assistant) -> None:
    for content, says in ((b"\x89PNG\x00", "UTF-8"), (b"", "empty"), (b"hello", "`hello`")):
        told = reply_of(await attach(assistant, world.author, new_thread(), content)).text
        assert says in told and "attach it again" in told


async def test_a_longer_table_is_not_half_taken(world: World, assistant: Assistant) -> None:
    rows = "".join(f"{n},MM123\n" for n in range(MOST_RULES + 1))
    told = reply_of(
        await attach(assistant, world.author, new_thread(), "patient age,procedure code\n" + rows)
    )
    assert "one card shows 100 at most" in told.text


async def test_a_waiting_draft_is_decided_first(world: World, assistant: Assistant) -> None:
    thread = new_thread()
    await attach(assistant, world.author, thread, TABLE)
    told = reply_of(await attach(assistant, world.author, thread, TABLE))
    assert told.text.startswith("A draft is waiting.")


async def test_who_may_not_write_rules_may_not_attach_them(
    world: World, assistant: Assistant
) -> None:
    told = reply_of(await attach(assistant, world.approver, new_thread(), TABLE))
    assert "not write them" in told.text
