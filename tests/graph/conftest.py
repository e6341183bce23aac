from __future__ import annotations

import os

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # before LangGraph is imported

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.graph.talk import Talk, talking
from tests.graph.world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    """An author of the radiology pack."""
    async with talking("radiology", tmp_path) as open_talk:
        yield open_talk
