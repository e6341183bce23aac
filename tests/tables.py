"""Requests as Arrow tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow

from data.ontology.model import Attribute, Ontology, Value
from data.rulelang.request import Request, Row

pa: Any = pyarrow
"""Arrow has no types of its own."""
KINDS: dict[str, Any] = {
    "boolean": pa.bool_(), "integer": pa.int64(), "decimal": pa.decimal128(18, 2),
    "date": pa.date32(), "time": pa.time32("s"), "set": pa.list_(pa.string()),
}  # fmt: skip


def table_of(ontology: Ontology, made: Sequence[dict[str, Value]]) -> Any:
    """One column a fact, each value as Arrow holds its type."""
    return table_of_requests(ontology, [Request(facts, {}) for facts in made])


def table_of_requests(ontology: Ontology, made: Sequence[Request]) -> Any:
    """One column a fact, and one a list that some request has, of structs."""
    columns = {a.path: _column(a, [r.given.get(a.path) for r in made]) for a in ontology.facts}
    tables = {**ontology.relations, **ontology.candidates}
    for name in (n for n in tables if any(n in r.rows for r in made)):
        own = [a for a in ontology.attributes.values() if a.entity == tables[name].entity]
        kind = pa.list_(pa.struct([(a.name, _kind(a)) for a in own]))
        columns[name] = pa.array([_listed(r.rows.get(name), own) for r in made], kind)
    return pa.table(columns)


def _listed(rows: Sequence[Row] | None, own: Sequence[Attribute]) -> list[dict[str, Any]] | None:
    if rows is None:
        return None
    return [{a.name: _plain(row.get(a.path)) for a in own} for row in rows]


def _column(attribute: Attribute, values: Sequence[Value | None]) -> Any:
    return pa.array([_plain(v) for v in values], _kind(attribute))


def _kind(attribute: Attribute) -> Any:
    return KINDS.get(attribute.type, pa.string())


def _plain(value: Value | None) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value
