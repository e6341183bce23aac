"""What the reviewers get: a turn and its thumb arrive, and recording never breaks a turn."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.desk import Asked, Opinion
from app.recording import Recording
from app.signin import StorePeople
from data.store import OutboxItem, add_person, turn, undelivered
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer
from graph.drafters.base import Draft, Task
from graph.events import Trouble
from tests.graph.world import SENTENCE, World, make_world

PASSWORD = "a long enough password"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = make_world(tmp_path)
    with made.store.session() as session:
        add_person(
            session, made.org_id, "ann", ["author"], display="Ann", password=PASSWORD,
            grants=[None],
        )  # fmt: skip
    yield made
    made.store.close()


def recording(world: World) -> Recording:
    tracer = Tracer(StoreOutbox(world.store), b"k" * 32)
    return Recording(world.store, world.services, tracer, StorePeople(world.store))


def parcels(world: World) -> list[OutboxItem]:
    with world.store.reading() as session:
        return list(undelivered(session, world.org_id))


def kinds(world: World) -> list[str]:
    return [item.kind for item in parcels(world)]


async def test_a_turn_its_thumb_and_its_confirmation_are_put_down(world: World) -> None:
    kept, thread = recording(world), str(uuid.uuid4())
    who = await StorePeople(world.store).who("ann")
    assert who is not None
    drafted, confirmed = Asked(thread, str(uuid.uuid4()), SENTENCE), str(uuid.uuid4())
    async with world.assistant() as assistant:
        async with kept.turn(who, drafted) as steps:
            async for _ in assistant.turn(who, thread, SENTENCE, steps):
                pass
        [card] = await assistant.waiting(thread)
        asked = Asked(thread, confirmed, action="confirm")
        async with kept.turn(who, asked) as steps:
            sent = {"interrupt_id": card["interrupt_id"]}
            async for _ in assistant.act(who, thread, "confirm", sent, steps):
                pass
    await kept.keep_opinion(Opinion(drafted.run_id, "ann", up=True, comment="good"))
    assert kinds(world) == ["turn", "turn", "confirmed", "feedback"]
    with world.store.session() as session:
        noted = turn(session, world.org_id, drafted.run_id)
    items = parcels(world)
    assert noted is not None and noted.thread_id == thread
    assert items[2].payload["turn_id"] == drafted.run_id
    assert items[0].payload["payload"]["scores"]
    await kept.drop_opinion(drafted.run_id, "ann")
    assert kinds(world)[-1] == "feedback-removed"


class Broken:
    name = "broken"

    def draft(self, message: str, task: Task) -> Draft:
        raise RuntimeError("the record of Jane Smith")


async def test_a_turn_that_broke_is_recorded_with_the_reference_that_was_told(
    world: World,
) -> None:
    kept, thread = recording(world), str(uuid.uuid4())
    world.services = replace(world.services, drafters=(Broken(),))
    who = await StorePeople(world.store).who("ann")
    assert who is not None
    asked = Asked(thread, str(uuid.uuid4()), SENTENCE)
    async with world.assistant() as assistant, kept.turn(who, asked) as steps:
        events = [e async for e in assistant.turn(who, thread, SENTENCE, steps)]
    trouble = events[-1]
    assert isinstance(trouble, Trouble) and trouble.reference not in trouble.text
    (item,) = parcels(world)
    record = item.payload["payload"]
    assert (record["error"], record["reference"]) == ("RuntimeError", trouble.reference)
    assert record["outputs"]["status"] == "trouble"
    assert "Smith" not in str(record)


async def test_a_turn_that_breaks_outside_the_pipeline_is_noted_too(world: World) -> None:
    who = await StorePeople(world.store).who("ann")
    assert who is not None
    asked = Asked(str(uuid.uuid4()), str(uuid.uuid4()), "x")
    with pytest.raises(OSError):
        async with recording(world).turn(who, asked) as steps:
            steps.failed(OSError("x"), "ab12cd34")
            raise OSError("x")
    (item,) = parcels(world)
    assert item.payload["payload"]["reference"] == "ab12cd34"
    with world.store.session() as session:
        assert turn(session, world.org_id, asked.run_id) is not None


async def test_a_thumb_for_no_turn_of_ones_own_is_left_out(world: World) -> None:
    await recording(world).keep_opinion(Opinion(str(uuid.uuid4()), "ann", up=True, comment=""))
    assert kinds(world) == []


async def test_facts_that_cannot_be_read_break_nothing(world: World) -> None:
    who = await StorePeople(world.store).who("ann")
    assert who is not None
    async with recording(world).turn(
        who, Asked(str(uuid.uuid4()), str(uuid.uuid4()), "x")
    ) as steps:
        steps.facts({"status": "waiting", "version": "sha256:none", "rules": [3]})
    assert kinds(world) == ["turn"]


async def test_people_come_in_by_their_password_and_rights_are_those_of_now(world: World) -> None:
    people = StorePeople(world.store)
    person = await people.check("Ann ", PASSWORD, "1.2.3.4")
    assert person is not None and person.roles == {"author"}
    assert await people.check("ann", "wrong", "1.2.3.4") is None
    assert await people.check("nobody", PASSWORD, "1.2.3.4") is None
    assert await people.check("ann", "x" * 300, "1.2.3.4") is None
    who = await people.who("ann")
    assert who is not None and who.grants == (None,) and who.org_id == world.org_id
    assert await people.who("nobody") is None


async def test_guessing_is_slowed_down_whatever_the_password(world: World) -> None:
    people = StorePeople(world.store)
    for _ in range(6):
        assert await people.check("ann", "wrong", "1.2.3.4") is None
    assert await people.check("ann", PASSWORD, "1.2.3.4") is None
