"""Every side door: what is asked by words, what waits for a word, what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.rulelang.ast import Scope
from data.store import record_decision, scenarios
from graph.context import PastRequest
from graph.drafters.base import Draft, Question, Reading, Task
from graph.drafters.grammar import GrammarDrafter
from graph.events import Card
from graph.run import Assistant, Who
from tests.graph.small import WHEELCHAIR
from tests.graph.world import (
    SENTENCE,
    World,
    card_of,
    keep_case,
    new_thread,
    press,
    reply_of,
    say,
)

FACTS = {
    "patient": {"age": 52, "sex": "female", "wheelchair": True, "name": "Nobody Atall"},
    "request": {"exam": "screening mammogram", "date": "2026-11-20"},
    "clinic": {"id": "north-1", "family": "Northstar", "state": "TX"},
}


async def confirmed(assistant: Assistant, who: Who, text: str) -> str:
    """Says it, confirms the card it leads to, and returns the last reply."""
    thread = new_thread()
    card = card_of(await say(assistant, who, thread, text))
    done = await press(assistant, who, thread, "confirm", interrupt_id=card.interrupt_id)
    return reply_of(done).text


async def live(world: World, assistant: Assistant) -> None:
    """The wheelchair rule in staging and in production."""
    await confirmed(assistant, world.author, SENTENCE)
    await confirmed(assistant, world.approver, "promote to production")


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("show the rules about mammograms", {"General mammogram", "Diagnostic mammogram"}),
        ("show the rules about cxr", {"Chest x-ray"}),
        ("which rules mention wheelchairs?", {"Accessible room"}),
        ("find rules for north star", {"Accessible room"}),
        ("show the rule Brain MRI", {"Brain MRI"}),
        ("show the rules about MM200", {"Diagnostic mammogram"}),
        ("show the rules about mamograms", {"General mammogram", "Diagnostic mammogram"}),
    ],
)
async def test_rules_are_found_by_what_people_call_them(
    world: World, asked: str, titles: set[str]
) -> None:
    async with world.assistant() as assistant:
        reply = reply_of(await say(assistant, world.author, new_thread(), asked))
    assert reply.rows is not None
    assert {row["rule"] for row in reply.rows} == titles


async def test_all_rules_are_shown_and_nothing_is_told_plainly(world: World) -> None:
    async with world.assistant() as assistant:
        everything = reply_of(await say(assistant, world.author, new_thread(), "show rules"))
        nothing = reply_of(
            await say(assistant, world.author, new_thread(), "show the rules about zebras")
        )
    assert everything.rows is not None and len(everything.rows) == 5
    assert nothing.text.startswith("No rule speaks of `zebras`")


async def test_rules_are_listed_of_the_environment_that_matters_to_the_person(
    world: World,
) -> None:
    async with world.assistant() as assistant:
        same = reply_of(await say(assistant, world.author, new_thread(), "show rules"))
        assert same.text.startswith("5 rules in staging and production:")
        await confirmed(assistant, world.author, SENTENCE)
        for who in (world.author, world.approver):
            ahead = reply_of(await say(assistant, who, new_thread(), "show rules"))
            assert ahead.text.startswith("6 rules in staging. Production still runs version ")
            assert ahead.rows is not None and len(ahead.rows) == 6
        for role in ("operator", "reviewer"):
            live = reply_of(await say(assistant, world.person(role), new_thread(), "show rules"))
            assert live.text.startswith("5 rules in production:")
            assert live.rows is not None and len(live.rows) == 5
            assert "in production" not in live.rows[0]


async def test_what_changed_compares_staging_with_production(world: World) -> None:
    async with world.assistant() as assistant:
        await confirmed(assistant, world.author, SENTENCE)
        reply = reply_of(await say(assistant, world.author, new_thread(), "what changed?"))
        assert reply.rows is not None
        assert [(r["rule"], r["change"]) for r in reply.rows] == [("Wheelchair mammogram", "new")]
        assert SENTENCE in reply.text and world.author.login in reply.text
        assert not reply.actions
        theirs = reply_of(await say(assistant, world.approver, new_thread(), "what changed?"))
        assert [a.action for a in theirs.actions] == ["promote"]
        pressed = await press(assistant, world.approver, new_thread(), "promote")
        card = card_of(pressed)
        assert card.kind == "promotion"
        (row,) = card.payload["rules"]
        assert (row["author"], row["message"]) == (world.author.login, SENTENCE)
        await confirmed(assistant, world.approver, "promote to production")
        reply = reply_of(await say(assistant, world.author, new_thread(), "what changed?"))
        assert "same version" in reply.text
        back = card_of(await say(assistant, world.approver, new_thread(), "roll back production"))
        (row,) = back.payload["rules"]
        assert (row["change"], row["author"]) == ("taken out", world.author.login)


async def test_why_and_why_not(world: World) -> None:
    world.past.requests["A-000123"] = PastRequest(
        "A-000123", FACTS, {"procedure_code": "MM123"}, "2025 rules"
    )
    thread = new_thread()
    async with world.assistant() as assistant:
        await live(world, assistant)
        why = reply_of(
            await say(assistant, world.author, thread, "why did A-000123 get MM123?")
        ).text
        assert "stands in the record; the rules that run now give MM123WA" in why
        assert "beats “General mammogram”, because it is the exception" not in why
        assert "It beats “General mammogram”" in why
        assert "older version (2025 rul" in why
        assert "Nobody" not in why
        why_not = reply_of(await say(assistant, world.author, thread, "why not MM123?")).text
        assert "“General mammogram” applies, but “Wheelchair mammogram” beats it" in why_not
        why_not = reply_of(await say(assistant, world.author, thread, "why not MM200?")).text
        assert "it needs that the exam is diagnostic mammogram" in why_not
        unknown = reply_of(await say(assistant, world.author, thread, "why not QQ7?")).text
        assert "`QQ7` is nothing that these rules decide" in unknown


async def test_why_reads_the_decisions_made_here_and_says_when_a_person_overruled(
    world: World,
) -> None:
    facts = {k: dict(v) for k, v in FACTS.items()}
    facts["patient"].pop("name")
    with world.store.session() as session:
        record_decision(
            session, world.org_id, "production", world.production(), "R-77", facts,
            {"procedure_code": {"status": "decided", "value": "MM123"}},
        )  # fmt: skip
    world.past.requests["A-9"] = PastRequest("A-9", FACTS, {"procedure_code": "MM200"}, "x", True)
    async with world.assistant() as assistant:
        here = reply_of(await say(assistant, world.author, new_thread(), "explain R-77")).text
        assert "procedure code: MM123" in here and "record" not in here
        overruled = reply_of(await say(assistant, world.author, new_thread(), "explain A-9")).text
        assert "A person set that value" in overruled
        nobody = reply_of(await say(assistant, world.author, new_thread(), "explain A-10")).text
        assert "I know no request `A-10`" in nobody


async def test_a_request_s_number_is_kept_even_where_it_looks_like_a_phone(world: World) -> None:
    world.past.requests["5552013344"] = PastRequest("5552013344", FACTS)
    async with world.assistant() as assistant:
        told = await say(assistant, world.author, new_thread(), "explain 5552013344")
        assert reply_of(told).text.startswith("**5552013344**")
        other = await say(assistant, world.author, new_thread(), "explain 555-201-3345")
        assert "3345" not in reply_of(other).text


async def test_a_rule_is_paused_resumed_and_retired_each_after_a_card(world: World) -> None:
    async with world.assistant() as assistant:
        await confirmed(assistant, world.author, SENTENCE)
        thread = new_thread()
        card = card_of(
            await say(assistant, world.author, thread, "pause the rule Wheelchair mammogram")
        )
        assert [r["change"] for r in card.payload["rules"]] == ["retired"]
        assert card.payload["draft_kind"] == "pause"
        await press(assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id)
        assert WHEELCHAIR not in world.rules()
        await confirmed(assistant, world.author, "resume the rule wheelchair mammogram")
        assert WHEELCHAIR in world.rules()
        await confirmed(assistant, world.author, "retire the rule Wheelchair mammogram")
        assert WHEELCHAIR not in world.rules()
        gone = reply_of(
            await say(assistant, world.author, thread, "resume the rule Wheelchair mammogram")
        )
        assert "No paused rule" in gone.text
        unclear = reply_of(await say(assistant, world.author, thread, "pause the mammogram rule"))
        assert {a.label for a in unclear.actions} == {"General mammogram", "Diagnostic mammogram"}


async def test_taking_out_a_rule_that_is_needed_shows_why_it_cannot_be_confirmed(
    world: World,
) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, thread, "retire the rule Brain MRI"))
        assert not card.payload["can_confirm"]
        assert any("brain mri" in b for b in card.payload["blockers"])
        tried = await press(
            assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id
        )
        assert "cannot be confirmed" in reply_of(tried).text
        assert card_of(tried).payload["blockers"]
    assert any(r.title == "Brain MRI" for r in world.rules())


async def test_scenarios_are_kept_and_run_before_and_after(world: World) -> None:
    given = {k: v for k, v in FACTS.items() if k != "patient"}
    given["patient"] = {"age": 52, "wheelchair": True}
    keep_case(world, "wheelchair lady", given, {"procedure_code": "MM123"})
    brain = next(r for r in world.rules() if r.title == "Brain MRI")
    world.drafter.learn("a woman with a brain mri should get MR300", brain)
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, new_thread(), SENTENCE))
        tests = card.payload["tests"]["scenarios"]
        assert (tests["run"], tests["kept"]) == (1, 0)
        assert tests["changed"] == [
            {"name": "wheelchair lady", "decision": "procedure_code", "before": "MM123",
             "after": "MM123WA", "expected": "MM123"}
        ]  # fmt: skip
        kept = reply_of(
            await say(
                assistant, world.author, new_thread(),
                "add a scenario: a woman with a brain mri should get MR300",
            )
        )  # fmt: skip
        assert "should get procedure code MR300" in kept.text
        await confirmed(assistant, world.author, SENTENCE)
        listed = reply_of(await say(assistant, world.author, new_thread(), "list scenarios"))
    assert listed.rows is not None
    assert {r["holds"] for r in listed.rows} == {"yes", "no"}
    with world.store.reading() as session:
        assert len(scenarios(session, world.org_id)) == 2


async def test_a_question_meanwhile_leaves_the_card_waiting(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, thread, SENTENCE))
        shown = await say(assistant, world.author, thread, "show rules")
        assert reply_of(shown).rows
        assert await assistant.pending(thread) == card.payload
        said = await say(assistant, world.author, thread, "yes")
        assert "Saved" in reply_of(said).text
    assert WHEELCHAIR in world.rules()


async def test_words_while_a_card_waits_change_that_draft(world: World) -> None:
    thread = new_thread()
    older = replace(WHEELCHAIR, when=WHEELCHAIR.when, title="Wheelchair mammogram", because="Law.")
    world.drafter.learn("say why", older)
    async with world.assistant() as assistant:
        first = card_of(await say(assistant, world.author, thread, SENTENCE))
        changed = card_of(await say(assistant, world.author, thread, "say why"))
        assert changed.interrupt_id != first.interrupt_id
        assert "Law." in changed.payload["rules"][0]["text"]
        assert changed.payload["said"] == [SENTENCE, "say why"]
        assert [r.title for r in world.drafter.tasks[-1].current] == ["Wheelchair mammogram"]
        stale = await press(
            assistant, world.author, thread, "confirm", interrupt_id=first.interrupt_id
        )
        assert "already" in reply_of(stale).text
        dropped = await say(assistant, world.author, thread, "forget it")
        assert "Nothing was saved" in reply_of(dropped).text
        assert await assistant.pending(thread) is None


async def test_a_standing_rule_is_changed_under_its_own_title(world: World) -> None:
    world.services = replace(world.services, drafters=(GrammarDrafter(),))
    thread = new_thread()
    async with world.assistant() as assistant:
        asked = "change the rule General mammogram: only at Northstar"
        card = card_of(await say(assistant, world.author, thread, asked))
        assert card.kind == "confirm", card.payload["text"]
        (changed,) = card.payload["rules"]
        assert (changed["title"], changed["change"]) == ("General mammogram", "changed")
        assert "scope" in changed["text"] and "scope" not in changed["before_text"]
        assert not card.payload["can_confirm"], "Lakeside would have no rule"
        busy = await say(assistant, world.author, thread, "change the rule Brain MRI to 4")
        assert "A draft is waiting" in reply_of(busy).text
        assert await assistant.pending(thread) == card.payload
        unknown = await say(assistant, world.author, new_thread(), "change the rule Zebra to 4")
        assert "No rule has that title" in reply_of(unknown).text
        nothing = await say(assistant, world.author, new_thread(), "change the rule Brain MRI")
        assert "What should change?" in reply_of(nothing).text


async def test_a_change_that_comes_to_nothing_leaves_the_draft(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        first = card_of(await say(assistant, world.author, thread, SENTENCE))
        asked = card_of(await say(assistant, world.author, thread, "only on sparkling days"))
        assert asked.kind == "question"
        again = card_of(await say(assistant, world.author, thread, "never mind"))
        assert again.kind == "confirm"
        assert again.payload["rules"] == first.payload["rules"]
        assert again.payload["said"] == [SENTENCE]
        assert "as it was" in again.payload["notices"][0]
        long = card_of(await say(assistant, world.author, thread, "mammogram " * 700))
        assert long.payload["rules"] == first.payload["rules"]


async def test_an_answer_that_is_a_whole_rule_is_taken_as_one(world: World) -> None:
    thread = new_thread()
    lakeside = replace(WHEELCHAIR, scope=Scope("family", ("Lakeside",)))

    class Careful:
        name = "careful"

        def draft(self, message: str, task: Task) -> Draft:
            if message == "the whole rule" and not task.answers:
                return Draft("drafted", self.name, (Reading((lakeside,)),))
            return Draft("question", self.name, question=Question("Which code?"))

    world.services = replace(world.services, drafters=(Careful(),))
    async with world.assistant() as assistant:
        asked = card_of(await say(assistant, world.author, thread, "a mammogram rule"))
        assert asked.kind == "question"
        card = card_of(await say(assistant, world.author, thread, "the whole rule"))
        assert card.payload["message"] == "the whole rule"
        assert "left “a mammogram rule” aside" in card.payload["notices"][0]


async def test_an_unplaced_word_is_asked_about_and_can_be_put_aside(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        asked = card_of(await say(assistant, world.author, thread, "a mammogram with glitter"))
        assert asked.kind == "question"
        assert asked.payload["unplaced"] == ["a mammogram with glitter"]
        kept = await say(assistant, world.author, thread, "keep it for later")
        assert "unfinished" in reply_of(kept).text
        drafts = reply_of(await say(assistant, world.author, thread, "show my drafts"))
        assert "glitter" in drafts.text
        assert drafts.actions[0].payload == {"text": "go on with a mammogram with glitter"}


@pytest.mark.parametrize(
    ("role", "asked", "told"),
    [
        ("operator", SENTENCE, "ask an author"),
        ("operator", "retire the rule Brain MRI", "does not allow"),
        ("author", "promote to production", "Only an approver"),
        ("author", "roll back production", "Only an approver"),
        ("approver", SENTENCE, "ask an author"),
    ],
)
async def test_what_a_role_may_not_do_is_refused_in_words(
    world: World, role: str, asked: str, told: str
) -> None:
    who = world.person(role)
    async with world.assistant() as assistant:
        assert told in reply_of(await say(assistant, who, new_thread(), asked)).text


async def test_an_author_of_one_family_cannot_confirm_for_another(world: World) -> None:
    who = world.person("author", grants=(Scope("family", ("Lakeside",)),))
    thread = new_thread()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, who, thread, SENTENCE))
        assert [f["code"] for f in card.payload["findings"]] == ["not-allowed"]
        assert not card.payload["can_confirm"]
        mine = world.person("author", grants=(Scope("family", ("Northstar",)),))
        ok = card_of(await say(assistant, mine, new_thread(), SENTENCE))
        assert ok.payload["can_confirm"], ok.payload["blockers"]


async def test_an_approver_who_wrote_the_change_cannot_promote_it(world: World) -> None:
    both = world.person("author", "approver")
    async with world.assistant() as assistant:
        await confirmed(assistant, both, SENTENCE)
        reply = reply_of(await say(assistant, both, new_thread(), "promote to production"))
        assert "someone other than its author" in reply.text


async def test_a_moved_environment_makes_an_old_promotion_card_harmless(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        await confirmed(assistant, world.author, SENTENCE)
        card = card_of(await say(assistant, world.approver, thread, "promote to production"))
        await confirmed(assistant, world.author, "retire the rule Accessible room")
        before = world.production()
        late = await press(
            assistant, world.approver, thread, "confirm", interrupt_id=card.interrupt_id
        )
        assert "Another change came first" in reply_of(late).text
        assert world.production() == before


@pytest.mark.parametrize("asked", ["help", "hello", "the roof of the shed leaks"])
async def test_help_and_out_of_scope_say_what_can_be_done(world: World, asked: str) -> None:
    async with world.assistant() as assistant:
        events = await say(assistant, world.author, new_thread(), asked)
    assert "Tell me a rule" in reply_of(events).text
    assert not [e for e in events if isinstance(e, Card)]
