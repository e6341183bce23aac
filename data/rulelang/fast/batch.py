"""Many requests at once, over Arrow columns: the same index, the same answers.

A request's facts become small numbers (the kinds of ``kinds.py``), by which the index finds the
rules that are not ruled out. Where all these rules surely apply and a decision has one value, it
hangs on who wins (``deciding.py``). All other requests fall into groups that the rules cannot tell
apart (``alike.py``), and one of each group is decided singly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from data.rulelang.fast.alike import Alike, Asked
from data.rulelang.fast.deciding import Deciding, Told
from data.rulelang.fast.groups import Groups, distinct
from data.rulelang.fast.survivors import Ids, Left, Rows, Survivors, fastest, joined
from data.rulelang.fast.table import Requests
from data.rulelang.result import Result
from data.rulelang.version import Version

Codes = NDArray[np.int32]
LEAST_A_THREAD = 50_000
"""Fewer requests than this are not worth a thread of their own."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one decision: a place in ``results`` for each request.

    A result of a request without unknown facts may hold no more than status, value and rule.
    """

    codes: Codes
    results: Sequence[Result]


class Batch:
    """A version made ready for tables of requests."""

    def __init__(
        self, version: Version, survivors: Callable[[Version], Survivors] | None = None
    ) -> None:
        """``survivors``: how the index is walked, :func:`fastest` unless told otherwise."""
        self.version = version
        self._survivors = (survivors or fastest())(version)
        self._index = self._survivors.index
        titles = self._index.titles
        self._deciding = {name: Deciding(plan, titles) for name, plan in version.plans.items()}

    def decide(
        self, requests: Requests, decisions: Iterable[str] | None = None, rows: Rows | None = None
    ) -> dict[str, Answers]:
        """The answers to these decisions (all, unless told) for these rows (all, unless told)."""
        names = tuple(self.version.plans) if decisions is None else tuple(decisions)
        count = len(requests) if rows is None else len(rows)
        threads = max(1, min(cpu_count() or 1, count // LEAST_A_THREAD))
        step = max(1, min(self._survivors.rows_at_once, -(-count // threads)))
        with ThreadPoolExecutor(threads) as pool:
            ids = self._numbered(pool, requests, rows, count)
            sets = {n: self._deciding[n].code_sets(requests, rows, count) for n in names}

            def part(begin: int) -> dict[str, Told]:
                some = slice(begin, begin + step)
                left = self._survivors.left(ids[:, some])
                return {n: self._deciding[n].told(left, sets[n][some]) for n in names}

            parts = list(pool.map(part, range(0, count, step)))
        rows = np.arange(count, dtype=np.intp) if rows is None else rows
        return {n: self._answers(n, requests, rows, ids, [p[n] for p in parts]) for n in names}

    def met(self, requests: Requests, rows: Rows) -> frozenset[str]:
        """Titles of the rules that may apply to some of these rows; none of the others can."""
        with ThreadPoolExecutor(1) as pool:
            ids = self._numbered(pool, requests, rows, len(rows))
        step = self._survivors.rows_at_once
        parts = (ids[:, begin : begin + step] for begin in range(0, len(rows), step))
        found = {int(n) for part in parts for n in np.unique(self._survivors.left(part).rule)}
        return frozenset(self._index.titles[n] for n in found)

    def ready(self) -> None:
        """Works out ahead what any table of requests needs."""
        self._survivors.ready()

    def _numbered(
        self, pool: ThreadPoolExecutor, requests: Requests, rows: Rows | None, count: int
    ) -> Ids:
        """By path and request the number of the fact's kind."""
        ids = np.empty((len(self._index.facts), count), dtype=np.int32)

        def number(path: str) -> None:
            numbers, codes = self._numbers(requests, path)
            some = codes if rows is None else codes[rows]
            np.take(numbers, some, mode="wrap", out=ids[self._places[path]])

        for _ in pool.map(number, self._index.facts):
            pass
        self._settle(requests, rows, ids)
        self._survivors.ready()
        return ids

    def _numbers(self, requests: Requests, path: str) -> tuple[Ids, Codes]:
        """The numbers of the kinds of a column's values, last that of an absent one; and the
        column, which counts from the end where it is absent."""
        kinds, column = self._index.facts[path].kinds, requests.column(path)
        default = self.version.defaults.get(path)
        absent = 0 if default is None else kinds.number(default) + 1
        numbers = [*(kinds.number(v) + 1 for v in column.values), absent]
        return np.array(numbers, dtype=np.int32), column.codes

    @cached_property
    def _places(self) -> dict[str, int]:
        return {path: i for i, path in enumerate(self._index.facts)}

    def _settle(self, requests: Requests, rows: Rows | None, ids: Ids) -> None:
        """Fill in the levels that the scope entity's table settles."""
        places = self.version.places
        rows = np.arange(ids.shape[1], dtype=np.intp) if rows is None else rows
        codes = [requests.column(path).codes[rows] for path in places.paths]
        vague = np.flatnonzero(np.any([c < 0 for c in codes], axis=0)) if codes else ()
        if not len(vague):
            return
        group = Groups(len(vague))
        for one in codes:
            group.refine_all(one[vague])
        groups, firsts = group.ended()
        for number, first in enumerate(firsts):
            row = int(rows[vague[first]])
            given = {**self.version.defaults, **requests.given(row, places.paths)}
            for path, value in places.settled(given).items():
                if path in self._places:
                    number_of = self._index.facts[path].kinds.number(value) + 1
                    ids[self._places[path], vague[groups == number]] = number_of

    def _answers(
        self, name: str, requests: Requests, rows: Rows, ids: Ids, parts: Sequence[Told]
    ) -> Answers:
        """What was told by the rules alone, and the rest decided singly, one of each group."""
        deciding = self._deciding[name]
        keys = joined([part.keys for part in parts], np.int64)
        codes = np.empty(len(keys), dtype=np.int32)
        told, singly = np.flatnonzero(keys >= 0), np.flatnonzero(keys < 0)
        codes[told], met = distinct(keys[told])
        results = [deciding.result(key) for key in met]
        if len(singly):
            asked = Asked(requests, rows[singly], ids[:, singly], _stacked(parts))
            group, firsts = self._alike.groups(deciding.plan, asked)
            codes[singly] = len(results) + group
            results += [self._decided(name, requests, int(rows[singly[at]])) for at in firsts]
        return Answers(codes, results)

    def _decided(self, name: str, requests: Requests, row: int) -> Result:
        return self.version.compiled.decide_one(requests.request(row), name)

    @cached_property
    def _alike(self) -> Alike:
        return Alike(self.version, self._index)


def _stacked(parts: Sequence[Told]) -> Left:
    """What is left in all of them, one after the other."""
    begins = accumulate((int((part.keys < 0).sum()) for part in parts), initial=0)
    moved = [part.left.row + begin for part, begin in zip(parts, begins, strict=False)]
    return Left(
        joined(moved, np.intp),
        joined([part.left.rule for part in parts], np.int32),
        joined([part.left.open for part in parts], bool),
    )
