"""Which bits are left in each row: the inner loop of the batch evaluator, in numpy or numba.

Both give the same pairs. ``flat`` holds the sets of bits of all columns one below the other,
shape (sets, words); column ``c`` of row ``r`` picks set ``offsets[c] + ids[columns[c], r]``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Ints = NDArray[np.int32]
Rows = NDArray[np.intp]
Pairs = tuple[Rows, Ints]
"""Row and bit of every bit that is left."""
Survivors = Callable[[Bits, Rows, Rows, Ints, Rows], Pairs]
"""``(flat, offsets, columns, ids, rows)`` → pairs."""

BLOCK_WORDS = 1 << 15
"""So many words are worked on at once, to stay in the processor's cache."""


def with_numpy(flat: Bits, offsets: Rows, columns: Rows, ids: Ints, rows: Rows) -> Pairs:
    """The bits left in each of the rows."""
    step = max(256, BLOCK_WORDS // flat.shape[1])
    found = [
        _block(flat, offsets, columns, ids, rows[at : at + step])
        for at in range(0, len(rows), step)
    ]
    return np.concatenate([r for r, _ in found]), np.concatenate([b for _, b in found])


def _block(flat: Bits, offsets: Rows, columns: Rows, ids: Ints, rows: Rows) -> Pairs:
    words = flat.shape[1]
    sets: Any = flat[:, 0] if words == 1 else flat
    left = np.take(sets, ids[columns[0]][rows] + offsets[0], axis=0)
    other = np.empty_like(left)
    for offset, column in zip(offsets[1:], columns[1:], strict=True):
        np.take(sets, ids[column][rows] + offset, axis=0, out=other, mode="clip")
        left &= other
    left = left.reshape(len(rows), words)
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


@cache
def fastest() -> Survivors:
    """With numba where it is installed (extra ``fast``), else with numpy."""
    try:
        import numba  # pyright: ignore[reportMissingTypeStubs, reportMissingImports]
    except ImportError:
        return with_numpy
    jit: Any = numba
    return _with(jit.njit(nogil=True, cache=True)(_fill))


def _with(fill: Callable[..., int]) -> Survivors:
    def survivors(flat: Bits, offsets: Rows, columns: Rows, ids: Ints, rows: Rows) -> Pairs:
        room = 2 * len(rows) + 64
        while True:
            row, bit = np.empty(room, dtype=np.intp), np.empty(room, dtype=np.int32)
            count = fill(flat, offsets, columns, ids, rows, row, bit)
            if count <= room:
                return row[:count], bit[:count]
            room = count

    return survivors


def _fill(
    flat: Any, offsets: Any, columns: Any, ids: Any, rows: Any, row_out: Any, bit_out: Any
) -> int:
    """Write the pairs; their number, which may be more than there was room for."""
    count = 0
    for r in rows:
        for word in range(flat.shape[1]):
            left = flat[offsets[0] + ids[columns[0], r], word]
            for c in range(1, len(columns)):
                if left == 0:
                    break
                left &= flat[offsets[c] + ids[columns[c], r], word]
            bit = word * 64
            while left != 0:
                while left & np.uint64(0xFF) == 0:
                    left >>= np.uint64(8)
                    bit += 8
                while left & np.uint64(1) == 0:
                    left >>= np.uint64(1)
                    bit += 1
                if count < len(row_out):
                    row_out[count] = r
                    bit_out[count] = bit
                count += 1
                left >>= np.uint64(1)
                bit += 1
    return count
