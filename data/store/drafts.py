"""Unfinished drafts: what an author put aside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from data.store.errors import NotFound
from data.store.tables import UnfinishedDraft


def keep_unfinished(
    session: Session,
    org_id: str,
    person_id: str,
    thread_id: str,
    message: str,
    payload: Mapping[str, Any],
) -> str:
    """Put a draft aside and return its id. ``payload`` is the caller's own, plain JSON."""
    row = UnfinishedDraft(
        org_id=org_id,
        person_id=person_id,
        thread_id=thread_id,
        message=message,
        payload=dict(payload),
    )
    session.add(row)
    session.flush()
    return row.id


def unfinished(session: Session, org_id: str, person_id: str) -> tuple[UnfinishedDraft, ...]:
    """What this person has put aside, the newest first."""
    wanted = select(UnfinishedDraft).where(
        UnfinishedDraft.org_id == org_id, UnfinishedDraft.person_id == person_id
    )
    return tuple(session.exec(wanted.order_by(col(UnfinishedDraft.created).desc())))


def drop_unfinished(session: Session, org_id: str, person_id: str, draft_id: str) -> None:
    """Raises ``NotFound``, also for another person's draft."""
    row = session.get(UnfinishedDraft, draft_id)
    if row is None or (row.org_id, row.person_id) != (org_id, person_id):
        raise NotFound("there is no such draft")
    session.delete(row)
    session.flush()
