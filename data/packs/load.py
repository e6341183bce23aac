"""A pack folder to everything one organisation brings, or to all findings at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data.ontology.code_set import read_code_set
from data.ontology.load import load_ontology
from data.ontology.model import CodeSet, CodeSets, Ontology, ScopeRow
from data.ontology.nearest import did_you_mean, listed
from data.ontology.nodes import Notes
from data.ontology.plain_yaml import Fields, Items, Node, Text, read_yaml
from data.ontology.table import TableRow, read_table
from data.ontology.values import BadValue, converter
from data.packs.cases import Example, Scenario, read_examples, read_scenarios
from data.rulelang.ast import AcceptedGap, Define, Invariant, Rule, RuleSet
from data.rulelang.findings import Finding, InputError

ONTOLOGY = "ontology.yaml"
SCENARIOS = "scenarios.yaml"
EXAMPLES = "examples.yaml"
_SHIPPED = Path(__file__).parent
_LARGEST = 20_000_000
"""Bytes of one file."""
_CODE_FILE = "add it, with the columns code, title, modifiers allowed"
_WHAT_A_PACK_IS = (
    "a pack is a folder with `ontology.yaml` and, where there are any, "
    "`codes/`, `rules/`, `scenarios.yaml` and `examples.yaml`"
)


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything one organisation brings, read and checked."""

    folder: Path
    ontology: Ontology
    code_sets: Mapping[str, CodeSet]
    scope_rows: tuple[ScopeRow, ...]
    rule_set: RuleSet
    rule_files: Mapping[str, str]
    """File, relative to the folder, → its rule text."""
    rule_places: Mapping[str, str]
    """Title of a rule or accepted gap → ``file:line``."""
    scenarios: tuple[Scenario, ...]
    examples: tuple[Example, ...]


def shipped_packs() -> dict[str, Path]:
    """The packs that come with the project, by name."""
    return {p.parent.name: p.parent for p in sorted(_SHIPPED.glob(f"*/{ONTOLOGY}"))}


def load_pack(name_or_folder: str | Path, rules: bool = True) -> Pack:
    """The pack in a folder, or the shipped pack of this name.

    Raises :class:`InputError` with every finding, each with file and line relative to the
    folder; a pack never loads in part. With ``rules`` false no rule text is parsed.
    """
    files = _Files(_folder(name_or_folder))
    pack = _pack(files, rules)
    if pack is None or files.findings:
        raise InputError(tuple(files.findings))
    return pack


def _folder(name_or_folder: str | Path) -> Path:
    shipped = shipped_packs()
    name = str(name_or_folder)
    if isinstance(name_or_folder, str) and name in shipped:
        return shipped[name]
    folder = Path(name_or_folder)
    if (folder / ONTOLOGY).is_file():
        return folder
    message, suggestion = f"there is no folder `{name}`", f"packs that ship: {listed(shipped)}"
    if folder.is_dir():
        message, suggestion = f"the folder `{name}` holds no `{ONTOLOGY}`", _WHAT_A_PACK_IS
    elif folder.exists():
        message, suggestion = f"`{name}` is a file, not a pack", _WHAT_A_PACK_IS
    elif folder.name == name:
        message, suggestion = f"there is no pack `{name}`", did_you_mean(name, shipped)
    raise InputError((Finding("pack", "error", message, suggestion, place=name),))


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of one folder, and what is wrong with any of them."""

    folder: Path
    findings: list[Finding] = field(default_factory=list[Finding])

    def notes(self, file: str) -> Notes:
        return Notes(file, self.findings)

    def text(self, file: str) -> str | None:
        """The file's text, or ``None`` where there is no such file or it cannot be read."""
        path = self.folder / file
        if not path.is_file():
            return None
        if path.stat().st_size > _LARGEST:
            limit = f"{_LARGEST // 1_000_000} MB"
            self.notes(file).report("pack", 1, f"the file is larger than {limit}", "split it")
            return None
        content = path.read_bytes()
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            message = "the file is not UTF-8 text"
            self.notes(file).report("parse", line, message, "save it as UTF-8")
            return None

    def texts(self, folder: str, suffix: str) -> dict[str, str]:
        """The files of a subfolder, by name, as ``folder/name`` → text."""
        names = sorted(p.name for p in (self.folder / folder).glob(f"*{suffix}"))
        found = {f"{folder}/{name}": self.text(f"{folder}/{name}") for name in names}
        return {file: text for file, text in found.items() if text is not None}


def _pack(files: _Files, rules: bool) -> Pack | None:
    text = files.text(ONTOLOGY)
    if text is None:
        return None
    ontology, findings = load_ontology(text, ONTOLOGY)
    files.findings.extend(findings)
    if ontology is None:
        _syntax_of_cases(files)
        return None
    code_sets = _code_sets(files, ontology)
    scope_rows = _scope_rows(files, ontology)
    _missing_code_sets(files, text, ontology, scope_rows)
    rule_files = files.texts("rules", ".rules")
    rule_set, places = RuleSet(), dict[str, str]()
    scenarios = _scenarios(files, ontology, code_sets)
    examples = read_examples(files.notes(EXAMPLES), files.text(EXAMPLES) or "[]")
    if rules:
        rule_set, places = _rules(files, rule_files, ontology, code_sets)
        _check_examples(files, examples, ontology, code_sets, rule_set.defines)
    return Pack(
        files.folder, ontology, code_sets, scope_rows, rule_set, rule_files, places,
        scenarios, examples,
    )  # fmt: skip


def _syntax_of_cases(files: _Files) -> None:
    """Without an ontology, what can be said of the other files is whether they can be read."""
    for file in (SCENARIOS, EXAMPLES):
        files.findings.extend(read_yaml(files.text(file) or "[]", file)[1])


def _code_sets(files: _Files, ontology: Ontology) -> dict[str, CodeSet]:
    modifiers = [m for d in ontology.decisions.values() for m in d.modifiers]
    code_sets: dict[str, CodeSet] = {}
    for file, text in files.texts("codes", ".csv").items():
        code_set, findings = read_code_set(text, file, modifiers)
        files.findings.extend(findings)
        code_sets[code_set.name] = code_set
    return code_sets


def _missing_code_sets(
    files: _Files,
    text: str,
    ontology: Ontology,
    scope_rows: tuple[ScopeRow, ...],
) -> None:
    """Note each value of a deciding attribute that has no code set file."""
    present = {p.stem for p in (files.folder / "codes").glob("*.csv")}
    words = (*ontology.attributes.values(), *ontology.decisions.values())
    missing = [
        (path, value)
        for path in dict.fromkeys(w.code_set for w in words if w.code_set)
        for value in _values_of(ontology, path, scope_rows)
        if value not in present
    ]
    node = read_yaml(text, ONTOLOGY)[0] if missing else None
    for path, value in missing:
        message = f"the value `{value}` of `{path}` has no file `codes/{value}.csv`"
        suggestion = f"there is {listed(sorted(present))}" if present else _CODE_FILE
        line = _value_line(node, path, value)
        files.notes(ONTOLOGY).report("code-set", line, message, suggestion)


def _values_of(ontology: Ontology, path: str, scope_rows: tuple[ScopeRow, ...]) -> tuple[str, ...]:
    """The values of the attribute as far as the pack lists them."""
    attribute = ontology.attributes[path]
    if attribute.values or ontology.scopes is None or attribute.entity != ontology.scopes.entity:
        return tuple(attribute.values)
    return tuple(dict.fromkeys(r[attribute.name] for r in scope_rows if attribute.name in r))


def _value_line(node: Node | None, path: str, value: str) -> int:
    """The line of ontology.yaml where a value of this attribute stands, or the attribute."""
    line = 1
    entity, _, name = path.partition(".")
    for key in ("entities", entity, "attributes", name, "values", value):
        if isinstance(node, Items):
            return next(
                (i.line for i in node.items if isinstance(i, Text) and i.value == key), line
            )
        if not isinstance(node, Fields) or key not in node.entries:
            return line
        line, node = node.lines[key], node.entries[key]
    return line


def _scope_rows(files: _Files, ontology: Ontology) -> tuple[ScopeRow, ...]:
    """The rows of the scope entity's own table; empty where the pack has none."""
    scopes = ontology.scopes
    names = _tables_of(scopes.entity) if scopes else ()
    file = next((n for n in names if (files.folder / n).is_file()), None)
    text = files.text(file) if file else None
    if scopes is None or file is None or text is None:
        return ()
    notes = files.notes(file)
    columns = {level.replace("_", " ").casefold(): level for level in scopes.levels}
    table = read_table(notes, text, columns, scopes.levels, extra=True)
    if set(scopes.levels) - set(table.columns):
        return ()
    rows = [_scope_row(notes, row, scopes.levels, ontology) for row in table.rows]
    if not rows:
        notes.report(
            "pack", 1, f"there is no {scopes.entity} in this file", "add one line for each"
        )
    return tuple({tuple(row.items()): row for row in rows}.values())


def _tables_of(entity: str) -> tuple[str, ...]:
    """The names an entity's own table may have: the plural, as people write it."""
    plurals = [f"{entity}s", f"{entity}es", entity]
    if entity.endswith("y"):
        plurals.insert(0, f"{entity[:-1]}ies")
    return tuple(f"{plural}.csv" for plural in plurals)


def _scope_row(
    notes: Notes, row: TableRow, levels: tuple[str, ...], ontology: Ontology
) -> ScopeRow:
    assert ontology.scopes is not None
    found: dict[str, str] = {}
    for level in levels:
        if level not in row.cells:
            message = f"this line has no `{level}`"
            notes.report("pack", row.line, message, "fill every column of a scope level")
            continue
        try:
            attribute = ontology.attributes[ontology.scopes.path(level)]
            found[level] = str(converter(attribute)(row.cells[level]))
        except BadValue as bad:
            notes.report(bad.code, row.line, bad.message, bad.help)
    return found


def _scenarios(files: _Files, ontology: Ontology, code_sets: CodeSets) -> tuple[Scenario, ...]:
    text = files.text(SCENARIOS)
    return read_scenarios(files.notes(SCENARIOS), text or "[]", ontology, code_sets)


def _rules(
    files: _Files, rule_files: Mapping[str, str], ontology: Ontology, code_sets: CodeSets
) -> tuple[RuleSet, dict[str, str]]:
    """All statements of all files, and where each stands."""
    # Imported here: the parser is 40 ms at start that a pack without rules does not need.
    from data.rulelang.parse import parse, read_defines

    rules: list[Rule] = []
    gaps: list[AcceptedGap] = []
    defines: list[Define] = []
    invariants: list[Invariant] = []
    places: dict[str, str] = {}
    every = read_defines(rule_files.values(), ontology, code_sets)
    for file, text in rule_files.items():
        parsed = parse(text, ontology, code_sets, file, every)
        files.findings.extend(parsed.findings)
        found = parsed.rule_set
        for statement in (*found.rules, *found.gaps, *found.defines, *found.invariants):
            title = statement.title
            line = parsed.lines[title]
            if title in places:
                message = f"there is a second rule `{title}`"
                suggestion = f"the first is at {places[title]}: give each a title of its own"
                files.notes(file).report("duplicate", line, message, suggestion)
            places.setdefault(title, f"{file}:{line}")
        rules += found.rules
        gaps += found.gaps
        defines += found.defines
        invariants += found.invariants
    files.findings.extend(_unknown_overrides(rules, places))
    return RuleSet(tuple(rules), tuple(gaps), tuple(defines), tuple(invariants)), places


def _unknown_overrides(rules: list[Rule], places: Mapping[str, str]) -> Iterator[Finding]:
    titles = dict.fromkeys(r.title for r in rules)
    for rule in rules:
        for title in rule.overrides:
            if title not in titles:
                message = f"`{rule.title}` overrides `{title}`, which is no rule"
                suggestion = did_you_mean(title, [t for t in titles if t != rule.title])
                place = places[rule.title]
                yield Finding("unknown-term", "error", message, suggestion, (rule.title,), place)


def _check_examples(
    files: _Files,
    examples: tuple[Example, ...],
    ontology: Ontology,
    code_sets: CodeSets,
    defines: tuple[Define, ...],
) -> None:
    from data.rulelang.parse import parse

    for example in examples:
        # Empty lines in front, so that places are lines of the file.
        text = "\n" * (example.line - 1) + example.rules
        parsed = parse(text, ontology, code_sets, EXAMPLES, defines)
        files.findings.extend(parsed.findings)
        if not parsed.lines and not parsed.findings:
            message = f"the example `{example.sentence}` has no rule"
            files.notes(EXAMPLES).report("pack", example.line, message, 'begin with `rule "..."`')
