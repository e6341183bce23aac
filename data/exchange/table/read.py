"""A decision table → rules, or every bad cell by sheet, row and column. Never a part of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from data.exchange.order import first_wins
from data.exchange.problem import NotSayable, problem, refuse
from data.exchange.table.answers import outcomes_in
from data.exchange.table.cells import NOTHING, condition_in, unquoted, value_in
from data.exchange.table.columns import Clause, Column, columns_of
from data.exchange.table.sheets import Cell, Line, Sheet, read_sheets
from data.ontology.model import Attribute, CodeSets, Decision, Ontology
from data.ontology.nearest import did_you_mean, listed
from data.ontology.values import BadValue, converter
from data.rulelang.ast import Condition, Outcome, Rule, Scope, all_of
from data.rulelang.findings import Finding
from data.rulelang.parse import parse
from data.rulelang.render import render

Policy = Literal["unique", "first"]
Progress = Callable[[int, int], None]
"""Told how many rows of how many are read."""
STEP = 500
"""Rows between two words about progress."""
MOST_PROBLEMS = 50
POLICY = "hit policy"
_MANDATORY = {"yes": True, "true": True, "x": True, "mandatory": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class TableRead:
    """What a file says. With a problem there is no rule at all."""

    rules: tuple[Rule, ...]
    problems: tuple[Finding, ...]
    rows: int
    sheets: tuple[str, ...]
    places: Mapping[str, str] = field(default_factory=dict[str, str])
    """Title → sheet and row."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the table may speak of."""

    ontology: Ontology
    code_sets: CodeSets
    titles: frozenset[str] = frozenset()
    """Titles of the rules there are: ``overrides`` may name them."""


def read_tables(
    name: str,
    content: bytes,
    words: Words,
    decision: str | None = None,
    policy: Policy | None = None,
    progress: Progress = lambda done, of: None,
) -> TableRead:
    """The rules of a CSV or XLSX file. Raises ``InputError`` where the file is no table.

    ``decision`` is the one that a column called `result` holds, by name or label; else it is the
    decision that the sheet is named after. ``policy`` goes before the one a sheet states.
    """
    sheets = read_sheets(name, content)
    readers = [_Reader(words, s, _about(words.ontology, decision, s.name), policy) for s in sheets]
    rows = sum(len(s.lines) for s in sheets)
    done = 0
    for reader in readers:
        for line in reader.body():
            reader.row(line)
            done += 1
            if done % STEP == 0:
                progress(done, rows)
    rules = [r for reader in readers for r in reader.ordered()]
    places = {t: p for reader in readers for t, p in reader.places.items()}
    problems = [p for reader in readers for p in reader.problems]
    problems += _among_themselves(readers, words)
    if not problems:
        problems += _as_rules(rules, words, places)
    return TableRead(
        () if problems else tuple(rules), tuple(_few(problems)),
        sum(len(r.rules) for r in readers), tuple(s.name for s in sheets), places,
    )  # fmt: skip


def _about(ontology: Ontology, name: str | None, sheet: str) -> Decision | None:
    wanted = (name or sheet).casefold()
    found = [
        d for d in ontology.decisions.values() if wanted in (d.name.casefold(), d.label.casefold())
    ]
    if name is not None and not found:
        known = [d.label for d in ontology.decisions.values()]
        refuse(f"there is no decision `{name}`", did_you_mean(name, known))
    return found[0] if found else None


class _Reader:
    """One sheet."""

    def __init__(
        self, words: Words, sheet: Sheet, about: Decision | None, policy: Policy | None
    ) -> None:
        self._words = words
        self._sheet = sheet
        self._lines = list(sheet.lines)
        self.problems: list[Finding] = []
        self.rules: list[Rule] = []
        self.places: dict[str, str] = {}
        self._policy = self._stated_policy() or "unique"
        self._policy = policy or self._policy
        header = self._lines.pop(0) if self._lines else Line(1, ())
        self._columns, wrong = columns_of(header.cells, words.ontology, about)
        for found in wrong:
            place = f"{self._row(header)}, {found.place}" if found.place else self._row(header)
            self.problems.append(replace(found, place=place))

    def body(self) -> Sequence[Line]:
        """The rows below the header; none where the header cannot be read."""
        return () if self.problems else self._lines

    def row(self, line: Line) -> None:
        """Read one row; what is wrong is noted."""
        row = _Row(self._words)
        for column in self._columns:
            cell = line.cells[column.number] if column.number < len(line.cells) else Cell("")
            try:
                row.take(column, cell)
            except BadValue as bad:
                place = f"{self._row(line)}, {column.place}"
                message = _in_words(bad.message, column)
                tip = _in_words(bad.help, column).removesuffix(", without quotes")
                self.problems.append(problem(message, tip, place, bad.code))
        known = {c.number for c in self._columns}
        stray = next((n for n, c in enumerate(line.cells) if c.text and n not in known), None)
        if stray is not None:
            message = f"`{line.cells[stray].text[:60]}` stands in a column without a name"
            self.problems.append(problem(message, "name the column, or remove it", self._row(line)))
        self._finish(line, row)

    def ordered(self) -> tuple[Rule, ...]:
        """The rules, with the order of the rows where the first that matches wins."""
        if self._policy == "unique" or self.problems:
            return tuple(self.rules)
        try:
            return first_wins(self._words.ontology, self.rules)
        except NotSayable as reason:
            self.problems.append(
                problem(str(reason), "split the table", f"sheet `{self._sheet.name}`")
            )
            return ()

    def _finish(self, line: Line, row: _Row) -> None:
        if not row.then:
            if not any(p.place.startswith(self._row(line) + ",") for p in self.problems):
                message = "the row says nothing of any decision"
                tip = "fill one of the decision columns, or remove the row"
                self.problems.append(problem(message, tip, self._row(line)))
            return
        title = row.title or f"{self._sheet.name} {line.number}"
        if title in self.places:
            message = f"a second rule is called `{title}`; the first is at {self.places[title]}"
            tip = "give each a title of its own"
            self.problems.append(problem(message, tip, self._row(line), "duplicate"))
            return
        self.places[title] = self._row(line)
        self.rules.append(row.rule(title))

    def _row(self, line: Line) -> str:
        return f"sheet `{self._sheet.name}`, row {line.number}"

    def _stated_policy(self) -> Policy | None:
        """From a first row such as ``hit policy | first``."""
        first = self._lines[0].cells if self._lines else ()
        if not first or first[0].text.casefold() != POLICY:
            return None
        line = self._lines.pop(0)
        said = (first[1].text if len(first) > 1 else "").casefold()
        if said in ("unique", "first"):
            return "first" if said == "first" else "unique"
        message = f"`{said}` is no hit policy of a table here"
        self.problems.append(problem(message, "write unique or first", self._row(line)))
        return None


def _in_words(message: str, column: Column) -> str:
    """The message with the label that people know instead of a path or name."""
    match column.of:
        case Attribute(path, _, label) | Decision(path, _, label):
            return message.replace(f"`{path}`", f"`{label}`").replace("true or false", "yes or no")
        case _:
            return message


class _Row:
    """One row while its cells are read."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.title = ""
        self.then: list[Outcome] = []
        self._when: list[Condition] = []
        self._clauses: dict[str, object] = {}

    def take(self, column: Column, cell: Cell) -> None:
        """Read one cell. Raises ``BadValue``."""
        match column.of:
            case Attribute() as fact:
                found = condition_in(cell.text, fact)
                self._when += [] if found is None else [found]
            case Decision() as decision:
                self.then += outcomes_in(cell.text, decision, self._words.code_sets)
            case clause:
                if cell.text.casefold() not in NOTHING:
                    self._clause(clause, cell.text)

    def rule(self, title: str) -> Rule:
        when = all_of(*self._when) if self._when else None
        return Rule(title, tuple(self.then), when, **self._clauses)  # type: ignore[arg-type]

    def _clause(self, clause: Clause, text: str) -> None:
        match clause:
            case "title":
                self.title = unquoted(" ".join(text.split()))
            case "because":
                self._clauses["because"] = unquoted(" ".join(text.split()))
            case "mandatory":
                if text.casefold() not in _MANDATORY:
                    raise BadValue(
                        "type", f"`{text}` is neither yes nor no", "write yes, or nothing"
                    )
                self._clauses["mandatory"] = _MANDATORY[text.casefold()]
            case "from":
                self._clauses["start"] = _day(text)
            case "until":
                self._clauses["until"] = _day(text)
            case "overrides":
                titles = (unquoted(t) for t in text.splitlines())
                self._clauses["overrides"] = tuple(dict.fromkeys(titles))
            case "scope":
                self._clauses["scope"] = scope_in(text, self._words.ontology)


_DAY = Attribute("rule.day", "date", "day")


def _day(text: str) -> date:
    found = value_in(text, _DAY)
    assert isinstance(found, date)
    return found


def scope_in(text: str, ontology: Ontology) -> Scope:
    """``family Northstar, Harbor``. Raises ``BadValue``."""
    if ontology.scopes is None:
        raise BadValue("unknown-term", "rules have no scope here", "remove the column")
    levels = {
        way.casefold(): level
        for level in ontology.scopes.levels
        for way in (level, level.replace("_", " "))
    }
    level = next((w for w in levels if text.casefold().startswith(f"{w} ")), None)
    if level is None:
        tip = f"begin with one of {listed(levels)}, such as `{next(iter(levels))} …`"
        raise BadValue("unknown-term", f"`{text}` names no level of scope", tip)
    attribute = ontology.attributes[ontology.scopes.path(levels[level])]
    read = converter(attribute)
    named = [unquoted(v) for v in text[len(level) :].split(",")]
    return Scope(levels[level], tuple(dict.fromkeys(str(read(v)) for v in named if v)))


def _among_themselves(readers: Sequence[_Reader], words: Words) -> list[Finding]:
    """Titles that stand in two sheets, and ``overrides`` that name no rule."""
    found: list[Finding] = []
    places: dict[str, str] = {}
    for reader in readers:
        for rule in reader.rules:
            place = reader.places[rule.title]
            if rule.title in places:
                message = (
                    f"a second rule is called `{rule.title}`; the first is at {places[rule.title]}"
                )
                found.append(problem(message, "give each a title of its own", place, "duplicate"))
            places.setdefault(rule.title, place)
    known = words.titles | places.keys()
    for reader in readers:
        for rule in reader.rules:
            for title in (t for t in rule.overrides if t not in known):
                message = f"it overrides `{title}`, which is no rule"
                place = f"{reader.places[rule.title]}, column `overrides`"
                found.append(problem(message, did_you_mean(title, known), place, "unknown-term"))
    return found


def _as_rules(rules: Sequence[Rule], words: Words, places: Mapping[str, str]) -> list[Finding]:
    """What the language itself finds wrong: every rule is read back from its own text."""
    text = "\n\n".join(render(r, words.ontology) for r in rules)
    found = parse(text, words.ontology, words.code_sets).findings
    return [replace(f, place=places.get(f.rules[0], "") if f.rules else "") for f in found]


def _few(problems: Sequence[Finding]) -> list[Finding]:
    if len(problems) <= MOST_PROBLEMS:
        return list(problems)
    more = len(problems) - MOST_PROBLEMS
    return [*problems[:MOST_PROBLEMS], problem(f"{more:,} more cells cannot be read")]
