"""Many requests as an Arrow table, read by column.

One column a fact, named by its path or nested in a struct named for the entity; a null is
unknown. A list of structs named for a relation holds its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.compute  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from data.ontology.model import Attribute, Ontology, Value
from data.ontology.values import BadValue, converter
from data.rulelang.request import Request, Row, read_request

pa: Any = pyarrow
compute: Any = pyarrow.compute
"""Arrow has no types of its own."""
Codes = NDArray[np.int32]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of every request, as places in a list of its distinct values."""

    codes: Codes
    """Place in ``values``; -1 is unknown."""
    values: tuple[Value, ...]


class Requests:
    """The requests of a table or record batch; columns are read once, when first asked for."""

    def __init__(self, table: Any, ontology: Ontology) -> None:
        self.table = table
        self.ontology = ontology
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The facts that the table has a column for."""
        return tuple(a.path for a in self.ontology.facts if self._stored(a.path) is not None)

    def column(self, path: str) -> Column:
        """The column of a fact as given; all unknown where the table lacks it.

        Raises :class:`data.ontology.values.BadValue` for a value that does not fit its type.
        """
        if path not in self._columns:
            self._columns[path] = self._read(path)
        return self._columns[path]

    def given(self, row: int, paths: Iterable[str]) -> dict[str, Value]:
        """The known facts of one request, without defaults."""
        known = ((p, self.column(p)) for p in paths)
        return {p: c.values[c.codes[row]] for p, c in known if c.codes[row] >= 0}

    def request(self, row: int) -> Request:
        """One request, its rows included."""
        known = ((name, listed.rows(row)) for name, listed in self._lists.items())
        rows = {name: found for name, found in known if found is not None}
        return Request(self.given(row, self.paths), rows)

    @cached_property
    def _lists(self) -> Mapping[str, _Lists]:
        """By relation or candidate list, where the table has a column for it."""
        names = set(self.table.column_names)
        tables = (*self.ontology.relations, *self.ontology.candidates)
        return {n: _Lists(self.table.column(n), n, self.ontology) for n in tables if n in names}

    def _read(self, path: str) -> Column:
        stored = self._stored(path)
        if stored is None:
            return Column(np.full(len(self), -1, dtype=np.int32), ())
        return _typed(stored, self.ontology.attributes[path])

    def _stored(self, path: str) -> Any:
        names = self.table.schema.names
        if path in names:
            return self.table.column(path)
        entity, _, name = path.partition(".")
        if entity not in names:
            return None
        struct = whole(self.table.column(entity))
        if not pa.types.is_struct(struct.type) or struct.type.get_field_index(name) < 0:
            return None
        return compute.struct_field(struct, name)


class _Lists:
    """The lists of one relation, or of candidates, of every request.

    Facts are read by column. What does not fit is read list by list instead, as a request's own
    list is, so that whoever gave it is told.
    """

    def __init__(self, stored: Any, name: str, ontology: Ontology) -> None:
        self._name = name
        self._ontology = ontology
        self._stored = whole(stored)
        self._columns = self._read()

    def rows(self, at: int) -> tuple[Row, ...] | None:
        """The list of one request; ``None`` where it was not given.

        Raises :class:`data.rulelang.request.RequestError` for what does not fit.
        """
        if not self._given[at]:
            return None
        read = self._by_column(at) if self._columns is not None else None
        if read is None or not self._has_keys(read):
            plain = {self._name: _outer(self._stored[at].as_py())}
            return read_request(self._ontology, plain).rows[self._name]
        return read

    def _by_column(self, at: int) -> tuple[Row, ...]:
        places = range(self._begins[at], self._begins[at + 1])
        columns = self._columns or ()
        return tuple({p: values[code] for p, codes, values in columns if (code := codes[n]) >= 0}
                     for n in places)  # fmt: skip

    def _has_keys(self, rows: Sequence[Row]) -> bool:
        """Whether every candidate has a key, and no two the same."""
        candidates = self._ontology.candidates.get(self._name)
        if candidates is None:
            return True
        keys = {row.get(f"{candidates.entity}.{candidates.key}") for row in rows}
        return len(keys) == len(rows) and None not in keys

    @cached_property
    def _given(self) -> list[bool]:
        return self._stored.is_valid().to_pylist()

    @cached_property
    def _begins(self) -> list[int]:
        return self._stored.offsets.to_pylist()

    def _read(self) -> tuple[tuple[str, list[int], tuple[Value, ...]], ...] | None:
        """Each fact's path, codes and values; ``None`` where some do not fit."""
        kind, inner = self._stored.type, getattr(self._stored, "values", None)
        if inner is None or not pa.types.is_struct(kind.value_type) or inner.null_count:
            return None
        entity = self._entity()
        paths = [f"{entity}.{field.name}" for field in kind.value_type]
        attributes = self._ontology.attributes
        if any(path not in attributes for path in paths):
            return None
        try:
            stored = (compute.struct_field(inner, p.partition(".")[2]) for p in paths)
            typed = [_typed(s, attributes[p]) for s, p in zip(stored, paths, strict=True)]
        except BadValue:
            return None
        return tuple((p, c.codes.tolist(), c.values) for p, c in zip(paths, typed, strict=True))

    def _entity(self) -> str:
        relations, candidates = self._ontology.relations, self._ontology.candidates
        found = relations.get(self._name) or candidates[self._name]
        return found.entity


def _typed(stored: Any, attribute: Attribute) -> Column:
    codes, raw = _encoded(stored)
    convert = converter(attribute)
    return Column(codes, tuple(convert(_outer(v)) for v in raw))


def _outer(value: Any) -> Any:
    """A stored value in the plain form in which a request would give it."""
    if isinstance(value, dict):
        return {k: _outer(v) for k, v in value.items()}  # type: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [_outer(v) for v in value]  # type: ignore[reportUnknownVariableType]
    return value.isoformat() if hasattr(value, "isoformat") else value


def whole(column: Any) -> Any:
    """A column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _encoded(column: Any) -> tuple[Codes, list[Any]]:
    one = whole(column)
    if pa.types.is_list(one.type) or pa.types.is_large_list(one.type):
        return _encoded_lists(one.to_pylist())
    if not pa.types.is_dictionary(one.type):
        one = one.dictionary_encode()
    codes = one.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, one.dictionary.to_pylist()


def _encoded_lists(rows: list[Any]) -> tuple[Codes, list[Any]]:
    seen: dict[tuple[Any, ...], int] = {}
    codes = [-1 if r is None else seen.setdefault(tuple(sorted(r)), len(seen)) for r in rows]
    return np.array(codes, dtype=np.int32), [list(key) for key in seen]
