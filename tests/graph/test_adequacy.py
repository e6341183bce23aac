"""What the scenarios miss, in the chat: a score, one patient at a time, yes keeps a scenario."""

from __future__ import annotations

from data.store import scenarios
from graph.run import Assistant
from tests.graph.world import World, new_thread, press, reply_of, say

RULE = "General mammogram"


async def asked(assistant: Assistant, world: World, thread: str) -> str:
    said = f"how good are the scenarios for {RULE}?"
    return reply_of(await say(assistant, world.author, thread, said)).text


async def test_yes_keeps_a_scenario_that_notices_more(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        said = f"how good are the scenarios for {RULE.lower()}?"
        first = reply_of(await say(assistant, world.author, thread, said))
        assert f"“{RULE}”: Your scenarios notice 0 of" in first.text
        assert "today. Is that right?" in first.text and "No scenario would notice" in first.text
        assert [a.label for a in first.actions] == ["Yes, keep it", "No", "Ask another"]
        reply, pressed = first, 0
        while reply.actions:
            yes = reply.actions[0]
            pressed += 1
            told = await press(assistant, world.author, thread, yes.action, **yes.payload)
            reply = reply_of(told)
        assert reply.text.endswith("That was the last question.")
        with world.store.reading() as session:
            assert len(scenarios(session, world.org_id)) == pressed
        then = await asked(assistant, world, thread)
        assert "(100%): every one." in then


async def test_no_leads_to_a_change_of_the_rule_and_skipping_to_the_next(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        await asked(assistant, world, thread)
        no = reply_of(await say(assistant, world.author, thread, "case 1 is wrong"))
        (change,) = no.actions
        opened = await press(assistant, world.author, thread, change.action, **change.payload)
        assert "What should change?" in reply_of(opened).text
        skipped = reply_of(await say(assistant, world.author, thread, "skip case 1"))
        assert skipped.text.startswith("Left aside.")
        lost = reply_of(await say(assistant, world.author, new_thread(), "case 1 is right"))
        assert "I asked about no such case" in lost.text
        with world.store.reading() as session:
            assert not scenarios(session, world.org_id)


async def test_a_whole_rule_set_has_a_score_and_an_unknown_rule_is_told(world: World) -> None:
    async with world.assistant() as assistant:
        whole = await say(assistant, world.author, new_thread(), "what do my scenarios miss?")
        assert "Your scenarios notice 0 of" in reply_of(whole).text
        said = "how good are the scenarios for Zebra?"
        unknown = await say(assistant, world.author, new_thread(), said)
        assert "No rule has that title." in reply_of(unknown).text
