"""Where waiting drafts are kept: an SQLite file, or a PostgreSQL database."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from graph.state import require_strict


@asynccontextmanager
async def open_checkpoints(address: str) -> AsyncGenerator[BaseCheckpointSaver[Any]]:
    """The checkpoints at ``address``: a ``postgresql://…`` address, or the path of a file.

    Held open for as long as the process serves. Raises ``NotStrict`` where checkpoints could
    run code.
    """
    require_strict()
    opened = _postgresql(address) if address.startswith("postgres") else _sqlite(address)
    async with opened as saver:
        yield saver


@asynccontextmanager
async def _sqlite(path: str) -> AsyncGenerator[BaseCheckpointSaver[Any]]:
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    _make_private(Path(path))
    async with AsyncSqliteSaver.from_conn_string(path) as saver:
        await saver.conn.execute("PRAGMA synchronous=FULL")
        yield saver


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)


@asynccontextmanager
async def _postgresql(address: str) -> AsyncGenerator[BaseCheckpointSaver[Any]]:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool

    settings: dict[str, Any] = {
        "autocommit": True, "prepare_threshold": 0, "row_factory": dict_row,
    }  # fmt: skip
    pool: Any = AsyncConnectionPool(address, kwargs=settings, open=False)
    async with pool:
        saver = AsyncPostgresSaver(pool)
        await saver.setup()
        yield saver
