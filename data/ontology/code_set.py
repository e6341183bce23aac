"""A code set file to typed codes, or to findings with their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from data.ontology.model import Code, CodeSet
from data.ontology.nearest import did_you_mean
from data.ontology.nodes import Notes
from data.ontology.table import Table, TableRow, read_table
from data.rulelang.findings import Finding

_COLUMNS: Mapping[str, str] = {
    "code": "code",
    "title": "title",
    "modifiers": "modifiers",
    "modifiers allowed": "modifiers",
    "concept": "concept",
}
"""Header as people write it → what it holds."""
_BETWEEN = re.compile(r"[\s;|,]+")


def load_code_set(
    text: str, file: str, decision_modifiers: Iterable[str]
) -> tuple[CodeSet | None, list[Finding]]:
    """The code set named like the file, or ``None`` and every finding.

    ``decision_modifiers`` are the modifiers the ontology knows.
    """
    code_set, findings = read_code_set(text, file, decision_modifiers)
    return (None if findings else code_set), findings


def read_code_set(
    text: str, file: str, decision_modifiers: Iterable[str]
) -> tuple[CodeSet, list[Finding]]:
    """The codes that could be read, for checking the rest of a pack, and every finding."""
    notes = Notes(file)
    table = read_table(notes, text, _COLUMNS, ("code", "title"))
    code_set = CodeSet(PurePath(file).stem, _codes(notes, table, tuple(decision_modifiers)))
    return code_set, notes.findings


def _codes(notes: Notes, table: Table, known: tuple[str, ...]) -> dict[str, Code]:
    codes: dict[str, Code] = {}
    lines: dict[str, int] = {}
    concepts: dict[str, str] = {}
    if "code" not in table.columns:
        return codes
    for row in table.rows:
        code = row.cells.get("code", "")
        if not code:
            message = "the code is empty"
            notes.report("code-set", row.line, message, "write a code, or remove the line")
        elif (first := lines.setdefault(code.casefold(), row.line)) != row.line:
            message = f"the code `{code}` stands here a second time"
            notes.report("duplicate", row.line, message, f"the first is in line {first}: keep one")
        else:
            modifiers = _modifiers(notes, row, code, known)
            concept = _concept(notes, row, code, concepts)
            codes[code] = Code(code, row.cells.get("title", ""), modifiers, concept)
    if not codes and not notes.findings:
        notes.report("code-set", 1, "there is no code in this file", "add one line for each code")
    return codes


def _modifiers(notes: Notes, row: TableRow, code: str, known: tuple[str, ...]) -> tuple[str, ...]:
    found = [m for m in _BETWEEN.split(row.cells.get("modifiers", "")) if m]
    for modifier in found:
        if modifier not in known:
            message = f"`{code}` allows the modifier `{modifier}`, which no decision has"
            notes.report("code-set", row.line, message, did_you_mean(modifier, known))
    return tuple(dict.fromkeys(found))


def _concept(notes: Notes, row: TableRow, code: str, concepts: dict[str, str]) -> str | None:
    concept = row.cells.get("concept") or None
    if concept is None:
        return None
    other = concepts.setdefault(concept.casefold(), code)
    if other != code:
        message = f"`{code}` stands for `{concept}`, as `{other}` does"
        notes.report("duplicate", row.line, message, "one code for each concept")
    return concept
