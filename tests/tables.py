"""Requests as Arrow tables."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from data.ontology.model import Attribute, Ontology, Value


def table_of(ontology: Ontology, made: list[dict[str, Value]]) -> pa.Table:
    """One column a fact, each value as Arrow holds its type."""
    return pa.table({a.path: _column(a, [g.get(a.path) for g in made]) for a in ontology.facts})


def _column(attribute: Attribute, values: list[Value | None]) -> pa.Array:
    plain: list[Any] = [sorted(v) if isinstance(v, frozenset) else v for v in values]
    kinds = {
        "boolean": pa.bool_(), "integer": pa.int64(), "decimal": pa.decimal128(18, 2),
        "date": pa.date32(), "time": pa.time32("s"), "set": pa.list_(pa.string()),
    }  # fmt: skip
    return pa.array(plain, kinds.get(attribute.type, pa.string()))
