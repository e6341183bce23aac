"""A model's draft that scores low is drafted again once, and the better of the two is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.rulelang.ast import Rule
from data.rulelang.render import render
from data.rulelang.version import Version
from graph.drafters.base import Draft, Placed, Question, Reading, Task
from graph.drafters.model import ModelDrafter, ModelSettings
from graph.events import Event, NodeFinished, Reply
from tests.graph.model_server import Model, readings, serving
from tests.graph.small import ONTOLOGY, WHEELCHAIR
from tests.graph.test_model import MESSAGE
from tests.graph.world import SENTENCE, Told, World, card_of, make_world, new_thread, say

POOR = replace(WHEELCHAIR, title="Poor")
POORER = replace(WHEELCHAIR, title="Poorer")
GOOD = replace(WHEELCHAIR, title="Good")
FAULTS = {"Poor": ("neither found nor said: poor",), "Poorer": ("one", "two"), "Good": ()}


class InTurn:
    """Drafts one rule after the other; ``None`` is a refusal, a text a question."""

    name = "in turn"

    def __init__(self, *drafts: Rule | str | None) -> None:
        self.drafts = list(drafts)
        self.tasks: list[Task] = []

    def draft(self, message: str, task: Task) -> Draft:
        self.tasks.append(task)
        drafted = self.drafts.pop(0)
        if drafted is None:
            return Draft("refused", self.name, message="No.")
        if isinstance(drafted, str):
            return Draft("question", self.name, question=Question(drafted))
        placed = (Placed(0, len(message), message, "when"),)
        return Draft("drafted", self.name, (Reading((drafted,), placed),))


def faults(told: Mapping[str, Any], version: Version) -> Sequence[str]:
    (text,) = told["rules"]
    return next(f for title, f in FAULTS.items() if f'"{title}"' in text)


def world_of(folder: Path, drafter: InTurn) -> World:
    world = make_world(folder, drafters=(drafter,))
    world.services = replace(world.services, faults=faults)
    return world


async def drafted(world: World) -> list[Event]:
    async with world.assistant() as assistant:
        return await say(assistant, world.author, new_thread(), SENTENCE)


def steps(events: list[Event]) -> list[str]:
    return [e.node for e in events if isinstance(e, NodeFinished)]


def title(events: list[Event]) -> str:
    (rule,) = card_of(events).payload["rules"]
    return str(rule["title"])


AGAIN = ["draft", "validate", "test", "score"]


@pytest.mark.parametrize(
    ("first", "second", "shown", "way"),
    [
        (GOOD, None, "Good", AGAIN),
        (POOR, GOOD, "Good", AGAIN * 2),
        (POORER, POOR, "Poor", AGAIN * 2),
        (POOR, POORER, "Poor", [*AGAIN * 2, "validate", "test"]),
        (POOR, POOR, "Poor", [*AGAIN, "draft", "test", "score"]),
        (POOR, None, "Poor", AGAIN * 2),
    ],
    ids=["good", "poor then good", "poorer then poor", "poor then poorer", "alike", "refused"],
)
async def test_of_two_drafts_the_better_is_shown(
    tmp_path: Path, first: Rule, second: Rule | None, shown: str, way: list[str]
) -> None:
    drafter = InTurn(first, second)

    events = await drafted(world_of(tmp_path, drafter))

    assert title(events) == shown
    assert [s for s in steps(events) if s in AGAIN] == way
    assert not [e for e in events if isinstance(e, Reply)]
    assert [t.faults for t in drafter.tasks[1:]] == [FAULTS[first.title]] * (len(drafter.tasks) - 1)


async def test_a_question_in_place_of_a_poor_draft_is_asked(tmp_path: Path) -> None:
    events = await drafted(world_of(tmp_path, InTurn(POOR, "Which code?")))

    assert card_of(events).payload["text"] == "Which code?"


async def test_other_words_are_scored_anew(tmp_path: Path) -> None:
    drafter = InTurn(POOR, POOR, POORER, GOOD)
    world, thread = world_of(tmp_path, drafter), new_thread()
    async with world.assistant() as assistant:
        await say(assistant, world.author, thread, SENTENCE)
        events = await say(assistant, world.author, thread, "make it good for them, please")

    assert title(events) == "Good"
    assert drafter.drafts == []


async def test_what_the_grammar_drafts_is_not_scored_here(tmp_path: Path) -> None:
    told = Told()
    told.name = "grammar"
    world = make_world(tmp_path, drafters=(told,))
    world.services = replace(world.services, faults=faults)

    assert "score" not in steps(await drafted(world))


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with serving() as running:
        yield running


async def test_a_model_reads_what_speaks_against_its_draft(tmp_path: Path, model: Model) -> None:
    settings = ModelSettings(model.base_url, "stub", "key", timeout=5.0)
    told = Told()
    told.known.clear()
    world = make_world(tmp_path, drafters=(ModelDrafter(settings), told))
    world.services = replace(world.services, faults=lambda told, version: ["a loose end: MM123"])
    model.will(readings(render(WHEELCHAIR, ONTOLOGY)))
    async with world.assistant() as assistant:
        await say(assistant, world.author, new_thread(), MESSAGE)

    assert len(model.asked) == 2
    assert "a loose end: MM123" in model.prompt(1) and "a loose end" not in model.prompt(0)
