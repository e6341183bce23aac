"""The values of a fact that rules can tell apart, those nearest to what it is now first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

from data.ontology.model import Attribute, Value
from data.rulelang.cells import Cell, Span
from data.rulelang.partition import Cells


def nearest(attribute: Attribute, cells: Cells, now: Value | None) -> Iterator[Value]:
    """One value of each cell, the value as it is first; where it is not known, the plainest first.

    Of numbers and days the fewest steps away, below before above, and of each step the value
    nearest to what it is now; of words in the ontology's order; of a set the fewest elements.
    """
    if attribute.type == "set":
        yield from sets(cells.elements(attribute.path), now)
        return
    found = cells.cells(attribute.path)
    own = next((i for i, c in enumerate(found) if now is not None and c.contains(now)), 0)
    stepwise = isinstance(found[0], Span)
    for index in sorted(
        range(len(found)), key=lambda i: (abs(i - own) if stepwise else i != own, i)
    ):
        yield _value(found[index], now, above=index > own)


def beside(attribute: Attribute, other: Value) -> Iterator[Value]:
    """The value itself, and one step below and above it, as far as the attribute has them."""
    match other:
        case bool() | str() | frozenset() | time():
            found: tuple[Value, ...] = (other,)
        case date():
            found = (other, *(other + timedelta(days=n) for n in (-1, 1)))
        case _:
            found = (other, other - 1, other + 1)
    low, high = attribute.min, attribute.max
    for value in found:
        if not isinstance(value, int | Decimal) or (
            (low is None or value >= low) and (high is None or value <= high)
        ):
            yield value


def by_distance(values: Iterable[Value], now: Value | None) -> list[Value]:
    """Numbers and days nearest to ``now`` first; of other values ``now``, then as they come."""
    every: list[Any] = list(dict.fromkeys(values))
    here: Any = now
    match now:
        case bool() | str() | frozenset() | time() | None:
            return sorted(every, key=lambda v: v != here)
        case _:
            return sorted(every, key=lambda v: (abs(v - here), v))


def sets(elements: Sequence[str], now: Value | None) -> Iterator[Value]:
    """Every set that has or lacks these elements otherwise than now, the fewest first."""
    held = now if isinstance(now, frozenset) else frozenset[str]()
    for count in range(len(elements) + 1):
        for turned in combinations(elements, count):
            yield held ^ frozenset(turned)


def _value(cell: Cell, now: Value | None, *, above: bool) -> Value:
    if now is None:
        return cell.representative
    if cell.contains(now):
        return now
    match cell:
        case Span():
            limit, inside = (cell.low, cell.low_in) if above else (cell.high, cell.high_in)
            return limit if limit is not None and inside else cell.representative
        case _:
            return cell.representative
