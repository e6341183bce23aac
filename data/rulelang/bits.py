"""Sets of small numbers as the bits of one large number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SHORT = 1024
"""Numbers of so many bits are copied in no time."""


def bits_of(places: Iterable[int]) -> int:
    """The number in which exactly these bits are set."""
    listed = tuple(places)
    most = max(listed, default=0)
    if most < SHORT:
        bits = 0
        for place in listed:
            bits |= 1 << place
        return bits
    found = bytearray((most >> 3) + 1)
    for place in listed:
        found[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(found, "little")


def places_of(bits: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
