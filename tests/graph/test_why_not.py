"""Why and why not, said in the chat: of a past request, of the last one, of a described patient."""

from __future__ import annotations

from dataclasses import replace

from data.packs.load import load_pack
from data.rulelang.analyse.why_not import why_not
from data.rulelang.request import read_request
from data.rulelang.version import make_version
from data.rulelang.wish import Wish
from graph.context import PastRequest
from graph.drafters.grammar import GrammarDrafter
from graph.why_not import change_rows, why_not_words
from tests.graph.test_side_doors import FACTS, live
from tests.graph.world import World, new_thread, reply_of, say

STANDING = {**FACTS, "patient": {"age": 52, "sex": "female", "wheelchair": False}}


async def test_what_would_have_to_be_different_is_a_table_of_few_facts(world: World) -> None:
    world.past.requests["A-7"] = PastRequest("A-7", STANDING, {"procedure_code": "MM123"})
    thread = new_thread()
    async with world.assistant() as assistant:
        await live(world, assistant)
        why = reply_of(await say(assistant, world.author, thread, "why did A-7 get MM123?"))
        assert "“Wheelchair mammogram” came near, but it needs that the wheelchair" in why.text
        assert {"fact": "exam", "value": "screening mammogram"} in (why.rows or [])
        asked = reply_of(await say(assistant, world.author, thread, "why not MM123WA?"))
        assert "Procedure code is **MM123** by “General mammogram”, not MM123WA." in asked.text
        assert (
            "“Wheelchair mammogram” would give it, but it needs that the wheelchair" in asked.text
        )
        assert "It would be MM123WA with this fact." in asked.text
        assert asked.rows == [{"fact": "wheelchair assistance", "now": "no", "instead": "yes"}]
        again = await say(assistant, world.author, thread, "what would have to be different?")
        assert reply_of(again).rows == asked.rows
        modifier = await say(assistant, world.author, thread, "why not with WA?")
        assert reply_of(modifier).rows == asked.rows
        room = await say(assistant, world.author, thread, "why not Book the accessible room?")
        assert reply_of(room).rows == asked.rows
        other = reply_of(await say(assistant, world.author, thread, "why not MM123BI?"))
        assert "No change of facts gives MM123BI, here or at another clinic." in other.text


async def test_without_a_request_or_a_value_it_asks(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        await live(world, assistant)
        text = reply_of(await say(assistant, world.author, thread, "why not MM123WA?")).text
        assert "Which request do you mean?" in text
        world.past.requests["A-7"] = PastRequest("A-7", STANDING)
        await say(assistant, world.author, thread, "explain A-7")
        asked = await say(assistant, world.author, thread, "what would have to be different?")
        assert "Different for what?" in reply_of(asked).text


async def test_a_described_patient_is_explained(world: World) -> None:
    case = "a 52-year-old woman with a screening mammogram at north-1"
    async with world.assistant() as assistant:
        await live(world, assistant)
    world.services = replace(world.services, drafters=(GrammarDrafter(),))
    async with world.assistant() as assistant:
        asked = await say(assistant, world.author, new_thread(), f"why not MM123WA for {case}?")
        assert reply_of(asked).rows == [
            {"fact": "wheelchair assistance", "now": "not known", "instead": "yes"}
        ]
        assert "52-year-old woman" in reply_of(asked).text
        thread = new_thread()
        asked = await say(assistant, world.author, thread, f"why does {case} get MM123?")
        assert "It depends on what is not known: wheelchair assistance" in reply_of(asked).text
        unclear = await say(assistant, world.author, thread, "why does a zebra get MM123?")
        assert "could not read “a zebra”" in reply_of(unclear).text


def test_rows_that_would_have_to_be_there_are_told_with_the_facts() -> None:
    pack = load_pack("radiology")
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    exam = {"exam": "bone density", "date": "2026-11-20"}
    facts = {"request": exam, "clinic": {"id": "north-1"}, "prior_visits": []}
    request = read_request(version.ontology, facts)
    wish = Wish("prior_authorization", "value", True)
    found = why_not(version, request, wish)
    text = " ".join(why_not_words(version, found, request))
    assert "It would be yes with this fact and with other prior visits." in text
    rows = {r["fact"]: r for r in change_rows(version, found, request, several=False)}
    assert rows["prior visits"]["now"] == "as they are"
    assert rows["prior visits"]["instead"].startswith("a prior visit (exam bone density")
    assert rows["coverage type"]["instead"] == "Medicare"
