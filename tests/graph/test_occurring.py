"""What changed is shown on past requests, where there are some, and only where they show it."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from data.packs.history import generate
from data.rulelang.analyse.difference import difference
from data.rulelang.ast import Compare, Decide, Rule, all_of
from data.rulelang.version import Version, make_version
from graph.difference import told_by_request
from graph.occurring import Occurring
from graph.replay import History
from tests.graph.small import CODE_SETS, ONTOLOGY, RULE_SET, SCOPE_ROWS, WHEELCHAIR
from tests.graph.talk import shipped

OLD_BRAINS = Rule(
    "Old brains",
    (Decide("procedure_code", "MR300WA"),),
    all_of(Compare("request.exam", "is", "brain mri"), Compare("patient.age", "is at least", 70)),
)


def versions(*rules: Rule) -> tuple[Version, Version]:
    words = (ONTOLOGY, CODE_SETS, SCOPE_ROWS)
    more = replace(RULE_SET, rules=(*RULE_SET.rules, *rules))
    return make_version(*words, RULE_SET), make_version(*words, more)


def history(*rows: dict[str, object]) -> History:
    table = pa.Table.from_pylist([{"id": str(i), **row} for i, row in enumerate(rows)])
    return History(table, ONTOLOGY)


WOMAN = {
    "patient.age": 81, "patient.sex": "female", "request.exam": "brain mri", "clinic.id": "north-2",
    "clinic.family": "Northstar", "clinic.state": "OH",
}  # fmt: skip


def test_a_past_request_that_changes_is_the_example() -> None:
    before, after = versions(OLD_BRAINS)
    young = {**WOMAN, "patient.age": 30}
    (change,) = difference(before, after).changes
    shown = Occurring(history(young, WOMAN), before, after).example(change)
    assert shown == {
        "example": "an 81-year-old woman, brain mri at north-2, Northstar",
        "example_before": "MR300",
        "example_after": "MR300WA",
    }


def test_the_nearest_past_request_is_altered_as_little_as_can_be() -> None:
    before, after = versions(OLD_BRAINS)
    (change,) = difference(before, after).changes
    shown = Occurring(history({**WOMAN, "patient.age": 30}), before, after).example(change)
    assert shown is not None
    assert shown["example"].endswith("-year-old woman, brain mri at north-2, Northstar")
    assert (shown["example_before"], shown["example_after"]) == ("MR300", "MR300WA")


def test_without_a_past_request_the_witness_stands() -> None:
    before, after = versions(WHEELCHAIR)
    told = told_by_request(before, after)
    assert "For example" in told
    assert told_by_request(before, after, Occurring(history(), before, after)) == told


@pytest.mark.parametrize(
    "title", ["General mammogram", "Arrival for MRI", "Wheelchair mammogram at South"]
)
def test_a_rule_of_a_shipped_pack_is_shown_on_its_past(title: str) -> None:
    pack = shipped("radiology")
    words = (pack.ontology, pack.code_sets, pack.scope_rows)
    rules = replace(pack.rule_set, rules=tuple(r for r in pack.rule_set.rules if r.title != title))
    before, after = make_version(*words, rules), make_version(*words, pack.rule_set)
    past = History(generate(pack, 2_000, 1), pack.ontology)
    occurring = Occurring(past, before, after)
    changes = difference(before, after).changes
    assert changes
    shown = [s for c in changes if (s := occurring.example(c)) is not None]
    assert shown and all(s["example_before"] != s["example_after"] for s in shown)
