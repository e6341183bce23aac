"""Organisations: the tenants, none of which sees anything of another."""

from __future__ import annotations

from sqlmodel import Session, col, select

from data.store.audit import audit
from data.store.errors import NameTaken, NotFound
from data.store.insert import insert_once
from data.store.tables import Organisation


def create_organisation(session: Session, name: str, title: str = "", by: str = "") -> Organisation:
    """A new organisation. Raises ``NameTaken``."""
    made = Organisation(name=name, title=title or name)
    if not insert_once(session, made):
        raise NameTaken(f"there is an organisation `{name}` already")
    audit(session, made.id, by, "organisation.created", name)
    return organisation(session, made.id)


def organisation(session: Session, org_id: str) -> Organisation:
    """Raises ``NotFound``."""
    found = session.get(Organisation, org_id)
    if found is None:
        raise NotFound("there is no such organisation")
    return found


def organisation_by_name(session: Session, name: str) -> Organisation:
    """Raises ``NotFound``."""
    found = session.exec(select(Organisation).where(Organisation.name == name)).one_or_none()
    if found is None:
        raise NotFound(f"there is no organisation `{name}`")
    return found


def organisations(session: Session) -> tuple[Organisation, ...]:
    """All of them, by name: for the program itself, never for a person of one of them."""
    return tuple(session.exec(select(Organisation).order_by(col(Organisation.name))))
