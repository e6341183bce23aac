"""Each environment runs exactly one version, and every move of it is on record."""

from __future__ import annotations

import threading

import pytest

from data.store import (
    BaseChanged,
    NotFound,
    NothingToRollBack,
    OwnChange,
    Store,
    audit_entries,
    authors_waiting,
    deploy,
    deployed,
    deployment_stamp,
    history_of_deployments,
    load_version,
    promote,
    roll_back,
)
from tests.data.store.small import an_organisation, save, version


def test_promotion_moves_the_very_same_version(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        saved = save(session, org, "MM1", None, "ann")
    with store.session() as session:
        assert promote(session, org, "ben", "checked", expected=saved) == saved
    with store.reading() as session:
        assert deployed(session, org, "production") == deployed(session, org, "staging") == saved
        assert audit_entries(session, org)[0].action == "version.promoted"


def test_what_the_approver_did_not_look_at_is_not_promoted(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        seen = save(session, org, "MM1", None, "ann")
        newer = save(session, org, "MM2", seen, "ann")
    with store.session() as session, pytest.raises(BaseChanged) as refused:
        promote(session, org, "ben", "checked", expected=seen)
    assert refused.value.current == newer


def test_nobody_promotes_their_own_change(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        save(session, org, "MM1", None, "ann")
    with store.session() as session, pytest.raises(OwnChange):
        promote(session, org, "ann", "my own")
    with store.reading() as session:
        assert deployed(session, org, "production") is None


def test_an_own_change_does_not_slip_in_below_anothers(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        first = save(session, org, "MM1", None, "ann")
        promote(session, org, "ben", "checked")
        second = save(session, org, "MM2", first, "ben")
        save(session, org, "MM3", second, "ann")
        assert authors_waiting(session, org) == {"ann", "ben"}
    for by in ("ann", "ben"):
        with store.session() as session, pytest.raises(OwnChange):
            promote(session, org, by, "mine among others")
    with store.session() as session:
        promote(session, org, "cat", "checked")
        assert authors_waiting(session, org) == frozenset()


def test_promoting_twice_is_promoting_once(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        saved = save(session, org, "MM1", None, "ann")
        promote(session, org, "ben", "checked")
        stamp = deployment_stamp(session)
        assert promote(session, org, "ben", "checked", expected=saved) == saved
        assert deployment_stamp(session) == stamp


def test_nothing_in_staging_cannot_be_promoted(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session, pytest.raises(NotFound):
        promote(session, org, "ben", "checked")


def test_rolling_back_goes_back_one_step_each_time(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        first = save(session, org, "MM1", None, "ann")
        second = save(session, org, "MM2", first, "ann")
        third = save(session, org, "MM3", second, "ann")
        assert roll_back(session, org, "staging", "ben", "wrong", expected=third) == second
        assert roll_back(session, org, "staging", "ben", "wrong too") == first
        with pytest.raises(NothingToRollBack):
            roll_back(session, org, "staging", "ben", "once more")
        assert deployed(session, org, "staging") == first


def test_rolling_back_and_saving_again_goes_on_from_there(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        first = save(session, org, "MM1", None, "ann")
        save(session, org, "MM2", first, "ann")
        roll_back(session, org, "staging", "ben", "wrong")
        save(session, org, "MM3", first, "ann")
        assert roll_back(session, org, "staging", "ben", "wrong again") == first


def test_rolling_back_production_leaves_staging(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        first = save(session, org, "MM1", None, "ann")
        promote(session, org, "ben", "checked")
        second = save(session, org, "MM2", first, "ann")
        promote(session, org, "ben", "checked")
        assert roll_back(session, org, "production", "ben", "wrong") == first
        assert deployed(session, org, "staging") == second
        assert authors_waiting(session, org) == {"ann"}


def test_pressing_roll_back_twice_goes_back_once(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        first = save(session, org, "MM1", None, "ann")
        second = save(session, org, "MM2", first, "ann")
        third = save(session, org, "MM3", second, "ann")
        roll_back(session, org, "staging", "ben", "wrong", expected=third)
        with pytest.raises(BaseChanged):
            roll_back(session, org, "staging", "ben", "wrong", expected=third)
        assert deployed(session, org, "staging") == second


def test_the_history_tells_every_move(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        first = save(session, org, "MM1", None, "ann")
        save(session, org, "MM2", first, "ann")
        roll_back(session, org, "staging", "ben", "wrong")
        moves = history_of_deployments(session, org, "staging")
    assert [(m.how, m.by) for m in moves] == [
        ("roll_back", "ben"),
        ("deploy", "ann"),
        ("deploy", "ann"),
    ]


def test_the_stamp_grows_with_every_move_of_anyone(store: Store) -> None:
    one, two = an_organisation(store, "one"), an_organisation(store, "two")
    stamps: list[int] = []
    with store.session() as session:
        stamps.append(deployment_stamp(session))
        save(session, one, "MM1", None, "ann")
        stamps.append(deployment_stamp(session))
        save(session, two, "MM2", None, "bob")
        stamps.append(deployment_stamp(session))
        promote(session, two, "cat", "checked")
        stamps.append(deployment_stamp(session))
        roll_back_nothing = deployed(session, one, "production")
    assert stamps == [0, 1, 2, 3]
    assert roll_back_nothing is None


def test_only_a_version_of_the_organisation_can_be_deployed(store: Store) -> None:
    one, two = an_organisation(store, "one"), an_organisation(store, "two")
    with store.session() as session:
        theirs = save(session, two, "MM1", None, "bob")
    with store.session() as session, pytest.raises(NotFound):
        deploy(session, one, "production", theirs, "ann", "theirs")


def test_a_reader_sees_the_old_version_or_the_new_and_never_half(store: Store) -> None:
    """Others deploy in turns; every reading finds a pointer, its version, and its audit entry."""
    org = an_organisation(store, "one")
    with store.session() as session:
        old = save(session, org, "MM1", None, "ann", "first")
        new = save(session, org, "MM2", old, "ann", "second")
        deploy(session, org, "production", old, "ann", "start")
    codes = {old: version("MM1"), new: version("MM2")}
    done = threading.Event()
    wrong: list[str] = []

    def read() -> None:
        while not done.is_set():
            with store.reading() as session:
                stamp = deployment_stamp(session)
                current = deployed(session, org, "production")
                moves = history_of_deployments(session, org, "production", 1)
                top = audit_entries(session, org, 1)[0]
                if current is None or load_version(session, org, current) != codes[current]:
                    wrong.append("a version that is none")
                if (moves[0].version_id, moves[0].seq) != (current, stamp):
                    wrong.append("a pointer without its step")
                if top.subject != current:
                    wrong.append("a deployment without its entry")

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for i in range(20):
        with store.session() as session:
            deploy(session, org, "production", (new, old)[i % 2], "ben", f"move {i}")
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
