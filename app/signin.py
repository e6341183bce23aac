"""Sign-in: who may try when, and what the cookie says about them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.desk import People, Person

FREE_TRIES = 5
"""Failed tries in a window before a name, or an address, has to wait."""
TRIES_OF_AN_ADDRESS = 20
WINDOW = 60.0
"""Seconds for which a failed try counts."""
MOST_KEPT = 10_000
"""Names and addresses remembered; the oldest are forgotten first."""
LONGEST = 256
"""Characters of a sign-in name or password; longer ones are not even hashed."""


@dataclass
class Attempts:
    """Failed tries of late, by sign-in name and by address."""

    clock: Callable[[], float] = time.monotonic
    _failed: dict[str, deque[float]] = field(default_factory=dict[str, deque[float]])

    def must_wait(self, key: str, most: int) -> bool:
        """Whether ``key`` failed ``most`` times within the window."""
        times = self._failed.get(key, deque())
        while times and self.clock() - times[0] > WINDOW:
            times.popleft()
        return len(times) >= most

    def failed(self, key: str) -> None:
        times = self._failed.pop(key, None) or deque(maxlen=TRIES_OF_AN_ADDRESS)
        times.append(self.clock())
        self._failed[key] = times
        while len(self._failed) > MOST_KEPT:
            self._failed.pop(next(iter(self._failed)))

    def forget(self, key: str) -> None:
        self._failed.pop(key, None)


async def sign_in(
    people: People, attempts: Attempts, login: str, password: str, address: str
) -> Person | None:
    """The person behind a sign-in name and password, or ``None``.

    A name that failed too often is refused for a while whatever the password, and so is
    an address: the answer does not tell which, nor whether the name exists.
    """
    login = login.strip()
    if not login or not password or max(len(login), len(password)) > LONGEST:
        return None
    name, place = f"name {login.casefold()}", f"address {address}"
    if attempts.must_wait(name, FREE_TRIES) or attempts.must_wait(place, TRIES_OF_AN_ADDRESS):
        return None
    person = await people.check(login, password)
    if person is None:
        attempts.failed(name)
        attempts.failed(place)
        return None
    attempts.forget(name)
    return person
