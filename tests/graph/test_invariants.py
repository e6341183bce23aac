"""Invariants in the chat: a draft that breaks one cannot be confirmed, and they can be listed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from data.rulelang.ast import Compare, Decide, Invariant
from tests.graph.small import RULE_SET
from tests.graph.world import SENTENCE, World, card_of, make_world, new_thread, press, reply_of, say

YOUNG = Invariant(
    "No WA under 50",
    Compare("patient.age", "is less than", 50),
    Decide("procedure_code", "MM123WA"),
    never=True,
    because="The law says so.",
)
BROKEN = replace(YOUNG, title="No MM200 under 50", outcome=Decide("procedure_code", "MM200"))


def world_with(folder: Path, *invariants: Invariant) -> World:
    return make_world(folder, rule_set=replace(RULE_SET, invariants=invariants))


async def test_a_draft_that_breaks_one_cannot_be_confirmed(tmp_path: Path) -> None:
    world = world_with(tmp_path, YOUNG)
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, new_thread(), SENTENCE)).payload
    assert not card["can_confirm"]
    (blocker,) = card["blockers"]
    assert "`Wheelchair mammogram` breaks the invariant `No WA under 50`" in blocker
    (finding,) = [f for f in card["findings"] if f["code"] == "invariant"]
    assert 40 <= finding["witness"]["patient"]["age"] < 50
    assert "40-year-old" in finding["witness_words"]


async def test_one_that_was_broken_before_is_not_this_authors_doing(tmp_path: Path) -> None:
    world = world_with(tmp_path, BROKEN)
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, new_thread(), SENTENCE)).payload
    assert card["can_confirm"], card["blockers"]


async def test_the_invariants_are_listed_with_whether_they_hold(tmp_path: Path) -> None:
    world = world_with(tmp_path, YOUNG, BROKEN)
    async with world.assistant() as assistant:
        reply = reply_of(await say(assistant, world.author, new_thread(), "show the invariants"))
    assert reply.text == "2 invariants in staging; broken: 1."
    assert reply.rows is not None
    assert [(r["invariant"], r["holds"]) for r in reply.rows] == [
        ("No MM200 under 50", "broken by Diagnostic mammogram"),
        ("No WA under 50", "yes"),
    ]


async def test_without_any_it_is_said_how_to_write_one(world: World) -> None:
    async with world.assistant() as assistant:
        reply = reply_of(await say(assistant, world.author, new_thread(), "show the invariants"))
    assert reply.text.startswith("There are no invariants yet.")


async def test_what_changed_tells_which_requests_change(world: World) -> None:
    async with world.assistant() as assistant:
        thread = new_thread()
        first = world.staging()
        assert first is not None
        card = card_of(await say(assistant, world.author, thread, SENTENCE))
        await press(assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id)
        told = reply_of(await say(assistant, world.author, thread, "what changed?")).text
        assert "**procedure code**: without WA → with WA, where patient age is at least 40" in told
        assert "Every other request gets the same answers: this is proven." in told
        since = f"what changed since version {first.removeprefix('sha256:')[:8]}"
        assert (
            "without WA → with WA"
            in reply_of(await say(assistant, world.author, thread, since)).text
        )
        none = reply_of(
            await say(assistant, world.author, thread, "what changed since version abc")
        )
        assert none.text.startswith("There is no version `abc`.")
