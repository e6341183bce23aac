"""A word that was taught is part of both environments' versions once somebody else says yes."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from data.rulelang.evaluate import decide
from data.rulelang.request import RequestError, read_request
from data.rulelang.version import Version
from data.store import (
    AlreadySettled,
    NotYours,
    OwnChange,
    Store,
    approve_word,
    audit_entries,
    authors_waiting,
    deployed,
    history_of_deployments,
    load_version,
    promote,
    propose_word,
    refuse_word,
    roll_back,
    take_back_word,
    taught_words,
    verify_audit,
    version_info,
    withdraw_word,
)
from tests.data.store.small import a_person, an_organisation, save, version

TERM = "clinic.state=TX"


def propose(session: Session, org: str, by: str, word: str = "lone star") -> str:
    row, new = propose_word(session, org, word, TERM, "Adults in lone star get MM2", "t", by)
    assert new
    return row.id


def approve(session: Session, org: str, word_id: str, by: str = "ben") -> None:
    approve_word(session, org, word_id, by, lambda v: load_version(session, org, v))


def withdraw(session: Session, org: str, word_id: str, by: str = "ben") -> None:
    withdraw_word(session, org, word_id, by, lambda v: load_version(session, org, v))


def running(session: Session, org: str, environment: str) -> Version:
    version_id = deployed(session, org, environment)  # type: ignore[arg-type]
    assert version_id is not None
    return load_version(session, org, version_id)


def means(session: Session, org: str, environment: str) -> object:
    """What the word is in a request to this environment; `None` where it is nothing."""
    version = running(session, org, environment)
    try:
        return read_request(version.ontology, {"clinic": {"state": "Lone Star"}}).given[
            "clinic.state"
        ]
    except RequestError:
        return None


@pytest.fixture
def org(store: Store) -> str:
    return an_organisation(store, "one")


@pytest.fixture
def ann(store: Store, org: str) -> str:
    """An author, whose first rules run everywhere."""
    ann = a_person(store, org, "ann")
    with store.session() as session:
        save(session, org, "MM1", None, ann)
        promote(session, org, "cat", "checked")
    return ann


def test_a_word_means_nothing_before_the_yes_and_something_after(
    store: Store, org: str, ann: str
) -> None:
    with store.session() as session:
        word = propose(session, org, ann)
        assert means(session, org, "staging") is means(session, org, "production") is None
        approve(session, org, word)
        assert means(session, org, "staging") == means(session, org, "production") == "TX"
    with store.reading() as session:
        (row,) = taught_words(session, org)
        assert (row.status, row.settled_by, row.by) == ("approved", "ben", ann)
        assert row.message == "Adults in lone star get MM2"
        done = [e.action for e in audit_entries(session, org)]
        assert "word.proposed" in done and "word.approved" in done
        assert verify_audit(session, org).whole


def test_the_version_says_so_and_decides_as_before(store: Store, org: str, ann: str) -> None:
    with store.session() as session:
        approve(session, org, propose(session, org, ann))
        after = running(session, org, "production")
    before = version("MM1")
    assert after.id != before.id
    assert (after.rule_set, after.edges) == (before.rule_set, before.edges)
    for age in (17, 18, 19):
        for family in ("Northstar", "Lakeside"):
            facts = {"patient": {"age": age}, "clinic": {"family": family, "state": "TX"}}
            results = [decide(v, read_request(v.ontology, facts)) for v in (before, after)]
            assert results[0] == results[1]


def test_what_waits_in_staging_keeps_its_author_its_message_and_its_order(
    store: Store, org: str, ann: str
) -> None:
    with store.session() as session:
        first = deployed(session, org, "staging")
        second = save(session, org, "MM2", first, ann)
        save(session, org, "MM3", second, "dan")
        approve(session, org, propose(session, org, ann))
        assert authors_waiting(session, org) == {ann, "dan"}, "and not who said yes"
        top = running(session, org, "staging")
        assert top.rule_set == version("MM3").rule_set
        info = version_info(session, org, top.id)
        assert (info.author, info.message) == ("dan", "use MM3")
        under = version_info(session, org, str(info.parent))
        assert (under.author, under.message) == (ann, "use MM2")
        assert under.parent == deployed(session, org, "production")
        promote(session, org, "ben", "checked")
        assert means(session, org, "production") == "TX"
        assert roll_back(session, org, "staging", "ben", "wrong") == under.id
        assert means(session, org, "staging") == "TX"


def test_rolling_back_past_the_yes_takes_the_word_away(store: Store, org: str, ann: str) -> None:
    with store.session() as session:
        approve(session, org, propose(session, org, ann))
        assert roll_back(session, org, "production", "ben", "no") == version("MM1").id
        assert means(session, org, "production") is None
        assert means(session, org, "staging") == "TX"


def test_a_withdrawn_word_is_gone_from_both(store: Store, org: str, ann: str) -> None:
    with store.session() as session:
        word = propose(session, org, ann)
        approve(session, org, word)
        withdraw(session, org, word, "cat")
        assert means(session, org, "staging") is means(session, org, "production") is None
        assert deployed(session, org, "production") == version("MM1").id
        (row,) = taught_words(session, org)
        assert (row.status, row.settled_by) == ("withdrawn", "cat")
        with pytest.raises(AlreadySettled):
            withdraw(session, org, word)
        approve(session, org, propose(session, org, ann))
        assert means(session, org, "staging") == "TX"


def test_nobody_approves_their_own_word(store: Store, org: str, ann: str) -> None:
    with store.session() as session:
        word = propose(session, org, ann)
    with store.session() as session, pytest.raises(OwnChange):
        approve(session, org, word, ann)
    with store.reading() as session:
        assert taught_words(session, org)[0].status == "waiting"
        assert means(session, org, "staging") is None


def test_a_no_is_kept_with_its_reason_and_decides_once(store: Store, org: str, ann: str) -> None:
    with store.session() as session:
        word = propose(session, org, ann)
        refuse_word(session, org, word, "ben", "a beer is called so")
        (row,) = taught_words(session, org)
        assert (row.status, row.reason) == ("refused", "a beer is called so")
    for again in (approve, lambda *a: refuse_word(*a, "cat", "no")):
        with store.session() as session, pytest.raises(AlreadySettled):
            again(session, org, word)


def test_one_word_waits_once(store: Store, org: str, ann: str) -> None:
    with store.session() as session:
        word = propose(session, org, ann)
        row, new = propose_word(session, org, "Lone Star", TERM, "again", "t2", ann)
        assert (row.id, new) == (word, False)
        other, new = propose_word(session, org, "lone star", "clinic.state=OH", "no", "t2", ann)
        assert new and other.id != word


def test_only_ones_own_waiting_word_is_taken_back(store: Store, org: str, ann: str) -> None:
    with store.session() as session:
        word = propose(session, org, ann)
        with pytest.raises(NotYours):
            take_back_word(session, org, word, "eve")
        take_back_word(session, org, word, ann)
        assert taught_words(session, org)[0].status == "withdrawn"


def test_before_anything_is_promoted_the_change_stays_its_authors(store: Store, org: str) -> None:
    ann = a_person(store, org, "ann")
    with store.session() as session:
        save(session, org, "MM1", None, ann)
        approve(session, org, propose(session, org, ann))
        assert means(session, org, "staging") == "TX"
        assert deployed(session, org, "production") is None
        assert authors_waiting(session, org) == {ann}
        assert history_of_deployments(session, org, "staging")[0].message == "use MM1"
