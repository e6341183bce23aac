"""What is put into the outbox is delivered: once, in order, and sooner or later."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from data.store import (
    OutboxItem,
    Store,
    due_outbox,
    mark_delivered,
    mark_failed,
    put_outbox,
    undelivered,
)
from tests.data.store.small import an_organisation

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def org(store: Store) -> str:
    return an_organisation(store, "one")


def claim(store: Store, now: datetime = NOON) -> tuple[OutboxItem, ...]:
    with store.session() as session:
        return due_outbox(session, now=now)


def put(store: Store, org: str, *keys: str, subject: str = "") -> None:
    with store.session() as session:
        for key in keys:
            put_outbox(session, org, "trace", {"of": key}, key=key, subject=subject, now=NOON)


def test_put_twice_is_delivered_once(store: Store, org: str) -> None:
    put(store, org, "a", "b", "a")
    assert [i.key for i in claim(store)] == ["a", "b"]


def test_what_one_sender_holds_no_other_gets(store: Store, org: str) -> None:
    put(store, org, "a", "b")
    assert len(claim(store)) == 2
    assert claim(store) == ()


def test_senders_at_the_same_moment_share_the_work(store: Store, org: str) -> None:
    put(store, org, *(f"item {i}" for i in range(40)))
    got: list[str] = []

    def send() -> None:
        for _ in range(12):
            with store.session() as session:
                for item in due_outbox(session, limit=5, now=NOON):
                    got.append(item.key)
                    assert mark_delivered(session, item)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(f"item {i}" for i in range(40))


def test_a_sender_that_died_loses_its_claim(store: Store, org: str) -> None:
    put(store, org, "a")
    (dead,) = claim(store)
    later = NOON + timedelta(minutes=2)
    (taken_over,) = claim(store, later)
    with store.session() as session:
        assert not mark_delivered(session, dead)
        assert not mark_failed(session, dead, "too late")
        assert mark_delivered(session, taken_over)
    with store.session() as session:
        assert not mark_delivered(session, taken_over)


def test_failures_wait_longer_each_time(store: Store, org: str) -> None:
    put(store, org, "a")
    now, waits = NOON, []
    for _ in range(4):
        (item,) = claim(store, now)
        with store.session() as session:
            assert mark_failed(session, item, "connection refused", now)
        with store.reading() as session:
            (waiting,) = undelivered(session, org)
        waits.append((waiting.next_try - now).total_seconds())
        assert claim(store, waiting.next_try - timedelta(milliseconds=1)) == ()
        now = waiting.next_try
    assert waits == [2, 4, 8, 16]
    assert (waiting.attempts, waiting.last_error) == (4, "connection refused")


def test_items_of_one_subject_keep_their_order(store: Store, org: str) -> None:
    put(store, org, "thumb up", "thumb taken back", subject="turn")
    put(store, org, "of another turn")
    first, other = claim(store)
    assert (first.key, other.key) == ("thumb up", "of another turn")
    with store.session() as session:
        mark_failed(session, first, "down", NOON)
    assert claim(store) == ()
    (again,) = claim(store, NOON + timedelta(seconds=2))
    assert again.key == "thumb up"
    with store.session() as session:
        mark_delivered(session, again)
    (last,) = claim(store, NOON + timedelta(seconds=2))
    assert last.key == "thumb taken back"


def test_nothing_put_in_a_failed_transaction_is_sent(store: Store, org: str) -> None:
    def fail() -> None:
        with store.session() as session:
            put_outbox(session, org, "trace", {}, now=NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert claim(store) == ()


def test_what_is_delivered_is_no_longer_waiting(store: Store, org: str) -> None:
    put(store, org, "a", "b")
    first, _ = claim(store)
    with store.session() as session:
        mark_delivered(session, first, NOON)
    with store.reading() as session:
        assert [i.key for i in undelivered(session, org)] == ["b"]
