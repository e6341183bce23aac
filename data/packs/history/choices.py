"""Who was chosen then: a choice hangs on its request's candidates, so each is decided alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.ontology.model import Value
from data.packs.history.draw import ABSENT, Columns, Drawn
from data.rulelang.request import Request, Row
from data.rulelang.result import Result
from data.rulelang.version import Version

Rows = tuple[Row, ...] | None
"""The candidates of one request; ``None`` where the list is unknown."""


class Candidates:
    """The drawn requests with their lists of candidates."""

    def __init__(self, version: Version, drawn: Drawn) -> None:
        self._facts = [_typed(drawn.facts, path) for path in _known(drawn.facts, version)]
        self.lists: Mapping[str, Sequence[Rows]] = {
            name: _lists(*drawn.rows[name])
            for name in version.ontology.candidates
            if name in drawn.rows
        }

    def request(self, row: int) -> Request:
        given = {path: values[row] for path, values in self._facts}
        known = {path: value for path, value in given.items() if value is not None}
        lists = {name: rows[row] for name, rows in self.lists.items()}
        return Request(known, {name: rows for name, rows in lists.items() if rows is not None})

    def chosen(
        self,
        version: Version,
        name: str,
        rows: NDArray[np.intp],
        decide: Callable[[Version, Request], Mapping[str, Result]],
    ) -> tuple[Result, ...]:
        """One choice of each of these requests."""
        ontology = version.ontology
        alone = replace(ontology, decisions={name: ontology.decisions[name]})
        part = replace(version, ontology=alone)
        return tuple(decide(part, self.request(row))[name] for row in rows.tolist())

    def keys(self, version: Version, name: str, row: int) -> tuple[str, ...]:
        """Whom a person could have chosen."""
        plan = version.plans[name]
        rows = self.lists.get(plan.candidates.name)
        found = rows[row] if rows is not None else None
        return tuple(str(r[plan.key]) for r in found or ())


def _known(columns: Columns, version: Version) -> list[str]:
    return [a.path for a in version.ontology.facts if a.path in columns.numbers]


def _typed(columns: Columns, path: str) -> tuple[str, list[Value | None]]:
    values, places = columns.distinct(path)
    return path, [values[place] for place in places.tolist()]


def _lists(counts: NDArray[np.int64], rows: Columns) -> list[Rows]:
    """The rows of each request, typed."""
    columns = [_typed(rows, path) for path in rows.numbers]
    found: list[Rows] = []
    start = 0
    for count in counts.tolist():
        end = start + max(count, 0)
        some = ({p: v[i] for p, v in columns if v[i] is not None} for i in range(start, end))
        found.append(None if count == ABSENT else tuple(some))  # type: ignore[arg-type]
        start = end
    return found
