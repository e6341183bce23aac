"""Every test of the store runs on SQLite and on PostgreSQL, with tables of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.schema import CreateSchema

from data.store import Store, open_store
from tests.data.store.postgres_server import programs, server

_numbers = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a server's one database."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("no PostgreSQL server program (initdb, pg_ctl) on this machine")
    with server(bin_folder) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def new_url(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Each call names a database (on PostgreSQL, a schema) that nobody else uses."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite")
        return lambda: _copy_of(template)
    server_url: str = request.getfixturevalue("postgres")
    return lambda: _new_schema(server_url)


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def _new_schema(url: str) -> str:
    name = f"t{next(_numbers)}"
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(CreateSchema(name))
    engine.dispose()
    return f"{url}&options=-csearch_path%3D{name}"


def _copy_of(template: Path) -> str:
    copy = template.with_name(f"t{next(_numbers)}.db")
    shutil.copyfile(template, copy)
    return f"sqlite:///{copy}"
