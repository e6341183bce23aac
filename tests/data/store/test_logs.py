"""Scenarios, API keys, and the log of decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from data.store import (
    Decided,
    NameTaken,
    NotFound,
    Store,
    add_api_key,
    add_scenario,
    api_keys,
    audit_entries,
    decision_by_request_id,
    forget_decisions,
    org_of_api_key,
    recent_decisions,
    record_decision,
    record_decisions,
    remove_scenario,
    revoke_api_key,
    scenarios,
)
from tests.data.store.small import an_organisation, save


@pytest.fixture
def org(store: Store) -> str:
    return an_organisation(store, "one")


def test_scenarios_come_by_name_and_are_added_once(store: Store, org: str) -> None:
    with store.session() as session:
        for name in ("b", "a", "b"):
            add_scenario(session, org, name, {"patient": {"age": 40}}, {"code": "MM1"}, "ann")
        found = scenarios(session, org)
    assert [(s.name, s.given, s.expect) for s in found] == [
        ("a", {"patient": {"age": 40}}, {"code": "MM1"}),
        ("b", {"patient": {"age": 40}}, {"code": "MM1"}),
    ]


def test_another_scenario_of_the_same_name_is_refused(store: Store, org: str) -> None:
    with store.session() as session:
        add_scenario(session, org, "a", {}, {"code": "MM1"}, "ann")
        with pytest.raises(NameTaken, match="its own name"):
            add_scenario(session, org, "a", {}, {"code": "MM2"}, "ann")


def test_a_removed_scenario_stays_in_the_audit(store: Store, org: str) -> None:
    with store.session() as session:
        add_scenario(session, org, "a", {"x": {"y": 1}}, {"code": "MM1"}, "ann")
        remove_scenario(session, org, "a", "ann")
        assert scenarios(session, org) == ()
        assert '"given":{"x":{"y":1}}' in audit_entries(session, org)[0].details
        with pytest.raises(NotFound):
            remove_scenario(session, org, "a", "ann")


def test_a_key_opens_until_it_is_revoked(store: Store, org: str) -> None:
    with store.session() as session:
        key = add_api_key(session, org, "front desk", "owner")
        (row,) = api_keys(session, org)
        assert org_of_api_key(session, key) == org
        revoke_api_key(session, org, row.id, "owner")
        assert org_of_api_key(session, key) is None
        actions = [e.action for e in audit_entries(session, org)]
    assert actions[:2] == ["api_key.revoked", "api_key.added"]


def test_a_key_is_nowhere_in_the_store(store: Store, org: str) -> None:
    with store.session() as session:
        key = add_api_key(session, org, "front desk")
        row = str(session.connection().execute(text("SELECT * FROM api_key")).one())
    assert key.split("_")[2] not in row


@pytest.mark.parametrize(
    "wrong",
    ["", "rw", "rw_", "rw__", "rw_{id}_", "rw_{id}_{secret}0", "xx_{id}_{secret}", "{secret}"],
)
def test_anything_like_a_key_opens_nothing(store: Store, org: str, wrong: str) -> None:
    with store.session() as session:
        _, key_id, secret = add_api_key(session, org, "front desk").split("_")
        assert org_of_api_key(session, wrong.format(id=key_id, secret=secret)) is None


def test_the_newest_decision_on_a_request_is_found(store: Store, org: str) -> None:
    with store.session() as session:
        version = save(session, org, "MM1", None, "ann")
        for code in ("MM1", "MM2"):
            record_decision(
                session, org, "production", version, "visit 7", {"a": 1}, {"code": code}
            )
    with store.reading() as session:
        found = decision_by_request_id(session, org, "visit 7")
        assert found is not None
        assert (found.result, found.version_id, found.facts) == ({"code": "MM2"}, version, {"a": 1})
        assert decision_by_request_id(session, org, "visit") is None


def test_a_batch_is_kept_whole_and_forgotten_on_time(store: Store, org: str) -> None:
    with store.session() as session:
        version = save(session, org, "MM1", None, "ann")
        batch = [Decided(f"visit {i}", {}, {}) for i in range(50)]
        record_decisions(session, org, "staging", version, batch)
        assert len(recent_decisions(session, org)) == 50
        now = datetime.now(UTC)
        assert forget_decisions(session, org, now - timedelta(days=1), "owner") == 0
        assert forget_decisions(session, org, now + timedelta(days=1), "owner") == 50
        assert recent_decisions(session, org) == ()
