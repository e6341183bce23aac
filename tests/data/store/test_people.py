"""People, their rights, and how they sign in."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from data.rulelang.ast import Scope
from data.store import (
    NameTaken,
    NotFound,
    Store,
    StoreError,
    TooManyTries,
    add_grant,
    add_person,
    audit_entries,
    check_password,
    grants_of,
    new_password,
    people,
    person,
    person_by_login,
    remove_grants,
    set_active,
    set_password,
    set_roles,
    sign_in,
    signin,
)
from data.store.signin import FREE_TRIES
from tests.data.store.small import a_person, an_organisation

people_module = sys.modules["data.store.people"]
"""``data.store.people`` is the function of that name."""
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PASSWORD = "a long enough one"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real argon2id with less work; what it costs is its own library's to test."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(people_module, "_hasher", lambda: quick)


@pytest.fixture
def ann(store: Store) -> str:
    org = an_organisation(store, "one")
    with store.session() as session:
        return add_person(session, org, "Ann", ["author"], password=PASSWORD).id


def test_the_right_password_lets_in(store: Store, ann: str) -> None:
    for login in ("ann", "ANN", " Ann "):
        found = sign_in(store, login, PASSWORD)
        assert found is not None and found.id == ann


@pytest.mark.parametrize(
    ("login", "password"),
    [("ann", "another long one"), ("nobody", PASSWORD), ("", PASSWORD), ("ann", ""), (" ", "")],
)
def test_anything_else_does_not(store: Store, ann: str, login: str, password: str) -> None:
    assert sign_in(store, login, password) is None


def test_a_person_without_a_password_or_kept_out_cannot_sign_in(store: Store, ann: str) -> None:
    with store.session() as session:
        org = person_by_login(session, "ann").org_id  # type: ignore[union-attr]
        add_person(session, org, "ben", ["operator"])
        set_active(session, org, ann, False, "owner")
    assert sign_in(store, "ben", "") is None
    assert sign_in(store, "ann", PASSWORD) is None


def test_wrong_passwords_slow_the_next_try_down(store: Store, ann: str) -> None:
    for _ in range(FREE_TRIES):
        assert sign_in(store, "ann", "wrong", now=NOON) is None
    with pytest.raises(TooManyTries) as closed:
        sign_in(store, "ann", PASSWORD, now=NOON)
    assert 10 < closed.value.seconds <= 16
    assert sign_in(store, "ann", "wrong", now=NOON + timedelta(seconds=16)) is None
    with pytest.raises(TooManyTries) as closed:
        sign_in(store, "ann", PASSWORD, now=NOON + timedelta(seconds=16))
    assert closed.value.seconds > 20


def test_after_the_wait_the_right_password_ends_it(store: Store, ann: str) -> None:
    for _ in range(FREE_TRIES):
        sign_in(store, "ann", "wrong", now=NOON)
    later = NOON + timedelta(seconds=16)
    assert sign_in(store, "ann", PASSWORD, now=later) is not None
    for _ in range(FREE_TRIES - 1):
        assert sign_in(store, "ann", "wrong", now=later) is None
    assert sign_in(store, "ann", PASSWORD, now=later) is not None


def test_a_name_nobody_has_is_slowed_down_just_the_same(store: Store, ann: str) -> None:
    for _ in range(FREE_TRIES):
        sign_in(store, "nobody", "wrong", now=NOON)
    with pytest.raises(TooManyTries):
        sign_in(store, "nobody", "wrong", now=NOON)
    assert sign_in(store, "ann", PASSWORD, now=NOON) is not None


@pytest.fixture
def few_tries_of_an_address(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(signin, "FREE_TRIES_OF_ADDRESS", 8)
    return 8


def test_one_address_that_tries_many_names_is_slowed_down(
    store: Store, ann: str, few_tries_of_an_address: int
) -> None:
    address = "203.0.113.9"
    with store.session() as session:
        for i in range(few_tries_of_an_address):
            check_password(session, f"name {i}", "", address=address, now=NOON)
    with pytest.raises(TooManyTries):
        sign_in(store, "ann", PASSWORD, address=address, now=NOON)
    assert sign_in(store, "ann", PASSWORD, address="203.0.113.10", now=NOON) is not None


def test_a_busy_office_is_not_shut_out_by_signing_in(
    store: Store, ann: str, few_tries_of_an_address: int
) -> None:
    with store.session() as session:
        for _ in range(few_tries_of_an_address + 2):
            assert check_password(session, "ann", PASSWORD, address="198.51.100.1", now=NOON)


def test_tries_at_the_same_moment_are_all_counted(store: Store, ann: str) -> None:
    answers: list[str] = []

    def guess() -> None:
        try:
            answers.append("wrong" if sign_in(store, "ann", "guess") is None else "in")
        except TooManyTries:
            answers.append("slowed down")

    threads = [threading.Thread(target=guess) for _ in range(FREE_TRIES + 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["slowed down"] * 3 + ["wrong"] * FREE_TRIES


def test_tries_are_forgotten_after_a_day(store: Store, ann: str) -> None:
    for _ in range(FREE_TRIES):
        sign_in(store, "nobody", "wrong", now=NOON)
    sign_in(store, "ann", "wrong", now=NOON + timedelta(hours=25))
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM sign_in_tries")).scalar()
    assert rows == 1


def test_no_password_is_kept_or_shown(store: Store, ann: str) -> None:
    with store.reading() as session:
        found = person_by_login(session, "ann")
    assert found is not None
    assert found.password_hash.startswith("$argon2id$")
    assert PASSWORD not in found.password_hash
    assert "argon2" not in repr(found)


def test_a_changed_password_replaces_the_old_one(store: Store, ann: str) -> None:
    with store.session() as session:
        org = person_by_login(session, "ann").org_id  # type: ignore[union-attr]
        set_password(session, org, ann, "quite another one", "ann")
        with pytest.raises(StoreError, match="at least 12"):
            set_password(session, org, ann, "short", "ann")
    assert sign_in(store, "ann", PASSWORD) is None
    assert sign_in(store, "ann", "quite another one") is not None


def test_generated_passwords_are_long_and_never_the_same() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(p) == 19 for p in made)


def test_a_sign_in_name_is_unique_in_the_installation(store: Store) -> None:
    one, two = an_organisation(store, "one"), an_organisation(store, "two")
    a_person(store, one, "ann")
    with store.session() as session, pytest.raises(NameTaken):
        add_person(session, two, "ANN", ["author"])


def test_roles_are_known_ones(store: Store) -> None:
    org = an_organisation(store, "one")
    ann = a_person(store, org, "ann")
    with store.session() as session:
        assert set_roles(session, org, ann, ["owner", "author"], "owner").roles == [
            "author",
            "owner",
        ]
        with pytest.raises(StoreError, match="no role `king`"):
            set_roles(session, org, ann, ["king"], "owner")  # type: ignore[list-item]


def test_grants_are_scopes_or_everywhere(store: Store) -> None:
    org = an_organisation(store, "one")
    ann = a_person(store, org, "ann")
    with store.session() as session:
        assert grants_of(session, org, ann) == ()
        add_grant(session, org, ann, Scope("family", ("Northstar", "Lakeside")), "owner")
        add_grant(session, org, ann, Scope("state", ("TX",)), "owner")
        add_grant(session, org, ann, Scope("family", ("Harbor",)), "owner")
        assert grants_of(session, org, ann) == (
            Scope("family", ("Harbor", "Lakeside", "Northstar")),
            Scope("state", ("TX",)),
        )
        add_grant(session, org, ann, None, "owner")
        assert grants_of(session, org, ann)[0] is None
        remove_grants(session, org, ann, "owner")
        assert grants_of(session, org, ann) == ()
        actions = [e.action for e in audit_entries(session, org)]
    assert actions[:2] == ["grant.removed", "grant.added"]


def test_a_person_is_found_in_their_own_organisation_only(store: Store) -> None:
    one, two = an_organisation(store, "t1"), an_organisation(store, "t10")
    ann = a_person(store, one, "ann")
    with store.reading() as session:
        assert person(session, one, ann).login == "ann"
        assert [p.login for p in people(session, one)] == ["ann"]
        assert people(session, two) == ()
        with pytest.raises(NotFound):
            person(session, two, ann)
