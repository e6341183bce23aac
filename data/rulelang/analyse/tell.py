"""Some cells of one attribute as a condition: the words for what a box allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from data.ontology.model import Attribute, Value
from data.rulelang.ast import Compare, Condition, Op, all_of, any_of
from data.rulelang.cells import Cell, One, Other, Span


def told(attribute: Attribute, cells: Sequence[Cell], mask: int) -> Condition:
    """True exactly of the values in the cells of the mask; not all cells, and not none."""
    inside = [c for i, c in enumerate(cells) if mask >> i & 1]
    outside = [c for i, c in enumerate(cells) if not mask >> i & 1]
    if all(isinstance(c, Span) for c in cells):
        runs = _runs(cells, mask)
        return any_of(*(_within(attribute.path, cells, run) for run in runs))
    if any(isinstance(c, Other) for c in inside):
        return _listed(attribute.path, outside, "is not", "is none of")
    named = all(isinstance(c, One) for c in outside)
    if (
        named
        and attribute.type != "boolean"
        and len(inside) > 1
        and len(outside) * 2 <= len(inside)
    ):
        return _listed(attribute.path, outside, "is not", "is none of")
    return _listed(attribute.path, inside, "is", "is one of")


def _listed(path: str, cells: Iterable[Cell], one: Op, several: Op) -> Condition:
    values = tuple(c.representative for c in cells if isinstance(c, One))
    return Compare(path, one, values[0]) if len(values) == 1 else Compare(path, several, values)


def _runs(cells: Sequence[Cell], mask: int) -> list[list[int]]:
    """Indices of the mask's cells, neighbours together."""
    grouped = groupby(range(len(cells)), key=lambda i: bool(mask >> i & 1))
    return [list(run) for allowed, run in grouped if allowed]


def _within(path: str, cells: Sequence[Cell], run: list[int]) -> Condition:
    """From the beginning of the first cell to the end of the last."""
    first, last = cells[run[0]], cells[run[-1]]
    assert isinstance(first, Span)
    assert isinstance(last, Span)
    low = None if run[0] == 0 else first.low
    high = None if run[-1] == len(cells) - 1 else last.high
    if low is not None and low == high:
        return Compare(path, "is", low)
    timed = isinstance(first.representative, date | time)
    closed = low is not None and high is not None and first.low_in and last.high_in
    if closed and not timed:
        return Compare(path, "is between", (low, high))  # type: ignore[arg-type]
    parts: list[Condition] = []
    if low is not None:
        parts.append(Compare(path, *(_since(low) if timed else _above(low, first.low_in))))
    if high is not None:
        parts.append(Compare(path, *(_until(high) if timed else _below(high, last.high_in))))
    return all_of(*parts)


def _above(value: Any, included: bool) -> tuple[Op, Value]:
    return ("is at least" if included else "is more than"), value


def _below(value: Any, included: bool) -> tuple[Op, Value]:
    return ("is at most" if included else "is less than"), value


def _since(value: date | time) -> tuple[Op, Value]:
    """Times are told in whole minutes: the second after one is ``after`` it."""
    if isinstance(value, time) and value.second:
        return "is after", value.replace(second=0)
    return "is on or after", value


def _until(value: date | time) -> tuple[Op, Value]:
    """The first day or minute that no longer counts, as people say it."""
    if isinstance(value, date):
        return "is before", value + timedelta(days=1)
    if value.second:
        later = datetime.combine(date.min, value) + timedelta(seconds=1)
        return "is before", later.time()
    return "is on or before", value
