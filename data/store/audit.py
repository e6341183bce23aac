"""The audit: who did what, when. Entries are only ever added, and each seals those before it.

The database refuses to change or delete an entry (triggers of the first migration). Someone who
removes the triggers still cannot change one unseen: every entry's hash covers the entry before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from data.store.canonical import canonical_json, now, sha256
from data.store.errors import NotFound
from data.store.tables import AuditEntry, Organisation

START = "sha256:" + "0" * 64
"""What the first entry names as the hash before it."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Where a chain ends: kept elsewhere, it shows later that nothing was cut off."""

    entries: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What a check of the chain found. ``broken_at`` is the first entry that does not fit."""

    seal: Seal
    broken_at: int | None = None

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def lock_organisation(session: Session, org_id: str) -> None:
    """Take turns: until this transaction ends, no other changes what is guarded by this lock.

    SQLite has one writer anyway. Raises ``NotFound``.
    """
    lock = select(Organisation.id).where(Organisation.id == org_id).with_for_update(key_share=True)
    if session.exec(lock).one_or_none() is None:
        raise NotFound("there is no such organisation")


def audit(
    session: Session,
    org_id: str,
    by: str,
    action: str,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry to the organisation's chain, in the transaction of what it tells of."""
    lock_organisation(session, org_id)
    last = _last(session, org_id)
    seq, previous = (last.seq + 1, last.hash) if last else (1, START)
    at, text = now(), canonical_json(dict(details or {}))
    entry = AuditEntry(
        org_id=org_id,
        seq=seq,
        at=at,
        by=by,
        action=action,
        subject=subject,
        details=text,
        previous=previous,
        hash=_hash(org_id, seq, at, by, action, subject, text, previous),
    )
    session.add(entry)
    session.flush()
    return entry


def audit_entries(
    session: Session, org_id: str, limit: int = 100, subject: str | None = None
) -> tuple[AuditEntry, ...]:
    """The newest entries first, of one subject where one is given."""
    wanted = select(AuditEntry).where(AuditEntry.org_id == org_id)
    if subject is not None:
        wanted = wanted.where(AuditEntry.subject == subject)
    return tuple(session.exec(wanted.order_by(col(AuditEntry.seq).desc()).limit(limit)))


def verify_audit(session: Session, org_id: str, known: Seal | None = None) -> AuditCheck:
    """Whether no entry was changed, removed or put in; with ``known``, nor the end cut off."""
    previous, seq, met = START, 0, known is None or known.entries == 0
    chain = select(AuditEntry).where(AuditEntry.org_id == org_id).order_by(col(AuditEntry.seq))
    for entry in session.exec(chain.execution_options(yield_per=1000)):
        if not _fits(entry, seq + 1, previous):
            return AuditCheck(Seal(seq, previous), seq + 1)
        seq, previous = entry.seq, entry.hash
        if known is not None and known.entries == seq:
            if known.hash != previous:
                return AuditCheck(Seal(seq, previous), seq)
            met = True
    return AuditCheck(Seal(seq, previous), None if met else seq + 1)


def _fits(entry: AuditEntry, seq: int, previous: str) -> bool:
    wanted = _hash(
        entry.org_id,
        entry.seq,
        entry.at,
        entry.by,
        entry.action,
        entry.subject,
        entry.details,
        entry.previous,
    )
    return entry.seq == seq and entry.previous == previous and entry.hash == wanted


def _hash(org_id: str, seq: int, at: datetime, *words: str) -> str:
    return sha256(canonical_json([org_id, seq, at.isoformat(), *words]))


def _last(session: Session, org_id: str) -> AuditEntry | None:
    newest = select(AuditEntry).where(AuditEntry.org_id == org_id)
    return session.exec(newest.order_by(col(AuditEntry.seq).desc()).limit(1)).one_or_none()
