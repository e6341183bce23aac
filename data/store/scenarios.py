"""Scenarios: an organisation's named cases, kept and run against every draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from data.store.audit import audit, lock_organisation
from data.store.errors import NameTaken, NotFound
from data.store.tables import ScenarioRow


def scenarios(session: Session, org_id: str) -> tuple[ScenarioRow, ...]:
    """All scenarios of the organisation, by name."""
    wanted = select(ScenarioRow).where(ScenarioRow.org_id == org_id)
    return tuple(session.exec(wanted.order_by(col(ScenarioRow.name))))


def add_scenario(
    session: Session,
    org_id: str,
    name: str,
    given: Mapping[str, Any],
    expect: Mapping[str, Any],
    by: str,
) -> ScenarioRow:
    """Keep a case: nested facts with nothing identifying, and what each decision must give.

    Adding the same case twice is adding it once; ``NameTaken`` for another case of that name.
    """
    lock_organisation(session, org_id)
    known = _by_name(session, org_id, name)
    if known is not None:
        if (known.given, known.expect) == (dict(given), dict(expect)):
            return known
        raise NameTaken(f"there is another scenario `{name}` already: give this one its own name")
    row = ScenarioRow(org_id=org_id, name=name, given=dict(given), expect=dict(expect), by=by)
    session.add(row)
    session.flush()
    audit(session, org_id, by, "scenario.added", name)
    return row


def remove_scenario(session: Session, org_id: str, name: str, by: str) -> None:
    """Raises ``NotFound``. The audit keeps what it said."""
    row = _by_name(session, org_id, name)
    if row is None:
        raise NotFound(f"there is no scenario `{name}`")
    details = {"given": row.given, "expect": row.expect}
    audit(session, org_id, by, "scenario.removed", name, details)
    session.delete(row)
    session.flush()


def _by_name(session: Session, org_id: str, name: str) -> ScenarioRow | None:
    wanted = select(ScenarioRow).where(ScenarioRow.org_id == org_id, ScenarioRow.name == name)
    return session.exec(wanted).one_or_none()
