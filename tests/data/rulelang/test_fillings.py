"""Law 6 where lists and compared facts are unknown: every filling, one by one, in tiny worlds."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.rulelang.ask import ask
from data.rulelang.evaluate import decide_one
from data.rulelang.request import Request, Row
from data.rulelang.version import make_version
from tests.histories import DOMAIN, ONTOLOGY, ROWS, TODAY, complete, rule_sets


def in_part(row: Row) -> st.SearchStrategy[Row]:
    """The row, or one fact of it."""
    return st.sampled_from([row, *({path: value} for path, value in row.items())])


@st.composite
def requests(draw: st.DrawFn) -> Request:
    given = {p: draw(st.none() | st.sampled_from(values)) for p, values in DOMAIN.items()}
    listed = draw(st.none() | st.lists(st.sampled_from(ROWS).flatmap(in_part), max_size=2))
    facts = {p: v for p, v in given.items() if v is not None}
    return Request(
        {"request.date": TODAY, **facts}, {} if listed is None else {"visits": tuple(listed)}
    )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule_sets(ordered=True), requests())
def test_every_filling(rule_set: Any, request: Request) -> None:
    version = make_version(ONTOLOGY, {}, (), rule_set)
    every = [(r, decide_one(version, r, "room")) for r in complete(request)]
    assert all(r.status != "undecided" for _, r in every)
    keys = {r.key for _, r in every}
    result = decide_one(version, request, "room")
    assert not result.partial
    if len(keys) == 1:
        assert {result.key} == keys
        assert ask(version, request) is None
        return
    assert result.status == "undecided"
    assert {r.key for r in result.possible} == keys
    told = [(_told(r), result.key) for r, result in every]
    assert set(result.needs) == {p for p in told[0][0] if _matters(p, told)}
    assert ask(version, request) in result.needs


def _told(request: Request) -> dict[str, Any]:
    rows = tuple(tuple(row.items()) for row in request.rows["visits"])
    return {**request.given, "visits": rows}


def _matters(path: str, every: list[tuple[dict[str, Any], Any]]) -> bool:
    """Two fillings that differ in this alone differ in result."""
    groups: dict[Any, set[Any]] = {}
    for facts, key in every:
        rest = tuple((p, v) for p, v in facts.items() if p != path)
        groups.setdefault(rest, set()).add(key)
    return any(len(keys) > 1 for keys in groups.values())
