"""Every test of the store runs on SQLite and on PostgreSQL, each with a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from data.store import Store, open_store
from tests.data.store.postgres_server import programs, server

_numbers = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a server with one database, ``migrated``, to copy from; ``{name}`` is left open."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("no PostgreSQL server program (initdb, pg_ctl) on this machine")
    with server(bin_folder) as url:
        create_database(url, "migrated", "template1")
        open_store(url.format(name="migrated")).close()
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database nobody else uses. On PostgreSQL it is migrated already."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server_url: str = request.getfixturevalue("postgres")
    name = f"t{next(_numbers)}"
    create_database(server_url, name, "migrated")
    return server_url.format(name=name)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def create_database(url: str, name: str, template: str) -> None:
    driver = url.format(name="postgres").replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(driver, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
