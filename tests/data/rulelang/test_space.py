"""The space of requests: what it says tests of rows and of two facts can be, some request shows."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ontology.model import Attribute, Ontology, Relation
from data.rulelang.analyse.space import Space
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Count,
    Exists,
    Not,
    Op,
    Rows,
    Since,
    Span,
    Test,
    Unit,
    all_of,
    any_of,
    attributes_of,
)
from data.rulelang.request import Request, Row
from data.rulelang.truth import truth

TODAY = date(2026, 3, 31)
EXAMS = {"mri": (), "x-ray": (), "scan": ()}
ATTRIBUTES = (
    Attribute("request.date", "date", "request date"),
    Attribute("request.exam", "enum", "exam", values=EXAMS),
    Attribute("request.dose", "integer", "dose", min=0, max=3),
    Attribute("request.limit", "integer", "limit"),
    Attribute("request.until", "date", "until"),
    Attribute("visit.exam", "enum", "visit exam", values=EXAMS),
    Attribute("visit.dose", "integer", "visit dose", min=0, max=3),
    Attribute("visit.date", "date", "visit date"),
)
ONTOLOGY = Ontology(
    name="small",
    title="Small",
    date="request.date",
    entities=("request", "visit"),
    attributes={a.path: a for a in ATTRIBUTES},
    relations={"visits": Relation("visits", "request", "visit", "visit", "date")},
    scopes=None,
    decisions={},
)
AGO = (-1, 0, 1, 7, 28, 31, 59, 62, 90, 99)
NUMBER_OPS: tuple[Op, ...] = ("is at least", "is at most", "is more than", "is less than", "is",
                              "is not")  # fmt: skip

atoms: st.SearchStrategy[Condition] = st.one_of(
    st.sampled_from([Compare("visit.exam", "is", e) for e in ("mri", "x-ray")]),
    st.builds(Compare, st.just("visit.dose"), st.sampled_from(NUMBER_OPS), st.integers(0, 3)),
    st.just(CompareFacts("visit.exam", "is", "request.exam")),
    st.builds(CompareFacts, st.just("visit.dose"), st.sampled_from(NUMBER_OPS),
              st.sampled_from(["request.dose", "request.limit"])),
    st.just(Compare("request.exam", "is", "mri")),
)  # fmt: skip
wheres = st.one_of(
    st.none(),
    atoms,
    st.lists(atoms, min_size=2, max_size=2, unique=True).map(lambda a: all_of(*a)),
    st.lists(atoms, min_size=2, max_size=2, unique=True).map(lambda a: any_of(*a)),
    atoms.map(Not),
)


def spans(units: tuple[Unit, ...]) -> st.SearchStrategy[Span | None]:
    return st.none() | st.builds(Span, st.integers(1, 3), st.sampled_from(units))


def rows(units: tuple[Unit, ...]) -> st.SearchStrategy[Rows]:
    return st.builds(Rows, st.just("visits"), wheres, spans(units))


def some_tests(units: tuple[Unit, ...]) -> st.SearchStrategy[Test]:
    value = st.integers(0, 2)
    return st.one_of(
        st.builds(Exists, rows(units)),
        st.builds(Count, rows(units), st.sampled_from(NUMBER_OPS), value),
        st.builds(Since, rows(units), st.sampled_from(units), st.sampled_from(NUMBER_OPS), value),
        st.builds(CompareFacts, st.just("request.dose"), st.sampled_from(NUMBER_OPS),
                  st.just("request.limit")),
    )  # fmt: skip


cases = st.sampled_from([("months",), ("days",), ("months", "years"), ("weeks", "days")]).flatmap(
    lambda units: st.lists(some_tests(units), min_size=1, max_size=4, unique=True)
)
brute = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def answers(tests: list[Test], facts: dict[str, Any], listed: tuple[Row, ...]) -> list[bool]:
    request = Request(facts, {"visits": listed})
    found = [truth(t, facts, request, ONTOLOGY) for t in tests]
    assert None not in found
    return found  # type: ignore[return-value]


@brute
@given(cases, st.data())
def test_every_request_is_in_the_space(tests: list[Test], data: st.DataObject) -> None:
    space = Space(ONTOLOGY, tests)
    row = st.builds(
        lambda e, n, d: {"visit.exam": e, "visit.dose": n, "visit.date": TODAY - timedelta(days=d)},
        st.sampled_from([*EXAMS]), st.integers(0, 3), st.sampled_from(AGO),
    )  # fmt: skip
    facts = {
        "request.date": TODAY,
        "request.exam": data.draw(st.sampled_from([*EXAMS])),
        "request.dose": data.draw(st.integers(0, 3)),
        "request.limit": data.draw(st.integers(-1, 4)),
    }
    for listed in data.draw(st.lists(st.lists(row, max_size=3), min_size=1, max_size=5)):
        found = answers(tests, facts, tuple(listed))
        literals = [space.literal(t) for t in tests]
        assert space.solve(*(x if a else -x for x, a in zip(literals, found, strict=True)))


@brute
@given(cases)
def test_every_combination_in_the_space_has_a_request(tests: list[Test]) -> None:
    space = Space(ONTOLOGY, tests)
    literals = [space.literal(t) for t in tests]
    paths = {p for t in tests for p in attributes_of(t, ONTOLOGY)} | {"request.date"}
    ordered = [p for p in (*ONTOLOGY.attributes, *ONTOLOGY.relations) if p in paths]
    for wanted in product((False, True), repeat=len(tests)):
        assumed = [x if a else -x for x, a in zip(literals, wanted, strict=True)]
        facts = space.plainest(assumed, ordered)
        if facts is not None:
            listed = facts.pop("visits", ())
            assert answers(tests, facts, listed) == list(wanted), (facts, listed)
        else:
            assert not space.solve(*assumed)
