"""Cells: comparisons cannot tell two values of one cell apart, and every value lies in one."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ontology.model import Attribute, Ontology, Value
from data.rulelang.ast import Compare, Op
from data.rulelang.cells import cells_of, holds, representatives
from data.rulelang.partition import Cells

D = Decimal
AGE = Attribute("p.age", "integer", "age", min=0, max=120)
COUNT = Attribute("p.count", "integer", "count")
WEIGHT = Attribute("p.weight", "decimal", "weight", min=0, max=D("300.5"))
RATIO = Attribute("p.ratio", "decimal", "ratio")
DAY = Attribute("p.day", "date", "day")
HOUR = Attribute("p.hour", "time", "hour")
NOTE = Attribute("p.note", "text", "note")
SEX = Attribute("p.sex", "enum", "sex", values={"female": (), "male": (), "other": ()})
WET = Attribute("p.wet", "boolean", "wet")
PARTS = Attribute("p.parts", "set", "parts", values={"arm": (), "leg": ()}, of="enum")


def reps(attribute: Attribute, *said: tuple[Op, Value | tuple[Value, ...]]) -> list[Value]:
    return list(representatives(attribute, [Compare(attribute.path, op, v) for op, v in said]))


@pytest.mark.parametrize(
    ("attribute", "said", "expected"),
    [
        (AGE, [("is at least", 40)], [39, 40]),
        (AGE, [("is between", (40, 49))], [39, 40, 50]),
        (AGE, [("is", 0), ("is at most", 120)], [0, 1]),
        (AGE, [], [120]),
        (COUNT, [("is more than", 3)], [3, 4]),
        (COUNT, [], [0]),
        (WEIGHT, [("is less than", D(130))], [D(129), D(130)]),
        (WEIGHT, [("is more than", D(130))], [D(130), D(131)]),
        (WEIGHT, [("is", D("0.5"))], [D("0"), D("0.5"), D(1)]),
        (RATIO, [("is between", (D("0.1"), D("0.2")))], [D(0), D("0.1"), D(1)]),
        (RATIO, [("is more than", D("0.1")), ("is less than", D("0.2"))],
         [D("0.1"), D("0.11"), D("0.2")]),
        (DAY, [("is on or after", date(2027, 1, 1))], [date(2026, 12, 31), date(2027, 1, 1)]),
        (DAY, [("is after", date(2027, 1, 1))], [date(2027, 1, 1), date(2027, 1, 2)]),
        (HOUR, [("is before", time(8))], [time(7, 59), time(8)]),
        (HOUR, [("is after", time(8))], [time(8), time(8, 1)]),
        (NOTE, [("is one of", ("a", "Other"))], ["a", "Other", "other 2"]),
        (SEX, [], ["female", "male", "other"]),
        (WET, [], [False, True]),
        (PARTS, [("include", "leg")], [frozenset[str](), frozenset({"leg"})]),
    ],
)  # fmt: skip
def test_representatives_are_the_values_at_the_limits(attribute, said, expected):
    assert reps(attribute, *said) == expected


ORDER: tuple[Op, ...] = (
    "is",
    "is not",
    "is at least",
    "is at most",
    "is more than",
    "is less than",
)
VALUES = {
    AGE.path: st.integers(0, 120),
    COUNT.path: st.integers(-5, 5),
    WEIGHT.path: st.decimals(0, D("300.5"), places=1),
    RATIO.path: st.decimals(-2, 2, places=2),
    DAY.path: st.dates(date(2026, 1, 1), date(2026, 1, 9)) | st.dates(),
    HOUR.path: (st.times(time(7, 59), time(8, 1)) | st.times()).map(
        lambda t: t.replace(microsecond=0)
    ),
}


@st.composite
def ordered(draw: st.DrawFn):
    attribute = draw(st.sampled_from([AGE, COUNT, WEIGHT, RATIO, DAY, HOUR]))
    value = VALUES[attribute.path]
    single = st.builds(Compare, st.just(attribute.path), st.sampled_from(ORDER), value)
    listed = st.builds(
        Compare, st.just(attribute.path), st.sampled_from(["is one of", "is none of"]),
        st.lists(value, min_size=1, max_size=3).map(tuple),
    )  # fmt: skip
    between = st.builds(
        Compare, st.just(attribute.path), st.just("is between"),
        st.tuples(value, value).map(sorted).map(tuple),
    )  # fmt: skip
    return attribute, draw(st.lists(single | listed | between, max_size=4)), draw(value)


@given(ordered())
def test_every_value_lies_in_one_cell_and_answers_as_its_representative(case):
    attribute, compares, value = case
    (cell,) = [c for c in cells_of(attribute, compares) if c.contains(value)]
    assert cell.contains(cell.representative)
    assert [holds(c, value) for c in compares] == [holds(c, cell.representative) for c in compares]


@given(ordered())
def test_representatives_keep_the_range_and_differ(case):
    attribute, compares, _ = case
    values = [c.representative for c in cells_of(attribute, compares)]
    assert len(set(values)) == len(values) and values == sorted(values)
    assert all(attribute.min is None or v >= attribute.min for v in values)
    assert all(attribute.max is None or v <= attribute.max for v in values)


def test_mask_tells_the_cells_in_which_a_comparison_is_true():
    ontology = Ontology("t", "T", None, ("p",), {a.path: a for a in (AGE, PARTS)}, {}, None, {})
    adult = Compare("p.age", "is at least", 18)
    arm = Compare("p.parts", "include any of", ("arm", "leg"))
    cells = Cells(ontology, [adult, Compare("p.age", "is less than", 65), arm])
    assert [c.representative for c in cells.cells("p.age")] == [17, 18, 65]
    assert cells.mask(adult) == 0b110
    assert cells.mask(arm) == 0b1110
    assert cells.elements("p.parts") == ("arm", "leg")
