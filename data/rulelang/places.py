"""Places: what the scope entity's own table says of where a request can be.

A pack may bring the table (each clinic with its family and state). A request is then at one of
its rows: a known clinic settles its family, and unknown scope levels are filled row by row,
never in a combination that no row has. A place that no row has is nobody's: its unknown levels
are filled freely.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from data.ontology.model import Ontology, ScopeRow, Value
from data.ontology.values import converter

Place = Mapping[str, Value]
"""Scope levels by path, e.g. ``{"clinic.family": "Northstar"}``."""


class Places:
    """The rows of the table, ready to be asked which of them agree with what is known."""

    def __init__(self, ontology: Ontology, rows: Sequence[ScopeRow]) -> None:
        scopes = ontology.scopes if rows else None
        self.paths: tuple[str, ...] = tuple(map(scopes.path, scopes.levels)) if scopes else ()
        self.rows: tuple[Place, ...] = (
            tuple(_typed(ontology, row) for row in rows) if scopes else ()
        )
        self._at = {p: _masks(self.rows, p) for p in self.paths}

    def agreeing(self, facts: Mapping[str, Value]) -> tuple[int, ...]:
        """Numbers of the rows that agree with the known facts; a row's blank agrees with all."""
        mask = (1 << len(self.rows)) - 1
        for path in self.paths:
            if path in facts:
                at = self._at[path]
                mask &= at.get(facts[path], 0) | at.get(None, 0)
        return tuple(_bits(mask))

    def settled(self, facts: Mapping[str, Value]) -> dict[str, Value]:
        """The unknown levels for which all agreeing rows have one and the same value."""
        unknown = [p for p in self.paths if p not in facts]
        if not unknown:
            return {}
        rows = [self.rows[i] for i in self.agreeing(facts)]
        values = {p: {r.get(p) for r in rows} for p in unknown}
        return (
            {p: v for p, (v, *more) in values.items() if v is not None and not more} if rows else {}
        )


def tied(places: Sequence[Place], results: Iterable[Sequence[Hashable]]) -> set[str]:
    """The levels in which two places differ whose results differ, where no fewer levels do.

    Each entry of ``results`` gives, with all other facts fixed, every place's result in order.
    """
    columns = list(results)
    levels = sorted({p for place in places for p in place}) if columns else []
    found: list[set[str]] = []
    for size in range(1, len(levels) + 1):
        for some in map(set, combinations(levels, size)):
            if not any(f <= some for f in found) and _differ_in(some, places, columns):
                found.append(some)
    return set[str]().union(*found)


def _differ_in(
    some: set[str], places: Sequence[Place], columns: Sequence[Sequence[Hashable]]
) -> bool:
    alike: defaultdict[Hashable, list[int]] = defaultdict(list)
    for at, place in enumerate(places):
        alike[tuple((p, v) for p, v in place.items() if p not in some)].append(at)
    groups = [at for at in alike.values() if len(at) > 1]
    return any(len({column[i] for i in at}) > 1 for column in columns for at in groups)


def _typed(ontology: Ontology, row: ScopeRow) -> Place:
    assert ontology.scopes is not None
    paths = {ontology.scopes.path(level): value for level, value in row.items()}
    return {p: converter(ontology.attributes[p])(v) for p, v in paths.items()}


def _masks(rows: Sequence[Place], path: str) -> Mapping[Value | None, int]:
    """For each value of a level the rows that have it, as bits; ``None`` is a blank."""
    masks: defaultdict[Value | None, int] = defaultdict(int)
    for at, row in enumerate(rows):
        masks[row.get(path)] |= 1 << at
    return dict(masks)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
