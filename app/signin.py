"""Signing in with a password, and the rights a person has at this moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from app.desk import Person
from data.store import Store, TooManyTries, grants_of, person_by_login, sign_in

if TYPE_CHECKING:
    from graph.run import Who

T = TypeVar("T")
LONGEST = 256
"""Characters of a sign-in name or password; longer ones are not even hashed."""


class StorePeople:
    """The people of the store. Hashing takes a moment, so it never runs on the event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def check(self, login: str, password: str, address: str) -> Person | None:
        """The person whose password this is; ``None`` too while too many tries make them wait."""
        if not login.strip() or not password or max(len(login), len(password)) > LONGEST:
            return None
        return await _aside(lambda: self._check(login, password, address))

    def _check(self, login: str, password: str, address: str) -> Person | None:
        try:
            found = sign_in(self._store, login, password, address=address or None)
        except TooManyTries:
            return None
        if found is None:
            return None
        return Person(found.login, found.display, frozenset(found.roles))

    async def who(self, login: str) -> Who | None:
        return await _aside(lambda: self._who(login))

    def _who(self, login: str) -> Who | None:
        from graph.run import Who

        with self._store.reading() as session:
            found = person_by_login(session, login)
            if found is None:
                return None
            grants = grants_of(session, found.org_id, found.id)
            return Who(found.org_id, found.id, found.login, frozenset(found.roles), grants)


async def _aside(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)
