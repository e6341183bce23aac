"""Facts compared with one another: their cells tell apart what comparisons do, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ontology.model import Attribute, Ontology, Relation, Value
from data.rulelang.ast import Compare, CompareFacts, Condition, Exists, Op, Rows, all_of
from data.rulelang.cells import holds, related
from data.rulelang.partition import Cells

D = Decimal
ORDER: tuple[Op, ...] = ("is", "is not", "is at least", "is at most", "is more than",
                         "is less than")  # fmt: skip


def ontology_of(*attributes: Attribute) -> Ontology:
    visits = Relation("visits", "p", "v", "visit")
    return Ontology("small", "Small", None, ("p", "v"), {a.path: a for a in attributes},
                    {"visits": visits}, None, {})  # fmt: skip


def kinds(conditions: list[Any], paths: list[str], values: Iterable[tuple[Any, ...]]) -> set[Any]:
    """What the conditions answer together, over all these values of the paths."""
    answers: set[Any] = set()
    for each in values:
        facts = dict(zip(paths, each, strict=True))
        answers.add(tuple(_answer(c, facts) for c in conditions))
    return answers


def _answer(condition: Compare | CompareFacts, facts: dict[str, Any]) -> bool:
    if isinstance(condition, Compare):
        return holds(condition, facts[condition.attribute])
    return related(condition.op, facts[condition.attribute], facts[condition.other])


LIMITS = (("integer", 0, 5), ("integer", None, None), ("decimal", None, 3), ("decimal", 1, None))
FINE = [D(n) / 8 for n in range(-16, 65)]


@st.composite
def numbers(draw: st.DrawFn) -> tuple[Ontology, list[Any], list[str]]:
    limits = draw(st.lists(st.sampled_from(LIMITS), min_size=2, max_size=3))
    made = [
        Attribute(f"p.{n}", kind, n, min=low, max=high)
        for n, (kind, low, high) in zip("abc", limits, strict=False)
    ]
    paths = [a.path for a in made]
    pairs = draw(st.lists(st.permutations(paths), min_size=1, max_size=3))
    compared = [CompareFacts(p[0], draw(st.sampled_from(ORDER)), p[1]) for p in pairs]
    said = draw(
        st.lists(
            st.builds(Compare, st.sampled_from(paths), st.sampled_from(ORDER), st.integers(0, 4)),
            max_size=2,
        )
    )
    return ontology_of(*made), [*compared, *said], paths


def fine(attribute: Attribute) -> list[Any]:
    low, high = attribute.min, attribute.max
    inside = [n for n in FINE if (low is None or n >= low) and (high is None or n <= high)]
    return [int(n) for n in inside if n == int(n)] if attribute.type == "integer" else inside


@settings(max_examples=60, deadline=None)
@given(numbers())
def test_numbers(case: tuple[Ontology, list[Any], list[str]]) -> None:
    ontology, conditions, paths = case
    cells = Cells(ontology, conditions)
    told = product(*([c.representative for c in cells.cells(p)] for p in paths))
    every = product(*(fine(ontology.attributes[p]) for p in paths))
    assert kinds(conditions, paths, told) == kinds(conditions, paths, every)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("date", [date(2026, 1, d) for d in range(1, 8)]),
        ("time", [time(8, m) for m in range(7)]),
        ("text", ["a", "b", "c", "d"]),
    ],
)
def test_other_kinds(kind: Any, values: list[Value]) -> None:
    made = [Attribute(f"p.{n}", kind, n) for n in "abc"]
    paths = [a.path for a in made]
    ops: tuple[Op, Op] = ("is", "is not") if kind == "text" else ("is before", "is on or after")
    conditions = [
        CompareFacts("p.a", ops[0], "p.b"),
        CompareFacts("p.b", ops[1], "p.c"),
        CompareFacts("p.c", "is", "p.a"),
        Compare("p.a", "is", values[3]),
    ]
    cells = Cells(ontology_of(*made), conditions)
    told = product(*([c.representative for c in cells.cells(p)] for p in paths))
    assert kinds(conditions, paths, told) == kinds(conditions, paths, product(values, repeat=3))


def test_a_row_fits_between_two_facts() -> None:
    made = [Attribute(p, "integer", p, min=0, max=9) for p in ("p.low", "p.high", "v.dose")]
    between = all_of(
        CompareFacts("v.dose", "is more than", "p.low"),
        CompareFacts("v.dose", "is less than", "p.high"),
    )
    asked: list[Condition] = [Exists(Rows("visits", between))]
    cells = Cells(ontology_of(*made), asked)
    told = [[c.representative for c in cells.cells(a.path)] for a in made]
    assert any(low < dose < high for low, high, dose in product(*told))  # type: ignore[operator]


def test_what_nobody_compares_keeps_its_cells() -> None:
    made = [Attribute(p, "integer", p, min=0, max=9) for p in ("p.a", "p.b", "p.c")]
    said: list[Condition] = [Compare("p.c", "is at least", 5), CompareFacts("p.a", "is", "p.b")]
    cells = Cells(ontology_of(*made), said)
    assert [c.representative for c in cells.cells("p.c")] == [4, 5]
    assert [c.representative for c in cells.cells("p.a")] == [8, 9]


def test_a_set_has_an_element_for_all_that_it_is_asked_to_include() -> None:
    made = (
        Attribute("p.labels", "set", "labels", values={"bug": (), "docs": ()}, of="enum"),
        Attribute("p.area", "enum", "area", values={"bug": (), "speed": ()}),
    )
    cells = Cells(ontology_of(*made), [CompareFacts("p.labels", "include", "p.area")])
    assert cells.elements("p.labels") == ("bug", "speed")
