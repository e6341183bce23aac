"""Waiting drafts are kept on disk, or on a server."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.checkpoints import open_checkpoints
from graph.state import NotStrict
from tests.data.store.postgres_server import programs, server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path / "checkpoints.db")
        return
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL server program (initdb, pg_ctl) on this machine")
    with server(folder) as url:
        yield url


async def test_what_waits_is_there_when_opened_again(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    config = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
    async with open_checkpoints(address) as saver:
        checkpoint = {**_empty(), "channel_values": {"message": "waits"}}
        await saver.aput(config, checkpoint, {}, {"message": "1"})  # type: ignore[arg-type]
    async with open_checkpoints(address) as saver:
        found = await saver.aget_tuple(config)  # type: ignore[arg-type]
    assert found is not None
    assert found.checkpoint["channel_values"] == {"message": "waits"}


def _empty() -> dict[str, object]:
    from langgraph.checkpoint.base import empty_checkpoint

    made = dict(empty_checkpoint())
    return made | {"channel_versions": {"message": "1"}}


async def test_the_file_is_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    path = tmp_path / "below" / "checkpoints.db"
    async with open_checkpoints(str(path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_nothing_is_opened_where_a_checkpoint_could_run_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANGGRAPH_STRICT_MSGPACK", raising=False)
    with pytest.raises(NotStrict):
        async with open_checkpoints(str(tmp_path / "c.db")):
            pass
