"""The log of decisions: what was asked, by which version it was answered, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from data.store.audit import audit
from data.store.tables import DecisionRow, Environment, new_id


@dataclass(frozen=True, slots=True)
class Decided:
    """One answered request. ``facts`` are masked before they come here."""

    request_id: str
    facts: Mapping[str, Any]
    result: Mapping[str, Any]


def record_decision(
    session: Session,
    org_id: str,
    environment: Environment,
    version_id: str,
    request_id: str,
    facts: Mapping[str, Any],
    result: Mapping[str, Any],
) -> None:
    """Keep one decision."""
    one = Decided(request_id, facts, result)
    record_decisions(session, org_id, environment, version_id, [one])


def record_decisions(
    session: Session,
    org_id: str,
    environment: Environment,
    version_id: str,
    decisions: Iterable[Decided],
) -> None:
    """Keep a batch of decisions of one version, in the order given."""
    session.add_all(
        DecisionRow(
            id=new_id(),
            org_id=org_id,
            environment=environment,
            version_id=version_id,
            request_id=one.request_id,
            facts=dict(one.facts),
            result=dict(one.result),
        )
        for one in decisions
    )
    session.flush()


def decision_by_request_id(session: Session, org_id: str, request_id: str) -> DecisionRow | None:
    """The newest decision on this request of the organisation."""
    wanted = select(DecisionRow).where(
        DecisionRow.org_id == org_id, DecisionRow.request_id == request_id
    )
    return session.exec(wanted.order_by(col(DecisionRow.created).desc()).limit(1)).one_or_none()


def recent_decisions(session: Session, org_id: str, limit: int = 100) -> tuple[DecisionRow, ...]:
    """The newest first."""
    wanted = select(DecisionRow).where(DecisionRow.org_id == org_id)
    return tuple(session.exec(wanted.order_by(col(DecisionRow.created).desc()).limit(limit)))


def decisions_between(
    session: Session, org_id: str, start: datetime, end: datetime
) -> Iterator[DecisionRow]:
    """Those made from ``start`` on and before ``end``, read as they are asked for."""
    wanted = select(DecisionRow).where(
        DecisionRow.org_id == org_id,
        col(DecisionRow.created) >= start,
        col(DecisionRow.created) < end,
    )
    yield from session.exec(wanted.execution_options(yield_per=1000))


def forget_decisions(session: Session, org_id: str, before: datetime, by: str) -> int:
    """Delete decisions older than that, and return how many they were."""
    old = delete(DecisionRow).where(
        col(DecisionRow.org_id) == org_id, col(DecisionRow.created) < before
    )
    count = session.exec(old).rowcount
    details = {"before": before.isoformat(), "count": count}
    audit(session, org_id, by, "decisions.forgotten", "", details)
    return count
