"""Requests come in as Arrow columns, flat or nested, and answers go out as columns."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pyarrow as pa
import pytest

from data.ontology.values import BadValue
from data.packs.load import load_pack
from data.rulelang.evaluate import decide
from data.rulelang.fast.arrow import decide_batches
from data.rulelang.fast.table import Requests
from data.rulelang.request import read_request
from data.rulelang.version import Version, make_version, version_to_json


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


def test_a_column_that_is_not_there_is_unknown(version: Version) -> None:
    requests = Requests(pa.table({"patient.age": [40, None]}), version.ontology)
    assert requests.column("patient.sex").codes.tolist() == [-1, -1]
    assert [dict(requests.request(row).given) for row in (0, 1)] == [{"patient.age": 40}, {}]
