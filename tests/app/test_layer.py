"""The data layer against a real database: nothing is lost, and nobody reaches another's rows."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from chainlit.context import context_var, init_http_context
from chainlit.element import CustomElement
from chainlit.types import Feedback, Pagination, ThreadFilter
from chainlit.user import PersistedUser, User

from app.blobs import Blobs
from app.caller import NotYours
from app.layer import Layer
from app.settings import Settings

LONG_AGO = "2026-01-01T00:00:00Z"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where conversations are kept, as one setting says it."""
    if request.param == "sqlite":
        return Settings(var=tmp_path).chat_address
    return Settings(store_url=request.getfixturevalue("empty_postgres")).chat_address


@pytest.fixture
async def layer(address: str, tmp_path: Path) -> AsyncIterator[Layer]:
    async def forget(thread_id: str) -> None:
        (tmp_path / "forgotten").write_text(thread_id)

    made = Layer(address, Blobs(tmp_path / "blobs"), forget)
    await made.prepare()
    yield made
    await made.close()


async def become(layer: Layer, login: str) -> PersistedUser:
    """From here on, ``login`` is who asks."""
    user = await layer.create_user(User(identifier=login, metadata={"roles": ["author"]}))
    assert user is not None
    init_http_context(user=user)
    return user


def step(thread: str, **changes: Any) -> Any:
    return {
        "id": str(uuid.uuid4()),
        "threadId": thread,
        "name": "Wrote the rule",
        "type": "tool",
        "output": "",
        "createdAt": LONG_AGO,
        "streaming": False,
    } | changes


def card(thread: str, for_id: str, **props: Any) -> CustomElement:
    return CustomElement(
        name="DraftCard", props=props, for_id=for_id, thread_id=thread, display="inline"
    )


async def test_steps_written_and_rewritten_at_once_keep_the_last_word(layer: Layer) -> None:
    await become(layer, "ann")
    thread = str(uuid.uuid4())
    steps = [step(thread) for _ in range(40)]
    tasks: list[asyncio.Task[None]] = []
    for made in steps:
        tasks.append(asyncio.create_task(layer.create_step(dict(made))))
        tasks.append(asyncio.create_task(layer.update_step(made | {"output": made["id"]})))
    await asyncio.gather(*tasks)
    stored = await layer.get_thread(thread)
    assert stored is not None
    assert [s.get("output") for s in stored["steps"]] == [s["id"] for s in steps]


async def test_what_is_stored_comes_back_as_it_was(layer: Layer) -> None:
    await become(layer, "ann")
    thread = str(uuid.uuid4())
    made = step(
        thread, defaultOpen=True, autoCollapse=True, icon="check", tags=["Author"],
        modes={"a": "b"}, metadata={"avatarName": "x"}, isError=False, showInput="json", input="i",
    )  # fmt: skip
    await layer.create_step(made)
    await layer.create_element(card(thread, made["id"], interrupt_id="i-1", numbers=[1, 2]))
    await layer.update_thread(thread, name="w " * 200, tags=["Author"])
    stored = await layer.get_thread(thread)
    assert stored is not None and stored["elements"]
    read = stored["steps"][0]
    kept = ("defaultOpen", "autoCollapse", "icon", "tags", "modes", "metadata", "isError", "input")
    assert {k: read.get(k) for k in kept} == {k: made[k] for k in kept}
    assert stored["elements"][0].get("props") == {"interrupt_id": "i-1", "numbers": [1, 2]}
    assert stored["tags"] == ["Author"]
    assert stored["name"] is not None and len(stored["name"]) <= 80


@pytest.mark.parametrize("bad", ["') UNION SELECT * FROM users --", "", "1", "a" * 36])
async def test_a_conversation_id_that_is_none_is_refused(layer: Layer, bad: str) -> None:
    await become(layer, "ann")
    for call in (layer.update_thread(bad), layer.get_thread(bad), layer.create_step(step(bad))):
        with pytest.raises(ValueError):
            await call


async def test_nobody_reaches_the_conversation_of_another(layer: Layer) -> None:
    await become(layer, "ann")
    thread, first = str(uuid.uuid4()), step(str(uuid.uuid4()))
    first["threadId"] = thread
    await layer.create_step(first)
    element = card(thread, first["id"], secret=1)
    await layer.create_element(element)
    thumb = await layer.upsert_feedback(Feedback(forId=first["id"], value=1))
    await become(layer, "eve")
    foreign = card(str(uuid.uuid4()), "x", secret=2)
    foreign.id = element.id
    moved = first | {"threadId": str(uuid.uuid4())}
    for call in (
        layer.update_thread(thread, name="mine"),
        layer.create_step(step(thread)),
        layer.update_step(first | {"output": "changed"}),
        layer.update_step(moved),
        layer.delete_step(first["id"]),
        layer.delete_thread(thread),
        layer.create_element(card(thread, first["id"])),
        layer.create_element(foreign),
        layer.delete_element(element.id),
        layer.upsert_feedback(Feedback(forId=first["id"], value=0)),
        layer.delete_feedback(thumb),
    ):
        with pytest.raises(NotYours):
            await call
    assert await layer.get_thread_author(thread) == "ann"
    stored = await layer.get_thread(thread)
    assert stored is not None and stored["elements"]
    assert stored["elements"][0].get("props") == {"secret": 1}
    assert stored["steps"][0].get("feedback") is not None


async def test_nobody_writes_without_being_somebody(layer: Layer) -> None:
    await become(layer, "ann")
    context_var.get().session.user = None
    with pytest.raises(NotYours):
        await layer.create_step(step(str(uuid.uuid4())))


async def test_conversations_come_in_pages_and_only_ones_own(layer: Layer) -> None:
    ann = await become(layer, "ann")
    threads = [str(uuid.uuid4()) for _ in range(25)]
    for number, thread in enumerate(threads):
        await layer.create_step(step(thread, type="user_message", output=f"rule {number} 100%"))
    eve = await become(layer, "eve")
    await layer.create_step(step(str(uuid.uuid4()), type="user_message", output="rule 100%"))
    seen: list[str] = []
    cursor = None
    while True:
        page = await layer.list_threads(
            Pagination(first=10, cursor=cursor), ThreadFilter(userId=ann.id)
        )
        assert len(page.data) <= 10 and not any(t["steps"] for t in page.data)
        seen += [t["id"] for t in page.data]
        cursor = page.pageInfo.endCursor
        if not page.pageInfo.hasNextPage:
            break
    assert seen == threads[::-1]
    hits = await layer.list_threads(
        Pagination(first=10), ThreadFilter(userId=ann.id, search="RULE 7 100%")
    )
    assert [t["id"] for t in hits.data] == [threads[7]]
    none = await layer.list_threads(Pagination(first=10), ThreadFilter(userId=eve.id, search="_"))
    assert none.data == []
    with pytest.raises(NotYours):
        await layer.list_threads(Pagination(first=10), ThreadFilter())


async def test_an_answer_has_one_thumb_and_it_can_be_taken_back(layer: Layer) -> None:
    ann = await become(layer, "ann")
    thread = str(uuid.uuid4())
    answer = step(thread, type="run", name="on_message")
    await layer.create_step(answer)
    up = await layer.upsert_feedback(Feedback(forId=answer["id"], value=1, comment="good"))
    down = await layer.upsert_feedback(Feedback(forId=answer["id"], value=0, comment="bad"))
    assert up == down
    stored = await layer.get_step(answer["id"])
    assert stored is not None
    assert stored.get("feedback") == {
        "forId": answer["id"], "id": up, "value": 0, "comment": "bad",
    }  # fmt: skip
    down_voted = ThreadFilter(userId=ann.id, feedback=0)
    assert len((await layer.list_threads(Pagination(first=5), down_voted)).data) == 1
    assert await layer.delete_feedback(up)
    assert not await layer.delete_feedback(up)
    assert len((await layer.list_threads(Pagination(first=5), down_voted)).data) == 0


async def test_deleting_a_conversation_leaves_nothing(layer: Layer, tmp_path: Path) -> None:
    await become(layer, "ann")
    thread = str(uuid.uuid4())
    made = step(thread)
    await layer.create_step(made)
    await layer.create_element(card(thread, made["id"], a=1))
    await layer.upsert_feedback(Feedback(forId=made["id"], value=1))
    await layer.delete_thread(thread)
    assert await layer.get_thread(thread) is None
    assert await layer.cards(thread) == []
    assert await layer.get_step(made["id"]) is None
    assert (tmp_path / "forgotten").read_text() == thread


async def test_a_card_drawn_again_keeps_its_place(layer: Layer) -> None:
    await become(layer, "ann")
    thread = str(uuid.uuid4())
    made = step(thread)
    await layer.create_step(made)
    element = card(thread, made["id"], interrupt_id="i-1", open=True)
    await layer.create_element(element)
    element.props = {"interrupt_id": "i-1", "open": False}
    await layer.create_element(element)
    [row] = await layer.cards(thread)
    assert (row.id, row.for_id, row.props["open"]) == (element.id, made["id"], False)


async def test_a_conversation_outlives_the_process(address: str, tmp_path: Path) -> None:
    thread = str(uuid.uuid4())
    for number in range(2):
        layer = Layer(address, Blobs(tmp_path / "blobs"))
        await layer.prepare()
        await become(layer, "ann")
        await layer.create_step(step(thread, output=str(number)))
        stored = await layer.get_thread(thread)
        await layer.close()
    assert stored is not None
    assert [s.get("output") for s in stored["steps"]] == ["0", "1"]
