"""A small CSV file as rows of named cells, each with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from data.ontology.nearest import did_you_mean
from data.ontology.nodes import Notes

MAX_CHARACTERS = 20_000_000


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line; empty cells are left out."""

    cells: Mapping[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """The known columns that the file has, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


def read_table(
    notes: Notes,
    text: str,
    columns: Mapping[str, str],
    required: tuple[str, ...],
    extra: bool = False,
) -> Table:
    """The rows of a CSV text.

    ``columns`` maps a header, lower case with spaces, to the name of its cells. With
    ``extra`` other columns are passed over, else each is a finding.
    """
    if len(text) > MAX_CHARACTERS:
        limit = f"{MAX_CHARACTERS // 1_000_000} million characters"
        notes.report("pack", 1, f"the file is longer than {limit}", "split it")
        return Table((), ())
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return _table(notes, reader, columns, required, extra)
    except csv.Error as error:
        message = f"this line cannot be read: {error}"
        notes.report("parse", max(reader.line_num, 1), message, "check the quotes of this line")
        return Table((), ())


def _table(
    notes: Notes,
    reader: csv.Reader,
    columns: Mapping[str, str],
    required: tuple[str, ...],
    extra: bool,
) -> Table:
    names = _header(notes, next(reader, []), columns, required, extra)
    rows: list[TableRow] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names):
            message = f"this line has {len(cells)} cells, the header has {len(names)}"
            suggestion = "put a text that holds a comma in double quotes"
            notes.report("parse", reader.line_num, message, suggestion)
            continue
        named = zip(names, (" ".join(c.split()) for c in cells), strict=False)
        rows.append(TableRow({n: c for n, c in named if n and c}, reader.line_num))
    return Table(tuple(n for n in names if n), tuple(rows))


def _header(
    notes: Notes,
    header: list[str],
    columns: Mapping[str, str],
    required: tuple[str, ...],
    extra: bool,
) -> list[str | None]:
    """The name of each column's cells; ``None`` where the column is not read."""
    names: list[str | None] = []
    for cell in header:
        written = " ".join(cell.casefold().replace("_", " ").split())
        name = columns.get(written)
        if name is None and not extra:
            message = f"the column `{cell.strip()}` is not known"
            suggestion = did_you_mean(written, columns)
            if ";" in cell or "\t" in cell:
                suggestion = "separate columns by commas"
            notes.report("pack", 1, message, suggestion)
        if name is not None and name in names:
            notes.report("duplicate", 1, f"the column `{cell.strip()}` stands twice", "keep one")
            name = None
        names.append(name)
    for name in required:
        if name not in names:
            near = did_you_mean(name, [c.strip() for c in header])
            suggestion = f"add it, separated by commas; {near}" if near else "add it"
            notes.report("pack", 1, f"the column `{name}` is missing", suggestion)
    return names
