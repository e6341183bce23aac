"""What a session promises."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.store import Store, create_organisation, open_store, organisations
from data.store.tables import Person


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    with store.engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        answers = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in asked]
    assert answers == ["wal", 2, 1, 15000]
    assert path.stat().st_mode & 0o077 == 0
    store.close()


def test_a_session_is_all_or_nothing(store: Store) -> None:
    def fail_halfway() -> None:
        with store.session() as session:
            create_organisation(session, "half")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fail_halfway()
    with store.reading() as session:
        assert organisations(session) == ()


def test_reading_sees_one_moment_and_waits_for_no_writer(store: Store) -> None:
    with store.reading() as before:
        assert organisations(before) == ()
        with store.session() as session:
            create_organisation(session, "new")
            assert organisations(before) == ()
        before.expire_all()
        assert organisations(before) == ()
    with store.reading() as after:
        assert [o.name for o in organisations(after)] == ["new"]


def test_a_write_while_reading_is_refused(store: Store) -> None:
    with store.reading() as session, pytest.raises(DBAPIError):
        create_organisation(session, "sneaked in")
    with store.session() as session:
        create_organisation(session, "still works")


def test_foreign_keys_hold(store: Store) -> None:
    with store.session() as session:
        session.add(
            Person(org_id="0" * 32, login="x", display="x", password_hash="", roles=["author"])
        )
        with pytest.raises(DBAPIError):
            session.flush()
        session.rollback()


def test_writers_take_turns(store: Store) -> None:
    def add(name: str) -> None:
        with store.session() as session:
            create_organisation(session, name)

    names = {f"organisation {i}" for i in range(12)}
    threads = [threading.Thread(target=add, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert {o.name for o in organisations(session)} == names
