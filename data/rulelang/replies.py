"""What may be answered to a question, how likely that is, and what it leaves open.

Shares are those of the history where the version holds any, else all kinds are alike likely.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from data.ontology.model import Value
from data.rulelang.ast import Test
from data.rulelang.diagram import PLACE, Diagram
from data.rulelang.evaluate import settling, with_defaults
from data.rulelang.partition import Cells
from data.rulelang.plan import DecisionPlan, Unknown, fact_of
from data.rulelang.request import Request
from data.rulelang.version import Version
from data.rulelang.weights import Counted, shares

MOST_TOLD = 6
"""Elements of one set, or tests on one list, that are told apart while looking ahead."""
Open = Mapping[Unknown, frozenset[int]]
"""Of a question the branches that a reply leaves open."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One kind of reply to a question."""

    number: int
    """No two replies share one."""
    share: float
    """How likely it is among the replies."""
    open: tuple[Open, ...]
    """What it leaves open in each diagram."""
    rows: frozenset[int] | None = None
    """To a question about the place: the rows of the table that it leaves."""


class Replies:
    """The kinds of answers there are to each question, and how likely each is."""

    def __init__(
        self,
        version: Version,
        request: Request,
        plans: Sequence[DecisionPlan],
        diagrams: Sequence[Diagram],
    ) -> None:
        facts = with_defaults(version, request)
        self._version, self._request, self._facts = version, request, facts
        self._plans = plans
        self.names = (*(a.path for a in version.ontology.facts), *version.ontology.relations)
        """What can be asked for, in the ontology's order."""
        self.rows = version.places.agreeing(facts)
        self.levels = tuple(p for p in version.places.paths if self.rows and p not in facts)
        self._cells = Cells(version.ontology, (e.applies for p in plans for e in p.entries))
        self._branch = [
            {row: frozenset(map(d.places.index, p.seen_as(row, facts))) for row in self.rows}
            for p, d in zip(plans, diagrams, strict=True)
        ]
        self._row_share = self._row_shares()
        self._settling: dict[Test, str] = {}
        self._numbers = iter(range(1 << 62))
        self._to: dict[tuple[str, frozenset[int]], tuple[Reply, ...]] = {}
        self._shares: dict[tuple[int, Unknown], tuple[float, ...]] = {}

    def to(self, path: str, rows: frozenset[int]) -> tuple[Reply, ...]:
        """Every kind of reply to the question for a fact."""
        key = (path, rows if path in self.levels else frozenset[int]())
        if key not in self._to:
            found = self._of_place(path, rows) if path in self.levels else self._of_fact(path)
            self._to[key] = tuple(found)
        return self._to[key]

    def shares(self, d: int, unknown: Unknown) -> tuple[float, ...]:
        """How likely each branch of a question of a diagram is."""
        if (d, unknown) not in self._shares:
            self._shares[d, unknown] = self._branch_shares(d, unknown)
        return self._shares[d, unknown]

    def _branch_shares(self, d: int, unknown: Unknown) -> tuple[float, ...]:
        if not isinstance(unknown, tuple):
            return (0.5, 0.5)
        path, element = unknown
        if unknown == PLACE:
            found: defaultdict[int, float] = defaultdict(float)
            for row, branches in self._branch[d].items():
                for branch in branches:
                    found[branch] += self._row_share[row] / len(branches)
            return tuple(found[b] for b in range(len(found)))
        weights = self._version.weights.get(path, ())
        if element is not None:
            return _held(weights, element)
        return shares(weights, [c.contains for c in self._plans[d].cells.cells(path)])

    def _row_shares(self) -> Mapping[int, float]:
        """By the narrowest level that the history knows; rows with one value share it evenly."""
        places, weights = self._version.places, self._version.weights
        level = next((p for p in reversed(places.paths) if p in weights), None)
        if level is None:
            return dict.fromkeys(self.rows, 1.0)
        values = [row.get(level) for row in places.rows]
        kinds = list(dict.fromkeys(values))
        of_kind = shares(weights[level], [lambda v, k=k: v == k for k in kinds])
        share = dict(zip(kinds, of_kind, strict=True))
        return {row: share[values[row]] / values.count(values[row]) for row in self.rows}

    def _of_place(self, path: str, rows: frozenset[int]) -> Iterator[Reply]:
        groups: defaultdict[Value | None, list[int]] = defaultdict(list)
        for row in sorted(rows):
            groups[self._version.places.rows[row].get(path)].append(row)
        total = sum(self._row_share[row] for row in sorted(rows))
        for group in groups.values():
            share = sum(self._row_share[row] for row in group) / total
            open_ = tuple(
                {PLACE: frozenset[int]().union(*(branch[row] for row in group))}
                for branch in self._branch
            )
            yield Reply(next(self._numbers), share, open_, frozenset(group))

    def _of_fact(self, name: str) -> Iterator[Reply]:
        """A value of each kind; of a set and of tests that hang on the fact, each combination."""
        every = dict.fromkeys(u for plan in self._plans for u in plan.order)
        asked = [u for u in every if self._hangs_on(u, name)]
        told = [self._ways(unknown) for unknown in asked[:MOST_TOLD]]
        for ways in product(*told):
            share = 1.0
            left: list[dict[Unknown, frozenset[int]]] = [{} for _ in self._plans]
            for one, open_ in ways:
                share *= one
                for known, more in zip(left, open_, strict=True):
                    known.update(more)
            yield Reply(next(self._numbers), share, tuple(left))

    def _hangs_on(self, unknown: Unknown, name: str) -> bool:
        fact = fact_of(unknown)
        return fact == name or (not isinstance(fact, str) and self.name(fact) == name)

    def _ways(self, unknown: Unknown) -> list[tuple[float, tuple[Open, ...]]]:
        """What may be answered of one unknown: how likely, and what it leaves in each diagram."""
        match unknown:
            case (path, None):
                cells = self._cells.cells(path)
                weights = shares(self._version.weights.get(path, ()), [c.contains for c in cells])
                return [
                    (share, tuple(_branch_of(p, path, cell.representative) for p in self._plans))
                    for cell, share in zip(cells, weights, strict=True)
                ]
            case (path, element):
                weights = _held(self._version.weights.get(path, ()), element)
            case _:
                weights = (0.5, 0.5)
        every = len(self._plans)
        left: list[Open] = [{unknown: frozenset([i])} for i in range(2)]
        return [(w, (one,) * every) for w, one in zip(weights, left, strict=True)]

    def name(self, fact: str | Test) -> str:
        """What to ask for: the fact, or what would settle the test."""
        if isinstance(fact, str):
            return fact
        if fact not in self._settling:
            ontology = self._version.ontology
            self._settling[fact] = settling(fact, self._request, self._facts, ontology)[0]
        return self._settling[fact]


def _branch_of(plan: DecisionPlan, path: str, value: Value) -> Open:
    unknown: Unknown = (path, None)
    if unknown not in plan.fillings:
        return {}
    cells = plan.cells.cells(path)
    return {unknown: frozenset(i for i, cell in enumerate(cells) if cell.contains(value))}


def _held(weights: Counted, element: str) -> tuple[float, ...]:
    """How likely a set lacks, and holds, an element."""
    sets = [(v, n) for v, n in weights if isinstance(v, frozenset)]
    counts = ((element in v, n) for v, n in sets)
    return shares(tuple(counts), [lambda v: v is False, lambda v: v is True])
