"""Signing in by password, slower with every wrong one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from data.store.canonical import now as present
from data.store.canonical import sha256
from data.store.engine import Store
from data.store.errors import StoreError, TooManyTries
from data.store.insert import insert_once
from data.store.people import password_fits, person_by_login
from data.store.tables import Person, SignInTries

FREE_TRIES = 5
"""Wrong passwords in a row for one sign-in name before it slows down."""
FREE_TRIES_OF_ADDRESS = 50
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
"""Never longer: a stranger must not be able to keep someone out."""
FORGOTTEN_AFTER = timedelta(hours=24)


def sign_in(
    store: Store,
    login: str,
    password: str,
    *,
    address: str | None = None,
    now: datetime | None = None,
) -> Person | None:
    """The person, or ``None`` for a wrong name or password; which of the two is not told.

    The try is counted before the password is looked at, so that a hundred at once count as a
    hundred, and no lock is held while the hash is computed. Raises ``TooManyTries``.
    """
    with store.session() as session:
        _count(session, login, address, now or present())
        person = _person(session, login)
    if not password_fits(person, password):
        return None
    with store.session() as session:
        _forget(session, login, address)
    return person


def check_password(
    session: Session,
    login: str,
    password: str,
    *,
    address: str | None = None,
    now: datetime | None = None,
) -> Person | None:
    """As :func:`sign_in`, within one transaction of the caller's."""
    _count(session, login, address, now or present())
    person = _person(session, login)
    if not password_fits(person, password):
        return None
    _forget(session, login, address)
    return person


def wait_after(tries: int, free: int = FREE_TRIES) -> timedelta:
    """How long a sign-in stays closed after so many wrong tries in a row.

    >>> [wait_after(n).seconds for n in (1, 4, 5, 6, 7, 50)]
    [0, 0, 15, 30, 60, 900]
    """
    if tries < free:
        return timedelta(0)
    return min(FIRST_WAIT * 2 ** min(tries - free, 10), LONGEST_WAIT)


def _person(session: Session, login: str) -> Person | None:
    try:
        return person_by_login(session, login)
    except StoreError:
        return None


def _count(session: Session, login: str, address: str | None, now: datetime) -> None:
    session.exec(delete(SignInTries).where(col(SignInTries.last) < now - FORGOTTEN_AFTER))
    _count_one(session, _key("login", login), FREE_TRIES, now)
    if address:
        _count_one(session, _key("address", address), FREE_TRIES_OF_ADDRESS, now)


def _count_one(session: Session, key: str, free: int, now: datetime) -> None:
    insert_once(session, SignInTries(key=key, tries=0, last=now))
    wanted = select(SignInTries).where(SignInTries.key == key).with_for_update()
    row = session.exec(wanted.execution_options(populate_existing=True)).one()
    if row.closed_until is not None and row.closed_until > now:
        raise TooManyTries(int((row.closed_until - now).total_seconds()) + 1)
    row.tries += 1
    row.last = now
    row.closed_until = now + wait if (wait := wait_after(row.tries, free)) else None
    session.add(row)
    session.flush()


def _forget(session: Session, login: str, address: str | None) -> None:
    """A right password ends the row of wrong ones of the name; the address gets this try back."""
    session.exec(delete(SignInTries).where(col(SignInTries.key) == _key("login", login)))
    row = session.get(SignInTries, _key("address", address)) if address else None
    if row is not None:
        row.tries -= 1
        row.closed_until = None
        session.add(row)
        session.flush()


def _key(kind: str, value: str) -> str:
    return sha256(f"{kind}:{value.strip().lower()}")
