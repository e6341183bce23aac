"""Many requests as an Arrow table, read by column.

One column a fact, named by its path or nested in a struct named for the entity; a null is
unknown. A list of structs named for a relation holds its rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.compute  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from data.ontology.model import Ontology, Value
from data.ontology.values import converter
from data.rulelang.request import Request, read_request

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

    @property
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
        names = set(self.table.column_names)
        tables = (*self.ontology.relations, *self.ontology.candidates)
        listed = {n: self.table.column(n)[row].as_py() for n in tables if n in names}
        rows = read_request(self.ontology, _outer(listed)).rows
        return Request(self.given(row, self.paths), rows)

    def _read(self, path: str) -> Column:
        stored = self._stored(path)
        if stored is None:
            return Column(np.full(len(self), -1, dtype=np.int32), ())
        codes, raw = _encoded(stored)
        convert = converter(self.ontology.attributes[path])
        return Column(codes, tuple(convert(_outer(v)) for v in raw))

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
