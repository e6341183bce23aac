"""One law for all inputs: the replay counts what deciding every request one by one counts."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ontology.model import Attribute, Ontology, Value
from data.rulelang.ast import RuleSet
from data.rulelang.evaluate import decide
from data.rulelang.request import Request
from data.rulelang.version import Version, make_version
from graph.generate import meetings, trials
from graph.replay import History, replay
from graph.words import result_words
from tests import generators as make
from tests.tables import table_of


def history_of(ontology: Ontology, made: list[dict[str, Value]]) -> History:
    return History(table_of(ontology, made), ontology)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Version, Version, list[dict[str, Value]]]:
    world = draw(make.worlds(most=4, known=True))
    rules = world.rule_set.rules
    kept = [draw(st.sets(st.sampled_from(range(len(rules))))) for _ in range(2)]
    before, after = (
        make_version(
            world.ontology,
            world.code_sets,
            tuple(world.scope_rows),
            RuleSet(tuple(r for i, r in enumerate(rules) if i in some)),
        )
        for some in kept
    )
    drawn = draw(st.lists(make.requests(world.ontology), min_size=1, max_size=8))
    return before, after, [*drawn, *less_known(drawn)]


def less_known(drawn: list[dict[str, Value]]) -> list[dict[str, Value]]:
    """The same requests lacking one fact or two: alike for the rules, and yet not alike."""
    one = [{p: v for p, v in g.items() if p != gone} for g in drawn for gone in g]
    return one + [{p: v for p, v in g.items() if p != gone} for g in one for gone in g]


def moves(before: Version, after: Version, made: list[dict[str, Value]]) -> Counter[Any]:
    counted: Counter[Any] = Counter()
    for facts in made:
        request = Request(facts, {})
        old, new = decide(before, request), decide(after, request)
        for name in old:
            pair = result_words(old[name].to_json()), result_words(new[name].to_json())
            if pair[0] != pair[1]:
                counted[name, *pair] += 1
    return counted


@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(changes())
def test_replay_agrees_with_deciding_each_request(
    change: tuple[Version, Version, list[dict[str, Value]]],
) -> None:
    before, after, made = change
    found = replay(history_of(after.ontology, made), before, after)
    counted = {(m.decision, m.before, m.after): m.count for m in found.moves}
    assert counted == dict(moves(before, after, made))
    assert found.changed <= found.run == len(made)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(changes())
def test_made_up_requests_show_what_the_evaluator_gives(
    change: tuple[Version, Version, list[dict[str, Value]]],
) -> None:
    before, after, _ = change
    old = set(before.rule_set.rules)
    drafted = [r for r in after.rule_set.rules if r not in old]
    for trial in trials(before, after, drafted):
        results = decide(after, Request(trial.given, {})).values()
        assert any(result_words(r.to_json()) in trial.after for r in results)
        trial.to_json()
    for told in meetings(after, drafted):
        assert told["rule"] != told["beats"]


def test_columns_of_every_type_come_back_typed() -> None:
    attributes = (
        Attribute("a.flag", "boolean", "flag"), Attribute("a.count", "integer", "count"),
        Attribute("a.size", "decimal", "size"), Attribute("a.day", "date", "day"),
        Attribute("a.hour", "time", "hour"), Attribute("a.note", "text", "note"),
        Attribute("a.tags", "set", "tags", of="enum", values={"x": (), "y": ()}),
    )  # fmt: skip
    ontology = Ontology("t", "t", None, ("a",), {a.path: a for a in attributes}, {}, None, {})
    facts: dict[str, Value] = {
        "a.flag": False, "a.count": 3, "a.size": Decimal("2.50"), "a.day": date(2026, 1, 2),
        "a.hour": time(9, 30), "a.note": "n", "a.tags": frozenset(["y", "x"]),
    }  # fmt: skip
    history = history_of(ontology, [facts, {}])
    assert history.given(0, facts) == facts
    assert history.given(1, facts) == {}
