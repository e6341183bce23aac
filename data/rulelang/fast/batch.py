"""Many requests at once, over Arrow columns: the same index, the same answers.

A request's facts become small numbers (the kinds of ``kinds.py``), and for each of them the index
holds the rules that are not ruled out. Where a decision has one value and no codes, the first rule
left in the order of precedence wins once it is seen to beat the others. All other requests fall
into groups that the rules cannot tell apart, and one of each group is decided singly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.rulelang.ast import attributes_of
from data.rulelang.fast.bitmaps import Bitmaps
from data.rulelang.fast.groups import Groups, Numbers, distinct, nth
from data.rulelang.fast.index import Leaf, Node, Split, index_of
from data.rulelang.fast.survivors import Ints, Pairs, Rows, Survivors, fastest
from data.rulelang.fast.table import Requests
from data.rulelang.fast.winner import Winners, is_won
from data.rulelang.plan import DecisionPlan
from data.rulelang.result import Result
from data.rulelang.version import Version

MOST_IN_LEAF = 1500
"""Large leaves: rows are worked on leaf by leaf, and each leaf has its price."""
LEAST_A_THREAD = 50_000
"""Fewer rows than this are not worth a thread of their own."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one decision: a place in ``results`` for each request.

    A result of a request without unknown facts may hold no more than status, value and rule.
    """

    codes: Ints
    results: Sequence[Result]


class Batch:
    """A version made ready for tables of requests."""

    def __init__(self, version: Version, survivors: Survivors | None = None) -> None:
        """``survivors``: the inner loop, :func:`fastest` unless told otherwise."""
        self.version = version
        self.compiled = version.compiled
        self.index = index_of(version, MOST_IN_LEAF)
        self._survivors = survivors or fastest()
        self._paths = tuple(self.index.facts)
        self.place = {path: i for i, path in enumerate(self._paths)}
        self._tables: dict[Leaf, Bitmaps] = {}
        self.deciding = {n: _Deciding(p, self.index.titles) for n, p in version.plans.items()}
        self.inexact = np.array([not r.needs.exact for r in self.index.rules], dtype=bool)

    def decide(
        self, requests: Requests, decisions: Iterable[str] | None = None, rows: Rows | None = None
    ) -> dict[str, Answers]:
        """The answers to these decisions (all, unless told) for these rows (all, unless told)."""
        names = tuple(self.version.plans) if decisions is None else tuple(decisions)
        rows = np.arange(len(requests), dtype=np.intp) if rows is None else rows
        part = _Part(self, requests, rows)
        return {name: part.answers(name) for name in names}

    def pairs(self, ids: Ints, rows: Rows) -> Iterator[tuple[Pairs, bool]]:
        """Row and number of every rule that may apply; and whether an unknown fact leaves it open.

        ``ids`` holds one row a path and one column a request, 0 for unknown.
        """
        parts = max(1, min(cpu_count() or 1, len(rows) // LEAST_A_THREAD))
        if parts == 1:
            yield from self._walk(self.index.root, ids, rows, open_=False)
            return

        def walked(some: Rows) -> list[tuple[Pairs, bool]]:
            return list(self._walk(self.index.root, ids, some, open_=False))

        self._prepare(self.index.root)
        with ThreadPoolExecutor(parts) as pool:
            for walk in pool.map(walked, np.array_split(rows, parts)):
                yield from walk

    def _walk(
        self, node: Node, ids: Ints, rows: Rows, *, open_: bool
    ) -> Iterator[tuple[Pairs, bool]]:
        while isinstance(node, Split):
            yield from self._branch(node, ids, rows, open_=open_)
            node = node.rest
        if len(rows) and node.rules:
            tables = self._table(node)
            row, bit = tables.left(self._survivors, ids, rows)
            yield (row, tables.numbers[bit]), open_

    def _branch(
        self, node: Split, ids: Ints, rows: Rows, *, open_: bool
    ) -> Iterator[tuple[Pairs, bool]]:
        kinds = self.index.facts[node.path].kinds
        mine = ids[self.place[node.path]][rows]
        order = np.argsort(mine.astype(np.int16) if mine.size and mine.max() < 2**15 else mine,
                           kind="stable")  # fmt: skip
        found, starts = np.unique(mine[order], return_index=True)
        groups = dict(zip(found.tolist(), np.split(rows[order], starts[1:]), strict=True))
        for value, branch in node.branches.items():
            known = groups.get(kinds.number(value) + 1)
            if known is not None:
                yield from self._walk(branch, ids, known, open_=open_)
            if 0 in groups:
                yield from self._walk(branch, ids, groups[0], open_=True)

    def _prepare(self, node: Node) -> None:
        """Make the tables before threads ask for them."""
        if isinstance(node, Split):
            for branch in (*node.branches.values(), node.rest):
                self._prepare(branch)
        else:
            self._table(node)

    def _table(self, leaf: Leaf) -> Bitmaps:
        counts = tuple(len(c.kinds.numbered()) for c in leaf.columns)
        known = self._tables.get(leaf)
        if known is None or known.counts != counts:
            known = self._tables[leaf] = Bitmaps(leaf, self.place, counts)
        return known


class _Part:
    """Some requests of a table, and the rules that may apply to each."""

    def __init__(self, batch: Batch, requests: Requests, rows: Rows) -> None:
        self._batch = batch
        self._version = batch.version
        self._index = batch.index
        self._requests = requests
        self._rows = rows
        self._place = batch.place
        self._ids = self._numbered()
        found = list(batch.pairs(self._ids, np.arange(len(rows), dtype=np.intp)))
        self._row = _joined([row for (row, _), _ in found], np.intp)
        self._rule = _joined([rule for (_, rule), _ in found], np.int32)
        self._open = np.repeat([o for _, o in found], [len(r) for (r, _), _ in found]).astype(bool)
        self._open |= batch.inexact[self._rule]
        for path, place in self._place.items():
            unknown = self._ids[place] == 0
            if unknown.any():
                self._open |= self._asking(path)[self._rule] & unknown[self._row]

    def answers(self, name: str) -> Answers:
        """The answers to one decision."""
        deciding = self._batch.deciding[name]
        mine = np.flatnonzero(deciding.places[self._rule] >= 0)
        row, rule, open_ = self._row[mine], self._rule[mine], self._open[mine]
        codes = np.zeros(len(self._rows), dtype=np.int32)
        results: list[Result] = [Result("no_rule")]
        singly = np.ones(len(self._rows), dtype=bool)
        if deciding.winners is not None:
            results += deciding.winners.outcomes
            winner = np.full(len(self._rows), len(self._index.rules), dtype=np.int32)
            np.minimum.at(winner, row, rule)
            codes = np.append(deciding.places + 1, 0).astype(np.int32)[winner]
            singly[:] = False
            singly[row[open_]] = True
            singly[row[~deciding.stands(deciding.winners, winner[row], rule)]] = True
        asked = np.flatnonzero(singly)
        if len(asked):
            group, firsts = self._groups(deciding, asked, row, rule, open_)
            codes[asked] = len(results) + group
            results += [self._decided(name, int(asked[first])) for first in firsts]
        return Answers(codes, results)

    def _decided(self, name: str, at: int) -> Result:
        request = self._requests.request(int(self._rows[at]))
        return self._batch.compiled.decide_one(request, name)

    def _groups(
        self, deciding: _Deciding, asked: Rows, row: Rows, rule: Ints, open_: NDArray[np.bool_]
    ) -> tuple[Numbers, Numbers]:
        """Which of the asked rows the rules cannot tell apart: each row's group, and a row of each.

        Alike are rows to which the same rules may apply, whose facts that open rules look at are
        of one kind, and whose code set is the same.
        """
        place = np.full(len(self._rows), -1, dtype=np.intp)
        place[asked] = np.arange(len(asked))
        keep = place[row] >= 0
        at, rule, open_ = place[row[keep]], rule[keep], open_[keep]
        group = Groups(len(asked))
        if deciding.by_candidates:
            group.refine_all(np.arange(len(asked)))
        order = np.argsort(at * len(self._index.rules) + rule)
        for some, rules in nth(at[order], rule[order]):
            group.refine(some, rules)
        if deciding.code_set is not None:
            codes = self._requests.column(deciding.code_set).codes[self._rows[asked]]
            group.refine_all(codes)
            self._tell_places_apart(group, asked, np.flatnonzero(codes < 0))
        self._tell_open_apart(group, asked, at[open_], rule[open_])
        return group.ended()

    def _tell_open_apart(self, group: Groups, asked: Rows, at: Rows, rule: Ints) -> None:
        """By the facts that open rules look at, and by the place where that is not fully known."""
        if not len(at):
            return
        for path, place in self._place.items():
            some = np.unique(at[self._asking(path)[rule]])
            group.refine(some, self._ids[place][asked[some]])
        inexact = self._batch.inexact[rule]
        for number in np.unique(rule[inexact]):
            condition = self._index.applies[int(number)]
            some = np.unique(at[rule == number])
            rows = self._rows[asked[some]]
            for path in attributes_of(condition, self._version.ontology):
                whole = path not in self._version.ontology.attributes
                group.refine(some, rows if whole else self._requests.column(path).codes[rows])
        self._tell_places_apart(group, asked, np.unique(at))

    def _tell_places_apart(self, group: Groups, asked: Rows, some: Rows) -> None:
        """By all that is said of the place, which the table may complete."""
        for path in self._version.places.paths:
            group.refine(some, self._requests.column(path).codes[self._rows[asked[some]]])

    def _asking(self, path: str) -> NDArray[np.bool_]:
        return np.array([path in r.needs.by_path for r in self._index.rules], dtype=bool)

    def _numbered(self) -> Ints:
        """For each path and request the number of the fact's kind, from 1; 0 for unknown."""
        ids = np.zeros((len(self._place), len(self._rows)), dtype=np.int32)
        for path, place in self._place.items():
            kinds, column = self._index.facts[path].kinds, self._requests.column(path)
            default = self._version.defaults.get(path)
            absent = 0 if default is None else kinds.number(default) + 1
            numbers = [absent, *(kinds.number(v) + 1 for v in column.values)]
            ids[place] = np.array(numbers, dtype=np.int32)[column.codes[self._rows] + 1]
        self._settle(ids)
        return ids

    def _settle(self, ids: Ints) -> None:
        """Fill in the levels that the scope entity's table settles."""
        places = self._version.places
        columns = [self._requests.column(p) for p in places.paths]
        codes = [c.codes[self._rows] for c in columns]
        vague = np.flatnonzero(np.any([c < 0 for c in codes], axis=0)) if codes else ()
        if not len(vague):
            return
        group = Groups(len(vague))
        for one in codes:
            group.refine_all(one[vague])
        groups, firsts = group.ended()
        for number, first in enumerate(firsts):
            row = int(self._rows[vague[first]])
            given = {**self._version.defaults, **self._requests.given(row, places.paths)}
            for path, value in places.settled(given).items():
                if path in self._place:
                    number_of = self._index.facts[path].kinds.number(value) + 1
                    ids[self._place[path], vague[groups == number]] = number_of


class _Deciding:
    """What one decision makes of the rules that apply."""

    def __init__(self, plan: DecisionPlan, titles: Sequence[str]) -> None:
        place = {e.rule.title: i for i, e in enumerate(plan.entries)}
        self.places = np.array([place.get(t, -1) for t in titles], dtype=np.int64)
        """By a rule's number its place among the plan's entries; -1 for rules of others."""
        self.code_set = plan.decision.code_set
        self.by_candidates = plan.decision.type == "choice"
        self.winners = Winners(plan) if is_won(plan) else None
        self._count = max(1, len(plan.entries))

    def stands(self, winners: Winners, winner: Ints, rule: Ints) -> NDArray[np.bool_]:
        """Whether each winner can be told as such though the other rule applies too."""
        keys = self.places[winner] * self._count + self.places[rule]
        at, pairs = distinct(keys)
        told = [winners.stands(*divmod(pair, self._count)) for pair in pairs]
        return np.array(told, dtype=bool)[at]


def _joined(arrays: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=kind)
