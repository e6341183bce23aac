"""Record batches of requests in, record batches of answers out: for engines that pass columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow  # pyright: ignore[reportMissingTypeStubs]

from data.rulelang.fast.batch import Batch
from data.rulelang.fast.table import Requests, whole
from data.rulelang.result import Result
from data.rulelang.version import version_from_json

pa: Any = pyarrow
"""Arrow has no types of its own."""


def decide_batches(version: Mapping[str, Any], batches: Iterable[Any]) -> Iterator[Any]:
    """Answers to record batches of requests, batch for batch; for Spark's ``mapInArrow``.

    ``version`` is what ``version_to_json`` wrote. For each decision there are the columns
    ``<decision>.status``, ``.value`` (as JSON prints it) and ``.rule``; a column ``id`` is kept.
    """
    batch = Batch(version_from_json(version))
    for one in batches:
        yield answered(batch, one)


def answered(batch: Batch, table: Any) -> Any:
    """The answers to a table or record batch, as a record batch."""
    columns: dict[str, Any] = {}
    if "id" in table.schema.names:
        columns["id"] = whole(table.column("id"))
    found = batch.decide(Requests(table, batch.version.ontology))
    for name, answers in found.items():
        for part, texts in _texts(answers.results).items():
            columns[f"{name}.{part}"] = pa.array(texts, pa.string()).take(pa.array(answers.codes))
    return pa.RecordBatch.from_pydict(columns)


def _texts(results: Sequence[Result]) -> dict[str, list[str | None]]:
    """What the columns say of each result; only a decided one has a value."""
    return {
        "status": [r.status for r in results],
        "value": [_text(r) if r.status == "decided" else None for r in results],
        "rule": [r.rule for r in results],
    }


def _text(result: Result) -> str:
    shown = result.briefly()
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
