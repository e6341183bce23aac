"""The migrations build the tables that the code speaks of, and nothing by halves."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from data.store import Store, StoreError, open_store
from data.store.migrate import head
from data.store.tables import METADATA


def test_the_migrations_build_what_the_tables_say(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, METADATA) == []


def test_a_missing_column_would_be_seen(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE turn DROP COLUMN run_id"))
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) != []


def test_opening_again_changes_nothing(store: Store, url: str) -> None:
    again = open_store(url)
    with again.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == head()
    again.close()


def test_a_newer_database_is_refused_in_plain_words(store: Store, url: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version of the program"):
        open_store(url)


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url, stores, errors = f"sqlite:///{tmp_path / 'new' / 'store.db'}", [], []

    def start() -> None:
        try:
            stores.append(open_store(url))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert "audit_entry" in inspect(stores[0].engine).get_table_names()
    for store in stores:
        store.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://somewhere/x", "SQLite or PostgreSQL"),
        ("sqlite://", "needs a file"),
        ("not a url", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        open_store(url)
