"""Requests come in as Arrow columns, flat or nested, and answers go out as columns."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pyarrow
import pytest

from data.ontology.values import BadValue
from data.packs.load import load_pack
from data.rulelang.evaluate import decide
from data.rulelang.fast.arrow import decide_batches
from data.rulelang.fast.table import Requests
from data.rulelang.request import RequestError, read_request
from data.rulelang.version import Version, make_version, version_to_json

pa: Any = pyarrow
"""Arrow has no types of its own."""


@pytest.fixture(scope="module")
def version() -> Version:
    pack = load_pack("radiology")
    return make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)


@pytest.fixture(scope="module")
def given() -> list[dict[str, Any]]:
    return [{"id": s.name, **s.given} for s in load_pack("radiology").scenarios]


def test_batches_of_nested_requests_are_answered_as_the_reference_answers(
    version: Version, given: list[dict[str, Any]]
) -> None:
    entities = {a.entity for a in version.ontology.facts}
    columns = {e: [g.get(e) for g in given] for e in sorted(entities)}
    columns |= {r: [g.get(r) for g in given] for r in version.ontology.relations}
    table = pa.table({"id": [g["id"] for g in given], **columns})
    ask = pickle.loads(pickle.dumps(decide_batches))
    answered = ask(version_to_json(version), table.to_batches(max_chunksize=7))
    rows = pa.Table.from_batches(list(answered)).to_pylist()
    assert [row["id"] for row in rows] == [g["id"] for g in given]
    for row, facts in zip(rows, given, strict=True):
        for name, result in decide(version, read_request(version.ontology, facts)).items():
            assert row[f"{name}.status"] == result.status
            assert row[f"{name}.rule"] == result.rule
            if result.status == "decided":
                shown = result.to_json()["value"]
                expected = shown if isinstance(shown, str) else json.dumps(shown)
                assert row[f"{name}.value"] == expected


def test_a_value_that_does_not_fit_is_refused(version: Version) -> None:
    with pytest.raises(BadValue):
        Requests(pa.table({"patient.age": ["old"]}), version.ontology).column("patient.age")


LISTS: list[list[dict[str, Any]] | None] = [
    [{"login": "ada", "skills": ["Go"], "away_from": "2026-01-02"}, {"login": "bob"}],
    None,
    [],
    [{"login": "ada", "open_issues": 3, "skills": []}],
]
"""Lists of candidates as requests give them."""


def test_lists_read_by_column_are_those_that_requests_give() -> None:
    ontology = load_pack("issues").ontology
    table = pa.table({"id": ["1", "2", "3", "4"], "engineers": LISTS})
    for whole in (table, pa.concat_tables([table, table]).slice(2, 4)):
        requests = Requests(whole, ontology)
        for row, listed in enumerate(whole.column("engineers").to_pylist()):
            facts = {} if listed is None else {"engineers": listed}
            assert requests.request(row) == read_request(ontology, facts)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ([{"login": "ada"}, {"login": "ada"}], "the same `login`"),
        ([{"open_issues": 3}], "has no `login`"),
        ([None], "must be an object"),
    ],
)
def test_a_list_that_does_not_fit_is_told_and_the_others_are_read(wrong: Any, says: str) -> None:
    ontology = load_pack("issues").ontology
    requests = Requests(pa.table({"engineers": [[{"login": "ada"}], wrong]}), ontology)
    assert requests.request(0) == read_request(ontology, {"engineers": [{"login": "ada"}]})
    with pytest.raises(RequestError, match=says):
        requests.request(1)


@pytest.mark.parametrize("row", [{"login": "a", "skills": ["Cobol"]}, {"login": "a", "hair": 1}])
def test_a_fact_of_a_list_that_does_not_fit_is_told(row: dict[str, Any]) -> None:
    requests = Requests(pa.table({"engineers": [[row]]}), load_pack("issues").ontology)
    with pytest.raises(RequestError):
        requests.request(0)


def test_what_is_no_list_is_told() -> None:
    requests = Requests(pa.table({"engineers": ["ada"]}), load_pack("issues").ontology)
    with pytest.raises(RequestError, match="must be a list"):
        requests.request(0)


def test_a_column_that_is_not_there_is_unknown(version: Version) -> None:
    requests = Requests(pa.table({"patient.age": [40, None]}), version.ontology)
    assert requests.column("patient.sex").codes.tolist() == [-1, -1]
    assert [dict(requests.request(row).given) for row in (0, 1)] == [{"patient.age": 40}, {}]
