"""Requests that the rules of one decision cannot tell apart: one answer for all of them.

Alike are requests to which the same rules may apply, whose facts that open rules look at are of
one kind, and whose code set is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.rulelang.ast import attributes_of
from data.rulelang.fast.groups import Groups, Numbers, nth
from data.rulelang.fast.index import Index
from data.rulelang.fast.survivors import Ids, Left, Rows
from data.rulelang.fast.table import Requests
from data.rulelang.plan import DecisionPlan
from data.rulelang.version import Version


@dataclass(frozen=True, slots=True)
class Asked:
    """Some requests of a table, and the rules that may apply to them."""

    requests: Requests
    rows: Rows
    """Where in the table they are."""
    ids: Ids
    left: Left
    """``row`` is a place in ``rows``."""

    def codes(self, path: str, some: Rows) -> NDArray[np.int32]:
        """The values of a fact, as whole numbers."""
        return self.requests.column(path).codes[self.rows[some]]


class Alike:
    """What the rules of a version look at, to tell requests apart."""

    def __init__(self, version: Version, index: Index) -> None:
        self._version = version
        self._index = index
        self._place = {path: i for i, path in enumerate(index.facts)}
        self._kind: dict[str, NDArray[np.bool_]] = {}
        self._whole: dict[str, NDArray[np.bool_]] = {}
        for number, rule in enumerate(index.rules):
            for path in rule.needs.by_path:
                self._mark(self._kind, path, number)
            if not rule.needs.exact:
                for path in attributes_of(index.applies[number], version.ontology):
                    self._mark(self._whole, path, number)

    def _mark(self, asking: dict[str, NDArray[np.bool_]], path: str, number: int) -> None:
        if path not in asking:
            asking[path] = np.zeros(len(self._index.rules), dtype=bool)
        asking[path][number] = True

    def groups(self, plan: DecisionPlan, asked: Asked) -> tuple[Numbers, Numbers]:
        """Each request's group, from 0; and a request of each group."""
        every = np.arange(len(asked.rows))
        group = Groups(len(every))
        if plan.decision.type == "choice":
            return every, every
        left = asked.left
        order = np.lexsort((left.rule, left.row))
        for some, rules in nth(left.row[order], left.rule[order]):
            group.refine(some, rules)
        if plan.decision.code_set is not None:
            codes = asked.codes(plan.decision.code_set, every)
            group.refine_all(codes)
            self._tell_places_apart(group, asked, np.flatnonzero(codes < 0))
        self._tell_open_apart(group, asked, left.where(left.open))
        return group.ended()

    def _tell_open_apart(self, group: Groups, asked: Asked, left: Left) -> None:
        """By the facts that open rules look at, and by the place where that is not fully known."""
        if not len(left.row):
            return
        for path, rules in self._kind.items():
            some = _rows_of(left, rules)
            group.refine(some, asked.ids[self._place[path]][some])
        for path, rules in self._whole.items():
            some = _rows_of(left, rules)
            known = path in self._version.ontology.attributes
            group.refine(some, asked.codes(path, some) if known else asked.rows[some])
        self._tell_places_apart(group, asked, np.unique(left.row))

    def _tell_places_apart(self, group: Groups, asked: Asked, some: Rows) -> None:
        """By all that is said of the place, which the table may complete."""
        for path in self._version.places.paths:
            group.refine(some, asked.codes(path, some))


def _rows_of(left: Left, rules: NDArray[np.bool_]) -> Rows:
    """The rows to which some of these rules may apply."""
    return np.unique(left.row[rules[left.rule]])
