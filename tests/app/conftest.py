"""The chat library reads its folder when it is first imported: point it at a place of the tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chatroot import prepare
from app.environment import be_quiet
from tests.data.store.postgres_server import programs, server

be_quiet()
prepare(Path(tempfile.mkdtemp(prefix="rulewright-chat-")), "x" * 48)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server's one database."""
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL server program (initdb, pg_ctl) on this machine")
    with server(folder) as url:
        yield url


@pytest.fixture
def empty_postgres(postgres: str) -> str:
    """The same, with nothing in it."""
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres
