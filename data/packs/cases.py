"""``scenarios.yaml`` and ``examples.yaml``: named cases, and sentences with their rule text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from data.ontology.model import CodeSets, Decision, Ontology
from data.ontology.nearest import did_you_mean, listed
from data.ontology.nodes import Notes
from data.ontology.plain_yaml import Fields, Items, Node, Text, read_yaml
from data.ontology.values import BadValue, converter, json_value, plain_value
from data.rulelang.codes import resolve
from data.rulelang.request import RequestError, read_request

STATUSES = ("no_rule", "left_to_staff", "undecided")
"""What a scenario may expect in place of a value."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named case: what is known, and what must come out."""

    name: str
    given: dict[str, Any]
    """Nested plain JSON facts, as :func:`read_request` takes them."""
    expect: dict[str, object]
    """By decision: a plain JSON value, a list for collect, ``{"status": ...}``, or ``None``
    where it must not be decided."""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence as people say it, and the rule text it means."""

    sentence: str
    rules: str
    line: int = 1
    """The line of the rule text's first character."""


def read_scenarios(
    notes: Notes, text: str, ontology: Ontology, code_sets: CodeSets
) -> tuple[Scenario, ...]:
    """The scenarios; what does not fit the ontology is noted."""
    node = _document(notes, text)
    found: dict[str, Scenario] = {}
    for name, fields, line in _named(notes, node, "name", ("given", "expect", "description")):
        for key in ("given", "expect"):
            notes.require(fields, key, f"scenario `{name}`", line)
        if name in found:
            message = f"there is a second scenario `{name}`"
            notes.report("duplicate", line, message, "give each a name of its own")
        given = _given(notes, fields.get("given"), ontology)
        expect = _expect(notes, fields.get("expect"), ontology, code_sets)
        found[name] = Scenario(name, given, expect, f"{notes.file}:{line}")
    return tuple(found.values())


def read_examples(notes: Notes, text: str) -> tuple[Example, ...]:
    """The examples; their rule text is not parsed here."""
    node = _document(notes, text)
    if isinstance(node, Fields):
        entries = [(s, {"rules": rules}, node.lines[s]) for s, rules in node.entries.items()]
    else:
        entries = list(_named(notes, node, "sentence", ("rules",)))
    found: list[Example] = []
    for sentence, fields, line in entries:
        notes.require(fields, "rules", f"example `{sentence}`", line)
        rules = fields.get("rules")
        if isinstance(rules, Text) and rules.value.strip():
            found.append(Example(sentence, rules.value.strip("\n"), rules.first_line))
        elif rules is not None:
            notes.report("pack", rules.line, "`rules` must be rule text", "write `rules: |`")
    return tuple(found)


def _document(notes: Notes, text: str) -> Node | None:
    node, findings = read_yaml(text, notes.file)
    notes.findings.extend(findings)
    return None if isinstance(node, Text) and node.is_null else node


def _named(
    notes: Notes, node: Node | None, name_key: str, keys: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Node], int]]:
    """Entries of a list that name themselves, or of a mapping by name: name, fields, line."""
    if isinstance(node, Items):
        for item in node.items:
            fields = notes.fields(item, "an entry", (name_key, *keys))
            notes.require(fields, name_key, "this entry", item.line)
            name = notes.text(fields.get(name_key), f"`{name_key}`")
            if name is not None:
                yield name, fields, item.line
    elif isinstance(node, Fields):
        for name, entry in node.entries.items():
            yield name, notes.fields(entry, f"`{name}`", keys), node.lines[name]
    elif node is not None:
        message = "the file must be a list of entries"
        notes.report("pack", node.line, message, f"begin each entry with `- {name_key}:`")


def _given(notes: Notes, node: Node | None, ontology: Ontology) -> dict[str, Any]:
    """The facts as plain JSON; every fact that does not fit is noted in its own line."""
    if node is None:
        return {}
    entries = notes.mapping(node, "`given`")
    given = {name: _plain(ontology, name, entry) for name, entry in entries.entries.items()}
    errors: dict[tuple[str | int, ...], RequestError] = {}
    for part in _parts(given):
        try:
            read_request(ontology, part)
        except RequestError as error:
            errors.setdefault(error.path, error)
    for path, error in errors.items():
        notes.report(error.code, _line(entries, path), error.message, error.help)
    return given


def _parts(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each fact, and each list of rows, as a request of its own: none depends on another."""
    for name, facts in given.items():
        if isinstance(facts, dict) and facts:
            yield from (
                {name: {key: value}} for key, value in cast("dict[str, Any]", facts).items()
            )
        else:
            yield {name: facts}


def _line(node: Node, path: tuple[str | int, ...]) -> int:
    """The line of what ``path`` leads to, or of the last part of it that exists."""
    line = node.line
    for step in path:
        if isinstance(node, Fields) and step in node.entries:
            line, node = node.lines[str(step)], node.entries[str(step)]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            line = node.line
    return line


def _plain(ontology: Ontology, name: str, node: Node) -> object:
    """The facts of one entity, or the rows of one list, as plain JSON by their types."""
    entity = name
    if name in ontology.relations:
        entity = ontology.relations[name].entity
    elif name in ontology.candidates:
        entity = ontology.candidates[name].entity
    if isinstance(node, Items):
        return [_plain_facts(ontology, entity, item) for item in node.items]
    return _plain_facts(ontology, entity, node)


def _plain_facts(ontology: Ontology, entity: str, node: Node) -> object:
    if isinstance(node, Fields):
        return {
            name: _plain_fact(ontology, f"{entity}.{name}", entry)
            for name, entry in node.entries.items()
        }
    if isinstance(node, Text):
        return None if node.is_null else node.value
    return [_plain_facts(ontology, entity, item) for item in node.items]


def _plain_fact(ontology: Ontology, path: str, node: Node) -> object:
    attribute = ontology.attributes.get(path)
    return plain_value(attribute, node) if attribute else None


def _expect(
    notes: Notes, node: Node | None, ontology: Ontology, code_sets: CodeSets
) -> dict[str, object]:
    if node is None:
        return {}
    entries = notes.mapping(node, "`expect`")
    if not entries.entries:
        notes.report("pack", entries.line, "`expect` names no decision", "write `decision: value`")
    expect: dict[str, object] = {}
    for name, entry in entries.entries.items():
        decision = ontology.decisions.get(name)
        if decision is None:
            suggestion = did_you_mean(name, ontology.decisions)
            message = f"`{name}` is no decision"
            notes.report("unknown-term", entries.lines[name], message, suggestion)
            continue
        try:
            expect[name] = _expected(decision, entry, code_sets)
        except BadValue as bad:
            notes.report(bad.code, entry.line, bad.message, bad.help)
    return expect


def _expected(decision: Decision, node: Node, code_sets: CodeSets) -> object:
    """The expectation of one decision as plain JSON; raises :class:`BadValue`."""
    if isinstance(node, Text) and node.is_null:
        return None
    if isinstance(node, Fields):
        return _expected_status(decision, node)
    if decision.hit != "collect":
        return _expected_value(decision, node, code_sets)
    if not isinstance(node, Items):
        message = f"`{decision.name}` collects and must be a list here"
        raise BadValue("type", message, "write `[...]`, or `[]` for none")
    return [_expected_value(decision, item, code_sets) for item in node.items]


def _expected_status(decision: Decision, node: Fields) -> object:
    status = node.entries.get("status")
    if set(node.entries) == {"status"} and isinstance(status, Text) and status.value in STATUSES:
        return {"status": status.value}
    written = status.value if isinstance(status, Text) else ""
    message = f"`{decision.name}` expects something that is neither a value nor a status"
    suggestion = did_you_mean(written, STATUSES) if written else f"statuses: {listed(STATUSES)}"
    raise BadValue("type", message, suggestion)


def _expected_value(decision: Decision, node: Node, code_sets: CodeSets) -> object:
    free = decision.hit == "sum"
    word = replace(decision, min=None, max=None) if free else decision
    value = json_value(converter(word)(plain_value(word, node)))
    if decision.type == "code" and code_sets:
        known = any(resolve(decision, str(value), codes) for codes in code_sets.values())
        if not known:
            codes = [c for code_set in code_sets.values() for c in code_set.codes]
            message = f"no code set has `{value}`"
            raise BadValue("code-set", message, did_you_mean(str(value), codes))
    return value
