"""Literals over one incremental SAT solver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import Any

from pysat.solvers import Solver

SOLVER = "cadical153"
"""Any incremental solver gives the same findings and witnesses."""
PAIRWISE = 6
"""Up to so many choices, "at most one" is said pair by pair; beyond, along a ladder."""


class Clauses:
    """Literals, and what is said of them; a literal's negative number is its negation."""

    TRUE = 1

    def __init__(self) -> None:
        self._solver: Any = Solver(name=SOLVER)
        self._last = 0
        self._unions: dict[frozenset[int], int] = {}
        self.require(self.new())

    def new(self) -> int:
        """A literal of which nothing is said yet."""
        self._last += 1
        return self._last

    def require(self, *literals: int) -> None:
        """From now on, one of the literals holds."""
        self._solver.add_clause(literals)

    def all(self, literals: Iterable[int]) -> int:
        """The conjunction of the literals."""
        return -self.any(-x for x in literals)

    def any(self, literals: Iterable[int]) -> int:
        """The disjunction of the literals."""
        parts = frozenset(literals) - {-self.TRUE}
        if self.TRUE in parts or not parts.isdisjoint([-x for x in parts]):
            return self.TRUE
        if len(parts) < 2:
            return next(iter(parts), -self.TRUE)
        if parts not in self._unions:
            self._unions[parts] = self._defined(sorted(parts))
        return self._unions[parts]

    def exactly_one(self, count: int) -> tuple[int, ...]:
        """New literals, of which one holds."""
        if count == 1:
            return (self.TRUE,)
        if count == 2:
            second = self.new()
            return (-second, second)
        chosen = tuple(self.new() for _ in range(count))
        self.require(*chosen)
        self._at_most_one(chosen)
        return chosen

    def descending(self, count: int) -> tuple[int, ...]:
        """New literals, each of which holds only where the one before does."""
        chosen = tuple(self.new() for _ in range(count))
        for one, following in pairwise(chosen):
            self.require(one, -following)
        return chosen

    def solve(self, *assumed: int) -> bool:
        """Whether all of these can hold."""
        return -self.TRUE not in assumed and bool(self._solver.solve(assumptions=assumed))

    def core(self, assumed: Sequence[int]) -> frozenset[int]:
        """Some of these that no request has together; asks first whether one has them all."""
        if -self.TRUE in assumed:
            return frozenset((-self.TRUE,))
        self._solver.solve(assumptions=list(assumed))
        return frozenset(self._solver.get_core() or ())

    def model(self) -> frozenset[int]:
        """Every literal's value where the last question was answered with yes."""
        return frozenset(self._solver.get_model())

    def first(self, fixed: list[int], choices: Iterable[int]) -> int | None:
        """The first choice that agrees with what is fixed; it is fixed from then on."""
        for choice in choices:
            if self.solve(*fixed, choice):
                fixed.append(choice)
                return choice
        return None

    def firsts(self, fixed: list[int], groups: Sequence[Sequence[int]]) -> list[int]:
        """Of each group in turn the first choice that agrees with what is fixed so far.

        Of every group one choice has to hold. As many groups as will are settled at a time.
        """
        found: list[int] = []
        while len(found) < len(groups):
            step = len(groups) - len(found)
            while not self.solve(*fixed, *(tried := [g[0] for g in groups[len(found) :][:step]])):
                if step == 1:
                    tried = [self._earliest(fixed, groups[len(found)])]
                    break
                step = (step + 1) // 2
            fixed += tried
            found += tried
        return found

    def _earliest(self, fixed: Sequence[int], choices: Sequence[int]) -> int:
        """The first choice that agrees with what is fixed; halves those it may be among."""
        low, high = 0, len(choices)
        while high - low > 1:
            middle = (low + high) // 2
            if self.solve(*fixed, *(-c for c in choices[middle:])):
                high = middle
            else:
                low = middle
        return choices[low]

    def _defined(self, parts: Sequence[int]) -> int:
        whole, require = self.new(), self._solver.add_clause
        require([-whole, *parts])
        for part in parts:
            require((whole, -part))
        return whole

    def _at_most_one(self, chosen: Sequence[int]) -> None:
        if len(chosen) <= PAIRWISE:
            for one, other in combinations(chosen, 2):
                self.require(-one, -other)
            return
        rung = self.new()
        self._at_most_one((*chosen[: PAIRWISE - 2], rung))
        self._at_most_one((-rung, *chosen[PAIRWISE - 2 :]))
