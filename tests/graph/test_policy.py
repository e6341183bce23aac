"""A policy text attached to a message: its rules on one card, each citing its sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from graph.drafters.grammar import GrammarDrafter
from graph.events import Event
from graph.run import Assistant, Who
from graph.tables import Attached
from tests.data.exchange.documents import docx_of, pdf_of
from tests.graph.world import World, card_of, make_world, new_thread, press, reply_of

FIRST, SECOND = "A patient over 80 in need of wheelchair assistance with", "a screening mammogram"
OLD = f"{FIRST} {SECOND} gets MM123WA at Northstar."
MEN = "Men with a diagnostic mammogram at Northstar are left to staff for the procedure code."
VAGUE = "We value every patient."


@pytest.fixture
async def world(tmp_path: Path) -> World:
    return make_world(tmp_path, drafters=(GrammarDrafter(),))


@pytest.fixture
async def assistant(world: World) -> AsyncIterator[Assistant]:
    async with world.assistant() as made:
        yield made


async def attach(assistant: Assistant, who: Who, name: str, content: bytes) -> list[Event]:
    file = Attached(name, content)
    return [e async for e in assistant.attach(who, new_thread(), file, "")]


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        (
            "rules.pdf",
            pdf_of([VAGUE, "", FIRST, f"{SECOND} gets MM123WA at Northstar."], [MEN]),
            "page 1",
        ),
        ("rules.docx", docx_of(VAGUE, OLD, MEN), "paragraph 2"),
        ("rules.txt", f"{VAGUE}\n\n{OLD}\n\n{MEN}".encode(), "line 3"),
    ],
)
async def test_each_rule_cites_its_sentence_and_the_rest_is_listed(
    world: World, assistant: Assistant, name: str, content: bytes, place: str
) -> None:
    card = card_of(await attach(assistant, world.author, name, content))
    texts = [r["text"] for r in card.payload["rules"]]
    assert len(texts) == 2
    assert f"{name}, {place}: {OLD}" in texts[0].replace("\\", "")
    assert "MM123WA" in texts[0] and "left to staff" in texts[1]
    (unread,) = card.payload["unread"]
    assert unread["text"] == VAGUE
    assert unread["reason"]
    assert f"Read 2 rules from “{name}”. 1 sentence became no rule" in card.payload["notices"][0]


async def test_they_are_confirmed_together_and_the_source_stays_in_the_rule(
    world: World, assistant: Assistant
) -> None:
    thread = new_thread()
    file = Attached("rules.txt", f"{OLD}\n\n{MEN}".encode())
    card = card_of([e async for e in assistant.attach(world.author, thread, file, "")])
    assert card.payload["unread"] == []
    done = await press(assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id)
    assert "Saved" in reply_of(done).text
    because = [r.because or "" for r in world.rules()]
    assert f"rules.txt, line 3: {MEN}" in because


async def test_two_sentences_with_one_title_are_two_rules(
    world: World, assistant: Assistant
) -> None:
    card = card_of(await attach(assistant, world.author, "rules.txt", f"{OLD}\n\n{OLD}".encode()))
    titles = [r["title"] for r in card.payload["rules"]]
    assert len(set(titles)) == 2
    assert titles[1] == f"{titles[0]} (2)"


async def test_a_text_without_a_rule_says_why_for_each_sentence(
    world: World, assistant: Assistant
) -> None:
    told = reply_of(await attach(assistant, world.author, "a.txt", VAGUE.encode())).text
    assert "No sentence of “a.txt” became a rule" in told
    assert f"**line 1**: {VAGUE}" in told


async def test_a_damaged_file_is_told_and_nothing_is_kept(
    world: World, assistant: Assistant
) -> None:
    before = world.rules()
    told = reply_of(await attach(assistant, world.author, "a.pdf", b"%PDF broken")).text
    assert "could not take up “a.pdf”" in told and "damaged" in told
    assert world.rules() == before


async def test_names_in_a_text_reach_no_card(world: World, assistant: Assistant) -> None:
    text = f"Maria Rodriguez, born 03/04/1980, complained about us.\n\n{MEN}"
    card = card_of(await attach(assistant, world.author, "a.txt", text.encode()))
    assert "Rodriguez" not in str(card.payload)
    assert "1980" not in str(card.payload)
