"""Which rules are left in each of many requests: the inner loop of the batch evaluator.

Two ways to walk the index, with the same result: leaf by leaf over all requests at once (numpy),
and request by request (``rowwise.py``, numba).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.rulelang.fast.bitmaps import Bitmaps
from data.rulelang.fast.index import Index, Leaf, Node, Split, index_of
from data.rulelang.version import Version

Ids = NDArray[np.int32]
"""By path and request the number of the fact's kind, from 1; 0 is unknown. Paths are in the
order of ``index.facts``."""
Rows = NDArray[np.intp]
MOST_IN_LEAF = 1500
"""Large leaves: requests are worked on leaf by leaf, and each leaf has its price."""


@dataclass(frozen=True, slots=True)
class Left:
    """Rules that may apply, one entry for each request and rule."""

    row: Rows
    rule: NDArray[np.int32]
    open: NDArray[np.bool_]
    """Whether that hangs on something unknown."""

    def where(self, some: NDArray[np.bool_]) -> Left:
        """Some of the entries."""
        return Left(self.row[some], self.rule[some], self.open[some])


class Survivors(Protocol):
    """A version's index, ready to be walked for many requests."""

    index: Index
    rows_at_once: int
    """So many requests are best walked in one go."""

    def ready(self) -> None:
        """Take in the kinds that were numbered of late. Not to be called while others walk."""
        ...

    def left(self, ids: Ids) -> Left:
        """The rules that may apply to each of these requests, in no order."""
        ...


def fastest() -> Callable[[Version], Survivors]:
    """With numba where it is installed (extra ``fast``), else with numpy."""
    try:
        from data.rulelang.fast.rowwise import RowByRow
    except ImportError:
        return LeafByLeaf
    return RowByRow


class LeafByLeaf:
    """All requests at once, one leaf of the index after another, in numpy."""

    rows_at_once = 500_000

    def __init__(self, version: Version) -> None:
        self.index = index_of(version, MOST_IN_LEAF)
        self._place = {path: i for i, path in enumerate(self.index.facts)}
        self._inexact = np.array([not r.needs.exact for r in self.index.rules], dtype=bool)
        self._asking = [
            np.array([path in r.needs.by_path for r in self.index.rules], dtype=bool)
            for path in self.index.facts
        ]
        self._bitmaps: dict[Leaf, Bitmaps] = {}

    def ready(self) -> None:
        nodes: list[Node] = [self.index.root]
        for node in nodes:
            if isinstance(node, Split):
                nodes += [*node.branches.values(), node.rest]
            else:
                self._prepare(node)

    def _prepare(self, leaf: Leaf) -> None:
        counts = tuple(len(c.kinds.numbered()) for c in leaf.columns)
        if leaf not in self._bitmaps or self._bitmaps[leaf].counts != counts:
            self._bitmaps[leaf] = Bitmaps(leaf, self._place, counts)

    def left(self, ids: Ids) -> Left:
        every: Rows = np.arange(ids.shape[1], dtype=np.intp)
        found = [*self._walk(self.index.root, ids, every, open_=False)]
        row = joined([left.row for left in found], np.intp)
        rule = joined([left.rule for left in found], np.int32)
        open_ = joined([left.open for left in found], bool) | self._inexact[rule]
        for known, asking in zip(ids, self._asking, strict=True):
            if not known.all():
                open_ |= asking[rule] & (known[row] == 0)
        return Left(row, rule, open_)

    def _walk(self, node: Node, ids: Ids, rows: Rows, *, open_: bool) -> Iterator[Left]:
        while isinstance(node, Split):
            yield from self._branch(node, ids, rows, open_=open_)
            node = node.rest
        if len(rows) and node.rules:
            row, rule = self._bitmaps[node].left(ids, rows)
            yield Left(row, rule, np.full(len(row), open_))

    def _branch(self, node: Split, ids: Ids, rows: Rows, *, open_: bool) -> Iterator[Left]:
        kinds = self.index.facts[node.path].kinds
        groups = _by_value(ids[self._place[node.path]][rows], rows)
        for value, branch in node.branches.items():
            known = groups.get(kinds.number(value) + 1)
            if known is not None:
                yield from self._walk(branch, ids, known, open_=open_)
            if 0 in groups:
                yield from self._walk(branch, ids, groups[0], open_=True)


def _by_value(values: Ids, rows: Rows) -> dict[int, Rows]:
    """The rows by their value."""
    narrow = values.astype(np.int16) if values.max(initial=0) < 2**15 else values
    order = np.argsort(narrow, kind="stable")
    found, starts = np.unique(values[order], return_index=True)
    return dict(zip(found.tolist(), np.split(rows[order], starts[1:]), strict=True))


def joined(arrays: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    """The arrays one after the other; ``kind`` is what they hold, should there be none."""
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=kind)
