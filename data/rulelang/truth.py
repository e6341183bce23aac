"""What a test is true of: a fact beside another, and the rows that come with a request.

The one meaning of ``CompareFacts``, ``Exists``, ``Count`` and ``Since`` (design sections 3 and
4.1); every evaluator calls it or is held to it. Three values, after Kleene: an absent list is
unknown and ``[]`` is none; a row counts when its ``where`` is true, its date is not after the
request's and lies in the span; a row of which that is unknown may count or not.

Days are all that a request and its rows know of time. A span of days and more begins on one
calendar day (:func:`back`), that day included, and a full unit has passed since a row when the row
is not after the day on which a span of that unit begins. Minutes and hours are told from the two
days alone: the row and the request may each have been at any moment of their day, and what that
leaves open is unknown.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from typing import assert_never

from data.ontology.model import Ontology, Value
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Count,
    Derived,
    Exists,
    Known,
    Leaf,
    Op,
    Rows,
    Since,
    Test,
    Unexpanded,
    Unit,
)
from data.rulelang.cells import holds, operands, related
from data.rulelang.request import Request, Row
from data.rulelang.walk import left_open

Facts = Mapping[str, Value]
Range = tuple[int, int]
"""Whole numbers from the first to the last, both included."""

_IN_A_DAY: Mapping[Unit, int] = {"minutes": 24 * 60, "hours": 24}
_DAYS: Mapping[Unit, int] = {"days": 1, "weeks": 7}
_MONTHS: Mapping[Unit, int] = {"months": 1, "years": 12}


def truth(test: Test, facts: Facts, request: Request, ontology: Ontology) -> bool | None:
    """Whether the test is true; ``None`` where what is not known matters.

    ``facts`` are those given and the defaults; ``request`` is as given, with its rows.
    """
    match test:
        case CompareFacts():
            return _related(test, facts)
        case Exists():
            return _counted(test.rows, "is at least", 1, facts, request, ontology)
        case Count():
            return _counted(test.rows, test.op, test.value, facts, request, ontology)
        case Since():
            return _since(test, facts, request, ontology)
        case _:
            assert_never(test)


def _related(test: CompareFacts, facts: Facts) -> bool | None:
    left, right = facts.get(test.attribute), facts.get(test.other)
    return None if left is None or right is None else related(test.op, left, right)


def _counted(
    rows: Rows,
    op: Op,
    value: int | tuple[int, ...],
    facts: Facts,
    request: Request,
    ontology: Ontology,
) -> bool | None:
    listed = request.rows.get(rows.relation)
    if listed is None:
        return None
    counts = [_counts(rows, row, facts, request, ontology) for row in listed]
    sure, maybe = counts.count(True), counts.count(None)
    return _common(_answers(op, value, (sure, sure + maybe)))


def _since(test: Since, facts: Facts, request: Request, ontology: Ontology) -> bool | None:
    """True or false when it is so whichever of the possible rows is the latest that counts."""
    listed = request.rows.get(test.rows.relation)
    if listed is None:
        return None
    counted = [(row, _counts(test.rows, row, facts, request, ontology)) for row in listed]
    possible = [
        (_day(test.rows, row, ontology), sure) for row, sure in counted if sure is not False
    ]
    if not possible:
        return False
    today = facts.get(ontology.date or "")
    if not isinstance(today, date):
        return None
    latest = max((day for day, sure in possible if sure and day), default=None)
    answers: set[bool] = set() if latest else {False}
    for day, _ in possible:
        if day is None:
            answers |= _answers(
                test.op, test.value, (0, elapsed(latest or date.min, today, test.unit)[1])
            )
        elif latest is None or day >= latest:
            answers |= _answers(test.op, test.value, elapsed(day, today, test.unit))
    return _common(answers)


# Which rows count.


def _counts(
    rows: Rows, row: Row, facts: Facts, request: Request, ontology: Ontology
) -> bool | None:
    """Whether the row is one of ``rows``."""
    entity = ontology.relations[rows.relation].entity
    outer = {p: v for p, v in facts.items() if not p.startswith(f"{entity}.")}
    given = {**request.given, **row}
    fits = _value(rows.where, {**outer, **ontology.row_defaults[entity], **row}, given)
    if fits is False:
        return False
    timely = _in_time(rows, row, facts, ontology)
    return fits if timely is True else timely


def _in_time(rows: Rows, row: Row, facts: Facts, ontology: Ontology) -> bool | None:
    """Not after the request's date, and in the span; rows of a relation without dates always."""
    if ontology.relations[rows.relation].date is None or ontology.date is None:
        return True
    day, today = _day(rows, row, ontology), facts.get(ontology.date)
    if day is None or not isinstance(today, date):
        return None
    if day > today:
        return False
    if rows.within is None:
        return True
    count, unit = rows.within.count, rows.within.unit
    if unit not in _IN_A_DAY:
        return day >= back(today, count, unit)
    least, most = elapsed(day, today, unit)
    return True if most < count else None if least < count else False


def _day(rows: Rows, row: Row, ontology: Ontology) -> date | None:
    relation = ontology.relations[rows.relation]
    day = row.get(f"{relation.entity}.{relation.date}")
    return day if isinstance(day, date) else None


def _value(condition: Condition | None, facts: Facts, given: Facts) -> bool | None:
    """A condition on one row, in Kleene's three values."""
    if condition is None:
        return True

    def told(leaf: Leaf) -> bool | None:
        match leaf:
            case Compare():
                fact = facts.get(leaf.attribute)
                return None if fact is None else holds(leaf, fact)
            case CompareFacts():
                return _related(leaf, facts)
            case Known():
                return leaf.attribute in given
            case Derived():
                raise Unexpanded(leaf)
            case Exists() | Count() | Since():
                raise AssertionError("`where` holds no condition on rows: reading sees to it")
            case _:
                assert_never(leaf)

    left = left_open(condition, told)
    return left if isinstance(left, bool) else None


# Time.


def back(day: date, count: int, unit: Unit) -> date:
    """The day on which a span of so many units begins: the same day of an earlier month or year,
    or that month's last; the calendar's first day where it would lie before.
    """
    try:
        if unit in _MONTHS:
            months = day.year * 12 + day.month - 1 - count * _MONTHS[unit]
            year, month = months // 12, months % 12 + 1
            return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
        return day - timedelta(days=count * _DAYS[unit])
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        return date.min


def elapsed(day: date, today: date, unit: Unit) -> Range:
    """How many full units have passed from a day until another; least and most, as only days are
    known. One number for days and more.
    """
    days = (today - day).days
    if unit in _IN_A_DAY:
        return (max(0, days - 1) * _IN_A_DAY[unit], (days + 1) * _IN_A_DAY[unit] - 1)
    if unit in _DAYS:
        full = days // _DAYS[unit]
    else:
        full = ((today.year - day.year) * 12 + today.month - day.month) // _MONTHS[unit]
        full -= full > 0 and back(today, full, unit) < day
    return (full, full)


# Numbers of which only the range is known.


def _answers(op: Op, value: int | tuple[int, ...], among: Range) -> set[bool]:
    """What the comparison answers over a range: nothing turns but at a limit or beside it."""
    low, high = among
    compare = Compare("", op, value)
    beside = (n + d for n in operands(compare) if isinstance(n, int) for d in (-1, 0, 1))
    return {holds(compare, n) for n in (low, high, *beside) if low <= n <= high}


def _common(answers: set[bool]) -> bool | None:
    return next(iter(answers)) if len(answers) == 1 else None
