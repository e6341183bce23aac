"""People: roles, rights to write, and passwords."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from data.access.roles import ROLES, Role
from data.rulelang.ast import Scope
from data.store.audit import audit
from data.store.errors import NameTaken, NotFound, StoreError
from data.store.insert import insert_once
from data.store.tables import Grant, Person

SHORTEST_PASSWORD = 12
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read for one another."""


def new_password() -> str:
    """A generated password of 79 bits, in groups that can be read out."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def add_person(
    session: Session,
    org_id: str,
    login: str,
    roles: Iterable[Role],
    *,
    display: str = "",
    password: str | None = None,
    grants: Iterable[Scope | None] = (),
    by: str = "",
) -> Person:
    """A new person. Without a password they cannot sign in by one.

    Raises ``NameTaken`` when the login is in use anywhere in the installation, and ``StoreError``
    for a role that does not exist or a password that is too short.
    """
    name = _login(login)
    new = Person(
        org_id=org_id,
        login=name,
        display=display or login,
        password_hash="" if password is None else hash_password(password),
        roles=_roles(roles),
    )
    if not insert_once(session, new):
        raise NameTaken(f"the sign-in name `{name}` is in use: try another")
    audit(session, org_id, by, "person.added", new.id, {"login": name, "roles": new.roles})
    for scope in grants:
        add_grant(session, org_id, new.id, scope, by)
    return person(session, org_id, new.id)


def person_by_login(session: Session, login: str) -> Person | None:
    """The active person with this sign-in name, whatever the organisation."""
    found = session.exec(select(Person).where(Person.login == _login(login))).one_or_none()
    return found if found is not None and found.active else None


def person(session: Session, org_id: str, person_id: str) -> Person:
    """Raises ``NotFound``, also for a person of another organisation."""
    found = session.exec(
        select(Person).where(Person.org_id == org_id, Person.id == person_id)
    ).one_or_none()
    if found is None:
        raise NotFound("there is no such person")
    return found


def people(session: Session, org_id: str) -> tuple[Person, ...]:
    """Everyone of the organisation, by sign-in name."""
    return tuple(
        session.exec(select(Person).where(Person.org_id == org_id).order_by(col(Person.login)))
    )


def set_roles(
    session: Session, org_id: str, person_id: str, roles: Iterable[Role], by: str
) -> Person:
    """Give the person these roles, in place of those they had."""
    found = person(session, org_id, person_id)
    found.roles = _roles(roles)
    session.add(found)
    audit(session, org_id, by, "person.roles", person_id, {"roles": found.roles})
    return found


def set_password(session: Session, org_id: str, person_id: str, password: str, by: str) -> None:
    """Raises ``StoreError`` when it is too short."""
    found = person(session, org_id, person_id)
    found.password_hash = hash_password(password)
    session.add(found)
    audit(session, org_id, by, "person.password", person_id)


def set_active(session: Session, org_id: str, person_id: str, active: bool, by: str) -> None:
    """Let a person in, or keep them out; nothing of what they did is lost."""
    found = person(session, org_id, person_id)
    found.active = active
    session.add(found)
    audit(session, org_id, by, "person.active", person_id, {"active": active})


def add_grant(session: Session, org_id: str, person_id: str, scope: Scope | None, by: str) -> None:
    """Let the person write at each value of the scope; ``None`` is everywhere."""
    person(session, org_id, person_id)
    values = (None,) if scope is None else scope.values
    level = None if scope is None else scope.level
    for value in values:
        session.add(Grant(org_id=org_id, person_id=person_id, level=level, value=value))
    session.flush()
    details = {"level": level, "values": list(values)}
    audit(session, org_id, by, "grant.added", person_id, details)


def remove_grants(session: Session, org_id: str, person_id: str, by: str) -> None:
    """Take every right to write from the person."""
    for grant in _grants(session, org_id, person_id):
        session.delete(grant)
    session.flush()
    audit(session, org_id, by, "grant.removed", person_id)


def grants_of(session: Session, org_id: str, person_id: str) -> tuple[Scope | None, ...]:
    """Where the person may write: a scope a level, ``None`` for everywhere, ``()`` for nowhere."""
    values: dict[str, list[str]] = {}
    everywhere = False
    for grant in _grants(session, org_id, person_id):
        if grant.level is None or grant.value is None:
            everywhere = True
        else:
            values.setdefault(grant.level, []).append(grant.value)
    scopes = tuple(Scope(level, tuple(sorted(set(v)))) for level, v in sorted(values.items()))
    return ((None,) if everywhere else ()) + scopes


def hash_password(password: str) -> str:
    """argon2id with the library's parameters (RFC 9106, low-memory)."""
    if len(password) < SHORTEST_PASSWORD:
        raise StoreError(f"a password needs at least {SHORTEST_PASSWORD} characters")
    return _hasher().hash(password)


def password_fits(person: Person | None, password: str) -> bool:
    """Whether it is the person's password. Takes as long for nobody as for somebody."""
    stored = person.password_hash if person is not None and person.active else ""
    try:
        _hasher().verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))


def _grants(session: Session, org_id: str, person_id: str) -> list[Grant]:
    wanted = select(Grant).where(Grant.org_id == org_id, Grant.person_id == person_id)
    return list(session.exec(wanted))


def _login(login: str) -> str:
    name = login.strip().lower()
    if not name:
        raise StoreError("a person needs a sign-in name")
    return name


def _roles(roles: Iterable[Role]) -> list[Role]:
    given = set(roles)
    unknown = sorted(given.difference(ROLES))
    if unknown:
        raise StoreError(f"there is no role `{unknown[0]}`: the roles are {', '.join(ROLES)}")
    return [role for role in ROLES if role in given]
