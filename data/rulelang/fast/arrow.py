"""Record batches of requests in, record batches of answers out: for engines that pass columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow  # pyright: ignore[reportMissingTypeStubs]

from data.rulelang.fast.batch import Batch
from data.rulelang.fast.table import Requests, whole
from data.rulelang.result import Result
from data.rulelang.version import Version, version_from_json

pa: Any = pyarrow
"""Arrow has no types of its own."""
PARTS = ("status", "value", "rule")


def decide_batches(version: Mapping[str, Any], batches: Iterable[Any]) -> Iterator[Any]:
    """Answers to record batches of requests, batch for batch.

    ``version`` is what ``version_to_json`` wrote. The columns are :func:`answer_columns`, all of
    text; before them a column ``id``, where the requests have one.
    """
    batch = _batch(json.dumps(version, sort_keys=True))
    for one in batches:
        yield answered(batch, one)


def answer_columns(version: Version) -> tuple[str, ...]:
    """For each decision ``<decision>.status``, ``.value`` (as JSON prints it) and ``.rule``."""
    return tuple(f"{name}.{part}" for name in version.plans for part in PARTS)


def answered(batch: Batch, table: Any) -> Any:
    """The answers to a table or record batch, as a record batch."""
    columns: dict[str, Any] = {}
    if "id" in table.schema.names:
        columns["id"] = whole(table.column("id"))
    for name, answers in batch.decide(Requests(table, batch.version.ontology)).items():
        met, codes = np.unique(answers.codes, return_inverse=True)
        texts = zip(*(_texts(answers.results[int(code)]) for code in met), strict=True)
        for part, told in zip(PARTS, texts, strict=False):
            columns[f"{name}.{part}"] = pa.array(told, pa.string()).take(pa.array(codes))
    return pa.RecordBatch.from_pydict(columns)


@lru_cache(maxsize=4)
def _batch(version: str) -> Batch:
    """Made once a process: a worker is handed one part of the requests after another."""
    return Batch(version_from_json(json.loads(version)))


def _texts(result: Result) -> tuple[str | None, ...]:
    """What the columns say of a result; only a decided one has a value."""
    return result.status, _text(result) if result.status == "decided" else None, result.rule


def _text(result: Result) -> str:
    shown = result.briefly()
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
