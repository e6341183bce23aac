"""Bringing a database up to date, once, whoever comes first."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text

from data.store.errors import StoreError

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x52756C65
"""Any fixed number: processes that start together take turns by it (PostgreSQL)."""


def config() -> Config:
    """Alembic's settings, without a file of them."""
    made = Config()
    made.set_main_option("script_location", str(_FOLDER))
    made.set_main_option("path_separator", "os")
    return made


def head() -> str | None:
    """The newest migration this program knows."""
    return ScriptDirectory.from_config(config()).get_current_head()


def migrate(engine: Engine) -> None:
    """Run every migration not yet run, in one transaction: all of them or none.

    Raises ``StoreError`` when the database is ahead of this program.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, "head")
    except CommandError as error:
        raise StoreError(
            "this store was written by a newer version of the program: update the program, "
            "or restore the copy from before the update"
        ) from error
