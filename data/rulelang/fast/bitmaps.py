"""A leaf of the index as arrays: for each fact's kind, as bits, the rules it does not rule out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.rulelang.ast import Condition
from data.rulelang.fast.index import Leaf
from data.rulelang.fast.kinds import Cells, Kinds

Rows = NDArray[np.intp]
Ints = NDArray[np.int32]
Pairs = tuple[Rows, Ints]
"""Row and number of every rule that is left."""
BLOCK_WORDS = 1 << 15
"""So many words are worked on at once, to stay in the processor's cache."""


class Bitmaps:
    """The sets of bits of all columns of a leaf, one for each kind and one for unknown."""

    def __init__(self, leaf: Leaf, place: Mapping[str, int], counts: tuple[int, ...]) -> None:
        self.counts = counts
        """How many kinds each column had when this was made."""
        self._numbers = np.array(leaf.rules, dtype=np.int32)
        self._columns = [place[c.path] for c in leaf.columns]
        self._sets = [
            self._sets_of(column.groups, column.kinds, count)
            for column, count in zip(leaf.columns, counts, strict=True)
        ]

    def _sets_of(
        self, groups: Sequence[tuple[Condition, int]], kinds: Kinds, count: int
    ) -> NDArray[np.uint64]:
        """One column's sets, shape (kinds and unknown, words); the first is for unknown."""
        met = np.ones((len(groups) + 1, count + 1), dtype=bool)
        met[:-1, 1:] = conditions_met(kinds, [condition for condition, _ in groups])
        return packed(met[self._asked(groups)].T)

    def _asked(self, groups: Sequence[tuple[Any, int]]) -> Rows:
        """For each rule the place of the condition it asks; the last place for none."""
        asked = np.full(len(self._numbers), len(groups), dtype=np.intp)
        for place, (_, rules) in enumerate(groups):
            asked[_bits(rules, len(self._numbers))] = place
        return asked

    def left(self, ids: Ints, rows: Rows) -> Pairs:
        """The rules left in these rows; ``ids`` holds one row a path and one column a request."""
        if not self._columns:
            return np.repeat(rows, len(self._numbers)), np.tile(self._numbers, len(rows))
        step = max(256, BLOCK_WORDS // self._sets[0].shape[1])
        found = [self._block(ids, rows[at : at + step]) for at in range(0, len(rows), step)]
        bits = np.concatenate([b for _, b in found])
        return np.concatenate([r for r, _ in found]), self._numbers[bits]

    def _block(self, ids: Ints, rows: Rows) -> Pairs:
        left = self._sets[0][ids[self._columns[0]][rows]]
        other = np.empty_like(left)
        for column, sets in zip(self._columns[1:], self._sets[1:], strict=True):
            np.take(sets, ids[column][rows], axis=0, out=other, mode="clip")
            left &= other
        return _set_bits(left, rows)


def _set_bits(left: NDArray[np.uint64], rows: Rows) -> Pairs:
    """Row and place of every bit that is set; ``left`` has a line of words for each row."""
    place, word = np.nonzero(left)
    value = left[place, word]
    row, base = rows[place], (word * 64).astype(np.int32)
    pairs: list[Pairs] = [(row[:0], base[:0])]
    while len(value):
        below = (value & (~value + np.uint64(1))) - np.uint64(1)
        pairs.append((row, base + np.bitwise_count(below).astype(np.int32)))
        value = value & ~(below + np.uint64(1))
        kept = value != 0
        value, row, base = value[kept], row[kept], base[kept]
    return np.concatenate([r for r, _ in pairs]), np.concatenate([b for _, b in pairs])


def packed(lines: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Each line as words of bits, the lowest first."""
    found = np.packbits(lines, axis=1, bitorder="little")
    wide = np.zeros((len(lines), -(-lines.shape[1] // 64) * 8), dtype=np.uint8)
    wide[:, : found.shape[1]] = found
    return wide.view(np.uint64)


def conditions_met(kinds: Kinds, conditions: Sequence[Condition]) -> NDArray[np.bool_]:
    """For each condition and kind whether it is met."""
    every = kinds.numbered()
    if isinstance(kinds, Cells):
        return np.array([_bits(kinds.mask(c), len(every)) for c in conditions], dtype=bool)
    return np.array([[kinds.meets(c, k) for k in every] for c in conditions], dtype=bool).reshape(
        len(conditions), len(every)
    )


def _bits(bits: int, count: int) -> NDArray[np.bool_]:
    raw = np.frombuffer(bits.to_bytes(-(-count // 8), "little"), dtype=np.uint8)
    return np.unpackbits(raw, count=count, bitorder="little").astype(bool)
