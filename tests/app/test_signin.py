"""Signing in: slow for those who guess, silent about why."""

from __future__ import annotations

from app.desk import Person
from app.signin import FREE_TRIES, TRIES_OF_AN_ADDRESS, WINDOW, Attempts, sign_in


class People:
    asked = 0

    async def check(self, login: str, password: str) -> Person | None:
        self.asked += 1
        return Person(login, login, frozenset()) if password == "right" else None

    async def who(self, login: str) -> None:
        return None


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_the_right_password_lets_in() -> None:
    person = await sign_in(People(), Attempts(), " ann ", "right", "1")
    assert person is not None and person.login == "ann"


async def test_after_five_wrong_tries_a_name_has_to_wait_a_minute() -> None:
    people, clock = People(), Clock()
    attempts = Attempts(clock)
    for _ in range(FREE_TRIES):
        assert await sign_in(people, attempts, "ann", "wrong", "1") is None
    assert await sign_in(people, attempts, "Ann", "right", "2") is None
    assert people.asked == FREE_TRIES
    clock.now = WINDOW + 1
    assert await sign_in(people, attempts, "ann", "right", "1") is not None


async def test_an_address_that_guesses_many_names_has_to_wait() -> None:
    people, attempts = People(), Attempts(Clock())
    for number in range(TRIES_OF_AN_ADDRESS):
        assert await sign_in(people, attempts, f"name{number}", "wrong", "1") is None
    assert await sign_in(people, attempts, "ann", "right", "1") is None
    assert await sign_in(people, attempts, "ann", "right", "2") is not None


async def test_nothing_empty_or_endless_is_even_hashed() -> None:
    people = People()
    for login, password in (("", "x"), ("ann", ""), ("ann", "x" * 300), ("a" * 300, "x")):
        assert await sign_in(people, Attempts(), login, password, "1") is None
    assert people.asked == 0
