"""Versions are immutable, named by their content, and saved once."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data.rulelang.version import former_id
from data.store import (
    BaseChanged,
    Damaged,
    NotFound,
    Saved,
    Store,
    audit_entries,
    deployed,
    history_of_versions,
    load_version,
    save_version,
    version_info,
)
from tests.data.store.small import a_person, an_organisation, save, version


def test_a_saved_version_comes_back_equal_and_runs_in_staging(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        saved = save(session, org, "MM1", None, "ann")
    with store.reading() as session:
        assert load_version(session, org, saved) == version("MM1")
        assert saved == version("MM1").id
        assert deployed(session, org, "staging") == saved
        assert deployed(session, org, "production") is None


def test_saving_twice_is_saving_once(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        first = save(session, org, "MM1", None, "ann", "card 1")
        second = save(session, org, "MM2", first, "ann", "card 2")
    with store.session() as session:
        entries = len(audit_entries(session, org))
        again = save_version(session, org, version("MM1"), None, "ann", "use MM1", "card 1")
        assert again == Saved(first, new=False)
        assert deployed(session, org, "staging") == second
        assert len(audit_entries(session, org)) == entries


def test_another_authors_change_that_came_first_is_told(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        base = save(session, org, "MM1", None, "ann")
        theirs = save(session, org, "MM2", base, "ben")
    with store.session() as session, pytest.raises(BaseChanged) as refused:
        save(session, org, "MM3", base, "ann")
    assert refused.value.current == theirs
    with store.reading() as session:
        assert [v.message for v in history_of_versions(session, org)] == ["use MM2", "use MM1"]


def test_of_two_who_confirm_at_once_one_is_asked_again(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        base = save(session, org, "MM1", None, "ann")
    outcomes: list[str] = []
    start = threading.Barrier(2)
    for code in ("MM2", "MM3"):
        version(code)

    def confirm(code: str) -> None:
        start.wait()
        try:
            with store.session() as session:
                save(session, org, code, base, code)
            outcomes.append("saved")
        except BaseChanged:
            outcomes.append("asked again")

    threads = [threading.Thread(target=confirm, args=(code,)) for code in ("MM2", "MM3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["asked again", "saved"]


def test_a_double_click_at_the_same_moment_saves_once(store: Store) -> None:
    org = an_organisation(store, "one")
    version("MM1")
    saved: list[Saved] = []
    start = threading.Barrier(2)

    def confirm() -> None:
        start.wait()
        with store.session() as session:
            saved.append(save_version(session, org, version("MM1"), None, "ann", "m", "card"))

    threads = [threading.Thread(target=confirm) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(s.new for s in saved) == [False, True]
    assert len({s.version_id for s in saved}) == 1


def test_going_back_to_earlier_content_is_the_earlier_version(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        first = save(session, org, "MM1", None, "ann", "a")
        second = save(session, org, "MM2", first, "ann", "b")
        third = save(session, org, "MM1", second, "ben", "c")
        assert third == first
        assert deployed(session, org, "staging") == first
        assert len(history_of_versions(session, org)) == 2


def test_a_version_knows_its_author_message_and_parent(store: Store) -> None:
    org = an_organisation(store, "one")
    ann = a_person(store, org, "ann")
    with store.session() as session:
        first = save(session, org, "MM1", None, ann)
        second = save(session, org, "MM2", first, ann)
        info = version_info(session, org, second)
    assert (info.parent, info.author, info.message) == (first, ann, "use MM2")


def test_versions_that_share_their_words_keep_them_once(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        first = save(session, org, "MM1", None, "ann")
        save(session, org, "MM2", first, "ann")
        assert session.connection().execute(text("SELECT count(*) FROM words")).scalar() == 1


@pytest.mark.parametrize("table", ["version", "words", "deployment_step", "audit_entry"])
@pytest.mark.parametrize("change", ["UPDATE {} SET org_id = org_id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_is_kept(store: Store, table: str, change: str) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        save(session, org, "MM1", None, "ann")
    with store.engine.begin() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(change.format(table)))


@pytest.mark.parametrize(
    ("table", "column", "old", "new"),
    [
        ("version", "content", "MM1", "MM2"),
        ("version", "content", "rule", "rude"),
        ("words", "content", "exam MM2", "exam MM9"),
    ],
)
def test_content_changed_behind_our_back_is_noticed(
    store: Store, table: str, column: str, old: str, new: str
) -> None:
    org = an_organisation(store, "one")
    with store.session() as session:
        saved = save(session, org, "MM1", None, "ann")
    with store.engine.begin() as connection:
        drop_triggers(connection, table)
        changed = text(f"UPDATE {table} SET {column} = replace({column}, :old, :new)")  # noqa: S608
        assert connection.execute(changed, {"old": old, "new": new}).rowcount == 1
    with store.reading() as session, pytest.raises(Damaged):
        load_version(session, org, saved)


def test_a_version_nobody_saved_is_not_found(store: Store) -> None:
    org = an_organisation(store, "one")
    with store.reading() as session, pytest.raises(NotFound):
        load_version(session, org, version("MM1").id)


def drop_triggers(connection: Connection, table: str) -> None:
    """What someone with the keys to the database could do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))
    else:
        connection.execute(text(f"DROP TRIGGER {table}_no_update"))
        connection.execute(text(f"DROP TRIGGER {table}_no_delete"))


def test_a_version_saved_under_its_former_id_is_still_that_version(store: Store) -> None:
    org, kept = an_organisation(store, "one"), version("MM1")
    former = replace(kept, id=former_id(kept))
    assert former.id != kept.id
    with store.session() as session:
        save_version(session, org, former, None, "ann", "long ago", "key")
    with store.reading() as session:
        assert load_version(session, org, former.id) == former
    with store.session() as session:
        session.connection().execute(
            text("insert into version select org_id, :forged, parent, author, message, words_id,"
                 " content, created from version"),
            {"forged": "sha256:" + "0" * 64},
        )  # fmt: skip
    with store.reading() as session, pytest.raises(Damaged):
        load_version(session, org, "sha256:" + "0" * 64)
