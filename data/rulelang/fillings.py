"""What the unknown facts and lists that tests look at can be together (law 6).

Facts are filled in first, with as many values as it takes to put facts that are compared in any
order; then each list, by the answers that its tests can give together; last the tests that even
a list known in full may leave open (minutes and hours), each false and true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, TypeGuard

from data.ontology.model import Value
from data.rulelang.ast import Compare, CompareFacts, History, Test, attributes_of
from data.rulelang.diagram import Filling, Split, Tree
from data.rulelang.history import FUTURE, Base, Edge, asks_known, day_of, edges_of, told_by_days
from data.rulelang.kleene import Facts, tested
from data.rulelang.lists import Answers, Asked, Lists, TooOpen, values_of
from data.rulelang.partition import Cells, facts_asked
from data.rulelang.plan import DecisionPlan, Unknown, fact_of, name_of
from data.rulelang.request import Request
from data.rulelang.result import Result


class Fillings:
    """The unknowns of one request of which some tests are not known."""

    def __init__(
        self,
        plan: DecisionPlan,
        request: Request,
        facts: Facts,
        tests: Sequence[Test],
        most: int,
    ) -> None:
        self._plan = plan
        self._ontology = plan.ontology
        self._request = request
        self._given = facts
        self._most = most
        self._tests = tests
        self._looks = {t: attributes_of(t, plan.ontology) for t in self._tests}
        self._apart: dict[tuple[int, int], tuple[Tree, Tree, bool]] = {}
        self._results: dict[object, Result] = {}
        self._kinds: list[Split] = []
        self._told_together: dict[tuple[Asked, ...], tuple[Answers, ...]] = {}

    # Facts.

    def order(self, matters: Iterable[Unknown], facts: Facts) -> tuple[Unknown, ...]:
        """What is to be filled in: facts, then lists, then tests that a list leaves open."""
        found: set[Unknown] = set()
        for unknown in matters:
            if isinstance(unknown, tuple):
                found.add((unknown[0], None) if unknown[0] in self._whole else unknown)
            else:
                found |= {(p, None) for p in self._looks[unknown] if p not in facts and "." in p}
                if isinstance(unknown, History):
                    listed = (unknown.rows.relation, None)
                    found.add(listed if self._told_by_list(unknown) else unknown)
        return tuple(sorted(found, key=self._rank))

    def _rank(self, unknown: Unknown) -> tuple[object, ...]:
        ranks = self._ranks
        if not isinstance(unknown, tuple):
            return (2, 0, name_of(unknown))
        listed = unknown[0] in self._ontology.relations
        return (1 if listed else 0, ranks.get(unknown, len(ranks)), name_of(unknown))

    @cached_property
    def _ranks(self) -> Mapping[Unknown, int]:
        return {unknown: rank for rank, unknown in enumerate(self._plan.order)}

    @cached_property
    def _whole(self) -> frozenset[str]:
        """Sets that tests look at: filled in as a whole, not element by element."""
        attributes = self._ontology.attributes
        paths = (p for looks in self._looks.values() for p in looks if p in attributes)
        return frozenset(p for p in paths if attributes[p].type == "set")

    def told(self, facts: Facts, filling: Filling) -> Facts:
        """The facts with those filled in, and the tests that are then known."""
        more = {**facts, **filling}
        now = [t for t in self._tests if not filling.keys().isdisjoint(self._looks[t])]
        return {**more, **tested(now, more, self._request, self._ontology)} if now else more

    def context(self, matters: Iterable[Unknown], facts: Facts) -> tuple[object, ...]:
        """What was filled in that open tests look at: it tells situations apart."""
        tests = (u for u in matters if not isinstance(u, tuple))
        paths = sorted({p for t in tests for p in self._looks[t]})
        return tuple((p, facts[p]) for p in paths if p in facts and p not in self._given)

    def values(self, unknown: Unknown) -> tuple[Value, ...]:
        """One value of every kind that rules and tests tell apart."""
        match unknown:
            case (path, None):
                values = values_of(self._ontology, self._cells, path)
                return self._spread(values) if path == self._ontology.date else values
            case _:
                return (False, True)

    @cached_property
    def _cells(self) -> Cells:
        said = [e.applies for e in self._plan.entries]
        return Cells(self._ontology, [*said, *self._partners(), *self._turns()], spare=1)

    def _partners(self) -> Iterable[Compare]:
        """The known values that unknown facts are compared with."""
        asked = (c for t in self._tests for c in facts_asked(t))
        paths = {p for c in asked if isinstance(c, CompareFacts) for p in (c.attribute, c.other)}
        rows = [row for listed in self._request.rows.values() for row in listed]
        for path in sorted(paths):
            for value in (known[path] for known in (self._given, *rows) if path in known):
                if not isinstance(value, frozenset):
                    yield Compare(path, "is", value)
                elif value:
                    yield from self._members(path, value)

    def _members(self, path: str, value: frozenset[str]) -> Iterable[Compare]:
        """What a known set holds, said of the facts it may include."""
        links = (c for t in self._tests for c in facts_asked(t) if isinstance(c, CompareFacts))
        for other in sorted({c.other for c in links if c.attribute == path}):
            yield Compare(other, "is one of", tuple(sorted(value)))

    # The request's date, where it is not known.

    def _turns(self) -> Iterable[Compare]:
        """The days of the request from which on a given row answers otherwise."""
        today = self._ontology.date
        if today is None or today in self._given:
            return
        for test in (t for t in self._tests if isinstance(t, History)):
            path = day_of(test.rows.relation, self._ontology)
            rows = self._request.rows.get(test.rows.relation, ())
            days = {d for r in rows if isinstance(d := r.get(path or ""), date)}
            for base, edge in (*edges_of(test), *FUTURE.items()) if told_by_days(test) else ():
                yield from (
                    Compare(today, "is on or after", _left_behind(d, base, edge)) for d in days
                )

    def _spread(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """With both ends of each stretch of days: a list tells days apart that lie far apart."""
        cells = self._cells.cells(self._ontology.date or "")
        ends: list[Any] = [
            d for c in cells for d in (getattr(c, "low", None), getattr(c, "high", None))
        ]
        return tuple(dict.fromkeys((*values, *(d for d in ends if d is not None))))

    # Lists.

    def lists(self, unknown: Unknown, matters: Iterable[Unknown], facts: Facts) -> Asked | None:
        """The tests of a list that are to be filled in together; ``None`` of any other unknown."""
        if not isinstance(unknown, tuple) or unknown[0] not in self._ontology.relations:
            return None
        tests = sorted((t for t in matters if self._is_about(t, unknown[0])), key=name_of)
        looks = sorted({p for t in tests for p in self._looks[t]})
        return Asked(tuple(tests), tuple((p, facts[p]) for p in looks if p in facts))

    def _is_about(self, unknown: Unknown, relation: str) -> TypeGuard[History]:
        return (
            isinstance(unknown, History)
            and unknown.rows.relation == relation
            and self._told_by_list(unknown)
        )

    def _told_by_list(self, test: Test) -> bool:
        return (
            isinstance(test, History)
            and told_by_days(test)
            and not asks_known(test, self._ontology)
        )

    def answers(self, asked: Asked) -> tuple[Filling, ...]:
        """Every combination of answers that some list gives."""
        names = [name_of(t) for t in asked.tests]
        return tuple(dict(zip(names, told, strict=True)) for (told,) in self._together(asked))

    def _together(self, *asked: Asked) -> tuple[Answers, ...]:
        if asked not in self._told_together:
            relation = asked[0].tests[0].rows.relation
            lists = Lists(self._ontology, self._cells, relation, self._request, asked)
            self._told_together[asked] = lists.answers(self._most)
        return self._told_together[asked]

    # Parts of a tree that say the same of every list are made one.

    def aligned(self, tree: Tree) -> Tree:
        """The tree with its questions about lists numbered: equal numbers where no list differs."""
        done: dict[int, Tree] = {}

        def one(node: Tree) -> Tree:
            if id(node) not in done:
                done[id(node)] = (
                    self._results.setdefault(node.key, node)
                    if isinstance(node, Result)
                    else self._kind(replace(node, branches=tuple(map(one, node.branches))))
                )
            return done[id(node)]

        return one(tree)

    def _kind(self, node: Split) -> Tree:
        if node.asked is None:
            return node
        if all(b is node.branches[0] for b in node.branches):
            return node.branches[0]
        for kind in self._kinds:
            if not self._differ(node, kind):
                return kind
        number = f"list {len(self._kinds)}"
        self._kinds.append(replace(node, unknown=(str(fact_of(node.unknown)), number)))
        return self._kinds[-1]

    def _differ(self, one: Tree, other: Tree) -> bool:
        """Whether some lists give the two parts, in which no fact is open, different results."""
        if one is other:
            return False
        if isinstance(one, Result) and isinstance(other, Result):
            return one.key != other.key
        key = (id(one), id(other))
        if key not in self._apart:
            if len(self._apart) >= self._most:
                raise TooOpen
            self._apart[key] = (one, other, self._differ_below(one, other))
        return self._apart[key][2]

    def _differ_below(self, one: Tree, other: Tree) -> bool:
        first = min(_place(n) for n in (one, other) if isinstance(n, Split))
        at = [isinstance(n, Split) and _place(n) == first for n in (one, other)]
        asked = [n.asked for n in (one, other) if isinstance(n, Split) and _place(n) == first]
        if asked[0] is None:
            return any(
                self._differ(_branch(one, at[0], told), _branch(other, at[1], told))
                for told in ((False,), (True,))
            )
        for told in self._together(*(a for a in asked if a)):
            if self._differ(_branch(one, at[0], told[0]), _branch(other, at[1], told[-1])):
                return True
        return False


def _place(node: Split) -> tuple[bool, str]:
    """Where a list, or a test that stays open, comes in the order."""
    return (node.asked is None, str(fact_of(node.unknown)))


def _branch(tree: Tree, at: bool, told: tuple[bool, ...]) -> Tree:
    """The branch of these answers, where they are what the tree asks for."""
    if not at or isinstance(tree, Result):
        return tree
    found = (
        b for f, b in zip(tree.fillings, tree.branches, strict=True) if tuple(f.values()) == told
    )
    return next(found)


def _left_behind(day: date, base: Base, edge: Edge) -> date:
    """The first day of a request on which the edge has passed the row's day."""
    low, high = day.toordinal() - 1, date.max.toordinal() - 1
    while low < high:
        middle = (low + high) // 2
        if middle >= 1 and edge.day(date.fromordinal(middle), base) > day:
            high = middle
        else:
            low = middle + 1
    return date.fromordinal(low)
