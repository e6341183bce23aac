"""A CSV or XLSX file → sheets of text cells, or a sentence why it is no table.

Nothing is guessed: an encoding other than UTF-8 or UTF-16, a formula, a merged cell, a macro and a
file that unpacks to more than it should are refused.
"""

from __future__ import annotations

import csv
import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING

from data.exchange.problem import refuse
from data.rulelang.findings import InputError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST = 5_000_000
"""Bytes of a file."""
UNPACKED = 60_000_000
"""Bytes of all that an XLSX file unpacks to; more is an attack or no table of rules."""
MOST_ROWS = 10_000
MOST_COLUMNS = 200
LONGEST_CELL = 2_000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_SAVE = "save it as .xlsx, or as CSV in UTF-8"
_WANTED = "its first row names facts and decisions, each further row is a rule"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, as a person would type it."""

    text: str
    number: bool = False
    """Whether the file holds it as a number, not as text."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file, and its cells."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table; a CSV file is one sheet, named as the file is."""

    name: str
    lines: tuple[Line, ...]
    """Rows with anything in them."""


def read_sheets(name: str, content: bytes) -> tuple[Sheet, ...]:
    """The sheets of a file that hold anything. Raises ``InputError``."""
    if len(content) > LARGEST:
        refuse(f"the file is larger than {LARGEST // 1_000_000} MB", "split it")
    if not content.strip():
        refuse(
            "the file is empty",
            "its first row names facts and decisions, each further row is a rule",
        )
    if content.startswith(_OLD_EXCEL):
        refuse("this is an Excel file of the old form, or one with a password", _SAVE)
    sheets = list(_xlsx(content) if content.startswith(b"PK") else _csv(name, content))
    kept = tuple(s for s in sheets if s.lines)
    if not kept:
        refuse("the file holds no rows", _WANTED)
    if sum(len(s.lines) for s in kept) > MOST_ROWS + len(kept):
        refuse(f"the file has more than {MOST_ROWS:,} rows", "split it")
    return kept


def _csv(name: str, content: bytes) -> Iterator[Sheet]:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    lines: list[Line] = []
    number = 1
    try:
        for cells in reader:
            lines += _line(number, [Cell(_plain(c)) for c in cells])
            number = reader.line_num + 1
            if len(lines) > MOST_ROWS + 1:
                break
    except csv.Error:
        refuse(f"row {number} cannot be read", "check its quotes")
    yield Sheet(PurePath(name).stem or "table", tuple(lines))


def _decoded(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        refuse(
            f"row {row} holds a letter in an encoding that is not UTF-8",
            "save the file as CSV in UTF-8",
        )
    if "\0" in text:
        refuse("this is no table", _SAVE)
    return text


def _separator(text: str) -> str:
    """Comma, semicolon or tab: whichever stands most often in the first row."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(",;\t", key=outside.count)


def _plain(text: str) -> str:
    """Without the spaces around it; line breaks inside stay, they part several answers."""
    return "\n".join(" ".join(part.split()) for part in text.strip().splitlines())


def _line(number: int, cells: Sequence[Cell]) -> list[Line]:
    """The row without empty cells at its end; nothing for a row that is empty."""
    last = max((n for n, c in enumerate(cells, start=1) if c.text), default=0)
    if last > MOST_COLUMNS:
        refuse(f"row {number} has more than {MOST_COLUMNS} columns", "keep those that rules need")
    for cell in cells:
        if len(cell.text) > LONGEST_CELL:
            refuse(f"row {number} has a cell of more than {LONGEST_CELL:,} letters", "shorten it")
    return [Line(number, tuple(cells[:last]))] if last else []


def _xlsx(content: bytes) -> Iterator[Sheet]:
    # Imported here: only who brings a workbook waits for it.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _refuse_unsafe(packed)
            _refuse_merged(packed)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    except InputError:
        raise
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError):
        refuse("this is no workbook that can be read", _SAVE)
    for sheet in book.worksheets:
        lines: list[Line] = []
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
            lines += _line(number, [_typed(sheet.title, c) for c in row])
            if len(lines) > MOST_ROWS + 1:
                break
        yield Sheet(sheet.title, tuple(lines))
    book.close()


def _refuse_unsafe(packed: zipfile.ZipFile) -> None:
    members = packed.infolist()
    if sum(m.file_size for m in members) > UNPACKED or len(members) > 1_000:
        refuse(
            f"the workbook unpacks to more than {UNPACKED // 1_000_000} MB",
            "keep the sheets that hold rules, or save them as CSV",
        )
    names = {m.filename for m in members}
    if any(n.endswith("vbaProject.bin") for n in names):
        refuse("the workbook holds macros", "save it as .xlsx, which has none")
    if "xl/workbook.xml" not in names:
        refuse("this is no Excel workbook", _SAVE)


def _refuse_merged(packed: zipfile.ZipFile) -> None:
    """Merged cells leave their rows without a value that anyone could point to."""
    for title, file in _sheet_files(packed).items():
        merged = next((e for e in _xml(packed, file).iter() if e.tag.endswith("}mergeCell")), None)
        if merged is not None:
            refuse(
                f"the cells {merged.get('ref')} are merged",
                "undo the merge and write the value into each row",
                f"sheet `{title}`",
            )


def _sheet_files(packed: zipfile.ZipFile) -> Mapping[str, str]:
    """Title of each sheet → its file in the workbook."""
    targets = {
        e.get("Id"): posixpath.normpath(posixpath.join("/xl", e.get("Target") or ""))
        for e in _xml(packed, "xl/_rels/workbook.xml.rels")
    }
    sheets = (e for e in _xml(packed, "xl/workbook.xml").iter() if e.tag.endswith("}sheet"))
    found = {str(e.get("name")): targets.get(e.get(_RELATION), "") for e in sheets}
    return {name: file.lstrip("/") for name, file in found.items() if "worksheets" in file}


def _xml(packed: zipfile.ZipFile, file: str) -> Element:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(packed.read(file), forbid_dtd=True)
    except DefusedXmlException:
        refuse("the workbook declares entities, which can hide an attack", _SAVE)


def _typed(sheet: str, cell: object) -> Cell:
    kind, value = getattr(cell, "data_type", "n"), getattr(cell, "value", None)
    if kind in ("f", "e"):
        where = f"sheet `{sheet}`, cell {getattr(cell, 'coordinate', '')}"
        what = "a formula" if kind == "f" else f"the error {value}"
        refuse(f"the cell holds {what}", "copy the column and paste its values only", where)
    match value:
        case None:
            return Cell("")
        case bool():
            return Cell("yes" if value else "no")
        case int() | float():
            return Cell(format(Decimal(str(value)).normalize(), "f"), number=True)
        case datetime():
            midnight = value.time() == time()
            return Cell(value.date().isoformat() if midnight else value.isoformat(" ", "minutes"))
        case date():
            return Cell(value.isoformat())
        case time():
            return Cell(value.isoformat("minutes"))
        case _:
            return Cell(_plain(str(value)))
