"""Rules → decision tables, and a list of what no cell can hold. What is read back is equal."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from data.exchange.problem import NotSayable
from data.exchange.table.answers import answer_of
from data.exchange.table.cells import cell_of, conjuncts, guarded
from data.exchange.table.columns import Clause, header_of
from data.ontology.model import Attribute, Decision, Ontology
from data.rulelang.ast import (
    Compare,
    Condition,
    Known,
    Rule,
    RuleSet,
    Scope,
    attributes_of,
    leaves_of,
)
from data.rulelang.findings import Finding

Word = Attribute | Decision | Clause
Row = dict[str, str]
"""The cells of a rule, by the key of what their column is of."""
_BEFORE: tuple[Clause, ...] = ("title", "scope")
_AFTER: tuple[Clause, ...] = ("mandatory", "because", "from", "until", "overrides")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?")
_TITLE = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its name, its header, and its rows, in the order of the header."""

    name: str
    columns: tuple[Word, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def grids(
    ontology: Ontology, rule_set: RuleSet, together: bool = False
) -> tuple[tuple[Grid, ...], tuple[Finding, ...]]:
    """A sheet for the rules of each decision, or one for all, and what was left out."""
    cells: dict[str, list[Row]] = {}
    left_out = [_left_out(g.title, "an accepted gap is no rule") for g in rule_set.gaps]
    left_out += [_left_out(d.name, "a derived fact is no rule") for d in rule_set.defines]
    left_out += [_left_out(i.title, "an invariant is no rule") for i in rule_set.invariants]
    for rule in sorted(rule_set.rules, key=lambda r: r.title):
        labels = dict.fromkeys(ontology.decisions[o.decision].label for o in rule.then)
        name = "rules" if together else " and ".join(labels)
        try:
            cells.setdefault(name, []).append(_row(ontology, rule))
        except NotSayable as reason:
            left_out.append(_left_out(rule.title, str(reason)))
    made = [_grid(ontology, name, rows) for name, rows in cells.items() if rows]
    return tuple(made), tuple(left_out)


def csv_bytes(grid: Grid) -> bytes:
    """The sheet as CSV in UTF-8, with the mark that spreadsheets look for."""
    out = io.StringIO()
    csv.writer(out).writerows([grid.header, *grid.rows])
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(sheets: Sequence[Grid]) -> bytes:
    """The sheets as a workbook: header in bold and fixed, no formulas."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    taken: set[str] = set()
    for grid in sheets:
        sheet: Any = book.create_sheet(_sheet_title(grid.name, taken))
        sheet.freeze_panes = "A2"
        for n, texts in enumerate([grid.header, *grid.rows]):
            row: list[Any] = []
            for text, word in zip(texts, grid.columns, strict=True):
                number = n > 0 and _is_number(word) and _NUMBER.fullmatch(text)
                cell: Any = WriteOnlyCell(sheet, value=float(text) if number else text or None)
                if not number and text:
                    cell.data_type = "s"
                if n == 0:
                    cell.font = Font(bold=True)
                row.append(cell)
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _is_number(word: Word) -> bool:
    return isinstance(word, Attribute | Decision) and word.type in ("integer", "decimal")


def _sheet_title(name: str, taken: set[str]) -> str:
    """A title that a workbook allows: 31 letters, some signs not, each once."""
    plain = _TITLE.sub(" ", name)[:31].strip() or "rules"
    tries = (plain, *(f"{plain[:27]} {n}" for n in range(2, len(taken) + 3)))
    title = next(t for t in tries if t.casefold() not in taken)
    taken.add(title.casefold())
    return title


def _left_out(title: str, reason: str) -> Finding:
    message = f"`{title}` has no place in a table: {reason}"
    return Finding("left-out", "warning", message, "keep it as rule text", (title,))


def _grid(ontology: Ontology, name: str, rows: Sequence[Row]) -> Grid:
    used = {key for row in rows for key, text in row.items() if text}
    columns: tuple[Word, ...] = tuple(w for w in _words(ontology) if _key(w) in used)
    header = tuple(header_of(word, ontology) for word in columns)
    keys = [_key(word) for word in columns]
    return Grid(name, columns, header, tuple(tuple(r.get(k, "") for k in keys) for r in rows))


def _words(ontology: Ontology) -> Iterator[Word]:
    """All that a column can be of, in the order of the columns."""
    yield from _BEFORE
    yield from ontology.facts
    yield from ontology.decisions.values()
    yield from _AFTER


def _key(word: Word) -> str:
    match word:
        case Attribute():
            return word.path
        case Decision():
            return f"then {word.name}"
        case clause:
            return clause


def _row(ontology: Ontology, rule: Rule) -> Row:
    """The cells of a rule, by what their column is of. Raises :class:`NotSayable`."""
    row: Row = {
        "title": guarded(rule.title),
        "scope": _scope(rule.scope),
        "mandatory": "yes" if rule.mandatory else "",
        "because": guarded(rule.because or ""),
        "from": rule.start.isoformat() if rule.start else "",
        "until": rule.until.isoformat() if rule.until else "",
        "overrides": "\n".join(map(guarded, rule.overrides)),
    }
    by_fact: dict[str, list[Condition]] = {}
    for part in conjuncts(rule.when):
        by_fact.setdefault(_fact_of(part, ontology), []).append(part)
    for path, parts in by_fact.items():
        row[path] = cell_of(parts, ontology.attributes[path])
    for name in dict.fromkeys(o.decision for o in rule.then):
        decision = ontology.decisions[name]
        row[_key(decision)] = answer_of([o for o in rule.then if o.decision == name], decision)
    return row


def _fact_of(part: Condition, ontology: Ontology) -> str:
    """The one fact that a part of a condition looks at. Raises :class:`NotSayable`."""
    if not all(isinstance(leaf, Compare | Known) for leaf in leaves_of(part)):
        raise NotSayable("a part of its condition looks at more than the value of a fact")
    paths = attributes_of(part, ontology)
    if len(paths) != 1:
        raise NotSayable("a part of its condition joins several facts with `or` or `not`")
    return paths[0]


def _scope(scope: Scope | None) -> str:
    if scope is None:
        return ""
    if any("," in v for v in scope.values):
        raise NotSayable("a value of its scope holds a comma")
    return f"{scope.level} {', '.join(scope.values)}"
