"""How often facts had which value in a pack's past requests, for the version made of the pack."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs]

from data.ontology.values import converter
from data.packs.history.draw import draw_history
from data.packs.history.table import SEED, SHIPPED, history_spec
from data.packs.load import Pack
from data.rulelang.weights import Weights, counted

SAMPLE = 5_000
"""Made-up requests that are drawn: shares are then right to within 1.5 in 100."""
pq: Any = parquet


def weights_of(pack: Pack) -> Weights:
    """By path; nothing of what is identifying, and nothing where the pack has no history."""
    facts = [a.path for a in pack.ontology.facts if a.sensitive != "identifying"]
    if (pack.folder / SHIPPED).is_file():
        return _recorded(pack, facts)
    spec = history_spec(pack)
    if spec is None:
        return {}
    drawn = draw_history(spec, pack.ontology, pack.scope_rows, SAMPLE, SEED).facts
    found: dict[str, Counter[Any]] = {}
    for path in facts:
        if path in drawn.numbers:
            values, places = drawn.distinct(path)
            counts = np.bincount(places, minlength=len(values)).tolist()
            found[path] = Counter(dict(zip(values, counts, strict=True)))
    return _known(found)


def _recorded(pack: Pack, facts: list[str]) -> Weights:
    table = pq.read_table(pack.folder / SHIPPED, columns=None)
    found: dict[str, Counter[Any]] = {}
    for path in facts:
        if path in table.column_names:
            convert = converter(pack.ontology.attributes[path])
            raw = table.column(path).value_counts().to_pylist()
            found[path] = Counter()
            for entry in raw:
                value = entry["values"]
                plain = value.isoformat() if hasattr(value, "isoformat") else value
                found[path][None if value is None else convert(plain)] += entry["counts"]
    return _known(found)


def _known(found: dict[str, Counter[Any]]) -> Weights:
    return {
        path: counted({v: n for v, n in counts.items() if v is not None})
        for path, counts in found.items()
        if any(v is not None for v in counts)
    }
