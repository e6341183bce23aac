"""The first start makes an organisation whole; every later one leaves it alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.access import may
from data.packs.cases import Scenario
from data.packs.load import Pack, load_pack
from data.rulelang.ast import Scope
from data.store import (
    NameTaken,
    NewPerson,
    Store,
    StoreError,
    add_scenario,
    audit_entries,
    bootstrap_organisation,
    deployed,
    grants_of,
    history_of_versions,
    load_version,
    organisation_by_name,
    organisations,
    people,
    person_by_login,
    scenarios,
    sign_in,
    verify_audit,
)
from tests.data.store.small import CODE_SETS, ONTOLOGY, ROWS, a_person, an_organisation, version

SMALL = Pack(
    folder=Path("small"),
    ontology=ONTOLOGY,
    code_sets=CODE_SETS,
    scope_rows=ROWS,
    rule_set=version("MM1").rule_set,
    rule_files={},
    rule_places={},
    scenarios=(Scenario("an adult", {"patient": {"age": 40}}, {"code": "MM1"}),),
    examples=(),
)


def test_a_shipped_pack_becomes_a_working_organisation(store: Store) -> None:
    pack = load_pack("radiology")
    with store.session() as session:
        made = bootstrap_organisation(session, pack)
    with store.reading() as session:
        live = deployed(session, made.org_id, "production")
        assert live is not None
        assert live == deployed(session, made.org_id, "staging")
        kept = load_version(session, made.org_id, live).rule_set
        assert set(kept.rules) == set(pack.rule_set.rules)
        assert len(scenarios(session, made.org_id)) == len(pack.scenarios)
        assert verify_audit(session, made.org_id).whole
    for login, password in made.passwords.items():
        assert sign_in(store, login, password) is not None


def test_there_is_one_person_a_role_and_writers_may_write(store: Store) -> None:
    with store.session() as session:
        made = bootstrap_organisation(session, SMALL)
        everyone = people(session, made.org_id)
        grants = {p.login: grants_of(session, made.org_id, p.id) for p in everyone}
    assert {p.login for p in everyone} == set(made.passwords)
    assert {role for p in everyone for role in p.roles} == {
        "author", "approver", "operator", "reviewer", "owner"
    }  # fmt: skip
    assert all(grants[p.login] == ((None,) if may(p.roles, "confirm") else ()) for p in everyone)


def test_starting_again_changes_nothing_and_tells_no_password(store: Store) -> None:
    with store.session() as session:
        first = bootstrap_organisation(session, SMALL)
        add_scenario(session, first.org_id, "added since", {}, {}, "ann")
        before = len(audit_entries(session, first.org_id))
    with store.session() as session:
        again = bootstrap_organisation(session, SMALL)
        assert (again.org_id, again.created, dict(again.passwords)) == (first.org_id, False, {})
        assert len(audit_entries(session, first.org_id)) == before
        assert len(history_of_versions(session, first.org_id)) == 1
        assert len(organisations(session)) == 1


def test_passwords_are_shown_once_and_nowhere_else(store: Store) -> None:
    with store.session() as session:
        made = bootstrap_organisation(session, SMALL)
        entries = audit_entries(session, made.org_id)
    for password in made.passwords.values():
        assert password not in repr(made)
        assert all(password not in entry.details for entry in entries)


def test_people_can_be_named(store: Store) -> None:
    north = Scope("family", ("Northstar",))
    with store.session() as session:
        made = bootstrap_organisation(
            session, SMALL, [NewPerson("Ann", ("author", "approver"), (north,))]
        )
        ann = person_by_login(session, "ann")
        assert ann is not None
        assert ann.roles == ["author", "approver"]
        assert grants_of(session, made.org_id, ann.id) == (north,)


@pytest.mark.parametrize("wrong", [NewPerson("ann", ("author",)), NewPerson("ben", ())])
def test_a_start_that_fails_leaves_nothing(store: Store, wrong: NewPerson) -> None:
    other = an_organisation(store, "other")
    a_person(store, other, "ann")
    with pytest.raises((NameTaken, StoreError)), store.session() as session:
        bootstrap_organisation(session, SMALL, [wrong])
    with store.session() as session:
        assert [o.name for o in organisations(session)] == ["other"]
        assert organisation_by_name(session, "other").id == other
