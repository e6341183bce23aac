"""The rows of a relation as literals, so that tests of history mean what they say.

A list of rows matters only by what it makes of the tests. Of the rows a ``where`` accepts, the
newest few are enough: any list can be cut down to a number that the tests themselves tell, and
every test stays as it was. So many rows, each present or not, stand for all lists. A row's day
lies between two of the days that the spans begin on, as counted back from the request's date.

Complete for spans in days and weeks, or in months and years. Where one relation has both, which
of two days comes first may hang on the calendar: then only what is always so is said. Left
open, each true or false freely: hours and minutes, ``is known`` of a row's fact, and a row's date
compared with anything but the request's date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from data.ontology.model import Relation
from data.rulelang.ast import Condition, Count, Exists, History, Rows, Since, Unit
from data.rulelang.history import (
    FUTURE,
    Base,
    Edge,
    edge_at,
    edges_of,
    last_change,
    runs,
)
from data.rulelang.partition import paths_asked
from data.rulelang.request import Row

if TYPE_CHECKING:
    from data.rulelang.analyse.space import Space

MOST_ROWS = 100
"""A relation whose tests need more rows than this is left open."""


@dataclass(frozen=True, slots=True)
class RowAt:
    """One of the rows that stand for a list."""

    relation: str
    entity: str
    index: int


def rows_needed(tests: Iterable[History]) -> int:
    """As many rows as it takes for every combination of answers that some list gives."""
    needed: dict[Condition | None, int] = {}
    for test in tests:
        most = last_change(test.op, test.value) if isinstance(test, Count) else 1
        needed[test.rows.where] = max(needed.get(test.rows.where, 1), most)
    return sum(needed.values())


class RowTable:
    """The rows of one relation, and the tests over them."""

    def __init__(self, space: Space, relation: Relation, tests: Sequence[History]) -> None:
        self._space = space
        self._relation = relation
        self.dated = relation.date is not None and space.ontology.date is not None
        count = rows_needed(tests)
        self.rows = tuple(RowAt(relation.name, relation.entity, n) for n in range(count))
        self.present = space.descending(count)
        own = f"{relation.entity}."
        self.paths = tuple(
            a.path
            for a in space.ontology.attributes.values()
            if a.path.startswith(own) and any(a.path in paths_asked(t.rows.where) for t in tests)
        )
        edges = [e for t in tests for e in edges_of(t)] if self.dated else []
        bases: list[Base] = sorted({base for base, _ in edges}) or ["days"]
        self._lines = [_Line(space, b, [e for c, e in edges if c == b], count) for b in bases]
        for one, other in pairwise(self._lines):
            one.agree(other)
        self._matches: dict[Rows, tuple[int, ...]] = {}
        self._tallies: dict[Rows, list[tuple[int, ...]]] = {}

    def literal(self, test: History) -> int:
        """The test is true."""
        match test:
            case Exists():
                return self._space.any(self._matching(test.rows))
            case Count():
                return self._among(
                    runs(test.op, test.value), lambda n: self._at_least(test.rows, n)
                )
            case Since():
                return self._among(
                    runs(test.op, test.value), lambda n: self._since(test.rows, n, test.unit)
                )

    def _among(
        self, ranges: Iterable[tuple[int, int | None]], at_least: Callable[[int], int]
    ) -> int:
        """A number lies in one of the ranges, told by the literals that it is at least another."""
        return self._space.any(
            self._space.all((at_least(a), -at_least(b) if b is not None else self._space.TRUE))
            for a, b in ranges
        )

    def _since(self, rows: Rows, count: int, unit: Unit) -> int:
        """The latest row that counts is so many full units old."""
        base, limit = edge_at(count, unit, after=True)
        line = next(x for x in self._lines if x.base == base)
        matching = self._matching(rows)
        later = (self._space.all((m, line.past(limit, i))) for i, m in enumerate(matching))
        return self._space.all((self._space.any(matching), -self._space.any(later)))

    def _at_least(self, rows: Rows, count: int) -> int:
        """So many rows count: true from the ``count``-th on, told row by row."""
        space = self._space
        if count > len(self.rows):
            return -space.TRUE
        tallies = self._tallies.setdefault(rows, [(space.TRUE,) * (len(self.rows) + 1)])
        while len(tallies) <= count:
            before, reached = tallies[-1], [-space.TRUE]
            for i, match in enumerate(self._matching(rows)):
                reached.append(space.any((reached[-1], space.all((before[i], match)))))
            tallies.append(tuple(reached))
        return tallies[count][-1]

    def _matching(self, rows: Rows) -> tuple[int, ...]:
        """Per row: it is there, and counts."""
        if rows not in self._matches:
            self._matches[rows] = tuple(
                self._space.all(
                    (here, *self._in_time(rows, i), self._space.literal(rows.where, self.rows[i]))
                )
                for i, here in enumerate(self.present)
            )
        return self._matches[rows]

    def _in_time(self, rows: Rows, index: int) -> Iterable[int]:
        if not self.dated:
            return
        line = self._lines[0]
        yield -line.past(FUTURE[line.base], index)
        if rows.within is not None:
            base, begin = edge_at(rows.within.count, rows.within.unit, after=False)
            line = next(x for x in self._lines if x.base == base)
            yield line.past(begin, index)

    # From an answer to rows.

    def listed(self, fixed: list[int], today: date | None) -> tuple[Row, ...] | None:
        """The plainest rows that agree with what is fixed; ``None`` where no day fits them all."""
        space = self._space
        made: list[Row] = []
        for i, here in enumerate(self.present):
            if space.first(fixed, (-here, here)) != here:
                break
            row = {path: space.fact(path, fixed, self.rows[i]) for path in self.paths}
            if self.dated and today is not None:
                day = self._day(i, fixed, today)
                if day is None:
                    return None
                row[f"{self._relation.entity}.{self._relation.date}"] = day
            made.append(row)
        return tuple(made)

    def _day(self, index: int, fixed: list[int], today: date) -> date | None:
        """The newest day between the edges that the row lies between."""
        first, last = date.min, date.max
        for line in self._lines:
            since, before = line.between(index, fixed, today)
            first, last = max(first, since), min(last, before)
        if first > last:
            return None
        return last if last < date.max else first


class _Line:
    """Where each row lies between the edges of one kind of unit, oldest first."""

    def __init__(self, space: Space, base: Base, edges: Iterable[Edge], rows: int) -> None:
        self._space = space
        self.base: Base = base
        self.edges = sorted({*edges, FUTURE[base]})
        self._slots = [space.exactly_one(len(self.edges) + 1) for _ in range(rows)]
        for edge in self.edges:
            for i in range(1, rows):
                space.require(-self.past(edge, i), self.past(edge, i - 1))

    def past(self, edge: Edge, index: int) -> int:
        """The row's day is at the edge or past it."""
        return self._space.any(self._slots[index][self.edges.index(edge) + 1 :])

    def agree(self, other: _Line) -> None:
        """Say what is true of both kinds of edges on every day of the calendar."""
        for mine in self.edges:
            low, high = _days_ahead(self.base, mine)
            for theirs in other.edges:
                least, most = _days_ahead(other.base, theirs)
                for i in range(len(self._slots)):
                    if low >= most:
                        self._space.require(-self.past(mine, i), other.past(theirs, i))
                    if least >= high:
                        self._space.require(-other.past(theirs, i), self.past(mine, i))

    def between(self, index: int, fixed: list[int], today: date) -> tuple[date, date]:
        """The first and the last day of the slot the row is in; the newest slot that fits."""
        slots = self._slots[index]
        *rest, future = slots
        chosen = slots.index(self._space.first(fixed, (*reversed(rest), future)) or 0)
        since = date.min if chosen == 0 else self.edges[chosen - 1].day(today, self.base)
        if chosen == len(self.edges):
            return since, date.max
        end = self.edges[chosen].day(today, self.base)
        return since, end - timedelta(days=1) if end > date.min else date.min


@cache
def _days_ahead(base: Base, edge: Edge) -> tuple[int, int]:
    """The fewest and the most days an edge lies ahead of a day, over a leap cycle."""
    if base == "days":
        return edge.ahead, edge.ahead
    start = date(1896, 1, 1) if -edge.ahead < 12 * 1000 else date(9000, 1, 1)
    days = (start + timedelta(days=n) for n in range(8 * 366))
    ahead = [(edge.day(day, base) - day).days for day in days]
    return min(ahead), max(ahead)
