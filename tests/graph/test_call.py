"""An operator's call: facts from words, one question at a time, the code at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from data.ontology.model import Attribute
from data.packs.load import load_pack
from data.rulelang.ast import RuleSet
from data.rulelang.parse import parse
from data.rulelang.version import make_version
from graph.call import hear, options, question, value_of
from graph.drafters.grammar import GrammarDrafter
from graph.events import Card
from graph.run import Who
from tests.graph.small import RULES, WHEELCHAIR
from tests.graph.talk import shipped, talking
from tests.graph.world import World, card_of, make_world, new_thread, press, reply_of, say

TODAY = date(2026, 11, 20)


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[World]:
    """A network with the wheelchair rule in production, and a drafter that reads words."""
    rules = RuleSet((*RULES, WHEELCHAIR))
    yield make_world(tmp_path, rule_set=rules, drafters=(GrammarDrafter(),))


@pytest.fixture
def operator(calls: World) -> Who:
    return calls.person("operator", grants=())


async def test_a_described_appointment_is_asked_on_until_its_code_stands(
    calls: World, operator: Who
) -> None:
    async with calls.assistant() as assistant:
        thread = new_thread()
        heard = "52 year old woman, screening mammogram at North 1"
        card = card_of(await say(assistant, operator, thread, heard))
        assert card.payload["text"] == "Wheelchair assistance?"
        assert card.payload["options"] == ["Yes", "No"]
        assert "patient age: 52 years" in card.payload["understood"]
        assert "clinic: north-1" in card.payload["understood"]
        done = await press(
            assistant, operator, thread, "answer", interrupt_id=card.interrupt_id, text="Yes"
        )
        told = reply_of(done)
        assert "## `MM123WA`" in told.text
        assert "Book the accessible room." in told.text
        assert "Wheelchair mammogram" in told.text
        assert [a.label for a in told.actions] == ["Start over", "Change an answer"]


async def test_an_answer_can_be_changed_afterwards(calls: World, operator: Who) -> None:
    async with calls.assistant() as assistant:
        thread = new_thread()
        await say(assistant, operator, thread, "screening mammogram, wheelchair, age 52, north-1")
        which = card_of(await say(assistant, operator, thread, "change an answer"))
        assert "wheelchair assistance: yes" in which.payload["options"]
        card = card_of(await say(assistant, operator, thread, "wheelchair assistance: yes"))
        assert card.payload["text"] == "Wheelchair assistance?"
        told = reply_of(await say(assistant, operator, thread, "no"))
        assert "## `MM123`" in told.text


async def test_what_was_not_known_can_be_answered_afterwards(calls: World, operator: Who) -> None:
    async with calls.assistant() as assistant:
        thread = new_thread()
        await say(assistant, operator, thread, "screening mammogram, age 52, north-1")
        open_ = reply_of(await say(assistant, operator, thread, "Don’t know"))
        assert "MM123WA" in open_.text
        which = card_of(await say(assistant, operator, thread, "change an answer"))
        assert "wheelchair assistance: not known" in which.payload["options"]
        picked = await say(assistant, operator, thread, "wheelchair assistance: not known")
        assert card_of(picked).payload["text"] == "Wheelchair assistance?"
        told = reply_of(await say(assistant, operator, thread, "yes"))
        assert "## `MM123WA`" in told.text


@pytest.mark.parametrize("said", ["82", "82.5", "82,5", "82 kg"])
def test_a_number_with_a_fraction_is_read_as_typed(said: str) -> None:
    pack = load_pack("radiology")
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, RuleSet())
    read = value_of(version, pack.ontology.attributes["patient.weight"], said, TODAY)
    assert read == Decimal("82.5" if "5" in said else "82")


async def test_what_does_not_fit_is_asked_again_with_what_fits(calls: World, operator: Who) -> None:
    async with calls.assistant() as assistant:
        thread = new_thread()
        first = card_of(await say(assistant, operator, thread, "new appointment"))
        assert first.payload["text"] == "Which exam?"
        again = card_of(await say(assistant, operator, thread, "qwerty"))
        assert again.payload["text"] == "Which exam?"
        assert "“qwerty” does not fit." in again.payload["notice"]
        assert "screening mammogram" in again.payload["notice"]


@pytest.mark.parametrize("odd", ["🤷", "'; drop table;--", "<b>x</b>", "{}", "-1", "x" * 2_000])
async def test_odd_answers_break_nothing(calls: World, operator: Who, odd: str) -> None:
    async with calls.assistant() as assistant:
        thread = new_thread()
        await say(assistant, operator, thread, "new appointment")
        assert card_of(await say(assistant, operator, thread, odd)).payload["text"] == "Which exam?"


async def test_what_nobody_knows_is_not_asked_again(calls: World, operator: Who) -> None:
    async with calls.assistant() as assistant:
        thread = new_thread()
        card = card_of(
            await say(assistant, operator, thread, "screening mammogram at north-1, age 52")
        )
        assert card.payload["text"] == "Wheelchair assistance?"
        told = reply_of(await say(assistant, operator, thread, "don't know"))
        assert "MM123 or MM123WA" in told.text
        assert "wheelchair assistance" in told.text


async def test_a_call_outlives_the_process(calls: World, operator: Who) -> None:
    thread = new_thread()
    async with calls.assistant() as assistant:
        await say(assistant, operator, thread, "screening mammogram at north-1, age 52")
    async with calls.assistant() as assistant:
        told = reply_of(await say(assistant, operator, thread, "no"))
        assert "## `MM123`" in told.text


async def test_starting_over_forgets_the_appointment(calls: World, operator: Who) -> None:
    async with calls.assistant() as assistant:
        thread = new_thread()
        card = card_of(await say(assistant, operator, thread, "screening mammogram, age 52"))
        await press(assistant, operator, thread, "discard", interrupt_id=card.interrupt_id)
        assert await assistant.pending(thread) is None
        fresh = card_of(await say(assistant, operator, thread, "new appointment"))
        assert fresh.payload["understood"] == []


async def test_production_decides_not_staging(calls: World, operator: Who) -> None:
    staged = calls.services.version(calls.org_id, str(calls.staging()))
    assert staged.rule_set.rule("Wheelchair mammogram")
    async with calls.assistant() as assistant:
        author = calls.author
        await say(assistant, author, new_thread(), "retire the rule Chest x-ray")
        told = reply_of(await say(assistant, operator, new_thread(), "chest x-ray at north-1"))
        assert "CX100" in told.text


async def test_who_writes_rules_asks_for_a_code_by_its_phrase(calls: World) -> None:
    async with calls.assistant() as assistant:
        told = reply_of(
            await say(assistant, calls.author, new_thread(), "code for chest x-ray at north-1")
        )
        assert "CX100" in told.text


async def test_two_presses_of_one_answer_count_once(calls: World, operator: Who) -> None:
    async with calls.assistant() as assistant:
        thread = new_thread()
        card = card_of(
            await say(assistant, operator, thread, "screening mammogram at north-1, age 52")
        )
        sent = {"interrupt_id": card.interrupt_id, "text": "No"}
        await press(assistant, operator, thread, "answer", **sent)
        again = reply_of(await press(assistant, operator, thread, "answer", **sent))
        assert "decided already" in again.text


def test_words_become_facts_and_the_rest_is_said_back(calls: World) -> None:
    version = calls.services.version(calls.org_id, str(calls.production()))
    drafter = GrammarDrafter()
    found = hear(drafter, version, "wheelchair is no, chest x-ray, blorp", TODAY)
    assert found.facts == {"patient.wheelchair": False, "request.exam": "chest x-ray"}
    assert found.unread == ["blorp"]
    assert hear(drafter, version, "", TODAY).facts == {}


@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        ("boolean", "Yes.", True), ("boolean", "perhaps", None),
        ("integer", "52 years", 52), ("integer", "fifty", None), ("integer", "200", None),
        ("date", "2026-12-03", date(2026, 12, 3)), ("date", "tomorrow", date(2026, 11, 21)),
        ("date", "next Sunday", None),
        ("time", "14:30", time(14, 30)),
    ],
)  # fmt: skip
def test_a_typed_answer_fits_or_it_does_not(
    calls: World, kind: str, said: str, value: object
) -> None:
    version = calls.services.version(calls.org_id, str(calls.production()))
    attribute = Attribute("a.x", kind, "x", unit="years", min=0, max=120)  # type: ignore[arg-type]
    assert value_of(version, attribute, said, TODAY) == value


def test_places_are_offered_by_the_table(calls: World) -> None:
    version = calls.services.version(calls.org_id, str(calls.production()))
    clinic = version.ontology.attributes["clinic.id"]
    assert options(version, {"clinic.family": "Northstar"}, clinic) == ["north-1", "north-2"]
    assert value_of(version, clinic, "North 2", TODAY) == "north-2"
    assert value_of(version, clinic, "north-9", TODAY) is None
    age = version.ontology.attributes["patient.age"]
    assert question(age) == "What is the patient age, in years?"


async def test_whoever_does_not_know_the_family_is_asked_for_the_clinic(tmp_path: Path) -> None:
    async with talking("radiology", tmp_path, role="operator") as call:
        asked = await call.card("an appointment for a 52-year-old woman with a screening mammogram")
        assert asked.payload["text"] == "Which clinic family?"
        clinics = await call.card("don't know")
        assert clinics.payload["text"] == "Which clinic id?"
        assert len(clinics.payload["options"]) == len(shipped("radiology").scope_rows)
        assert "## `MM123`" in await call.reply("North 3")


async def test_a_day_is_said_in_words_and_one_of_two_is_asked_about(tmp_path: Path) -> None:
    async with talking("radiology", tmp_path, role="operator") as call:
        told = await call.reply(
            "a 52-year-old woman with a screening mammogram at North 3 on 20 December 2026"
        )
        assert "on 20 December 2026" in told
        await call.say("change an answer")
        asked = await call.card("appointment date: 20 December 2026")
        assert asked.payload["text"] == "Which appointment date?"
        either = await call.card("3/4/2027")
        assert "3 April 2027 or 4 March 2027. Which one?" in either.payload["notice"]
        assert "on 4 March 2027" in await call.reply("4 March 2027")


@pytest.mark.parametrize("back", ["why?", "Why do you ask?"])
async def test_why_a_question_is_asked_is_told_and_the_question_stays(
    calls: World, operator: Who, back: str
) -> None:
    async with calls.assistant() as assistant:
        thread = new_thread()
        first = card_of(await say(assistant, operator, thread, "screening mammogram, north-1"))
        again = card_of(await say(assistant, operator, thread, back))
        assert again.payload["text"] == first.payload["text"]
        assert again.payload["notice"] == "It can still change the procedure code."


async def test_what_nobody_can_be_asked_about_is_told_and_no_button_goes_round(
    tmp_path: Path,
) -> None:
    pack = shipped("radiology")
    text = (
        'rule "again"\n  when  exam is screening mammogram\n'
        "  and any prior visit within the last 11 months\n  then  prior authorization is yes"
    )
    read = parse(text, pack.ontology, pack.code_sets).rule_set.rules
    rules = replace(pack.rule_set, rules=(*pack.rule_set.rules, *read))
    async with talking(replace(pack, rule_set=rules), tmp_path, role="operator") as call:
        said = await call.say("a 52-year-old woman with a screening mammogram at North 3")
        told = reply_of(said)
        assert "## `MM123`" in told.text
        assert "it hangs on the appointment date and prior visits" in told.text
        again = [a.label for a in told.actions]
        for _ in range(4):
            if "Ask for the rest" not in again:
                break
            done = await call.say("ask for the rest")
            assert any(isinstance(e, Card) for e in done), "the button asks something"
            again = [a.label for a in reply_of(await call.say("don't know")).actions]
        assert "Ask for the rest" not in again
