"""The outbox table of the store, as :class:`evals.outbox.Outbox`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import cast

from data.store.canonical import now
from data.store.engine import Store
from data.store.outbox import (
    count_undelivered,
    due_outbox,
    mark_delivered,
    mark_failed,
    put_outbox,
)
from data.store.tables import OutboxItem
from evals.outbox import ALL, HOLD, Held, Kind, Parcel


class StoreOutbox:
    """Each call is one short transaction; a parcel is safe on disk when ``put`` returns."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = now) -> None:
        self._store = store
        self._now = clock

    def put(self, parcel: Parcel) -> None:
        content = {"turn_id": parcel.turn_id, "payload": dict(parcel.payload)}
        with self._store.session() as session:
            put_outbox(
                session,
                parcel.org_id,
                parcel.kind,
                content,
                subject=parcel.subject,
                key=parcel.key,
                now=self._now(),
            )

    def take(
        self, limit: int, kinds: Collection[Kind] = ALL, hold: timedelta = HOLD
    ) -> Sequence[Held]:
        with self._store.session() as session:
            due = due_outbox(session, limit, self._now(), hold, kinds)
            return [Held(_parcel(item), item, item.attempts) for item in due]

    def delivered(self, held: Held) -> None:
        with self._store.session() as session:
            mark_delivered(session, held.receipt, self._now())

    def failed(self, held: Held, error: str) -> None:
        with self._store.session() as session:
            mark_failed(session, held.receipt, error, self._now())

    def waiting(self, kinds: Collection[Kind] = ALL) -> int:
        with self._store.reading() as session:
            return count_undelivered(session, kinds)


def _parcel(item: OutboxItem) -> Parcel:
    kind, content = cast(Kind, item.kind), item.payload
    return Parcel(kind, item.org_id, content["turn_id"], item.subject, item.key, content["payload"])
