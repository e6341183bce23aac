"""Tiny worlds with lists of visits and with facts that are compared with one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations_with_replacement, product
from typing import Any

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
from data.rulelang.request import Request, Row

EXAMS = ("mri", "scan")
TODAY = date(2026, 3, 31)
DAYS = (date(2026, 4, 1), TODAY, date(2026, 3, 1), date(2026, 2, 28), date(2026, 2, 27))
NUMBERS = (0, 1, 2, 3)
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
            Attribute("request.age", "integer", "age", min=0, max=3),
            Attribute("request.least", "integer", "least age", min=0, max=3),
            Attribute("visit.exam", "enum", "visit exam", values=dict.fromkeys(EXAMS, ())),
            Attribute("visit.date", "date", "visit date"),
        )
    },
    relations={"visits": Relation("visits", "request", "visit", "visit", "date")},
    scopes=None,
    decisions={
        "room": Decision("room", "enum", "room", values={"a": (), "b": (), "c": ()}, required=True)
    },
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
    st.builds(Compare, st.just("request.age"), st.just("is at least"), st.just(2)),
    st.just(Compare("request.exam", "is", "mri")),
)  # fmt: skip
conditions = st.one_of(
    leaves,
    leaves.map(Not),
    st.lists(leaves, min_size=2, max_size=2, unique=True).map(lambda c: all_of(*c)),
    st.lists(leaves, min_size=2, max_size=2, unique=True).map(lambda c: any_of(*c)),
)


@st.composite
def rule_sets(draw: st.DrawFn, ordered: bool = False) -> RuleSet:
    """Rules for a room; where ``ordered``, each overrides those before it."""
    said = draw(st.lists(st.tuples(conditions, st.sampled_from("abc")), min_size=1, max_size=3))
    titles = [f"rule {n}" for n in range(len(said))]
    return RuleSet(
        tuple(
            Rule(
                title,
                (Decide("room", value),),
                when,
                overrides=tuple(titles[:n] if ordered else ()),
            )
            for n, (title, (when, value)) in enumerate(zip(titles, said, strict=True))
        )
    )


def lists_of(request: Request) -> Iterable[tuple[Row, ...]]:
    """Every list the request may come with, over a few days."""
    given = request.rows.get("visits")
    if given is None:
        every = (combinations_with_replacement(ROWS, n) for n in range(4))
        return [rows for some in every for rows in some]
    return list(product(*([r for r in ROWS if row.items() <= r.items()] for row in given)))


def complete(request: Request) -> Iterator[Request]:
    """The request with every unknown fact and list filled in every way."""
    open_ = [p for p in DOMAIN if p not in request.given]
    for values in product(*(DOMAIN[p] for p in open_)):
        facts = {"request.date": TODAY, **request.given, **dict(zip(open_, values, strict=True))}
        for rows in lists_of(request):
            yield Request(facts, {"visits": rows})
