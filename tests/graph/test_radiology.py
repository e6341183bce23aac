"""The pipeline on the radiology pack with 100,000 past requests: right, and fast enough to talk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.packs.history import history_table
from data.packs.load import Pack, load_pack
from data.rulelang.ast import RuleSet
from graph.checkpoints import open_checkpoints
from graph.drafters.base import Task
from graph.drafters.grammar import GrammarDrafter
from graph.events import NodeFinished, NodeProgress
from graph.run import Assistant, Who
from tests.graph.radiology import radiology
from tests.graph.world import card_of, new_thread, reply_of, say

SENTENCES = (
    "At Northstar, when a woman over 40 in a wheelchair has a screening mammogram, "
    "the code is MM123WA",
    "Knee films of both sides at Summit clinics drop the BI",
    "When a patient at a South clinic is over 75 and has a screening mammogram, "
    "leave the code to staff",
    "Head CTs for anyone in a wheelchair at Northstar get the WA modifier",
)


@dataclass
class Desk:
    """The assistant over the radiology pack."""

    pack: Pack
    assistant: Assistant
    author: Who


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    return history_table(load_pack("radiology"), tmp_path_factory.mktemp("history"))


@pytest.fixture
async def desk(tmp_path: Path, history: Path | None) -> AsyncIterator[Desk]:
    pack = load_pack("radiology")
    services, author = radiology(pack, tmp_path, history)
    async with open_checkpoints(str(tmp_path / "checkpoints.db")) as checkpoints:
        assistant = Assistant(services, checkpoints)
        await assistant.warm(author.org_id)
        yield Desk(pack, assistant, author)


async def test_each_sentence_becomes_a_card_with_the_whole_history_replayed(desk: Desk) -> None:
    for sentence in SENTENCES:
        card = card_of(await say(desk.assistant, desk.author, new_thread(), sentence))
        assert card.kind == "confirm", card.payload["text"]
        assert card.payload["tests"]["history"]["run"] == 100_000


async def test_the_wheelchair_rule_changes_the_requests_it_names(desk: Desk) -> None:
    events = await say(desk.assistant, desk.author, new_thread(), SENTENCES[0])
    card = card_of(events).payload
    assert card["can_confirm"], card["blockers"]
    assert {m["to"] for m in card["tests"]["history"]["moves"] if "open" not in m["to"]} == {
        "MM123WA"
    }
    assert [w["value"] for w in card["tests"]["history"]["where"]] == ["Northstar"]
    assert any(
        g["before"] == "MM123" and g["after"] == "MM123WA" for g in card["tests"]["generated"]
    )
    assert any(b["beats"] == "General mammogram" for b in card["beats"])
    assert [e.node for e in events if isinstance(e, NodeFinished)][-1] == "test"


async def test_a_past_request_is_explained(desk: Desk) -> None:
    text = reply_of(await say(desk.assistant, desk.author, new_thread(), "explain A-000351")).text
    assert text.startswith("**A-000351**: ")
    assert "by the rule" in text


async def test_a_slow_replay_says_how_far_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.progress.SLOW_SECONDS", 0.0)
    sentence = "Patients with claustrophobia get 15 more minutes of appointment length"
    events = await say(desk.assistant, desk.author, new_thread(), sentence)
    told = [e for e in events if isinstance(e, NodeProgress)]
    assert told, events[-1]
    assert all(e.node == "test" and "past requests" in e.text and 0 < e.done <= 1 for e in told)


def test_a_value_is_not_taken_beside_a_word_that_only_others_of_its_fact_hold() -> None:
    pack = load_pack("radiology", rules=False)
    task = Task(pack.ontology, pack.code_sets, RuleSet())
    drafted = GrammarDrafter().draft("A knee MRI or hip MRI needs prior authorization.", task)
    assert drafted.question is not None
    assert "hip MRI" in drafted.question.text
