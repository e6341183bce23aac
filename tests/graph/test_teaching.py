"""A word that the author explains works in the next sentence of everybody, after somebody's yes."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ontology.model import Ontology
from data.ontology.taught import term_names, with_synonym
from data.packs.load import load_pack
from data.rulelang.ast import RuleSet
from data.rulelang.version import make_version
from data.store import TaughtWord, audit_entries, taught_words
from graph.drafters.base import Question, Task
from graph.drafters.grammar import GrammarDrafter
from graph.drafters.stuck import LEAVE_OUT
from graph.events import Card
from graph.run import Assistant, Who
from graph.teaching import refusal, terms_meant, with_nearest
from tests.graph.small import CODE_SETS, ONTOLOGY, RULE_SET, RULES, SCOPE_ROWS
from tests.graph.world import World, card_of, make_world, new_thread, press, reply_of, say

EXAM = "request.exam=chest x-ray"
SAID = "Women at Northstar with a thoraxfoto get MM200"
NEXT = "At Lakeside the code of a thoraxfoto is CX100"
CALL = "a woman with a thoraxfoto at Northstar"
VERSION = make_version(ONTOLOGY, CODE_SETS, SCOPE_ROWS, RULE_SET)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path, drafters=(GrammarDrafter(),))


def rows(world: World) -> tuple[TaughtWord, ...]:
    with world.store.reading() as session:
        return taught_words(session, world.org_id)


async def explained(assistant: Assistant, who: Who, thread: str = "") -> str:
    """A sentence with an unknown word, its question answered, and the draft confirmed."""
    thread = thread or new_thread()
    asked = card_of(await say(assistant, who, thread, SAID))
    assert asked.payload["text"] == "What do you mean by `thoraxfoto`?"
    card = card_of(await say(assistant, who, thread, "a chest x-ray"))
    done = await press(assistant, who, thread, "confirm", interrupt_id=card.interrupt_id)
    return reply_of(done).text


async def approved(assistant: Assistant, world: World) -> str:
    thread = new_thread()
    card_of(await say(assistant, world.approver, thread, "show the words that wait"))
    return reply_of(await say(assistant, world.approver, thread, "yes")).text


def test_a_fact_of_the_request_goes_before_the_same_fact_of_its_rows() -> None:
    words = load_pack("radiology", rules=False).ontology
    assert terms_meant(words, "screening mammogram") == ("request.exam=screening mammogram",)


async def test_taught_decided_and_used_in_the_next_sentence(world: World) -> None:
    async with world.assistant() as assistant:
        told = await explained(assistant, world.author)
        assert "Remember `thoraxfoto` as chest x-ray (exam)? An approver decides" in told
        (row,) = rows(world)
        assert (row.word, row.term, row.status, row.by) == (
            "thoraxfoto", EXAM, "waiting", world.author.person_id,
        )  # fmt: skip
        assert row.message == SAID and row.thread_id
        again = card_of(await say(assistant, world.author, new_thread(), NEXT))
        assert again.kind == "question", "before the yes it is asked again"

        thread = new_thread()
        card = card_of(await say(assistant, world.approver, thread, "show the words that wait"))
        shown = card.payload
        assert shown["summary"] == "Remember `thoraxfoto` as chest x-ray (exam)?"
        assert (shown["message"], shown["by"]) == (SAID, world.author.login)
        done = await say(assistant, world.approver, thread, "yes, remember thoraxfoto")
        assert "From now on `thoraxfoto` means chest x-ray" in reply_of(done).text

        colleague = world.person("author")
        card = card_of(await say(assistant, colleague, new_thread(), NEXT))
        assert card.kind == "confirm"
        assert "exam is chest x-ray" in " ".join(card.payload["rules"][0]["text"].split())
        code = reply_of(await say(assistant, world.person("operator"), new_thread(), CALL)).text
        assert "`CX100`" in code and "a woman, chest x-ray" in code, "an operator is understood"
    with world.store.reading() as session:
        actions = [e.action for e in audit_entries(session, world.org_id)]
    assert {"word.proposed", "word.approved", "version.words_changed"} <= set(actions)
    version = world.services.version(world.org_id, str(world.staging()))
    found = world.services.retriever(world.org_id, version).said("two thoraxfotos")
    assert found == (EXAM,), "the index knows it, and its plural"


async def test_another_organisation_learns_nothing(world: World) -> None:
    other = make_world(
        world.folder, store=world.store, name="other", drafters=world.services.drafters
    )
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(world.assistant())
        theirs = await stack.enter_async_context(other.assistant())
        await explained(ours, world.author)
        assert (
            "No words wait"
            in reply_of(
                await say(theirs, other.approver, new_thread(), "show the words that wait")
            ).text
        )
        await approved(ours, world)
        card = card_of(await say(theirs, other.author, new_thread(), NEXT))
        assert card.payload["text"] == "What do you mean by `thoraxfoto`?"


async def test_a_no_keeps_its_reason_and_the_word_stays_unknown(world: World) -> None:
    async with world.assistant() as assistant:
        await explained(assistant, world.author)
        thread = new_thread()
        card_of(await say(assistant, world.approver, thread, "which words wait?"))
        done = await say(assistant, world.approver, thread, "no, it is short for any picture")
        assert "is not remembered" in reply_of(done).text
        shown = reply_of(await say(assistant, world.author, new_thread(), "show the taught words"))
        assert shown.rows is not None
        assert shown.rows[0]["is"] == "not remembered"
        assert shown.rows[0]["because"] == "it is short for any picture"
        told = await explained(assistant, world.author, new_thread())
        assert "Remember" not in told, "nobody is asked twice"
        again = reply_of(
            await say(assistant, world.author, new_thread(), "remember thoraxfoto as chest x-ray")
        )
        assert "One said no before: “it is short for any picture”" in again.text


async def test_what_changed_and_rolling_back_tell_of_the_word(world: World) -> None:
    async with world.assistant() as assistant:
        said = "remember thoraxfoto as chest x-ray"
        await say(assistant, world.author, new_thread(), said)
        await approved(assistant, world)
        told = reply_of(await say(assistant, world.approver, new_thread(), "what changed?")).text
        assert "Besides the rules: name `thoraxfoto for chest x-ray` was added" in told
        assert "words: `thoraxfoto` is another word for chest x-ray" in told
        assert "this is proven" in told, "and no request is decided otherwise"
        thread = new_thread()
        card = card_of(await say(assistant, world.approver, thread, "roll back production"))
        assert "0 rules differ, 1 taught word" in card.payload["summary"]


async def test_an_approver_withdraws_it(world: World) -> None:
    async with world.assistant() as assistant:
        await explained(assistant, world.author)
        await approved(assistant, world)
        thread = new_thread()
        refused = await say(assistant, world.author, thread, "forget the word thoraxfoto")
        assert "Only an approver" in reply_of(refused).text
        card = card_of(await say(assistant, world.approver, thread := new_thread(),
                                 "forget the word thoraxfoto"))  # fmt: skip
        assert card.payload["summary"].startswith("Forget that `thoraxfoto` means")
        assert (
            "means nothing any more"
            in reply_of(
                await press(
                    assistant, world.approver, thread, "confirm", interrupt_id=card.interrupt_id
                )
            ).text
        )
        assert card_of(await say(assistant, world.author, new_thread(), NEXT)).kind == "question"
        assert rows(world)[0].status == "withdrawn"


async def test_the_author_takes_it_back_while_it_waits(world: World) -> None:
    async with world.assistant() as assistant:
        await explained(assistant, world.author)
        text = "do not remember thoraxfoto"
        assert "taken back" in reply_of(await say(assistant, world.author, new_thread(), text)).text
        waits = await say(assistant, world.approver, new_thread(), "show the words that wait")
        assert "No words wait" in reply_of(waits).text


async def test_nobody_decides_on_their_own_word(world: World) -> None:
    both = world.person("author", "approver")
    async with world.assistant() as assistant:
        await explained(assistant, both)
        told = reply_of(await say(assistant, both, new_thread(), "yes, remember thoraxfoto")).text
        assert "another approver decides" in told
        shown = await say(assistant, both, new_thread(), "show the words that wait")
        assert not [e for e in shown if isinstance(e, Card)]
        assert (reply_of(shown).rows or [])[0]["word"] == "thoraxfoto"


async def test_rights_are_those_of_the_moment_of_the_yes(world: World) -> None:
    async with world.assistant() as assistant:
        await explained(assistant, world.author)
        thread = new_thread()
        card = card_of(await say(assistant, world.approver, thread, "show the words that wait"))
        former = replace(world.approver, roles=frozenset(["author"]))
        done = await press(assistant, former, thread, "confirm", interrupt_id=card.interrupt_id)
        assert "Only an approver" in reply_of(done).text
        assert rows(world)[0].status == "waiting"


@pytest.mark.parametrize("role", ["operator", "reviewer", "approver"])
async def test_who_writes_no_rules_teaches_no_words(world: World, role: str) -> None:
    async with world.assistant() as assistant:
        who, said = world.person(role), "remember thoraxfoto as chest x-ray"
        assert "ask an author" in reply_of(await say(assistant, who, new_thread(), said)).text
    assert rows(world) == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("remember thoraxfoto as chest x-ray", "An approver decides"),
        ("thoraxfoto stands for the chest x-ray", "An approver decides"),
        ("remember rolli as wheelchair assistance", "wheelchair assistance? An approver"),
        ("remember rolli as teapot", "`teapot` is no name of anything here"),
        ("remember cxr as chest x-ray", "`cxr` already means that"),
        ("remember women as chest x-ray", "already means female (patient sex)"),
        ("remember mm123 as chest x-ray", "already means the code MM123"),
        ("remember lake-1 as chest x-ray", "already means a place"),
        ("remember the word unless as chest x-ray", "sentences are built with"),
        ("remember two hundred as chest x-ray", "is a number"),
        ("remember 42 as chest x-ray", "is a number"),
        ("remember years as patient age", "sentences are built with"),
    ],
)
async def test_a_word_is_taught_outright_or_refused_with_the_reason(
    world: World, said: str, told: str
) -> None:
    async with world.assistant() as assistant:
        assert told in reply_of(await say(assistant, world.author, new_thread(), said)).text
    assert len(rows(world)) == ("An approver" in told)


async def test_a_word_whose_name_was_taken_meanwhile_cannot_be_remembered(world: World) -> None:
    async with world.assistant() as assistant:
        for means in ("chest x-ray", "brain mri"):
            said = f"remember pic as {means}"
            reply_of(await say(assistant, world.author, new_thread(), said))
        assert "`pic` still waits" in await approved(assistant, world)
        assert "already means" in await approved(assistant, world)
        assert sorted(r.status for r in rows(world)) == ["approved", "waiting"]


def test_the_nearest_terms_of_the_index_are_offered(world: World) -> None:
    def offered(text: str, about: str = "unplaced") -> tuple[str, ...]:
        asked = Question(text, ("brain mri", LEAVE_OUT), about=about)  # type: ignore[arg-type]
        return with_nearest(asked, world.services, world.org_id, VERSION).options

    near = offered("What do you mean by `appt date`?")
    assert near[0] == "appointment date"
    assert near[-2:] == ("brain mri", LEAVE_OUT), "beside what the drafter offers"
    assert offered("What do you mean by `zzzz`?") == ("brain mri", LEAVE_OUT)
    assert offered("When does this hold?") == ("brain mri", LEAVE_OUT)
    assert offered("What do you mean by `appt date`?", "reading") == ("brain mri", LEAVE_OUT)


def test_every_name_there_is_clashes_with_itself() -> None:
    for term, names in term_names(ONTOLOGY):
        for name in names:
            assert "already means that" in refusal(VERSION, name.upper(), term)
    for word in ("", "a b c d e", "x" * 61, "[name]", "<b>x</b>", "and", "at least", "not", "give"):
        assert refusal(VERSION, word, EXAM), word
    assert refusal(VERSION, "thorax-foto", EXAM) == ""


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([t for t, _ in term_names(ONTOLOGY)]))
def test_a_word_more_changes_no_rule_of_a_sentence_that_lacks_it(term: str) -> None:
    drafter = GrammarDrafter()
    more = with_synonym(ONTOLOGY, term, "thoraxfoto")
    for said in ("Women at Northstar with a chest x-ray get MM200", "A head MRI of men is MR300"):
        drafts = [drafter.draft(said, _task(o)) for o in (ONTOLOGY, more)]
        assert drafts[0].status == "drafted"
        assert drafts[0].readings == drafts[1].readings


def _task(ontology: Ontology) -> Task:
    return Task(ontology, CODE_SETS, RuleSet(RULES[:1]), scope_rows=SCOPE_ROWS)
