"""Law 6 where lists and compared facts are unknown: every filling, one by one, in tiny worlds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations_with_replacement, product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ontology.model import Attribute, Decision, Ontology, Relation
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Count,
    Decide,
    Exists,
    Not,
    Op,
    Rows,
    Rule,
    RuleSet,
    Since,
    Span,
    all_of,
    any_of,
)
from data.rulelang.evaluate import decide_one
from data.rulelang.request import Request, Row
from data.rulelang.version import Version, make_version

EXAMS = ("mri", "scan")
TODAY = date(2026, 3, 31)
DAYS = (date(2026, 4, 1), TODAY, date(2026, 3, 1), date(2026, 2, 28), date(2026, 2, 27))
NUMBERS = (0, 1, 2, 3, 4)
ONTOLOGY = Ontology(
    name="small",
    title="Small",
    date="request.date",
    entities=("request", "visit"),
    attributes={
        a.path: a
        for a in (
            Attribute("request.date", "date", "request date"),
            Attribute("request.exam", "enum", "exam", values=dict.fromkeys(EXAMS, ())),
            Attribute("request.age", "integer", "age", min=0, max=4),
            Attribute("request.least", "integer", "least age", min=0, max=4),
            Attribute("visit.exam", "enum", "visit exam", values=dict.fromkeys(EXAMS, ())),
            Attribute("visit.date", "date", "visit date"),
        )
    },
    relations={"visits": Relation("visits", "request", "visit", "visit", "date")},
    scopes=None,
    decisions={"room": Decision("room", "enum", "room", values={"a": (), "b": (), "c": ()})},
)
DOMAIN: dict[str, tuple[Any, ...]] = {
    "request.exam": EXAMS, "request.age": NUMBERS, "request.least": NUMBERS,
}  # fmt: skip
ROWS: tuple[Row, ...] = tuple({"visit.exam": e, "visit.date": d} for e, d in product(EXAMS, DAYS))
ORDER: tuple[Op, ...] = ("is at least", "is more than", "is", "is not", "is less than")

wheres: st.SearchStrategy[Condition | None] = st.sampled_from([
    None,
    Compare("visit.exam", "is", "mri"),
    CompareFacts("visit.exam", "is", "request.exam"),
    Not(CompareFacts("visit.exam", "is", "request.exam")),
])  # fmt: skip
rows = st.builds(
    Rows, st.just("visits"), wheres, st.sampled_from([None, Span(1, "months"), Span(0, "months")])
)
leaves: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Exists, rows),
    st.builds(Count, rows, st.sampled_from(["is at least", "is"]), st.sampled_from([1, 2])),
    st.builds(Since, rows, st.just("months"), st.sampled_from(["is at least", "is"]), st.just(1)),
    st.builds(CompareFacts, st.just("request.age"), st.sampled_from(ORDER),
              st.just("request.least")),
    st.builds(Compare, st.just("request.age"), st.just("is at least"), st.sampled_from([1, 3])),
    st.just(Compare("request.exam", "is", "mri")),
)  # fmt: skip
conditions = st.one_of(
    leaves,
    leaves.map(Not),
    st.lists(leaves, min_size=2, max_size=2, unique=True).map(lambda c: all_of(*c)),
    st.lists(leaves, min_size=2, max_size=2, unique=True).map(lambda c: any_of(*c)),
)


@dataclass(frozen=True)
class Case:
    version: Version
    request: Request


@st.composite
def cases(draw: st.DrawFn) -> Case:
    said = draw(st.lists(st.tuples(conditions, st.sampled_from("abc")), min_size=1, max_size=3))
    rules = tuple(
        Rule(
            f"rule {n}",
            (Decide("room", value),),
            when,
            overrides=tuple(f"rule {m}" for m in range(n)),
        )
        for n, (when, value) in enumerate(said)
    )
    given = {p: draw(st.none() | st.sampled_from(values)) for p, values in DOMAIN.items()}
    listed = draw(
        st.none()
        | st.lists(
            st.sampled_from(ROWS).flatmap(
                lambda r: st.sampled_from([r, {"visit.exam": r["visit.exam"]},
                                           {"visit.date": r["visit.date"]}])
            ),
            max_size=2,
        )
    )  # fmt: skip
    facts = {p: v for p, v in given.items() if v is not None}
    lists = {} if listed is None else {"visits": tuple(listed)}
    request = Request({"request.date": TODAY, **facts}, lists)
    return Case(make_version(ONTOLOGY, {}, (), RuleSet(rules)), request)


def lists_of(request: Request) -> Iterable[tuple[Row, ...]]:
    """Every list the request may come with, over a few days."""
    given = request.rows.get("visits")
    if given is None:
        every = (combinations_with_replacement(ROWS, n) for n in range(4))
        return [rows for some in every for rows in some]
    return list(product(*([r for r in ROWS if row.items() <= r.items()] for row in given)))


def complete(case: Case) -> Iterator[tuple[dict[str, Any], Any]]:
    """Every filling, as one mapping, and its result."""
    open_ = [p for p in DOMAIN if p not in case.request.given]
    for values in product(*(DOMAIN[p] for p in open_)):
        facts = {**case.request.given, **dict(zip(open_, values, strict=True))}
        for rows in lists_of(case.request):
            result = decide_one(case.version, Request(facts, {"visits": rows}), "room")
            assert result.status != "undecided"
            yield {**facts, "visits": tuple(tuple(r.items()) for r in rows)}, result.key


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_every_filling(case: Case) -> None:
    every = list(complete(case))
    keys = {key for _, key in every}
    result = decide_one(case.version, case.request, "room")
    assert not result.partial
    if len(keys) == 1:
        assert {result.key} == keys
        return
    assert result.status == "undecided"
    assert {r.key for r in result.possible} == keys
    assert set(result.needs) == {p for p in every[0][0] if _matters(p, every)}


def _matters(path: str, every: list[tuple[dict[str, Any], Any]]) -> bool:
    """Two fillings that differ in this alone differ in result."""
    groups: dict[Any, set[Any]] = {}
    for facts, key in every:
        rest = tuple((p, v) for p, v in facts.items() if p != path)
        groups.setdefault(rest, set()).add(key)
    return any(len(keys) > 1 for keys in groups.values())
