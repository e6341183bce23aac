"""What is true of the rows of a request: all completions of what is unknown, and the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from data.ontology.model import Attribute, Ontology, Relation
from data.rulelang.ast import Compare, Count, Exists, History, Op, Rows, Since, Span, Unit
from data.rulelang.cells import holds
from data.rulelang.request import Request, Row
from data.rulelang.truth import back, elapsed, truth

TODAY = date(2024, 3, 31)
DAYS = (
    date(2022, 1, 1), date(2023, 3, 30), date(2023, 3, 31), date(2024, 2, 28), date(2024, 2, 29),
    date(2024, 3, 24), date(2024, 3, 30), TODAY, date(2024, 4, 1),
)  # fmt: skip
EXAMS = ("mri", "scan")
ONTOLOGY = Ontology(
    "n", "N", "request.date", ("request", "visit"),
    {
        a.path: a
        for a in (
            Attribute("request.date", "date", "request date"),
            Attribute("visit.exam", "enum", "exam", values=dict.fromkeys(EXAMS, ())),
            Attribute("visit.date", "date", "visit date"),
        )
    },
    {"visits": Relation("visits", "request", "visit", "visit", "date")}, None, {},
)  # fmt: skip
UNITS: tuple[Unit, ...] = ("days", "weeks", "months", "years")
NUMBERS: tuple[Op, ...] = (
    "is", "is not", "is at least", "is at most", "is more than", "is less than",
)  # fmt: skip

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
rows = st.lists(
    st.fixed_dictionaries(
        {},
        optional={"visit.exam": st.sampled_from(EXAMS), "visit.date": st.sampled_from(DAYS)},
    ),
    max_size=3,
)


@st.composite
def asked(draw: st.DrawFn) -> History:
    where = draw(st.sampled_from([None, Compare("visit.exam", "is", "mri")]))
    span = st.builds(Span, st.sampled_from([1, 7, 12]), st.sampled_from(UNITS))
    some = Rows("visits", where, draw(st.none() | span))
    op, value = draw(st.sampled_from(NUMBERS)), draw(st.integers(0, 4))
    since = Since(some, draw(st.sampled_from(UNITS)), op, value)
    return draw(st.sampled_from([Exists(some), Count(some, op, value), since]))


def plainly(test: History, complete: tuple[Row, ...]) -> bool:
    """The test of rows of which everything is known, counted day by day."""
    counted = [day for r in complete if (day := _counted(test.rows, r)) is not None]
    match test:
        case Exists():
            return bool(counted)
        case Count(_, op, value):
            return holds(Compare("", op, value), len(counted))
        case Since(_, unit, op, value):
            latest = max(counted, default=TODAY)
            full = next(n for n in count() if _back(n + 1, unit) < latest)
            return bool(counted) and holds(Compare("", op, value), full)


def _counted(some: Rows, row: Row) -> date | None:
    day = row["visit.date"]
    assert isinstance(day, date)
    fits = some.where is None or row["visit.exam"] == "mri"
    recent = some.within is None or day >= _back(some.within.count, some.within.unit)
    return day if fits and recent and day <= TODAY else None


def _back(number: int, unit: Unit) -> date:
    """Day by day, month by month."""
    if unit in ("days", "weeks"):
        return TODAY - timedelta(days=number * (7 if unit == "weeks" else 1))
    month = TODAY.replace(day=1)
    for _ in range(number * (12 if unit == "years" else 1)):
        month = (month - timedelta(days=1)).replace(day=1)
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(month + timedelta(days=TODAY.day - 1), last)


def completions(given_rows: list[dict[str, Any]]) -> Iterator[tuple[Row, ...]]:
    def of(row: dict[str, Any]) -> list[Row]:
        exams = [row["visit.exam"]] if "visit.exam" in row else list(EXAMS)
        when = [row["visit.date"]] if "visit.date" in row else [*DAYS, TODAY - timedelta(days=31)]
        return [{"visit.exam": e, "visit.date": d} for e, d in product(exams, when)]

    return product(*map(of, given_rows))


@settings(max_examples=120)
@given(asked(), rows)
def test_a_test_is_known_where_every_completion_of_the_rows_agrees(
    test: History, listed: list[dict[str, Any]]
) -> None:
    request = Request({"request.date": TODAY}, {"visits": tuple(listed)})
    said = truth(test, request.given, request, ONTOLOGY)
    found = {plainly(test, complete) for complete in completions(listed)}
    if said is not None:
        assert found == {said}
    elif all("visit.date" in row for row in listed):
        assert found == {True, False}, "unknown only where it matters"


@given(days, st.integers(0, 40), st.sampled_from(UNITS))
def test_a_span_begins_where_so_many_full_units_end(today: date, number: int, unit: Unit) -> None:
    first = back(today, number, unit)
    following = first + timedelta(days=1)
    assert elapsed(first, today, unit)[0] == number
    assert number == 0 or elapsed(following, today, unit)[0] < number
    if unit in ("months", "years"):
        assert first.day == today.day or (first.day < today.day and following.day == 1)


@given(days, st.integers(0, 60), st.sampled_from(("minutes", "hours")), st.data())
def test_hours_lie_between_the_nearest_and_the_farthest_moments(
    today: date, ago: int, unit: Unit, data: st.DataObject
) -> None:
    row = today - timedelta(days=ago)
    least, most = elapsed(row, today, unit)
    minute = st.integers(0, 24 * 60 - 1)
    passed = ago * 24 * 60 + data.draw(minute) - data.draw(minute)
    if passed >= 0:
        assert least <= passed // (60 if unit == "hours" else 1) <= most


def test_a_span_before_the_first_day_of_the_calendar_begins_on_it() -> None:
    assert {back(TODAY, 10**9, unit) for unit in UNITS} == {date.min}
