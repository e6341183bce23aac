"""Rows in groups, exactly: told apart by one whole number after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

pa: Any = pyarrow
"""Arrow has no types of its own."""
Numbers = NDArray[np.int64]
Rows = NDArray[np.intp]


def distinct(numbers: Numbers) -> tuple[Numbers, list[int]]:
    """Each number's place in a list of the distinct ones, and that list; none is below 0."""
    most = int(numbers.max(initial=0))
    if most < 2 * len(numbers):
        seen = np.zeros(most + 1, dtype=bool)
        seen[numbers] = True
        return (np.cumsum(seen) - 1)[numbers], np.flatnonzero(seen).tolist()
    coded = pa.array(numbers).dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()


class Groups:
    """Rows in groups, told apart by one more thing at a time."""

    def __init__(self, count: int) -> None:
        self._of: Numbers = np.zeros(count, dtype=np.int64)

    def refine(self, some: Rows, by: NDArray[Any]) -> None:
        """Tell some rows apart from the others, and from one another by these whole numbers."""
        if len(some):
            every = np.zeros(len(self._of), dtype=np.int64)
            every[some] = by.astype(np.int64) + 2
            self.refine_all(every)

    def refine_all(self, by: NDArray[Any]) -> None:
        """Tell all rows apart by these whole numbers, -1 or more."""
        key = self._of * (int(by.max(initial=0)) + 2) + by + 1
        self._of = distinct(key.astype(np.int64))[0]

    def ended(self) -> tuple[Numbers, Numbers]:
        """Each row's group, from 0; and the first row of each group."""
        _, firsts, group = np.unique(self._of, return_index=True, return_inverse=True)
        return group, firsts


def nth(row: Rows, rule: NDArray[Any]) -> Iterator[tuple[Rows, NDArray[Any]]]:
    """The first rule of every row, then the second of those that have one, and so on."""
    if not len(row):
        return
    begins = np.flatnonzero(np.diff(row, prepend=-1))
    place = np.arange(len(row)) - np.repeat(begins, np.diff(begins, append=len(row)))
    for n in range(int(place.max()) + 1):
        here = place == n
        yield row[here], rule[here]
