"""Cells of facts that are compared with one another (``end date is after start date``).

Facts linked by comparisons form a group. Its members share their limits, and between two limits
a group has as many values as it takes to put its members in any order there: comparisons tell
no more than that apart (the small-model property of orders). A comparison of two facts is then
a question about cells, like any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from data.ontology.model import Attribute, Ontology, Value
from data.rulelang.ast import Compare, CompareFacts
from data.rulelang.cells import (
    SOME_DAY,
    Cell,
    Cut,
    One,
    Other,
    Span,
    begin_of,
    count_of,
    cuts_of,
    operands,
    step_range,
    uncount,
    unsaid,
)

Compares = Mapping[str, Sequence[Compare]]
"""By path, the comparisons of a fact with values."""


@dataclass(frozen=True)
class Group:
    """Facts linked by comparisons, and how many values they need between two limits."""

    members: tuple[Attribute, ...]
    several: int

    def said(self, compares: Compares) -> list[Compare]:
        return [c for a in self.members for c in compares.get(a.path, ())]


def groups_of(
    ontology: Ontology, links: Iterable[CompareFacts], spare: int = 0
) -> Mapping[str, Group]:
    """By path, the group of every fact that is compared with another.

    ``spare`` more values let one fact change while all others stay.
    """
    joined: dict[str, frozenset[str]] = {}
    for link in links:
        ends = (link.attribute, link.other)
        whole = frozenset[str]().union(*(joined.get(p, frozenset({p})) for p in ends))
        joined |= dict.fromkeys(whole, whole)
    groups = {whole: _group(ontology, whole, spare) for whole in joined.values()}
    return {path: groups[whole] for path, whole in joined.items()}


def _group(ontology: Ontology, paths: frozenset[str], spare: int) -> Group:
    """Beside and between the values of the facts there is room for those of any one row."""
    members = tuple(a for a in ontology.attributes.values() if a.path in paths)
    in_rows = [a.entity for a in members if a.entity in ontology.row_entities]
    facts = len(members) - len(in_rows) + spare
    most = max((in_rows.count(e) for e in in_rows), default=0)
    return Group(members, facts + (facts + 1) * most)


def shared_cells(group: Group, attribute: Attribute, compares: Compares) -> tuple[Cell, ...]:
    """The cells of one member of the group."""
    match attribute.type:
        case "boolean":
            return (One(False), One(True))
        case "enum":
            return tuple(One(v) for v in attribute.values)
        case "text" | "code" | "choice":
            return _texts(group, compares)
        case "set":
            raise AssertionError("a set has elements, not cells")
        case "integer" | "decimal" if len({a.type for a in group.members}) > 1:
            spans = _line(group, _with_whole(group, _line_cuts(group, compares)))
        case "decimal":
            spans = _line(group, _line_cuts(group, compares))
        case _:
            spans = _steps(group, attribute.type, compares)
    inside = [s for s in spans if _in_range(attribute, s.representative)]
    return tuple(_whole_number(inside) if attribute.type == "integer" else inside)


def _whole_number(spans: Iterable[Span]) -> Iterable[Span]:
    """Those told by a whole number, and told by it as an integer."""
    for span in spans:
        value: Any = span.representative
        if value == int(value):
            yield replace(span, representative=int(value))


def shared_elements(group: Group, compares: Compares) -> tuple[str, ...]:
    """What the other members of the group can be: a set may hold each of them."""
    cells = (shared_cells(group, a, compares) for a in group.members if a.type != "set")
    return tuple(dict.fromkeys(str(c.representative) for each in cells for c in each))


def _in_range(attribute: Attribute, value: Any) -> bool:
    above = attribute.min is None or value >= attribute.min
    return above and (attribute.max is None or value <= attribute.max)


def _texts(group: Group, compares: Compares) -> tuple[Cell, ...]:
    listed = [v for a in group.members for v in a.values]
    listed += [a.default for a in group.members if isinstance(a.default, str)]
    listed += [v for c in group.said(compares) for v in operands(c) if isinstance(v, str)]
    said = tuple(dict.fromkeys(listed))
    others: list[str] = []
    for _ in range(group.several):
        others.append(unsaid(frozenset[Value]((*said, *others))))
    *more, last = others
    return (*map(One, said), *map(One, more), Other(last, frozenset[Value]((*said, *more))))


# Integers, dates and times of day.


def _steps(group: Group, kind: str, compares: Compares) -> list[Span]:
    lows, highs = zip(*(step_range(a) for a in group.members), strict=True)
    begins = {begin_of(kind, cut) for c in group.said(compares) for cut in cuts_of(c)}
    begins |= {n for n in lows if n is not None} | {n + 1 for n in highs if n is not None}
    defaults = [count_of(a.default) for a in group.members if a.default is not None]
    begins |= {n + more for n in defaults for more in (0, 1)}
    low = None if None in lows else min(lows)
    end = None if None in highs else max(highs) + 1
    inner = sorted(b for b in begins if (low is None or b > low) and (end is None or b < end))
    edges = pairwise([low, *inner, end])
    return [
        part
        for i, (a, b) in enumerate(edges)
        for part in _few_steps(kind, a, b, group, from_above=i == 0)
    ]


def _few_steps(
    kind: str, low: int | None, end: int | None, group: Group, from_above: bool
) -> Iterable[Span]:
    """The steps from ``low`` to before ``end`` in parts, one plain value each."""
    size = math.inf if low is None or end is None else end - low
    count = int(min(size, group.several))
    if kind == "date" and size == date.max.toordinal():
        first = SOME_DAY.toordinal()
    elif end is not None and (low is None or from_above):
        first = end - count
    else:
        first = low or 0
    chosen = [first + n for n in range(count)]
    for value, (a, b) in zip(chosen, pairwise([low, *chosen[1:], end]), strict=True):
        last = None if b is None else b - 1
        low_high = [None if n is None else uncount(kind, n) for n in (a, last)]
        yield Span(uncount(kind, value), low_high[0], low_high[1])


# Decimals: a dense line.


def _line(group: Group, cuts: Sequence[Cut]) -> list[Span]:
    edges = pairwise([None, *cuts, None])
    return [part for a, b in edges for part in _parts(a, b, _decimals(a, b, group.several))]


def _with_whole(group: Group, cuts: Sequence[Cut]) -> list[Cut]:
    """Cut also around some whole numbers between any two cuts: for integers among decimals."""
    whole: set[Cut] = set()
    for begin, end in pairwise([None, *cuts, None]):
        inside = _whole(begin, end, group.several)
        whole |= {(Decimal(n), after) for n in inside for after in (False, True)}
    return sorted({*cuts, *whole})


def _whole(begin: Cut | None, end: Cut | None, count: int) -> Iterable[int]:
    """The first so many whole numbers between the cuts."""
    if begin is None:
        first = 0 if end is None else math.ceil(end[0]) - count
        return range(first, first + count)
    first = math.floor(begin[0]) + 1 if begin[1] else math.ceil(begin[0])
    return (n for n in range(first, first + count) if end is None or (Decimal(n), True) <= end)


def _line_cuts(group: Group, compares: Compares) -> list[Cut]:
    said: set[Cut] = {(Decimal(v), e) for c in group.said(compares) for v, e in cuts_of(c)}
    said |= {(Decimal(a.min), False) for a in group.members if a.min is not None}
    said |= {(Decimal(a.max), True) for a in group.members if a.max is not None}
    for member in group.members:
        if isinstance(member.default, int | Decimal):
            said |= {(Decimal(member.default), after) for after in (False, True)}
    return sorted(said)


def _decimals(begin: Cut | None, end: Cut | None, count: int) -> Sequence[Decimal]:
    """So many plain numbers between the cuts, in order; one alone where there is just one."""
    if begin is not None and end is not None and begin[0] == end[0]:
        return [begin[0]]
    if begin is None:
        first: int = 0 if end is None else math.ceil(end[0]) - count
        return [Decimal(first + n) for n in range(count)]
    low: Decimal = begin[0]
    for places in range(100):
        step = Decimal(1).scaleb(-places)
        floor: Decimal = (low / step).to_integral_value("ROUND_FLOOR")
        chosen = [step * (floor + n) for n in range(1, count + 1)]
        if end is None or chosen[-1] < end[0]:
            return chosen if begin[1] else [low, *chosen[:-1]]
    raise AssertionError("between two decimals there are others")


def _parts(begin: Cut | None, end: Cut | None, chosen: Sequence[Decimal]) -> Iterable[Span]:
    """The stretch between two cuts, cut again before each chosen value but the first."""
    ends = pairwise([begin, *((v, False) for v in chosen[1:]), end])
    for value, (a, b) in zip(chosen, ends, strict=True):
        low, after = a or (None, True)
        high, closed = b or (None, False)
        yield Span(value, low, high, not after, closed)
