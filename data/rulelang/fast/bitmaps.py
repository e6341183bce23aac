"""A leaf of the index as arrays: for each fact's kind, as bits, the rules it does not rule out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.rulelang.ast import Condition
from data.rulelang.fast.index import Leaf
from data.rulelang.fast.kinds import Cells, Kinds
from data.rulelang.fast.survivors import Bits, Ints, Pairs, Rows, Survivors


class Bitmaps:
    """The sets of bits of all columns of a leaf, one for each kind and one for unknown."""

    def __init__(self, leaf: Leaf, place: Mapping[str, int], counts: tuple[int, ...]) -> None:
        self.counts = counts
        """How many kinds each column had when this was made."""
        self.numbers = np.array(leaf.rules, dtype=np.int32)
        self._columns = np.array([place[c.path] for c in leaf.columns], dtype=np.intp)
        self._offsets = np.cumsum([0, *(n + 1 for n in counts)])[: len(counts)].astype(np.intp)
        words = -(-len(leaf.rules) // 64)
        self._flat: Bits = np.zeros((sum(counts) + len(counts), words), dtype=np.uint64)
        for column, offset, count in zip(leaf.columns, self._offsets, counts, strict=True):
            conditions = [condition for condition, _ in column.groups]
            met = np.ones((len(conditions) + 1, count + 1), dtype=bool)
            met[:-1, 1:] = _met(column.kinds, conditions)
            allowed = met[self._asked(column.groups)].T
            packed = np.packbits(allowed, axis=1, bitorder="little")
            wide = np.zeros((count + 1, words * 8), dtype=np.uint8)
            wide[:, : packed.shape[1]] = packed
            self._flat[offset : offset + count + 1] = wide.view(np.uint64)

    def _asked(self, groups: Sequence[tuple[Any, int]]) -> NDArray[np.intp]:
        """For each rule the place of the condition it asks; the last place for none."""
        asked = np.full(len(self.numbers), len(groups), dtype=np.intp)
        for place, (_, rules) in enumerate(groups):
            asked[_bits(rules, len(self.numbers))] = place
        return asked

    def left(self, survivors: Survivors, ids: Ints, rows: Rows) -> Pairs:
        """Row and bit of every rule that may apply."""
        if len(self._columns):
            return survivors(self._flat, self._offsets, self._columns, ids, rows)
        bits = np.arange(len(self.numbers), dtype=np.int32)
        return np.repeat(rows, len(bits)), np.tile(bits, len(rows))


def _met(kinds: Kinds, conditions: Sequence[Condition]) -> NDArray[np.bool_]:
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
