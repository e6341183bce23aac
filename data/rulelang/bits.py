"""Sets of small numbers as the bits of one large number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def bits_of(places: Iterable[int]) -> int:
    """The number in which exactly these bits are set."""
    found = bytearray()
    for place in places:
        if place >> 3 >= len(found):
            found.extend(bytes((place >> 3) + 1 - len(found)))
        found[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(found, "little")


def places_of(bits: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
