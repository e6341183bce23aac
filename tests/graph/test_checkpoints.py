"""A checkpoint is data: one that was tampered with runs nothing, and the state is plain JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from graph.checkpoints import open_checkpoints
from graph.run import Assistant
from tests.graph.world import SENTENCE, World, card_of, new_thread, say

CRAFTED = """
import sys, ormsgpack
from langgraph.checkpoint.serde.jsonplus import EXT_CONSTRUCTOR_SINGLE_ARG, JsonPlusSerializer
inner = ormsgpack.packb(("os", "system", "touch " + sys.argv[1]))
crafted = ormsgpack.packb(ormsgpack.Ext(EXT_CONSTRUCTOR_SINGLE_ARG, inner))
JsonPlusSerializer().loads_typed(("msgpack", crafted))
"""


def load_crafted(mark: Path, strict: bool) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "LANGGRAPH_STRICT_MSGPACK"}
    if strict:
        environment["LANGGRAPH_STRICT_MSGPACK"] = "true"
    subprocess.run(
        [sys.executable, "-c", CRAFTED, str(mark)], env=environment, capture_output=True, check=True
    )


def test_a_crafted_checkpoint_runs_nothing_in_the_mode_we_insist_on(tmp_path: Path) -> None:
    load_crafted(tmp_path / "strict", strict=True)
    assert not (tmp_path / "strict").exists()
    load_crafted(tmp_path / "loose", strict=False)
    assert (tmp_path / "loose").exists(), "the attack no longer works anywhere: drop this test"


async def test_all_that_waits_in_a_checkpoint_is_plain_json(world: World) -> None:
    thread = new_thread()
    async with open_checkpoints(str(world.folder / "own" / "checkpoints.db")) as saver:
        assistant = Assistant(world.services, saver)
        card = card_of(await say(assistant, world.author, thread, SENTENCE))
        kept = await saver.aget({"configurable": {"thread_id": f"{thread}/draft"}})
    assert kept is not None
    values = {k: v for k, v in kept["channel_values"].items() if not k.startswith("branch:")}
    assert json.loads(json.dumps(values)) == values
    assert json.loads(json.dumps(card.payload)) == card.payload
    assert (world.folder / "own" / "checkpoints.db").stat().st_mode & 0o077 == 0


async def test_a_forgotten_conversation_leaves_nothing(world: World) -> None:
    thread = new_thread()
    async with world.assistant() as assistant:
        await say(assistant, world.author, thread, SENTENCE)
        await assistant.forget(thread)
        assert await assistant.pending(thread) is None
        assert await assistant.waiting(thread) == []
