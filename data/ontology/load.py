"""``ontology.yaml`` and the code set files to typed words, or to findings with their lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from data.ontology.code_set import load_code_set
from data.ontology.model import (
    Attribute,
    Candidates,
    Decision,
    Hit,
    Ontology,
    Relation,
    Scopes,
)
from data.ontology.nearest import did_you_mean
from data.ontology.nodes import Notes
from data.ontology.plain_yaml import Fields, Node, Text, read_yaml
from data.ontology.values import BadValue, converter, plain_value
from data.ontology.word import ATTRIBUTE_TYPES, DECISION_TYPES, WORD_KEYS, label_of, read_word
from data.rulelang.findings import Finding, FindingCode

__all__ = ["load_code_set", "load_ontology"]

_TOP = (
    "name", "title", "description", "date", "entities", "relations", "scopes", "decisions",
    "candidates",
)  # fmt: skip
_ATTRIBUTE = (*WORD_KEYS, "sensitive", "default", "source")
_DECISION = (*WORD_KEYS, "hit", "required", "gap_by", "modifiers", "from")
_RELATION = ("from", "entity", "label", "plural", "date", "description")

_HITS_OF: Mapping[str, tuple[Hit, ...]] = {
    "boolean": ("single",),
    "choice": ("single",),
    "integer": ("single", "collect", "sum", "min", "max"),
    "decimal": ("single", "collect", "sum", "min", "max"),
}
_OTHER_HITS: tuple[Hit, ...] = ("single", "collect")


def load_ontology(text: str, file: str = "ontology.yaml") -> tuple[Ontology | None, list[Finding]]:
    """The ontology, or ``None`` and every finding; it never loads in part."""
    node, findings = read_yaml(text, file)
    notes = Notes(file, findings)
    if isinstance(node, Text) and node.is_null:
        notes.report("pack", node.line, "the file is empty", "begin with `name:` and `entities:`")
        return None, findings
    if node is None:
        return None, findings
    ontology = _ontology(notes, node)
    return (None if findings else ontology), findings


def _ontology(notes: Notes, node: Node) -> Ontology:
    what = "the ontology"
    top = notes.fields(node, what, _TOP)
    for key in ("name", "entities", "decisions"):
        notes.require(top, key, what, node.line)
    name = notes.text(top.get("name"), "`name`") or ""
    entities, attributes = _entities(notes, top.get("entities"))
    ontology = Ontology(
        name=name,
        title=notes.text(top.get("title"), "`title`") or name,
        date=None,
        entities=entities,
        attributes=attributes,
        relations=_relations(notes, top.get("relations"), entities, attributes),
        scopes=None,
        decisions={},
        candidates=_candidates(notes, top.get("candidates"), entities, attributes),
    )
    _names_apart(notes, top, ontology)
    paths = _Paths(notes, ontology)
    _check_code_sets(paths, top.get("entities"))
    return replace(
        ontology,
        date=paths.fact(top.get("date"), "`date`", ("date",)),
        scopes=_scopes(paths, top.get("scopes")),
        decisions=_decisions(paths, top.get("decisions")),
    )


@dataclass(frozen=True, slots=True)
class _Paths:
    """Looks up the facts that keys of the file name, such as ``clinic.family``."""

    notes: Notes
    ontology: Ontology

    def fact(self, node: Node | None, what: str, types: tuple[str, ...]) -> str | None:
        """The path of a fact of one of these types; anything else is a finding."""
        path = self.notes.text(node, what)
        if node is None or path is None:
            return None
        fitting = {a.path: a for a in self.ontology.facts if a.type in types}
        if path in fitting:
            return path
        suggestion = did_you_mean(path, fitting)
        attribute = self.ontology.attributes.get(path)
        if attribute is None:
            message = f"{what} names `{path}`, which is no attribute"
            self.notes.report("unknown-term", node.line, message, suggestion)
        elif attribute.entity in self.ontology.row_entities:
            message = f"{what} cannot name `{path}`: it stands in rows, not in the request itself"
            self.notes.report("type", node.line, message, suggestion)
        else:
            wanted = " or ".join(types)
            message = f"{what} must name an attribute of type {wanted}, `{path}` is not"
            self.notes.report("type", node.line, message, suggestion)
        return None


def _entities(notes: Notes, node: Node | None) -> tuple[tuple[str, ...], dict[str, Attribute]]:
    names: list[str] = []
    attributes: dict[str, Attribute] = {}
    for entity, entry, line in notes.names(node, "`entities`"):
        names.append(entity)
        fields = notes.fields(entry, f"entity `{entity}`", ("attributes", "description"))
        found = _attributes(notes, entity, fields.get("attributes"))
        attributes |= {a.path: a for a in found}
        if not found:
            message = f"entity `{entity}` has no attributes"
            notes.report("pack", line, message, "add `attributes:` with at least one")
    return tuple(names), attributes


def _attributes(notes: Notes, entity: str, node: Node | None) -> list[Attribute]:
    found: list[Attribute] = []
    labels: dict[str, str] = {}
    for name, entry, line in notes.names(node, f"`attributes` of `{entity}`"):
        attribute = _attribute(notes, f"{entity}.{name}", entry, line)
        _label_apart(notes, labels, attribute.label, attribute.path, line)
        found.append(attribute)
    return found


def _label_apart(notes: Notes, labels: dict[str, str], label: str, name: str, line: int) -> None:
    """Note a label that another word has already: rule text could not tell the two apart."""
    other = labels.setdefault(label.casefold(), name)
    if other != name:
        message = f"`{name}` has the label `{label}`, as `{other}` has"
        notes.report("duplicate", line, message, "give each a label of its own")


def _attribute(notes: Notes, path: str, node: Node, line: int) -> Attribute:
    fields = notes.fields(node, f"`{path}`", _ATTRIBUTE)
    word = read_word(notes, fields, path, line, ATTRIBUTE_TYPES)
    attribute = Attribute(
        path=path,
        type=word.type,
        label=word.label,
        synonyms=word.synonyms,
        description=word.description,
        unit=word.unit,
        min=word.min,
        max=word.max,
        values=word.values,
        of=word.of,
        sensitive=notes.choice(
            fields.get("sensitive"), f"`sensitive` of `{path}`", ("identifying",)
        ),
        code_set=notes.text(fields.get("code_set"), f"`code_set` of `{path}`"),
        source=notes.text(fields.get("source"), f"`source` of `{path}`"),
    )
    return _with_default(notes, attribute, fields.get("default"))


def _with_default(notes: Notes, attribute: Attribute, node: Node | None) -> Attribute:
    if node is None or (attribute.type in ("enum", "set") and not attribute.values):
        return attribute
    try:
        return replace(attribute, default=converter(attribute)(plain_value(attribute, node)))
    except BadValue as bad:
        notes.report(bad.code, node.line, f"`default` does not fit: {bad.message}", bad.help)
        return attribute


def _relations(
    notes: Notes,
    node: Node | None,
    entities: tuple[str, ...],
    attributes: Mapping[str, Attribute],
) -> dict[str, Relation]:
    found: dict[str, Relation] = {}
    labels: dict[str, str] = {}
    for name, entry, line in notes.names(node, "`relations`"):
        what = f"relation `{name}`"
        fields = notes.fields(entry, what, _RELATION)
        source = _entity_in(notes, fields, "from", what, line, entities)
        entity = _entity_in(notes, fields, "entity", what, line, entities)
        if source is None or entity is None:
            continue
        if source == entity:
            message = f"{what} leads from `{source}` to itself"
            notes.report("pack", line, message, "give its rows an entity of their own")
        label = notes.text(fields.get("label"), f"`label` of {what}") or label_of(name)
        _label_apart(notes, labels, label, name, line)
        day = _own_attribute(notes, fields.get("date"), f"`date` of {what}", entity, attributes)
        plural = notes.text(fields.get("plural"), f"`plural` of {what}")
        found[name] = Relation(name, source, entity, label, day, plural)
        _label_apart(notes, labels, found[name].many, name, line)
    return found


def _entity_in(
    notes: Notes,
    fields: Mapping[str, Node],
    key: str,
    what: str,
    line: int,
    entities: tuple[str, ...],
) -> str | None:
    """The declared entity that ``key`` names."""
    notes.require(fields, key, what, line)
    node = fields.get(key)
    name = notes.text(node, f"`{key}` of {what}")
    if node is None or name is None or name in entities:
        return name
    message = f"`{key}` of {what} names `{name}`, which is no entity"
    notes.report("unknown-term", node.line, message, did_you_mean(name, entities))
    return None


def _own_attribute(
    notes: Notes,
    node: Node | None,
    what: str,
    entity: str,
    attributes: Mapping[str, Attribute],
    types: tuple[str, ...] = ("date",),
) -> str | None:
    """The name of an attribute of this entity, of one of these types."""
    name = notes.text(node, what)
    if node is None or name is None:
        return None
    fitting = {a.name for a in attributes.values() if a.entity == entity and a.type in types}
    if name in fitting:
        return name
    code: FindingCode = "type" if f"{entity}.{name}" in attributes else "unknown-term"
    message = f"{what} names `{name}`, which is no {' or '.join(types)} attribute of `{entity}`"
    notes.report(code, node.line, message, did_you_mean(name, sorted(fitting)))
    return None


def _candidates(
    notes: Notes,
    node: Node | None,
    entities: tuple[str, ...],
    attributes: Mapping[str, Attribute],
) -> dict[str, Candidates]:
    found: dict[str, Candidates] = {}
    for name, entry, line in notes.names(node, "`candidates`"):
        what = f"candidates `{name}`"
        fields = notes.fields(entry, what, ("entity", "key", "description"))
        entity = _entity_in(notes, fields, "entity", what, line, entities)
        notes.require(fields, "key", what, line)
        key = entity and _own_attribute(
            notes, fields.get("key"), f"`key` of {what}", entity, attributes,
            ("text", "code", "enum"),
        )  # fmt: skip
        found[name] = Candidates(name, entity or "", key or "")
    return found


def _names_apart(notes: Notes, top: Mapping[str, Node], ontology: Ontology) -> None:
    """Note names that would share one place at the top of a request."""
    places = {name: f"entity `{name}`" for name in ontology.entities}
    places = {n: p for n, p in places.items() if n not in ontology.row_entities}
    places["id"] = "the request's own id"
    if "id" in ontology.entities:
        message = "an entity cannot be named `id`: that is the request's own id"
        notes.report("duplicate", _key_line(top, "entities", "id"), message, "name it otherwise")
    for key, names in (("relations", ontology.relations), ("candidates", ontology.candidates)):
        for name in names:
            if name in places:
                message = f"`{name}` is already {places[name]}"
                notes.report("duplicate", _key_line(top, key, name), message, "name it otherwise")
            places[name] = f"one of the {key}"


def _key_line(top: Mapping[str, Node], key: str, name: str) -> int:
    node = top[key]
    return node.lines[name] if isinstance(node, Fields) else node.line


def _check_code_sets(paths: _Paths, node: Node | None) -> None:
    """Check the ``code_set`` of every attribute; all facts are known only now."""
    for entity, entry in _entries(node):
        for name, fields in _entries(_entry(entry, "attributes")):
            code_set = _entry(fields, "code_set")
            paths.fact(code_set, f"`code_set` of `{entity}.{name}`", ("enum", "text"))


def _entries(node: Node | None) -> tuple[tuple[str, Node], ...]:
    return tuple(node.entries.items()) if isinstance(node, Fields) else ()


def _entry(node: Node, key: str) -> Node | None:
    return node.entries.get(key) if isinstance(node, Fields) else None


def _scopes(paths: _Paths, node: Node | None) -> Scopes | None:
    if node is None:
        return None
    notes, ontology = paths.notes, paths.ontology
    fields = notes.fields(node, "`scopes`", ("entity", "levels", "description"))
    entity = _entity_in(notes, fields, "entity", "`scopes`", node.line, ontology.entities)
    notes.require(fields, "levels", "`scopes`", node.line)
    if entity is None:
        return None
    if entity in ontology.row_entities:
        message = f"the scope entity `{entity}` comes in rows"
        notes.report("pack", fields["entity"].line, message, "name an entity of the request itself")
        return None
    levels = notes.text_lines(fields.get("levels"), "`levels` of `scopes`")
    if "levels" in fields and not levels:
        notes.report("pack", fields["levels"].line, "`levels` is empty", "name the broadest first")
    known = [
        a.name for a in ontology.facts if a.entity == entity and a.type in ("enum", "text", "code")
    ]
    for level, line in levels:
        if level not in known:
            message = f"the scope level `{level}` is no enum or text attribute of `{entity}`"
            notes.report("unknown-term", line, message, did_you_mean(level, known))
    return Scopes(entity, tuple(level for level, _ in levels))


def _decisions(paths: _Paths, node: Node | None) -> dict[str, Decision]:
    found: dict[str, Decision] = {}
    labels: dict[str, str] = {}
    for name, entry, line in paths.notes.names(node, "`decisions`"):
        decision = _decision(paths, name, entry, line)
        _label_apart(paths.notes, labels, decision.label, name, line)
        found[name] = decision
    if node is not None and not found:
        paths.notes.report("pack", node.line, "there is no decision", "add what rules decide")
    return found


def _decision(paths: _Paths, name: str, node: Node, line: int) -> Decision:
    notes, what = paths.notes, f"`{name}`"
    fields = notes.fields(node, what, _DECISION)
    word = read_word(notes, fields, name, line, DECISION_TYPES)
    if word.type == "code":
        notes.require(fields, "code_set", what, line)
    return Decision(
        name=name,
        type=word.type,
        label=word.label,
        hit=_hit(notes, fields.get("hit"), what, word.type),
        synonyms=word.synonyms,
        description=word.description,
        unit=word.unit,
        min=word.min,
        max=word.max,
        values=word.values,
        code_set=paths.fact(fields.get("code_set"), f"`code_set` of {what}", ("enum", "text")),
        modifiers=notes.texts(fields.get("modifiers"), f"`modifiers` of {what}"),
        required=notes.flag(fields.get("required"), f"`required` of {what}"),
        gap_by=paths.fact(fields.get("gap_by"), f"`gap_by` of {what}", ("enum", "boolean")),
        candidates=_from(paths, fields, word.type, what, line),
    )


def _hit(notes: Notes, node: Node | None, what: str, type_name: str) -> Hit:
    allowed = _HITS_OF.get(type_name, _OTHER_HITS)
    hit = notes.text(node, f"`hit` of {what}")
    for known in allowed:
        if node is None or hit is None or hit == known:
            return known
    message = f"`hit` of {what} cannot be `{hit}` for the type {type_name}"
    notes.report("type", node.line if node else 1, message, did_you_mean(hit or "", allowed))
    return "single"


def _from(
    paths: _Paths, fields: Mapping[str, Node], type_name: str, what: str, line: int
) -> str | None:
    if type_name != "choice":
        return None
    paths.notes.require(fields, "from", what, line)
    node = fields.get("from")
    name = paths.notes.text(node, f"`from` of {what}")
    known = paths.ontology.candidates
    if node is None or name is None or name in known:
        return name
    message = f"`from` of {what} names `{name}`, which is no candidate list"
    paths.notes.report("unknown-term", node.line, message, did_you_mean(name, known))
    return None
