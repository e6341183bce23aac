"""Opening the store: SQLite by default, PostgreSQL by another URL, migrated either way."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from data.store.errors import StoreError
from data.store.migrate import migrate

BUSY_SECONDS = 15
"""How long a SQLite writer waits for another one."""


@dataclass(frozen=True)
class Store:
    """One migrated database. Threads may share it; each takes sessions of its own."""

    engine: Engine

    @contextmanager
    def session(self) -> Generator[Session]:
        """One transaction that may write: committed at the end, undone by an exception.

        On SQLite there is one writer at a time, from here on: hold it briefly, never across an
        ``await``, and never open a second one inside it.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Generator[Session]:
        """One unchanging view of the store: it waits for no writer, and refuses to write."""
        engine = self.engine.execution_options(reading=True)
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with Session(engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at ``url`` (``sqlite:///…`` or ``postgresql://…``), brought up to date.

    Raises ``StoreError`` for a URL that cannot be used, and for a database that a newer
    Rulewright wrote.
    """
    parsed = _parse(url)
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    migrate(engine)
    return Store(engine)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        raise StoreError(
            "the store's address cannot be read: try sqlite:///var/store.db or "
            "postgresql://user@host/name"
        ) from None
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise StoreError("the store is kept in SQLite or PostgreSQL, and in nothing else")
    if parsed.database in (None, "", ":memory:"):
        raise StoreError("the store needs a file: try sqlite:///var/store.db")
    return parsed


def _postgresql(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, hide_parameters=True)


def _sqlite(url: URL) -> Engine:
    path = Path(str(url.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver's guess
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    _use_wal(connection)


def _use_wal(connection: Any) -> None:
    """Switch a fresh file to WAL. SQLite refuses this without waiting while another process
    does the same; ``busy_timeout`` does not cover it."""
    end = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if monotonic() > end:
                raise
            sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at the start: taken halfway, SQLite refuses it without waiting."""
    reading = bool(connection.get_execution_options().get("reading"))
    connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
