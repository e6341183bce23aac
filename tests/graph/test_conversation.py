"""Said while a question waits: an answer, another rule, a question back; nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.packs.load import load_pack
from data.rulelang.ast import Decide
from graph.drafters.base import Task
from graph.drafters.grammar import GrammarDrafter
from graph.meant import Meant, meant
from tests.graph.small import WHEELCHAIR
from tests.graph.talk import Talk, rule_of, talking
from tests.graph.world import World, card_of, new_thread, reply_of, say

ZORBLY = "Women over 65 with a zorbly brain MRI get 15 extra minutes"
STRETCHER = "Stretcher patients at Northstar get 20 extra minutes"
WHAT = "What do you mean by `zorbly`?"


@pytest.fixture(scope="module")
def task() -> Task:
    pack = load_pack("issues")
    return Task(pack.ontology, pack.code_sets, pack.rule_set, scope_rows=pack.scope_rows)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("leave it out", "answer"),
        ("critical", "answer"),
        ("the issue is a bug of the payments team", "answer"),
        ("when the customer is an enterprise", "answer"),
        ("P1?", "answer"),
        ("Critical bugs get priority P1", "rule"),
        ("Critical bugs with florps get priority P1", "rule"),
        ("if the customer is a frobozz, the priority is P2", "rule"),
        ("which teams are there?", "asks"),
        ("why do you ask that?", "asks"),
        ("I don't know", "unsure"),
        ("no idea.", "unsure"),
    ],
)
def test_words_while_a_question_waits_are_told_apart(task: Task, said: str, what: Meant) -> None:
    card = {"text": WHAT, "options": ["leave it out"]}
    assert meant(said, card, GrammarDrafter(), task) == what


async def test_another_rule_is_begun_and_the_first_one_is_offered_again(talk: Talk) -> None:
    await talk.card(ZORBLY)
    card = await talk.card(STRETCHER)
    assert "stretcher transport is yes" in rule_of(card)
    assert "sex" not in rule_of(card), "nothing is glued to the sentence before"
    assert f"left “{ZORBLY}” aside" in card.payload["notices"][0]
    done = reply_of(await talk.press(card))
    assert f"We were at “{ZORBLY}”. Go on?" in done.text
    assert await talk.assistant.pending(talk.thread) is None
    again = await talk.card(str(done.actions[0].payload["text"]))
    assert again.payload["text"] == WHAT
    assert "sex is female" in rule_of(await talk.card("leave it out"))
    assert "no unfinished drafts" in await talk.reply("show my drafts")


async def test_a_rule_with_an_unknown_word_is_no_answer_either(talk: Talk) -> None:
    await talk.card(ZORBLY)
    card = await talk.card("Patients over 80 with glaxor get 10 extra minutes")
    assert card.payload["text"] == "What do you mean by `glaxor`?"
    assert ZORBLY in card.payload["note"]


async def test_a_question_back_leaves_the_question_waiting(talk: Talk) -> None:
    await talk.card(ZORBLY)
    for said in ("what is that supposed to mean?", "I don't know"):
        events = await talk.say(said)
        assert WHAT in reply_of(events).text
        waits = await talk.assistant.pending(talk.thread)
        assert waits is not None and waits["text"] == WHAT
    assert "sex is female" in rule_of(await talk.card("leave it out"))


async def test_an_answer_without_a_word_that_counts_is_asked_about(talk: Talk) -> None:
    await talk.card(ZORBLY)
    card = await talk.card("the one that they have")
    assert card.kind == "question"
    assert card.payload["text"].startswith("I could not use the answer `the one that they have`")


async def test_what_is_left_out_stands_on_the_card(talk: Talk) -> None:
    await talk.card(ZORBLY)
    card = await talk.card("leave it out")
    told = "You said “zorbly”; this rule does not use it."
    assert told in card.payload["notices"]
    changed = await talk.card("make it 70")
    while changed.kind == "question":
        changed = await talk.card(changed.payload["options"][0])
    assert told in changed.payload["notices"], "a change of the draft does not forget it"


async def test_after_two_questions_a_draft_can_be_put_aside_with_what_is_open(talk: Talk) -> None:
    said = "a zorbly brain MRI of a fump patient with glax and quibble gets 15 extra minutes"
    card = await talk.card(said)
    for _ in range(2):
        assert "keep it as unfinished" not in card.payload["options"]
        card = await talk.card("leave it out")
    assert card.payload["text"].startswith("Still open: “What do you mean by `")
    assert "keep it as unfinished" in card.payload["options"]
    open_ = card.payload["text"].split("“")[1].split("”")[0]
    kept = await talk.reply("keep it as unfinished")
    assert f"Still open: “{open_}”" in kept
    assert open_ in await talk.reply("show my drafts")
    again = await talk.card("go on")
    assert open_ in again.payload["text"], "what was answered before is not asked again"


async def test_a_new_rule_beside_a_waiting_draft_can_join_it(talk: Talk) -> None:
    first = rule_of(await talk.card("Women over 65 in a wheelchair get 15 extra minutes"))
    question = await talk.card(STRETCHER)
    assert "add it as a second rule" in question.payload["options"]
    both = await talk.card("add it as a second rule")
    assert rule_of(both).startswith(first) and "adds 20" in rule_of(both)
    assert (
        both.payload["summary"].startswith("Adds “") and "Adds" not in both.payload["summary"][1:]
    )


async def test_rules_that_no_rule_set_can_hold_are_asked_about(world: World) -> None:
    twice = replace(WHEELCHAIR, then=(*WHEELCHAIR.then, Decide("procedure_code", "MM200")))
    world.drafter.learn("the mammogram code twice", twice)
    async with world.assistant() as assistant:
        said = await say(assistant, world.author, new_thread(), "the mammogram code twice")
    assert card_of(said).payload["text"].startswith("That cannot be one rule: ")


@pytest.mark.parametrize(
    ("case", "kept"),
    [
        ("a 52-year-old woman with a screening mammogram at North 3 gets MM123",
         "Kept: a 52-year-old woman, screening mammogram at north-3 should get procedure code"),
        ("a 39-year-old man with a wheelchair should get MM125",
         "Only Northstar has that code, so it is a case of Northstar."),
        ("a 52-year-old woman with a CT head at Northstar on 1 December 2026 is left to staff",
         "at Northstar on 1 December 2026 should get procedure code left to staff"),
        ("a stretcher patient should have 45 minutes", "should get appointment length 45"),
        ("a 52-year-old woman with a screening mammogram at South 1 gets MM123",
         "`MM123` is not a code of South"),
        ("a woman over 52 gets MM123", "say each fact as it is, not a range"),
    ],
)  # fmt: skip
async def test_a_scenario_is_read_from_one_sentence(talk: Talk, case: str, kept: str) -> None:
    assert kept in await talk.reply(f"add a scenario: {case}")


async def test_one_case_said_as_a_rule_can_be_kept_as_a_scenario(talk: Talk) -> None:
    card = await talk.card("a 52-year-old woman with a screening mammogram at Northstar gets MM126")
    assert any("reads like one case" in n for n in card.payload["notices"])
    assert "Kept: a 52-year-old woman" in await talk.reply("keep it as a scenario")
    assert await talk.assistant.pending(talk.thread) is None
    general = await talk.card("women over 52 with a brain MRI get 15 extra minutes")
    assert not any("reads like one case" in n for n in general.payload["notices"])


async def test_the_table_of_places_settles_whose_code_it_is(talk: Talk) -> None:
    card = await talk.card("At North 3 women in a wheelchair with a brain MRI get MR102")
    assert card.kind == "question" or "north-3" in rule_of(card)
    assert "For which clinic family" not in card.payload.get("text", "")


async def test_markup_is_told_as_markup(talk: Talk) -> None:
    for said in ("<p>hello</p><script>alert(1)</script>", "<b>Women</b> over 50 get MM123"):
        assert "holds markup or a link" in await talk.reply(said)


async def test_help_names_invariants_history_and_drafts(talk: Talk) -> None:
    told = await talk.reply("help")
    for said in ("show the invariants", "show the version history", "go on", "codes with"):
        assert said in told


OLD = "Women over 65 with a brain MRI get 15 extra minutes"


async def test_changes_are_taken_back_one_by_one(talk: Talk) -> None:
    first = rule_of(await talk.card(OLD))
    second = rule_of(await talk.card("make it 20 minutes"))
    third = rule_of(await talk.card("only at Northstar"))
    assert len({first, second, third}) == 3
    assert rule_of(await talk.card("undo")) == second
    assert rule_of(await talk.card("take that back")) == first
    events = await talk.say("undo that")
    assert "Nothing was changed yet" in reply_of(events).text
    assert rule_of(card_of(events)) == first


async def test_an_answer_is_taken_back(talk: Talk) -> None:
    first = await talk.card("a zorbly brain MRI with glax gets 15 extra minutes")
    await talk.card("wheelchair")
    again = await talk.card("undo")
    assert again.payload["text"] == first.payload["text"]
    await talk.card("stretcher")
    assert "wheelchair" not in rule_of(await talk.card("leave it out"))


@pytest.mark.parametrize("said", [OLD, ZORBLY])
async def test_starting_again_drops_what_waits(talk: Talk, said: str) -> None:
    await talk.card(said)
    assert "Nothing was saved" in await talk.reply("start again")
    assert await talk.assistant.pending(talk.thread) is None
    assert "sex is female" in rule_of(await talk.card(OLD))


async def test_starting_again_where_nothing_waits_opens_no_call(talk: Talk) -> None:
    assert "state a rule" in await talk.reply("start again")
    assert "sex is female" in rule_of(await talk.card(OLD))


async def test_another_change_takes_the_place_of_one_that_was_not_understood(talk: Talk) -> None:
    await talk.card(OLD)
    asked = await talk.card("hmm the thing")
    assert asked.payload["text"].startswith("What should change in the draft?")
    card = await talk.card("only at Northstar")
    assert "family Northstar" in rule_of(card)
    assert "in place of “hmm the thing”" in card.payload["notices"][0]
    asked = await talk.card("make it 20")
    assert asked.payload["text"] == "Which number should become 20?"
    assert "stretcher transport is yes" in rule_of(await talk.card("only for stretcher patients"))


STRETCHERS = "Stretcher patients at Northstar get 20 extra minutes"


async def saved(talk: Talk, said: str) -> str:
    """Says a rule, confirms it, and gives its title."""
    card = await talk.card(said)
    await talk.press(card)
    return str(card.payload["rules"][0]["title"])


@pytest.mark.parametrize(
    ("said", "has"),
    [
        ("no, men", "sex is male"),
        ("over 70", "age is more than 70"),
        ("not 65 but 75", "age is more than 75"),
        ("instead of 15, 25", "adds 25"),
        ("and they must be in a wheelchair", "wheelchair assistance is yes"),
        ("they should not be pregnant", "pregnant is no"),
    ],
)
async def test_a_draft_is_corrected_in_a_few_words(talk: Talk, said: str, has: str) -> None:
    await talk.card(OLD)
    card = await talk.card(said)
    assert has in rule_of(card)
    assert "exam is MRI brain" in rule_of(card)


async def test_the_same_for_another_place_is_a_rule_of_its_own(talk: Talk) -> None:
    await talk.card(STRETCHERS)
    both = await talk.card("same for South, but 30 minutes")
    assert "family Northstar" in rule_of(both) and "adds 20" in rule_of(both)
    assert "family South" in rule_of(both) and "adds 30" in rule_of(both)
    await talk.press(both)
    title = both.payload["rules"][1]["title"]
    await talk.say(f"show the rule {title}")
    third = await talk.card("the same for Summit")
    assert [r["change"] for r in third.payload["rules"]] == ["new"]
    assert "family Summit" in rule_of(third) and "adds 30" in rule_of(third)


async def test_the_same_of_nothing_is_asked_about(talk: Talk) -> None:
    assert "The same as which rule?" in await talk.reply("same for South")
    await saved(talk, STRETCHERS)
    nothing = await talk.card("same for women")
    assert "says nothing of that now" in nothing.payload["text"]


async def test_that_rule_is_the_one_spoken_of_last(talk: Talk) -> None:
    title = await saved(talk, STRETCHERS)
    assert title in await talk.reply("show that rule")
    card = await talk.card("change that rule: make it 30 minutes")
    (changed,) = card.payload["rules"]
    assert (changed["title"], changed["change"]) == (title, "changed")
    assert "adds 30" in changed["text"] and "adds 20" in changed["before_text"]
    await talk.press(card)
    await talk.reply("show the rule Wheelchair mammogram at South")
    other = await talk.card("it should only hold for women over 40")
    assert other.payload["rules"][0]["title"] == "Wheelchair mammogram at South"
    await talk.say("discard it")
    gone = await talk.card("pause that rule")
    assert gone.payload["draft_kind"] == "pause"


async def test_a_live_rule_is_changed_by_saying_what_it_is_about(talk: Talk) -> None:
    card = await talk.card("the wheelchair mammogram rule should only hold for women over 40")
    (changed,) = card.payload["rules"]
    assert changed["title"] == "Wheelchair mammogram at South"
    assert "age is more than 40" in changed["text"] and "age" not in changed["before_text"]
    await talk.say("discard")
    events = await talk.say("change the wheelchair one to 30 minutes")
    offered = reply_of(events).actions
    assert len(offered) > 1
    assert all(str(b.payload["text"]).endswith(": make it 30 minutes") for b in offered)


async def test_the_other_one_is_the_other_answer(talk: Talk) -> None:
    await talk.card(OLD)
    assert "only one way to read it" in await talk.reply("no, the other one")
    await talk.say("discard")
    await talk.card(OLD)
    asked = await talk.card("make it 20")
    first, second = asked.payload["options"]
    assert "age is more than 20" in rule_of(await talk.card(first))
    other = await talk.card("no, the other one")
    assert "adds 20" in rule_of(other) and "age is more than 65" in rule_of(other)
    assert second in other.payload["message"]


async def test_an_outcome_is_corrected_in_a_word(talk: Talk, tmp_path: Path) -> None:
    await talk.card("Women over 40 with a screening mammogram at Northstar get MM123")
    assert "procedure code is MM126" in rule_of(await talk.card("no, MM126"))
    issues = tmp_path / "issues"
    issues.mkdir()
    async with talking("issues", issues) as other:
        await other.card("Critical bugs of enterprise customers get priority P1")
        assert "priority is P2" in rule_of(await other.card("no, P2"))
        assert "kind is feature" in rule_of(await other.card("I meant features"))
