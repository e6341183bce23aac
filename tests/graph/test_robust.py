"""Strangers, odd input, failures in the middle: a plain sentence, and nothing half saved."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.rulelang.ast import Decide, RuleSet, Scope
from data.store import audit_entries, history_of_versions, scenarios
from graph.context import PastRequest
from graph.drafters.base import Draft, Question, Reading, Task
from graph.drafters.grammar import GrammarDrafter
from graph.events import Card, Reply, Trouble
from graph.replay import History
from tests.graph.small import ONTOLOGY, RULE_SET, WHEELCHAIR, exam_is
from tests.graph.test_replay import requests, table
from tests.graph.world import (
    SENTENCE,
    World,
    card_of,
    make_world,
    new_thread,
    press,
    reply_of,
    say,
)


async def test_two_organisations_see_nothing_of_each_other(tmp_path: Path) -> None:
    one = make_world(tmp_path, name="one")
    few = RuleSet(tuple(r for r in RULE_SET.rules if r.title != "Accessible room"))
    two = make_world(tmp_path, store=one.store, rule_set=few, name="two")
    one.past.requests["A-1"] = PastRequest("A-1", {"patient": {"age": 50}})
    two.past = replace(one.past, org_id=one.org_id)
    two.services = replace(two.services, past=two.past, memory=one.services.memory)
    thread = new_thread()
    async with one.assistant() as first:
        card = card_of(await say(first, one.author, thread, SENTENCE))
        before = two.staging()
        async with two.assistant() as second:
            for act in (
                press(second, two.author, thread, "confirm", interrupt_id=card.interrupt_id),
                say(second, two.author, thread, "yes"),
            ):
                assert "someone else" in reply_of(await act).text
            assert await second.pending(thread, two.author) is None
            shown = reply_of(await say(second, two.author, new_thread(), "show rules"))
            assert "Accessible room" not in str(shown.rows)
            told = reply_of(await say(second, two.author, new_thread(), "explain A-1")).text
            assert "I know no request" in told
        await press(first, one.author, thread, "confirm", interrupt_id=card.interrupt_id)
    assert two.staging() == before
    with one.store.reading() as session:
        assert len(history_of_versions(session, one.org_id)) == 2
        assert len(history_of_versions(session, two.org_id)) == 1


async def test_a_conversation_belongs_to_one_person(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, thread, SENTENCE))
        other = world.person("author")
        tried = await press(assistant, other, thread, "confirm", interrupt_id=card.interrupt_id)
        assert "someone else" in reply_of(tried).text
        assert await assistant.pending(thread) == card.payload


class Broken:
    """A drafter that fails as no drafter should."""

    name = "broken"

    def draft(self, message: str, task: Task) -> Draft:
        raise RuntimeError("patient Jane Roe, secret detail")


async def test_a_failure_is_a_plain_sentence_with_a_reference(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world(tmp_path, drafters=(Broken(),))
    thread = new_thread()
    with caplog.at_level(logging.ERROR):
        async with world.assistant() as assistant:
            events = await say(assistant, world.author, thread, SENTENCE)
            trouble = events[-1]
            assert isinstance(trouble, Trouble)
            assert len(trouble.reference) == 8 and trouble.reference not in trouble.text
            assert "Jane" not in trouble.text
            assert any(getattr(r, "reference", "") == trouble.reference for r in caplog.records)
            assert await assistant.pending(thread) is None
            assert reply_of(await say(assistant, world.author, thread, "show rules")).rows


async def test_a_failure_while_saving_leaves_the_card_to_be_confirmed_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread, first = new_thread(), world.staging()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, thread, SENTENCE))

        def fails(*args: Any) -> None:
            raise OSError("the disk is full")

        with monkeypatch.context() as broken:
            broken.setattr("graph.nodes.confirm.save_version", fails)
            events = await press(
                assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id
            )
        assert isinstance(events[-1], Trouble)
        assert world.staging() == first
    async with world.assistant() as assistant:
        waiting = await assistant.pending(thread)
        assert waiting is not None
        done = await press(
            assistant, world.author, thread, "confirm", interrupt_id=waiting["interrupt_id"]
        )
        assert "Saved" in reply_of(done).text
    assert WHEELCHAIR in world.rules()


async def test_a_listener_that_goes_away_frees_the_conversation(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        turn = assistant.turn(world.author, thread, SENTENCE)
        async for _ in turn:
            break
        await turn.aclose()  # type: ignore[attr-defined]
        card = card_of(
            await asyncio.wait_for(say(assistant, world.author, thread, SENTENCE), timeout=20)
        )
        assert card.kind == "confirm"


ODD = [
    "",
    "   \n ",
    "x" * 9_999,
    "x" * 10_001,
    "mammogram " * 900,
    "Bei Rollstuhl und Mammographie bitte Kode MM123WA",
    "車椅子の患者のマンモグラムは MM123WA",
    "<script>alert(1)</script> mammogram MM123",
    "'; DROP TABLE version; -- mammogram",
    'rule "x" then procedure code is MM123',
    "{{7*7}} {message} %s mammogram",
    "\u202emammogram\u0000 MM123",
    "why did ../../etc/passwd1 get MM123?",
]


@pytest.mark.parametrize("message", ODD, ids=lambda m: m[:24])
async def test_odd_messages_end_in_a_reply_or_a_card(tmp_path: Path, message: str) -> None:
    world = make_world(tmp_path, drafters=(GrammarDrafter(),))
    before = world.staging()
    async with world.assistant() as assistant:
        events = await say(assistant, world.author, new_thread(), message)
    assert isinstance(events[-1], Reply | Card), events[-1]
    assert world.staging() == before


async def test_names_and_numbers_are_masked_before_anything_keeps_them(world: World) -> None:
    thread = new_thread()
    secret = "Mrs. Jane Roe, born 3/4/1961, call 555-201-3344: mammogram with glitter"
    async with world.assistant() as assistant:
        await say(assistant, world.author, thread, secret)
    kept = (world.folder / "checkpoints.db").read_bytes()
    kept += b"".join(p.read_bytes() for p in world.folder.glob("checkpoints.db-*"))
    for word in (b"Jane", b"1961", b"555-201"):
        assert word not in kept
    assert b"glitter" in kept


async def test_every_step_is_told_to_the_recorder(world: World) -> None:
    class Ear:
        def __init__(self) -> None:
            self.nodes: list[str] = []
            self.draft: dict[str, Any] = {}

        def node(self, name: str, inputs: Any, outputs: Any, millis: float) -> None:
            json.dumps([inputs, outputs])
            self.nodes.append(name)

        def facts(self, facts: Any) -> None:
            json.dumps(facts)
            self.draft = facts

        def failed(self, error: BaseException, reference: str) -> None:
            raise error

    ear, thread = Ear(), new_thread()
    async with world.assistant() as assistant:
        _ = [e async for e in assistant.turn(world.author, thread, SENTENCE, ear)]
    assert ear.nodes == ["route", "retrieve", "draft", "validate", "test", "score"]
    assert ear.draft["rules"] and ear.draft["retrieved"] and ear.draft["status"] == "waiting"


async def test_two_readings_become_one_question_about_a_request(world: World) -> None:
    older = replace(WHEELCHAIR, title="Either", when=exam_is("screening mammogram"))

    class Twofold:
        name = "twofold"

        def draft(self, message: str, task: Task) -> Draft:
            both = (Reading((WHEELCHAIR,)), Reading((older,)))
            return Draft("question", self.name, both, Question("Which?", about="reading"))

    world.services = replace(world.services, drafters=(Twofold(),))
    thread = new_thread()
    async with world.assistant() as assistant:
        asked = card_of(await say(assistant, world.author, thread, SENTENCE))
        assert set(asked.payload["options"]) == {"MM123", "MM123WA"}
        assert asked.payload["request"]
        assert "procedure code" in asked.payload["text"]
        card = card_of(
            await press(assistant, world.author, thread, "answer",
                        interrupt_id=asked.interrupt_id, text="MM123")
        )  # fmt: skip
        assert [r["title"] for r in card.payload["rules"]] == ["Wheelchair mammogram"]
        await press(assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id)
    with world.store.reading() as session:
        kept = scenarios(session, world.org_id)
    assert [s.expect for s in kept] == [{"procedure_code": "MM123"}]


async def test_the_history_is_replayed_on_the_card(world: World) -> None:
    world.past.table = table(requests(3000, 5))
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, new_thread(), SENTENCE))
    history = card.payload["tests"]["history"]
    assert history["run"] == 3000 and history["changed"] > 0
    assert history["moves"][0]["to"] == "MM123WA"
    assert f"{history['changed']:,} of 3,000 past requests" in card.payload["summary"]
    assert History(world.past.table, ONTOLOGY).id(0) == "A-000000"


async def test_findings_go_back_to_the_drafter_at_most_twice(world: World) -> None:
    wrong = replace(WHEELCHAIR, then=(Decide("procedure_code", "CX100WA"),))
    world.drafter.learn(SENTENCE, wrong)
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, new_thread(), SENTENCE))
    assert not card.payload["can_confirm"]
    assert [f["code"] for f in card.payload["findings"]].count("code-set") >= 1
    assert len(world.drafter.tasks) == 2
    assert world.drafter.tasks[1].findings


async def test_only_fitting_buttons_are_taken(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, thread, SENTENCE))
        for action, text in (("answer", "x"), ("delete everything", ""), ("change", "  ")):
            tried = await press(
                assistant, world.author, thread, action, interrupt_id=card.interrupt_id, text=text
            )
            assert len(tried) == 1 and isinstance(tried[0], Reply)
        nothing = await press(assistant, world.author, thread, "confirm", interrupt_id="x")
        assert "already" in reply_of(nothing).text
        assert await assistant.pending(thread) == card.payload


async def test_rights_taken_away_meanwhile_count_at_the_confirmation(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, thread, SENTENCE))
        less = replace(world.author, grants=(Scope("family", ("Lakeside",)),))
        tried = await press(assistant, less, thread, "confirm", interrupt_id=card.interrupt_id)
        assert "You may not write" in reply_of(tried).text
    assert WHEELCHAIR not in world.rules()


async def test_the_audit_knows_who_confirmed(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        card = card_of(await say(assistant, world.author, thread, SENTENCE))
        await press(assistant, world.author, thread, "confirm", interrupt_id=card.interrupt_id)
    with world.store.reading() as session:
        entries = audit_entries(session, world.org_id)
    assert any(e.action == "version.saved" and e.by == world.author.person_id for e in entries)


def test_the_assistant_does_not_start_where_checkpoints_could_run_code() -> None:
    code = (
        "import os; os.environ.pop('LANGGRAPH_STRICT_MSGPACK', None)\n"
        "from graph.pipeline import build\n"
        "from graph.state import NotStrict\n"
        "from langgraph.checkpoint.memory import InMemorySaver\n"
        "try:\n    build(InMemorySaver())\nexcept NotStrict as e:\n    print('refused', e)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("refused")
