"""Where a turn waits until MLflow has it: the store's outbox, seen from here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol, get_args

Kind = Literal["turn", "feedback", "feedback-removed", "confirmed", "judge", "export"]

ALL: tuple[Kind, ...] = get_args(Kind)
HOLD = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to deliver."""

    kind: Kind
    org_id: str
    turn_id: str
    subject: str
    """Parcels of one subject are delivered in the order in which they were put."""
    key: str
    """Put twice under one key is put once."""
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A parcel this sender holds, until it says what became of it or its time runs out."""

    parcel: Parcel
    receipt: Any
    """The outbox's own."""
    tries: int = 0
    """How often it was taken up and failed."""


class Outbox(Protocol):
    """Keeps parcels over restarts; every method is safe from any thread and process."""

    def put(self, parcel: Parcel) -> None: ...

    def take(self, limit: int, kinds: Collection[Kind], hold: timedelta = HOLD) -> Sequence[Held]:
        """Parcels of every organisation whose time has come: oldest first, one a subject.

        Nobody else gets them for as long as ``hold``.
        """
        ...

    def delivered(self, held: Held) -> None: ...

    def failed(self, held: Held, error: str) -> None:
        """Said with a code; the outbox tries again later, and later each time."""
        ...

    def waiting(self, kinds: Collection[Kind] = ALL) -> int:
        """How many parcels of these kinds are not delivered yet."""
        ...
