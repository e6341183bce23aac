"""The index walked request by request, in machine code (numba, extra ``fast``).

Few rules share a leaf, so the rules of a leaf are tried one by one, each until something it asks
is not met. What a test says of each kind of value is read off a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numba as _numba  # pyright: ignore[reportMissingTypeStubs, reportMissingImports]
import numpy as np
from numpy.typing import NDArray

from data.rulelang.ast import Condition
from data.rulelang.bits import places_of
from data.rulelang.fast.bitmaps import conditions_met, packed
from data.rulelang.fast.index import Fact, Leaf, Node, Split
from data.rulelang.fast.survivors import Ids, Left
from data.rulelang.version import Version

numba: Any = _numba
"""Numba has no types of its own."""
Numbers = NDArray[np.int32]
LEAF = -1
NOWHERE = -1


class Tree(NamedTuple):
    """The index as arrays. Node 0 is the root."""

    path: Numbers
    """By node, the place of the fact that divides; ``LEAF`` of leaves."""
    begin: Numbers
    """By node, of a division where in ``jump`` it begins; of a leaf its first rule."""
    end: Numbers
    """By node, of a division how many kinds it tells apart; of a leaf the end of its rules."""
    rest: Numbers
    """By node, of a division the node of the rules that are not divided."""
    jump: Numbers
    """From a kind to a node, or ``NOWHERE``."""
    rule: Numbers
    """The numbers of the rules, leaf by leaf."""
    asked: Numbers
    """Where the tests of each of them begin; one more entry at the end."""
    test: Numbers
    """By test, the fact it looks at, and where in ``truth`` it begins."""
    truth: NDArray[np.uint64]
    """What each condition says of each kind of value, as bits by the kind's number."""
    inexact: NDArray[np.bool_]
    """By a rule's number, whether its tests do not say all."""


class RowByRow:
    """One request after the other, in numba."""

    rows_at_once = 16_384

    def __init__(self, version: Version) -> None:
        self.index = version.compiled.index
        self._counts: tuple[int, ...] | None = None

    def ready(self) -> None:
        counts = tuple(len(f.kinds.numbered()) for f in self.index.facts.values())
        if counts != self._counts:
            inexact = np.array([not r.needs.exact for r in self.index.rules], dtype=bool)
            self._tree = _Builder(self.index.facts).tree(self.index.root, inexact)
            self._counts = counts

    def left(self, ids: Ids) -> Left:
        room = 4 * ids.shape[1] + 64
        while True:
            row, rule = np.empty(room, dtype=np.intp), np.empty(room, dtype=np.int32)
            open_ = np.empty(room, dtype=bool)
            count = _walk(ids, self._tree, row, rule, open_)
            if count <= room:
                return Left(row[:count], rule[:count], open_[:count])
            room = count


class _Builder:
    """Lays out an index."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self._place = {path: i for i, path in enumerate(facts)}
        self._truth: list[NDArray[np.uint64]] = []
        self._begins: dict[tuple[str, Condition], int] = {}
        self._share: dict[int, float] = {}
        size = 0
        for path, fact in facts.items():
            met = conditions_met(fact.kinds, list(fact.asks))
            words = packed(np.insert(met, 0, False, axis=1))
            self._truth.append(words.ravel())
            for condition, line in zip(fact.asks, met, strict=True):
                self._begins[path, condition] = size
                self._share[size] = float(line.mean()) if len(line) else 0.0
                size += words.shape[1]
        self._nodes: list[tuple[int, int, int, int]] = []
        self._jump: list[int] = []
        self._rules: list[int] = []
        self._asked: list[int] = [0]
        self._tests: list[tuple[int, int]] = []

    def tree(self, root: Node, inexact: NDArray[np.bool_]) -> Tree:
        self._add(root)
        nodes = np.array(self._nodes, dtype=np.int32)
        tests = np.array(self._tests, dtype=np.int32).reshape(-1, 2)
        return Tree(
            path=np.ascontiguousarray(nodes[:, 0]),
            begin=np.ascontiguousarray(nodes[:, 1]),
            end=np.ascontiguousarray(nodes[:, 2]),
            rest=np.ascontiguousarray(nodes[:, 3]),
            jump=np.array(self._jump, dtype=np.int32),
            rule=np.array(self._rules, dtype=np.int32),
            asked=np.array(self._asked, dtype=np.int32),
            test=tests,
            truth=np.concatenate([*self._truth, np.zeros(0, dtype=np.uint64)]),
            inexact=inexact,
        )

    def _add(self, node: Node) -> int:
        place = len(self._nodes)
        self._nodes.append((0, 0, 0, 0))
        self._nodes[place] = self._split(node) if isinstance(node, Split) else self._leaf(node)
        return place

    def _split(self, node: Split) -> tuple[int, int, int, int]:
        kinds = self._facts[node.path].kinds
        begin, count = len(self._jump), len(kinds.numbered())
        self._jump += [NOWHERE] * count
        for value, branch in node.branches.items():
            self._jump[begin + kinds.number(value)] = self._add(branch)
        return self._place[node.path], begin, count, self._add(node.rest)

    def _leaf(self, leaf: Leaf) -> tuple[int, int, int, int]:
        begin = len(self._rules)
        tests: list[list[tuple[int, int]]] = [[] for _ in leaf.rules]
        for column in leaf.columns:
            for condition, rules in column.groups:
                test = (self._place[column.path], self._begins[column.path, condition])
                for place in places_of(rules):
                    tests[place].append(test)
        for number, asked in zip(leaf.rules, tests, strict=True):
            self._rules.append(number)
            self._tests += sorted(asked, key=lambda test: self._share[test[1]])
            self._asked.append(len(self._tests))
        return LEAF, begin, len(self._rules), NOWHERE


@numba.njit(nogil=True, cache=True)
def _walk(ids: Any, tree: Any, row_out: Any, rule_out: Any, open_out: Any) -> int:
    """Write what is left; how much that is, which may be more than there was room for."""
    count = 0
    nodes = np.empty(len(tree.path) + 1, dtype=np.int32)
    opens = np.empty(len(tree.path) + 1, dtype=np.bool_)
    for r in range(ids.shape[1]):
        nodes[0], opens[0], top = 0, False, 1
        while top:
            top -= 1
            node, open_ = nodes[top], opens[top]
            while tree.path[node] != LEAF:
                begin, kind = tree.begin[node], ids[tree.path[node], r]
                first = kind - 1 if kind else 0
                last = kind if kind else tree.end[node]
                for place in range(begin + first, begin + last):
                    if tree.jump[place] != NOWHERE:
                        nodes[top], opens[top] = tree.jump[place], open_ or not kind
                        top += 1
                node = tree.rest[node]
            for at in range(tree.begin[node], tree.end[node]):
                sure, possible = not (open_ or tree.inexact[tree.rule[at]]), True
                for test in range(tree.asked[at], tree.asked[at + 1]):
                    kind = ids[tree.test[test, 0], r]
                    if kind == 0:
                        sure = False
                    elif (
                        not tree.truth[tree.test[test, 1] + (kind >> 6)] >> np.uint64(kind & 63) & 1
                    ):
                        possible = False
                        break
                if possible:
                    if count < len(row_out):
                        row_out[count] = r
                        rule_out[count] = tree.rule[at]
                        open_out[count] = not sure
                    count += 1
    return count
