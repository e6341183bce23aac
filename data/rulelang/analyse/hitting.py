"""The first of the smallest sets that meet every constraint, in a given order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Constraint:
    """One of ``hit`` is in the set, or one of ``unless`` is not."""

    hit: frozenset[str]
    unless: frozenset[str] = frozenset()

    def met(self, chosen: frozenset[str]) -> bool:
        return not self.hit.isdisjoint(chosen) or not self.unless <= chosen


def first_hitting(
    items: Sequence[str], constraints: Sequence[Constraint], size: int
) -> tuple[str, ...] | None:
    """The first choice of ``size`` items, in the items' order, that meets every constraint."""
    return _search(items, constraints, size, ())


def _search(
    items: Sequence[str], constraints: Sequence[Constraint], left: int, chosen: tuple[str, ...]
) -> tuple[str, ...] | None:
    open_ = [c for c in constraints if not c.met(frozenset(chosen)) or c.unless]
    unmet = [c for c in open_ if not c.unless and c.hit.isdisjoint(chosen)]
    if left == 0:
        return chosen if all(c.met(frozenset(chosen)) for c in open_) else None
    if left > len(items) or _disjoint(unmet) > left:
        return None
    for index, item in enumerate(items):
        found = _search(items[index + 1 :], open_, left - 1, (*chosen, item))
        if found is not None:
            return found
        if any(c.hit.isdisjoint(items[index + 1 :]) for c in unmet):
            return None
    return None


def _disjoint(constraints: Sequence[Constraint]) -> int:
    """How many of them no item meets two of: at least so many items are needed."""
    taken: frozenset[str] = frozenset()
    count = 0
    for constraint in sorted(constraints, key=lambda c: len(c.hit)):
        if taken.isdisjoint(constraint.hit):
            taken |= constraint.hit
            count += 1
    return count
