"""An organisation's past requests in an Arrow table or a parquet file.

Columns, as ``data.packs.history`` writes them: ``id``; one for each fact, named by its path;
``decided.<decision>``; ``overruled``; ``version``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]

from data.rulelang.version import Version
from graph.context import PastRequest
from graph.replay import History

pq: Any = pyarrow.parquet
"""Arrow has no types of its own."""
DECIDED = "decided."


class Tables:
    """Past requests of several organisations; a file is read when it is first needed."""

    def __init__(self, find_file: Callable[[str], Path | None]) -> None:
        """``find_file`` gives an organisation's parquet file, or ``None`` where it has no past."""
        self._find_file = find_file
        self._histories: dict[str, tuple[Any, History]] = {}
        self._lock = Lock()

    def history(self, org_id: str, version: Version) -> History | None:
        """All past requests. Columns are kept for as long as the ontology stays the same."""
        with self._lock:
            known = self._histories.get(org_id)
            if known is not None and known[0] == version.ontology:
                return known[1]
            path = self._find_file(org_id)
            if path is None:
                return None
            history = History(pq.read_table(path), version.ontology)
            self._histories[org_id] = (version.ontology, history)
            return history

    def find(self, org_id: str, request_id: str) -> PastRequest | None:
        path = self._find_file(org_id)
        if path is None:
            return None
        found = pq.read_table(path, filters=[("id", "==", request_id)])
        return past_request(found.to_pylist()[0]) if found.num_rows else None


def past_request(row: Mapping[str, Any]) -> PastRequest:
    """One row of the table, its facts nested as a request gives them."""
    facts: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or name in ("id", "overruled", "version") or name.startswith(DECIDED):
            continue
        entity, dot, attribute = name.partition(".")
        if dot:
            facts.setdefault(entity, {})[attribute] = _plain(value)
        else:
            facts[name] = [{k: _plain(v) for k, v in r.items() if v is not None} for r in value]
    decided = {
        n.removeprefix(DECIDED): _plain(v)
        for n, v in row.items()
        if n.startswith(DECIDED) and v is not None
    }
    version = row.get("version")
    return PastRequest(str(row["id"]), facts, decided, version, bool(row.get("overruled")))


def _plain(value: Any) -> Any:
    """A stored value as JSON would hold it."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "to_integral_value"):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
