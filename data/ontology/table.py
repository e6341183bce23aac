"""A small CSV file as rows of named cells, each with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
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
    lines = _lines(notes, text)
    _, header = next(lines, (1, list[str]()))
    names = _header(notes, header, columns, required, extra)
    if not names:
        return Table((), ())
    rows: list[TableRow] = []
    for line, cells in lines:
        if len(cells) > len(names):
            message = f"this line has {len(cells)} cells, the header has {len(names)}"
            suggestion = "put a text that holds a comma in double quotes"
            notes.report("parse", line, message, suggestion)
        elif cells:
            rows.append(TableRow(_cells(names, cells), line))
    return Table(tuple(n for n in names if n), tuple(rows))


def _lines(notes: Notes, text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line, empty ones at its end left out, and the number it begins at."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            while cells and not cells[-1].strip():
                cells.pop()
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"this line cannot be read: {error}"
        notes.report("parse", line, message, "check the quotes of this line")


def _cells(names: list[str | None], cells: list[str]) -> dict[str, str]:
    texts = (" ".join(cell.split()) for cell in cells)
    return {name: text for name, text in zip(names, texts, strict=False) if name and text}


def _header(
    notes: Notes,
    header: list[str],
    columns: Mapping[str, str],
    required: tuple[str, ...],
    extra: bool,
) -> list[str | None]:
    """The name of each column's cells; ``None`` where the column is not read."""
    names: list[str | None] = []
    if len(header) == 1 and any(sign in header[0] for sign in ";\t"):
        message = f"the header `{header[0].strip()}` is one column"
        notes.report("pack", 1, message, "separate columns by commas")
        return names
    for cell in header:
        written = " ".join(cell.casefold().replace("_", " ").split())
        name = columns.get(written)
        if name is None and written and not extra:
            message = f"the column `{cell.strip()}` is not known"
            notes.report("pack", 1, message, did_you_mean(written, columns))
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
