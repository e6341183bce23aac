"""The audit is only ever added to, and shows when someone did otherwise."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data.store import Seal, Store, audit, audit_entries, verify_audit
from tests.data.store.small import an_organisation
from tests.data.store.test_versions import drop_triggers


def filled(store: Store, name: str = "one") -> str:
    org = an_organisation(store, name)
    for i in range(2, 7):
        with store.session() as session:
            audit(session, org, "ann", "tried", f"thing {i}", {"i": i, "word": "Größe"})
    return org


def test_entries_are_numbered_and_whole(store: Store) -> None:
    org = filled(store)
    with store.reading() as session:
        check = verify_audit(session, org)
        entries = audit_entries(session, org)
    assert [e.seq for e in entries] == [6, 5, 4, 3, 2, 1]
    assert check.whole
    assert check.seal == Seal(6, entries[0].hash)


def test_each_organisation_has_a_chain_of_its_own(store: Store) -> None:
    one, two = filled(store, "one"), filled(store, "two")
    with store.reading() as session:
        assert [verify_audit(session, org).seal.entries for org in (one, two)] == [6, 6]
        assert {e.org_id for e in audit_entries(session, one)} == {one}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET by = 'bob' WHERE seq = 3",
        "UPDATE audit_entry SET subject = 'another thing' WHERE seq = 3",
        "UPDATE audit_entry SET details = '{}' WHERE seq = 3",
        "UPDATE audit_entry SET at = '2020-01-01 00:00:00.000000' WHERE seq = 3",
        "UPDATE audit_entry SET hash = previous WHERE seq = 3",
        "DELETE FROM audit_entry WHERE seq = 3",
    ],
)
def test_a_change_behind_our_back_is_found_where_it_is(store: Store, change: str) -> None:
    org = filled(store)
    with store.engine.begin() as connection:
        drop_triggers(connection, "audit_entry")
        assert connection.execute(text(change)).rowcount == 1
    with store.reading() as session:
        assert verify_audit(session, org).broken_at == 3


def test_a_cut_off_end_is_found_by_the_seal_kept_elsewhere(store: Store) -> None:
    org = filled(store)
    with store.reading() as session:
        seal = verify_audit(session, org).seal
    with store.engine.begin() as connection:
        drop_triggers(connection, "audit_entry")
        connection.execute(text("DELETE FROM audit_entry WHERE seq > 4"))
    with store.reading() as session:
        assert verify_audit(session, org).whole
        assert verify_audit(session, org, seal).broken_at == 5


def test_a_chain_written_anew_is_found_by_the_seal(store: Store) -> None:
    org = filled(store)
    with store.reading() as session:
        assert verify_audit(session, org, Seal(4, "sha256:" + "1" * 64)).broken_at == 4


def test_an_old_seal_still_fits_a_longer_chain(store: Store) -> None:
    org = filled(store)
    with store.reading() as session:
        seal = verify_audit(session, org).seal
    with store.session() as session:
        audit(session, org, "ann", "went on")
        assert verify_audit(session, org, seal).whole


def test_replacing_an_entry_is_refused_too(store: Store) -> None:
    org = filled(store)
    verb = "INSERT" if store.engine.dialect.name == "postgresql" else "INSERT OR REPLACE"
    copied = "INTO audit_entry SELECT * FROM audit_entry WHERE org_id = :org AND seq = 2"
    with store.engine.begin() as connection, pytest.raises(DBAPIError):
        connection.execute(text(f"{verb} {copied}"), {"org": org})


def test_emptying_the_table_is_refused(store: Store) -> None:
    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE; DELETE is refused elsewhere")
    with store.engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("TRUNCATE audit_entry"))
