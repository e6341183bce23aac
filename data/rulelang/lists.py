"""What a list of rows can be that is not known, or known in part: all that tests can tell (law 6).

A row matters by which tests count it and by its day; a list by how many rows each test counts,
up to the last number at which a comparison turns, and by the latest day. Lists are made row by
row, those that no test tells apart once, until no more are found. Every combination of answers
that some list gives is then among them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import chain, combinations, product

from data.ontology.model import Ontology, Value
from data.rulelang.ast import Count, Exists, History, Rows, Since
from data.rulelang.cells import Span
from data.rulelang.history import FUTURE, day_of, edges_of, last_change
from data.rulelang.partition import Cells, paths_asked
from data.rulelang.request import Request, Row
from data.rulelang.truth import truth

Answers = tuple[tuple[bool, ...], ...]
"""For each way of asking, what each test answers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Tests of one relation, and the facts that they look at beside its rows."""

    tests: tuple[History, ...]
    looks: tuple[tuple[str, Value], ...]
    """Path and value of each."""

    @property
    def facts(self) -> Mapping[str, Value]:
        return dict(self.looks)


@dataclass(frozen=True, slots=True)
class _Look:
    """Some rows, and how closely tests look at them."""

    rows: Rows
    asked: Asked
    enough: int
    """From so many rows on, one more changes no answer."""
    dated: bool
    """The latest of their days matters."""


class TooOpen(Exception):
    """More situations than were to be looked at."""


class Lists:
    """The lists of one relation, as tests asked in one or several ways tell them apart."""

    def __init__(
        self,
        ontology: Ontology,
        cells: Cells,
        relation: str,
        request: Request,
        asked: Sequence[Asked],
    ) -> None:
        self._ontology = ontology
        self._cells = cells
        self._relation = ontology.relations[relation]
        self._request = request
        self._asked = asked
        self._looks = [look for a in asked for look in _looks(a)]
        self._day = day_of(relation, ontology)
        self._counted: dict[Hashable, bool] = {}

    def answers(self, most: int) -> tuple[Answers, ...]:
        """Every combination of answers that some list gives, always in the same order.

        Raises :class:`TooOpen` beyond so many kinds of lists.
        """
        found = {tuple(_answered(self, a, rows) for a in self._asked) for rows in self.kinds(most)}
        return tuple(sorted(found))

    def holds(self, test: History, asked: Asked, rows: tuple[Row, ...]) -> bool:
        request = Request(self._request.given, {self._relation.name: rows})
        return truth(test, asked.facts, request, self._ontology) is True

    # Lists.

    def kinds(self, most: int) -> Iterable[tuple[Row, ...]]:
        """One list of every kind that the tests tell apart; :class:`TooOpen` beyond so many."""
        lists: dict[Hashable, tuple[Row, ...]] = {self._kind(()): ()}
        given = self._request.rows.get(self._relation.name)
        if given is not None:
            for row in given:
                lists = self._longer(lists, self._completed(row), most)
            return lists.values()
        every = self._completed({})
        fresh = lists
        while fresh:
            longer = self._longer(fresh, every, most - len(lists))
            fresh = {kind: rows for kind, rows in longer.items() if kind not in lists}
            lists = lists | fresh
        return lists.values()

    def _longer(
        self, lists: Mapping[Hashable, tuple[Row, ...]], more: Sequence[Row], most: int
    ) -> dict[Hashable, tuple[Row, ...]]:
        found: dict[Hashable, tuple[Row, ...]] = {}
        for rows in lists.values():
            for row in more:
                longer = (*rows, row)
                found.setdefault(self._kind(longer), longer)
                if len(found) > most:
                    raise TooOpen
        return found

    def _kind(self, rows: tuple[Row, ...]) -> Hashable:
        """What the tests can know of a list."""
        return tuple(self._seen(look, rows) for look in self._looks)

    def _seen(self, look: _Look, rows: tuple[Row, ...]) -> Hashable:
        counted = [row for row in rows if self._counts(look, row)]
        days = (row[self._day] for row in counted) if look.dated and self._day else ()
        return min(len(counted), look.enough), max(days, default=None)  # type: ignore[type-var]

    def _counts(self, look: _Look, row: Row) -> bool:
        key = (id(look), *row.items())
        if key not in self._counted:
            self._counted[key] = self.holds(Exists(look.rows), look.asked, (row,))
        return self._counted[key]

    # Rows.

    def rows(self) -> list[Row]:
        """One row of every kind that the tests tell apart."""
        return self._completed({})

    @property
    def enough(self) -> int:
        """From so many rows on, more of them change no answer."""
        return sum(look.enough for look in self._looks)

    def _completed(self, row: Row) -> list[Row]:
        """The row with each unknown fact that is looked at filled in every way, one of a kind."""
        known: dict[str, Value] = {**self._ontology.row_defaults[self._relation.entity], **row}
        open_ = [p for p in self._paths if p not in known]
        kinds: dict[Hashable, Row] = {}
        for values in product(*(self._values(p) for p in open_)):
            made = {**known, **dict(zip(open_, values, strict=True))}
            kinds.setdefault(self._kind((made,)), made)
        return list(kinds.values())

    @cached_property
    def _paths(self) -> list[str]:
        """The facts of a row that the tests look at."""
        named = {p for a in self._asked for t in a.tests for p in paths_asked(t.rows.where)}
        own = (a.path for a in self._ontology.attributes.values())
        entity = f"{self._relation.entity}."
        return [p for p in own if p.startswith(entity) and (p in named or p == self._day)]

    def _values(self, path: str) -> Sequence[Value]:
        if path == self._day:
            return self._days
        return values_of(self._ontology, self._cells, path)

    @cached_property
    def _days(self) -> list[date]:
        """One day of each stretch that the tests tell apart."""
        begins = {d for a in self._asked for d in _turning_days(a, self._ontology)}
        if any(self._day in paths_asked(t.rows.where) for a in self._asked for t in a.tests):
            spans = (c for c in self._cells.cells(self._day or "") if isinstance(c, Span))
            begins |= {d for s in spans for d in _apart(s)}
        later = sorted(begins - {date.min})
        return [*(d - timedelta(days=1) for d in later), later[-1] if later else date.min]


def values_of(ontology: Ontology, cells: Cells, path: str) -> tuple[Value, ...]:
    """One value of each kind that the cells tell apart; of a set, each choice of its elements."""
    if ontology.attributes[path].type != "set":
        return tuple(c.representative for c in cells.cells(path))
    elements = cells.elements(path)
    some = (combinations(elements, n) for n in range(len(elements) + 1))
    return tuple(frozenset(s) for s in chain.from_iterable(some))


def _looks(asked: Asked) -> Iterable[_Look]:
    by_rows: dict[Rows, list[History]] = {}
    for test in asked.tests:
        by_rows.setdefault(test.rows, []).append(test)
    for rows, tests in by_rows.items():
        enough = max(last_change(t.op, t.value) if isinstance(t, Count) else 1 for t in tests)
        yield _Look(rows, asked, enough, any(isinstance(t, Since) for t in tests))


def _answered(lists: Lists, asked: Asked, rows: tuple[Row, ...]) -> tuple[bool, ...]:
    return tuple(lists.holds(test, asked, rows) for test in asked.tests)


def _turning_days(asked: Asked, ontology: Ontology) -> Iterable[date]:
    """The days from which on a row answers otherwise."""
    today = asked.facts.get(ontology.date or "")
    if not isinstance(today, date):
        return
    for base, edge in (*(e for t in asked.tests for e in edges_of(t)), *FUTURE.items()):
        try:
            yield edge.day(today, base)
        except OverflowError:  # no row is after the calendar's last day
            continue


def _apart(span: Span) -> Iterable[date]:
    """Where the span begins, and its representative apart from the rest of it."""
    chosen = span.representative
    if isinstance(chosen, date):
        yield from (span.low, chosen)
        if chosen < date.max:
            yield chosen + timedelta(days=1)
