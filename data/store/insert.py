"""Putting a row where there may be one already, without asking first."""

from __future__ import annotations

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from data.store.tables import Table


def insert_once(session: Session, row: Table) -> bool:
    """Insert the row unless one of the same key is there; whether it was inserted.

    Two transactions that do it at the same moment end with one row, and neither with an error.
    """
    insert = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    statement = insert(type(row)).values(row.model_dump(exclude_none=True))
    inserted = statement.on_conflict_do_nothing().returning(literal(1))
    return session.connection().execute(inserted).first() is not None
