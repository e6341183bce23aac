"""Conversations belong to a person; so does what they say of the answers."""

from __future__ import annotations

import threading

import pytest

from data.store import (
    NotFound,
    NotYours,
    Store,
    StoreError,
    drop_unfinished,
    feedback_on,
    keep_unfinished,
    own_thread,
    record_feedback,
    record_turn,
    remove_feedback,
    turn,
    turns_of_thread,
    unfinished,
)
from tests.data.store.small import a_person, an_organisation


@pytest.fixture
def org(store: Store) -> str:
    return an_organisation(store, "one")


@pytest.fixture
def ann(store: Store, org: str) -> str:
    return a_person(store, org, "ann")


@pytest.fixture
def ben(store: Store, org: str) -> str:
    return a_person(store, org, "ben")


def test_a_turn_is_found_by_its_conversation(store: Store, org: str, ann: str) -> None:
    with store.session() as session:
        for name in ("first", "second"):
            record_turn(session, org, name, "thread", ann, f"trace of {name}", "run")
        found = [(t.id, t.trace_id) for t in turns_of_thread(session, org, "thread")]
    assert found == [("first", "trace of first"), ("second", "trace of second")]


def test_a_turn_recorded_again_learns_its_trace_and_forgets_nothing(
    store: Store, org: str, ann: str
) -> None:
    with store.session() as session:
        record_turn(session, org, "turn", "thread", ann, run_id="run")
        record_turn(session, org, "turn", "thread", ann, trace_id="trace")
        found = turn(session, org, "turn")
        assert found is not None
        assert (found.trace_id, found.run_id) == ("trace", "run")
        assert len(turns_of_thread(session, org, "thread")) == 1


def test_nobody_writes_into_anothers_conversation(
    store: Store, org: str, ann: str, ben: str
) -> None:
    with store.session() as session:
        record_turn(session, org, "turn", "thread", ann)
        for attempt in (
            lambda: own_thread(session, org, ben, "thread"),
            lambda: record_turn(session, org, "turn 2", "thread", ben),
            lambda: record_turn(session, org, "turn", "another thread", ben),
        ):
            with pytest.raises(NotYours):
                attempt()


def test_a_conversation_begun_twice_at_once_has_one_owner(
    store: Store, org: str, ann: str, ben: str
) -> None:
    owners: list[str] = []
    start = threading.Barrier(2)

    def begin(person: str) -> None:
        start.wait()
        try:
            with store.session() as session:
                own_thread(session, org, person, "thread")
            owners.append(person)
        except NotYours:
            pass

    threads = [threading.Thread(target=begin, args=(p,)) for p in (ann, ben)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(owners) == 1


def test_a_second_thumb_replaces_the_first(store: Store, org: str, ann: str) -> None:
    with store.session() as session:
        record_turn(session, org, "turn", "thread", ann)
        first = record_feedback(session, org, ann, "turn", 1, "helped")
        second = record_feedback(session, org, ann, "turn", 0, "no, it did not")
        assert first.id == second.id
        found = feedback_on(session, org, ann, "turn")
        assert found is not None
        assert (found.value, found.comment) == (0, "no, it did not")


def test_only_the_person_who_asked_can_rate_an_answer(
    store: Store, org: str, ann: str, ben: str
) -> None:
    with store.session() as session:
        record_turn(session, org, "turn", "thread", ann)
        with pytest.raises(NotYours):
            record_feedback(session, org, ben, "turn", 0)
        with pytest.raises(NotFound):
            record_feedback(session, org, ann, "no turn", 0)
        with pytest.raises(StoreError, match="up or down"):
            record_feedback(session, org, ann, "turn", 7)


def test_feedback_is_taken_back_by_its_owner_only(
    store: Store, org: str, ann: str, ben: str
) -> None:
    with store.session() as session:
        record_turn(session, org, "turn", "thread", ann)
        kept = record_feedback(session, org, ann, "turn", 1)
        assert remove_feedback(session, org, ben, kept.id) is None
        assert feedback_on(session, org, ann, "turn") is not None
        removed = remove_feedback(session, org, ann, kept.id)
        assert removed is not None and removed.turn_id == "turn"
        assert feedback_on(session, org, ann, "turn") is None


def test_unfinished_drafts_are_their_authors(store: Store, org: str, ann: str, ben: str) -> None:
    with store.session() as session:
        kept = keep_unfinished(session, org, ann, "thread", "wheelchair …", {"unplaced": ["…"]})
        assert [d.payload for d in unfinished(session, org, ann)] == [{"unplaced": ["…"]}]
        assert unfinished(session, org, ben) == ()
        with pytest.raises(NotFound):
            drop_unfinished(session, org, ben, kept)
        drop_unfinished(session, org, ann, kept)
        assert unfinished(session, org, ann) == ()
