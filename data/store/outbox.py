"""The outbox: what must reach another system is first written here, in the same transaction.

A sender claims what is due, delivers it, and says so. A claim is held by exactly one sender until
it runs out; a sender that dies lets go of it by dying. So an item may, after a crash, be delivered
a second time, under the same key: the receiver must take it once by that key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from data.store.canonical import now as present
from data.store.insert import insert_once
from data.store.tables import OutboxItem, new_id

CLAIM = timedelta(seconds=60)
"""How long a sender has to deliver what it claimed."""
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=1)


def put_outbox(
    session: Session,
    org_id: str,
    kind: str,
    payload: Mapping[str, Any],
    *,
    subject: str = "",
    key: str | None = None,
    now: datetime | None = None,
) -> None:
    """Leave something to be delivered. Put twice under one key, it is put once.

    Items of one ``subject`` (a turn, say) are delivered in order, one after the other; without a
    subject an item waits for no other.
    """
    name = key or new_id()
    item = OutboxItem(
        org_id=org_id,
        kind=kind,
        subject=subject or name,
        key=name,
        payload=dict(payload),
        next_try=now or present(),
    )
    insert_once(session, item)


def due_outbox(
    session: Session,
    limit: int = 50,
    now: datetime | None = None,
    claim_for: timedelta = CLAIM,
    kinds: Collection[str] | None = None,
) -> tuple[OutboxItem, ...]:
    """Claim what is due, of all organisations, the oldest first. No other sender gets these.

    ``kinds``: of these only; ``None`` is of any.
    """
    at = now or present()
    earlier = aliased(OutboxItem)
    waits = (
        select(col(earlier.id))
        .where(earlier.org_id == OutboxItem.org_id, earlier.subject == OutboxItem.subject)
        .where(col(earlier.delivered).is_(None), col(earlier.id) < col(OutboxItem.id))
        .exists()
    )
    due = (
        select(OutboxItem)
        .where(col(OutboxItem.delivered).is_(None), col(OutboxItem.next_try) <= at, ~waits)
        .where(_of(kinds))
        .order_by(col(OutboxItem.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=OutboxItem)
        .execution_options(populate_existing=True)
    )
    items = tuple(session.exec(due))
    for item in items:
        item.claim, item.next_try = new_id(), at + claim_for
        session.add(item)
    session.flush()
    return items


def mark_delivered(session: Session, item: OutboxItem, now: datetime | None = None) -> bool:
    """Done with it. False when the claim ran out and another sender has it."""
    row = _claimed(session, item)
    if row is None:
        return False
    row.delivered, row.claim = now or present(), None
    row.attempts += 1
    session.add(row)
    session.flush()
    return True


def mark_failed(
    session: Session, item: OutboxItem, error: str, now: datetime | None = None
) -> bool:
    """Try again later: 2, 4, 8 … seconds, at most an hour. False when the claim ran out.

    ``error`` is a code or a short reason, with nothing of the payload in it.
    """
    row = _claimed(session, item)
    if row is None:
        return False
    row.attempts += 1
    row.last_error, row.claim = error, None
    row.next_try = (now or present()) + wait_after(row.attempts)
    session.add(row)
    session.flush()
    return True


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many failures.

    >>> [int(wait_after(n).total_seconds()) for n in (1, 2, 3, 20)]
    [2, 4, 8, 3600]
    """
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)


def undelivered(session: Session, org_id: str) -> tuple[OutboxItem, ...]:
    """What still waits, the oldest first."""
    wanted = select(OutboxItem).where(
        OutboxItem.org_id == org_id, col(OutboxItem.delivered).is_(None)
    )
    return tuple(session.exec(wanted.order_by(col(OutboxItem.id))))


def count_undelivered(session: Session, kinds: Collection[str] | None = None) -> int:
    """How many of these kinds still wait, of all organisations."""
    waiting = (
        select(func.count())
        .select_from(OutboxItem)
        .where(col(OutboxItem.delivered).is_(None), _of(kinds))
    )
    return session.exec(waiting).one()


def _of(kinds: Collection[str] | None) -> ColumnElement[bool]:
    return true() if kinds is None else col(OutboxItem.kind).in_(kinds)


def _claimed(session: Session, item: OutboxItem) -> OutboxItem | None:
    wanted = (
        select(OutboxItem)
        .where(OutboxItem.id == item.id, OutboxItem.claim == item.claim)
        .where(col(OutboxItem.delivered).is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(wanted).one_or_none()
