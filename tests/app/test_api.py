"""The decision API on a real store: keys, versions, deploys, errors, two organisations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api import MOST_REQUESTS, decision_routes
from app.decisions import Decisions
from data.ontology.load import load_ontology
from data.rulelang.parse import parse
from data.rulelang.version import Version, make_version
from data.store import (
    Store,
    add_api_key,
    create_organisation,
    deploy,
    open_store,
    promote,
    recent_decisions,
    revoke_api_key,
    roll_back,
    save_version,
)

LIBRARY = """
name: library
title: A lending library
date: loan.date
entities:
  reader:
    attributes:
      age: {type: integer, min: 0, max: 120}
      name: {type: text, sensitive: identifying}
  loan: {attributes: {date: {type: date}, kind: {type: enum, values: {book: [], film: []}}}}
decisions:
  days: {type: integer, label: loan days, hit: single, min: 1, max: 90}
"""
ONTOLOGY, _ = load_ontology(LIBRARY)


def version_of(rules: str) -> Version:
    assert ONTOLOGY
    parsed = parse(rules, ONTOLOGY, {})
    assert not parsed.findings
    return make_version(ONTOLOGY, {}, (), parsed.rule_set)


FIRST = version_of('rule "books" when kind is book then loan days is 28')
SECOND = version_of('rule "books" when kind is book then loan days is 14')


@dataclass
class House:
    """Two organisations, each with a key and a version in production."""

    client: TestClient
    store: Store
    orgs: tuple[str, str]
    keys: tuple[str, str]
    decisions: Decisions

    def ask(self, key: int | str, body: object, path: str = "/v1/decide"):
        shown = self.keys[key] if isinstance(key, int) else key
        return self.client.post(path, json=body, headers={"Authorization": f"Bearer {shown}"})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    orgs: list[str] = []
    keys: list[str] = []
    with store.session() as session:
        for name, version in (("t1", FIRST), ("t10", SECOND)):
            org = create_organisation(session, name, name.upper(), "test").id
            save_version(session, org, version, None, "ann", "first", f"{name}-1")
            deploy(session, org, "staging", version.id, "ann", "first")
            promote(session, org, "bob", "first")
            orgs.append(org)
            keys.append(add_api_key(session, org, "desk"))
    decisions = Decisions(store)
    app = FastAPI()
    app.include_router(decision_routes(lambda: decisions))
    yield House(TestClient(app), store, (orgs[0], orgs[1]), (keys[0], keys[1]), decisions)
    decisions.close()
    store.close()


def test_each_key_decides_by_its_own_organisation(house: House) -> None:
    body = {"id": "L-1", "loan": {"kind": "book"}}
    first, second = house.ask(0, body).json(), house.ask(1, body).json()
    assert first["outcomes"]["days"]["value"] == 28
    assert second["outcomes"]["days"]["value"] == 14
    assert (first["id"], first["version"]) == ("L-1", FIRST.id)


@pytest.mark.parametrize("key", ["", "rw_x_y", "nonsense", "rw_" + "0" * 16 + "_" + "0" * 64])
def test_a_wrong_key_opens_nothing(house: House, key: str) -> None:
    refused = house.ask(key, {})
    assert refused.status_code == 401
    assert refused.json()["error"]["help"]


def test_a_revoked_key_opens_nothing_from_then_on(house: House) -> None:
    assert house.ask(0, {}).status_code == 200
    with house.store.session() as session:
        revoke_api_key(session, house.orgs[0], house.keys[0].split("_")[1], "ann")
    assert house.ask(0, {}).status_code == 401


def test_a_deploy_is_seen_at_once_and_a_rollback_too(house: House) -> None:
    body = {"loan": {"kind": "book"}}
    with house.store.session() as session:
        save_version(session, house.orgs[0], SECOND, FIRST.id, "ann", "shorter", "t1-2")
        deploy(session, house.orgs[0], "staging", SECOND.id, "ann", "shorter")
    assert house.ask(0, body).json()["outcomes"]["days"]["value"] == 28
    staged = house.ask(0, body, "/v1/decide?environment=staging").json()
    assert staged["outcomes"]["days"]["value"] == 14
    with house.store.session() as session:
        promote(session, house.orgs[0], "bob", "go")
    assert house.ask(0, body).json()["version"] == SECOND.id
    with house.store.session() as session:
        roll_back(session, house.orgs[0], "production", "bob", "too short")
    assert house.ask(0, body).json()["version"] == FIRST.id


def test_decisions_stay_up_while_the_store_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"loan": {"kind": "book"}}
    assert house.ask(0, body).status_code == 200

    def away(_: Store) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Store, "reading", away)
    assert house.ask(0, body).json()["outcomes"]["days"]["value"] == 28
    assert house.ask(1, body).status_code == 503


def test_a_batch_is_answered_in_order_with_errors_in_place(house: House) -> None:
    requests = [
        {"loan": {"kind": "book"}},
        {"loan": {"kind": "bok"}},
        7,
        {"loan": {"kind": "film"}},
    ]
    answered = house.ask(0, {"requests": requests}, "/v1/decide/batch").json()
    results = answered["results"]
    assert answered["version"] == FIRST.id
    assert results[0]["outcomes"]["days"]["value"] == 28
    assert "`book`" in results[1]["error"]["help"]
    assert results[2]["error"]["message"]
    assert results[3]["outcomes"]["days"] == {"status": "no_rule"}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 422, "JSON"),
        (b"\xff\xfe", 422, "UTF-8"),
        (b'{"reader": {"age": NaN}}', 422, "not a number"),
        (b'{"reader": {"age": true}}', 422, "whole number"),
        (b'{"reader": {"aeg": 1}}', 422, "`aeg`"),
        (b"[" * 100_000, 422, "JSON"),
        (b'"' + b"x" * 6_000_000 + b'"', 413, "larger"),
    ],
)
def test_what_is_no_request_is_told_in_words(
    house: House, body: bytes, status: int, words: str
) -> None:
    headers = {"Authorization": f"Bearer {house.keys[0]}"}
    refused = house.client.post("/v1/decide", content=body, headers=headers)
    assert refused.status_code == status
    assert words in refused.json()["error"]["message"]
    assert "Traceback" not in refused.text


@pytest.mark.parametrize("path", ["/v1/decide", "/v1/decide/batch"])
@pytest.mark.parametrize(("body", "words"), [(b"", "is empty"), (b" ", "is empty"), (b"{", "JSON")])
def test_a_call_without_json_is_told_about_its_body(
    house: House, path: str, body: bytes, words: str
) -> None:
    headers = {"Authorization": f"Bearer {house.keys[0]}"}
    error = house.client.post(path, content=body, headers=headers).json()["error"]
    assert error["message"].startswith("the body") and words in error["message"]
    assert "line" not in error["message"] + error["help"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/decide", 405),
        ("PUT", "/v1/decide/batch", 405),
        ("POST", "/v1/docs", 405),
        ("GET", "/v1/", 404),
        ("GET", "/v1", 404),
        ("POST", "/v1/decisions", 404),
        ("DELETE", "/v1/decide/7", 404),
    ],
)
def test_a_call_of_nothing_is_told_so(house: House, method: str, path: str, status: int) -> None:
    refused = house.client.request(method, path, follow_redirects=False)
    assert refused.status_code == status
    assert {"code", "message", "help"} == refused.json()["error"].keys()
    assert (refused.headers.get("allow") is not None) == (status == 405)


def test_batches_are_bounded(house: House) -> None:
    refused = house.ask(0, [{}] * (MOST_REQUESTS + 1), "/v1/decide/batch")
    assert refused.status_code == 422
    assert house.ask(0, {"requests": 3}, "/v1/decide/batch").status_code == 422
    assert house.ask(0, {}, "/v1/decide?environment=moon").status_code == 404


def test_a_decision_is_explained_with_what_would_have_given_another(house: House) -> None:
    path = "/v1/explain?why_not=days=7"
    told = house.ask(0, {"id": "L-1", "loan": {"kind": "book"}}, path).json()
    assert (told["id"], told["version"]) == ("L-1", FIRST.id)
    assert told["outcomes"]["days"]["result"]["value"] == 28
    (seven,) = told["why_not"]
    assert seven["decision"] == "days" and seven["complete"]
    nothing = house.ask(0, {}, "/v1/explain?why_not=hours=7")
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (422, "unknown-term")
    assert house.ask("nobody", {}, path).status_code == 401


def test_decisions_are_written_down_masked(house: House) -> None:
    named = {
        "id": "L-7",
        "reader": {"name": "Zacharias Example", "age": 30},
        "loan": {"kind": "book"},
    }
    house.ask(0, named)
    house.decisions.close()
    with house.store.reading() as session:
        (row,) = recent_decisions(session, house.orgs[0])
        assert recent_decisions(session, house.orgs[1]) == ()
    assert row.request_id == "L-7"
    assert row.result["days"]["value"] == 28
    assert row.facts["loan"] == {"kind": "book"}
    assert "Zacharias" not in str(row.facts)


def test_the_api_has_a_page(house: House) -> None:
    page = house.client.get("/v1/docs")
    assert "/v1/decide/batch" in page.text
    assert "<script" not in page.text
