"""Two organisations, named so that one's name begins the other's: neither sees the other.

Every function of the store that takes an organisation is called for ``t1`` about things of
``t10``, and the other way round. :func:`test_no_function_is_forgotten` keeps the list whole.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

import data.store as doors
from data.rulelang.ast import Scope
from data.store import NotFound, NotYours, Store, StoreError, open_store
from tests.data.store.small import save, version


@dataclass(frozen=True)
class Things:
    """What one organisation has; ids are its own, names are the same in both."""

    org: str
    person: str
    version: str
    key: str
    key_id: str
    draft: str
    feedback: str
    word: str


Both = tuple[Things, Things]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def both(store: Store) -> Both:
    return _fill_both(store)


@pytest.fixture(scope="module")
def kept(new_url: Callable[[], str]) -> Iterator[tuple[Store, Both]]:
    """A store of two organisations for tests that leave it as it is."""
    store = open_store(new_url())
    yield store, _fill_both(store)
    store.close()


def _fill_both(store: Store) -> Both:
    with store.session() as session:
        return _fill(session, "t1", "MM1"), _fill(session, "t10", "MM2")


def _fill(session: Session, name: str, code: str) -> Things:
    org = doors.create_organisation(session, name).id
    person = doors.add_person(session, org, f"ann-{name}", ["author"], grants=[None]).id
    saved = save(session, org, code, None, person)
    key = doors.add_api_key(session, org, "front desk")
    doors.promote(session, org, "approver", "checked")
    doors.add_scenario(session, org, "case", {"patient": {"age": len(name)}}, {"code": code}, "x")
    draft = doors.keep_unfinished(session, org, person, f"thread-{name}", name, {"of": name})
    doors.record_turn(session, org, "turn", f"thread-{name}", person, f"trace-{name}")
    feedback = doors.record_feedback(session, org, person, "turn", 1, name).id
    doors.put_outbox(session, org, "feedback", {"of": name}, key="key")
    doors.record_decision(session, org, "production", saved, "request", {"of": name}, {})
    word, _ = doors.propose_word(
        session, org, "tall", "patient.age", f"of {name}", f"thread-{name}", person
    )
    doors.add_model_use(session, org, NOON, doors.Used(tries=len(name)))
    return Things(org, person, saved, key, key.split("_")[1], draft, feedback, word.id)


READS: dict[str, Callable[[Session, Things], Any]] = {
    "organisation": lambda s, t: doors.organisation(s, t.org).name,
    "people": lambda s, t: [p.id for p in doors.people(s, t.org)],
    "person": lambda s, t: doors.person(s, t.org, t.person).login,
    "grants_of": lambda s, t: (doors.grants_of(s, t.org, t.person), t.person),
    "api_keys": lambda s, t: [k.id for k in doors.api_keys(s, t.org)],
    "history_of_versions": lambda s, t: [v.id for v in doors.history_of_versions(s, t.org)],
    "version_info": lambda s, t: doors.version_info(s, t.org, t.version).author,
    "load_version": lambda s, t: doors.load_version(s, t.org, t.version).id,
    "deployed": lambda s, t: doors.deployed(s, t.org, "production"),
    "history_of_deployments": lambda s, t: [
        (d.org_id, d.version_id) for d in doors.history_of_deployments(s, t.org, "staging")
    ],
    "authors_waiting": lambda s, t: (doors.authors_waiting(s, t.org), t.org),
    "audit_entries": lambda s, t: {e.org_id for e in doors.audit_entries(s, t.org)},
    "verify_audit": lambda s, t: doors.verify_audit(s, t.org).seal.hash,
    "scenarios": lambda s, t: [r.given for r in doors.scenarios(s, t.org)],
    "unfinished": lambda s, t: [d.payload for d in doors.unfinished(s, t.org, t.person)],
    "turn": lambda s, t: doors.turn(s, t.org, "turn").trace_id,  # type: ignore[union-attr]
    "turns_of_thread": lambda s, t: [
        x.trace_id for n in ("t1", "t10") for x in doors.turns_of_thread(s, t.org, f"thread-{n}")
    ],
    "feedback_on": lambda s, t: doors.feedback_on(s, t.org, t.person, "turn").comment,  # type: ignore[union-attr]
    "undelivered": lambda s, t: [i.payload for i in doors.undelivered(s, t.org)],
    "decision_by_request_id": lambda s, t: doors.decision_by_request_id(s, t.org, "request").facts,  # type: ignore[union-attr]
    "taught_words": lambda s, t: [w.message for w in doors.taught_words(s, t.org)],
    "decisions_between": lambda s, t: [
        d.facts
        for d in doors.decisions_between(s, t.org, NOON - timedelta(9999), NOON + timedelta(9999))
    ],
    "model_use_by_hour": lambda s, t: doors.model_use_by_hour(
        s, t.org, NOON, NOON + timedelta(hours=1)
    ),
    "model_use": lambda s, t: doors.model_use(s, t.org, NOON, NOON + timedelta(hours=1)),
    "recent_decisions": lambda s, t: [d.facts for d in doors.recent_decisions(s, t.org)],
}
"""Each gives its own organisation's things, and different ones for each."""

Attempt = Callable[[Session, Things, Things], Any]
CROSSINGS: dict[str, Attempt] = {
    "person": lambda s, me, other: doors.person(s, me.org, other.person),
    "set_roles": lambda s, me, other: doors.set_roles(s, me.org, other.person, ["owner"], "x"),
    "set_password": lambda s, me, other: doors.set_password(
        s, me.org, other.person, "a long password", "x"
    ),
    "set_active": lambda s, me, other: doors.set_active(s, me.org, other.person, False, "x"),
    "add_grant": lambda s, me, other: doors.add_grant(
        s, me.org, other.person, Scope("family", ("Northstar",)), "x"
    ),
    "revoke_api_key": lambda s, me, other: doors.revoke_api_key(s, me.org, other.key_id, "x"),
    "version_info": lambda s, me, other: doors.version_info(s, me.org, other.version),
    "load_version": lambda s, me, other: doors.load_version(s, me.org, other.version),
    "deploy": lambda s, me, other: doors.deploy(s, me.org, "staging", other.version, "x", "m"),
    "drop_unfinished": lambda s, me, other: doors.drop_unfinished(
        s, me.org, me.person, other.draft
    ),
    "record_turn": lambda s, me, other: doors.record_turn(
        s, me.org, "new", "thread-t10", me.person
    ),
    "record_feedback": lambda s, me, other: doors.record_feedback(
        s, me.org, other.person, "turn", 0
    ),
    "own_thread": lambda s, me, other: doors.own_thread(s, me.org, me.person, "thread-t10"),
    "approve_word": lambda s, me, other: doors.approve_word(
        s, me.org, other.word, "x", lambda v: doors.load_version(s, me.org, v)
    ),
    "refuse_word": lambda s, me, other: doors.refuse_word(s, me.org, other.word, "x", "no"),
    "take_back_word": lambda s, me, other: doors.take_back_word(
        s, me.org, other.word, other.person
    ),
    "withdraw_word": lambda s, me, other: doors.withdraw_word(
        s, me.org, other.word, "x", lambda v: doors.load_version(s, me.org, v)
    ),
    "verify": lambda s, me, other: doors.organisation(s, me.org[:-1]),
}
"""Each reaches from ``t1`` for something of ``t10``, and is refused."""

WRITES_OF_ONES_OWN = {
    "create_organisation", "add_person", "add_api_key", "save_version", "promote", "roll_back",
    "add_scenario", "remove_scenario", "keep_unfinished", "put_outbox", "record_decision",
    "record_decisions", "forget_decisions", "audit", "remove_grants", "remove_feedback",
    "bootstrap_organisation", "propose_word", "add_model_use",
}  # fmt: skip
"""They name nothing by an id of another organisation's, or are tested below."""

OF_THE_INSTALLATION = {
    "deployment_stamp", "organisations", "organisation_by_name", "person_by_login",
    "org_of_api_key", "check_password", "due_outbox", "mark_delivered", "mark_failed",
}  # fmt: skip
"""They serve the program itself: signing in, sending, noticing a deployment."""


@pytest.mark.parametrize("name", READS)
def test_each_reads_its_own(kept: tuple[Store, Both], name: str) -> None:
    store, both = kept
    with store.reading() as session:
        mine, theirs = (READS[name](session, things) for things in both)
    assert mine and theirs
    assert mine != theirs


@pytest.mark.parametrize("name", CROSSINGS)
def test_nobody_reaches_across(kept: tuple[Store, Both], name: str) -> None:
    store, (one, ten) = kept
    before = _all_of(store, ten)
    with pytest.raises((NotFound, NotYours)), store.session() as session:
        CROSSINGS[name](session, one, ten)
    assert _all_of(store, ten) == before


def test_what_names_nothing_changes_nothing_there(store: Store, both: Both) -> None:
    one, ten = both
    before = _all_of(store, ten)
    with store.session() as session:
        assert doors.remove_feedback(session, one.org, one.person, ten.feedback) is None
        doors.remove_grants(session, one.org, ten.person, "x")
        doors.remove_scenario(session, one.org, "case", "x")
        doors.forget_decisions(session, one.org, doors.organisation(session, ten.org).created, "x")
        doors.put_outbox(session, one.org, "feedback", {"of": "another"}, key="key")
        save(session, one.org, "MM3", doors.deployed(session, one.org, "staging"), "x", "MM2")
        doors.roll_back(session, one.org, "staging", "x", "m")
    assert _all_of(store, ten) == before


def test_a_key_opens_its_own_organisation(kept: tuple[Store, Both]) -> None:
    store, (one, ten) = kept
    with store.reading() as session:
        assert doors.org_of_api_key(session, one.key) == one.org
        assert doors.org_of_api_key(session, ten.key) == ten.org
        mixed = f"rw_{one.key_id}_{ten.key.split('_')[2]}"
        assert doors.org_of_api_key(session, mixed) is None


def test_one_content_in_two_organisations_is_two_versions(store: Store, both: Both) -> None:
    one, ten = both
    with store.session() as session:
        base = doors.deployed(session, one.org, "staging")
        saved = save(session, one.org, "MM2", base, "x", "theirs too")
        assert saved == ten.version == version("MM2").id
        assert doors.version_info(session, one.org, saved).author == "x"
        assert doors.version_info(session, ten.org, saved).author == ten.person


def test_ids_have_one_length_so_none_begins_another(kept: tuple[Store, Both]) -> None:
    assert {len(t.org) for t in kept[1]} == {32}


def test_no_function_is_forgotten() -> None:
    takes_a_session = {
        name
        for name in doors.__all__
        if inspect.isfunction(f := getattr(doors, name))
        and next(iter(inspect.signature(f).parameters), "") == "session"
    }
    listed = READS.keys() | CROSSINGS.keys() | WRITES_OF_ONES_OWN | OF_THE_INSTALLATION
    assert takes_a_session - listed == set()


def _all_of(store: Store, things: Things) -> dict[str, Any]:
    with store.reading() as session:
        return {name: read(session, things) for name, read in READS.items()}


def test_refusals_say_the_same_for_theirs_and_for_none(kept: tuple[Store, Both]) -> None:
    """A refusal does not tell whether another organisation has such a thing."""
    store, (one, ten) = kept
    with store.reading() as session:
        said = []
        for person in (ten.person, "f" * 32):
            with pytest.raises(StoreError) as refused:
                doors.person(session, one.org, person)
            said.append(str(refused.value))
    assert said[0] == said[1]
