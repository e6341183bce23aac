"""The replay of the history agrees with deciding every request one by one."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pyarrow as pa
import pytest

from data.ontology.model import Value
from data.rulelang.ast import (
    And,
    Compare,
    Decide,
    Include,
    Known,
    LeaveToStaff,
    Modify,
    Not,
    Or,
    Rule,
    RuleSet,
    Scope,
)
from data.rulelang.evaluate import decide
from data.rulelang.request import Request
from data.rulelang.version import Version, make_version
from graph.replay import History, Replay, replay
from graph.words import result_words
from tests.graph.small import (
    CODE_SETS,
    EXAMS,
    ONTOLOGY,
    RULE_SET,
    SCOPE_ROWS,
    WHEELCHAIR,
    exam_is,
)


def version(*rules: Rule, base: RuleSet = RULE_SET) -> Version:
    return make_version(ONTOLOGY, CODE_SETS, SCOPE_ROWS, RuleSet((*base.rules, *rules)))


def requests(count: int, seed: int) -> list[dict[str, Value]]:
    """Made-up past requests; about one fact in twelve is missing."""
    luck = random.Random(seed)
    made: list[dict[str, Value]] = []
    for _ in range(count):
        place = luck.choice(SCOPE_ROWS)
        given: dict[str, Value] = {
            "patient.age": luck.randint(0, 99),
            "patient.sex": luck.choice(["female", "male"]),
            "patient.wheelchair": luck.random() < 0.2,
            "request.exam": luck.choice(list(EXAMS)),
            "request.date": date(2026, 1, 1) + timedelta(days=luck.randrange(700)),
            "clinic.state": place["state"],
            "clinic.family": place["family"],
            "clinic.id": place["id"],
        }
        made.append({p: v for p, v in given.items() if luck.random() > 0.08})
    return made


def table(made: list[dict[str, Value]]) -> pa.Table:
    paths = [a.path for a in ONTOLOGY.facts if a.sensitive != "identifying"]
    columns = {p: [g.get(p) for g in made] for p in paths}
    return pa.table({"id": [f"A-{i:06}" for i in range(len(made))], **columns})


def one_by_one(made: list[dict[str, Value]], before: Version, after: Version) -> Counter[tuple]:
    moves: Counter[tuple] = Counter()
    for given in made:
        old, new = decide(before, Request(given, {})), decide(after, Request(given, {}))
        for name in old:
            pair = result_words(old[name].to_json()), result_words(new[name].to_json())
            if pair[0] != pair[1]:
                moves[name, *pair] += 1
    return moves


CHANGES = {
    "an exception": (WHEELCHAIR,),
    "a modifier in a state": (
        Rule("Wheel modifier", (Modify("procedure_code", "WA", True),),
             Compare("patient.wheelchair", "is", True), scope=Scope("state", ("OH",))),
    ),
    "or, not and dates": (
        Rule("Old or unsexed", (Decide("procedure_code", "MM200"),),
             And((exam_is("screening mammogram"),
                  Or((Compare("patient.age", "is more than", 70),
                      Not(Compare("patient.sex", "is", "female")))))),
             start=date(2026, 6, 1), until=date(2027, 2, 1)),
    ),
    "is known": (
        Rule("Unknown age", (LeaveToStaff("procedure_code"),),
             And((exam_is("brain mri"), Not(Known("patient.age"))))),
    ),
    "two decisions": (
        Rule("Both", (Decide("procedure_code", "MM123"), Include("instructions", "Ring first.")),
             exam_is("chest x-ray"), scope=Scope("id", ("lake-1", "north-2"))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_replay_counts_what_deciding_each_request_counts(name: str) -> None:
    made = requests(600, seed=7)
    before, after = version(), version(*CHANGES[name])
    found = replay(History(table(made), ONTOLOGY), before, after)
    expected = one_by_one(made, before, after)
    assert expected, "the change must change something, or the test shows nothing"
    assert {(m.decision, m.before, m.after): m.count for m in found.moves} == dict(expected)


def test_taking_the_change_back_moves_everything_back() -> None:
    made = requests(400, seed=8)
    before, after = version(), version(WHEELCHAIR)
    there, back = (
        replay(History(table(made), ONTOLOGY), *pair) for pair in ((before, after), (after, before))
    )
    assert {(m.before, m.after, m.count) for m in there.moves} == {
        (m.after, m.before, m.count) for m in back.moves
    }


def test_equal_versions_change_nothing_and_touch_nothing() -> None:
    found = replay(History(table(requests(50, 1)), ONTOLOGY), version(), version())
    assert (found.run, found.changed, found.touched) == (50, 0, 0)


def test_places_and_examples_are_of_changed_requests_only() -> None:
    found = replay(History(table(requests(2000, 3)), ONTOLOGY), version(), version(WHEELCHAIR))
    assert dict(found.where).get("Lakeside") is None
    assert sum(count for _, count in found.where) == found.changed
    assert found.examples
    for example in found.examples:
        assert example.id.startswith("A-")
        assert example.before != example.after
        assert "screening mammogram" in example.words


@pytest.fixture(scope="module")
def large() -> History:
    return History(table(requests(100_000, seed=11)), ONTOLOGY)


def test_a_hundred_thousand_requests_are_replayed_in_full(large: History) -> None:
    found: Replay = replay(large, version(), version(WHEELCHAIR))
    assert found.run == 100_000
    assert found.changed > 100
    assert found.changed <= found.touched < 10_000
