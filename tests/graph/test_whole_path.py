"""From a sentence to a live rule, headless: real store, real checkpoints."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from data.rulelang.ast import LeaveToStaff, Scope
from data.store import history_of_deployments
from graph.events import NodeFinished, NodeStarted
from tests.graph.small import WHEELCHAIR
from tests.graph.world import SENTENCE, World, card_of, new_thread, press, reply_of, say


async def test_a_sentence_becomes_a_rule_in_staging_then_in_production_and_back(
    world: World,
) -> None:
    thread, first = new_thread(), world.staging()
    async with world.assistant() as assistant:
        events = await say(assistant, world.author, thread, SENTENCE)
        card = card_of(events)
        assert card.kind == "confirm"
        assert card.payload["can_confirm"], card.payload["blockers"]
        assert [r["change"] for r in card.payload["rules"]] == ["new"]
        assert {"rule": "Wheelchair mammogram", "beats": "General mammogram"}.items() <= (
            card.payload["beats"][0].items()
        )
        assert world.staging() == first, "nothing is saved before it is confirmed"

        done = await press(
            assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id
        )
        assert "Saved" in reply_of(done).text
        assert world.staging() != first
        assert world.production() == first
        assert WHEELCHAIR in world.rules()

        own = await say(assistant, world.author, thread, "promote to production")
        assert "approver" in reply_of(own).text
        assert world.production() == first

        other = new_thread()
        card = card_of(await say(assistant, world.approver, other, "promote to production"))
        assert card.kind == "promotion"
        await press(assistant, world.approver, other, "confirm", interrupt_id=card.interrupt_id)
        assert world.production() == world.staging() != first

        card = card_of(await say(assistant, world.approver, other, "roll back"))
        assert card.payload["environment"] == "production"
        await press(assistant, world.approver, other, "confirm", interrupt_id=card.interrupt_id)
        assert world.production() == first


async def test_steps_are_told_in_order_in_plain_words(world: World) -> None:
    async with world.assistant() as assistant:
        events = await say(assistant, world.author, new_thread(), SENTENCE)
    started = [e.node for e in events if isinstance(e, NodeStarted)]
    assert started == ["route", "retrieve", "draft", "validate", "test", "score"]
    finished = [e for e in events if isinstance(e, NodeFinished)]
    assert all(e.summary and e.label and e.millis >= 0 for e in finished)


async def test_a_waiting_card_survives_a_restart_and_is_confirmed_once(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, thread, SENTENCE))
    async with world.assistant() as assistant:
        waiting = await assistant.pending(thread)
        assert waiting == card.payload
        await press(assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id)
        saved = world.staging()
    async with world.assistant() as assistant:
        assert await assistant.pending(thread) is None
        again = await press(
            assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id
        )
        assert "already" in reply_of(again).text
    assert world.staging() == saved


async def test_confirming_twice_at_once_saves_once(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, thread, SENTENCE))
        both = await asyncio.gather(
            *(
                press(assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id)
                for _ in range(2)
            )
        )
    texts = sorted(reply_of(events).text for events in both)
    assert ("Saved" in texts[0] and "already" in texts[1]) or "Saved" in texts[1]
    assert sum(r == WHEELCHAIR for r in world.rules()) == 1


async def test_two_processes_confirming_one_card_save_once(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as one, world.assistant() as other:
        card = card_of(await say(one, world.author, thread, SENTENCE))
        await asyncio.gather(
            *(
                press(a, world.author, thread, "confirm", interrupt_id=card.interrupt_id)
                for a in (one, other)
            )
        )
    with world.store.reading() as session:
        steps = history_of_deployments(session, world.org_id, "staging")
    assert len(steps) == 2
    assert WHEELCHAIR in world.rules()


async def test_two_authors_on_one_base_the_second_confirms_again(world: World) -> None:
    second = world.person("author")
    general = next(r for r in world.rules() if r.title == "Brain MRI")
    lakeside = Scope("family", ("Lakeside",))
    brain = replace(general, title="Brain at Lakeside", scope=lakeside,
                    then=(LeaveToStaff("procedure_code"),))  # fmt: skip
    world.drafter.learn("the brain rule", brain)
    mine, theirs = new_thread(), new_thread()
    async with world.assistant() as assistant:
        first = card_of(await say(assistant, world.author, mine, SENTENCE))
        other = card_of(await say(assistant, second, theirs, "the brain mri rule"))
        assert other.kind == "question"
        other = card_of(
            await press(assistant, second, theirs, "answer",
                        interrupt_id=other.interrupt_id, text="the brain rule")
        )  # fmt: skip
        await press(assistant, world.author, mine, "confirm", interrupt_id=first.interrupt_id)
        again = card_of(
            await press(assistant, second, theirs, "confirm", interrupt_id=other.interrupt_id)
        )
        assert again.interrupt_id != other.interrupt_id
        assert again.payload["base_version"] == world.staging()
        assert any("Another change" in n for n in again.payload["notices"])
        assert brain not in world.rules()
        await press(assistant, second, theirs, "confirm", interrupt_id=again.interrupt_id)
    assert {brain, WHEELCHAIR} <= set(world.rules())
