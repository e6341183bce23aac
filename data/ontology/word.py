"""What attributes and decisions are both told by: type, label, range, values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from data.ontology.model import Number, Synonyms, TypeName
from data.ontology.nearest import did_you_mean
from data.ontology.nodes import Notes
from data.ontology.plain_yaml import Fields, Node, Text

WORD_KEYS = (
    "type", "label", "synonyms", "description", "unit", "min", "max", "values", "code_set",
)  # fmt: skip

_TYPES: Mapping[str, TypeName] = {t: t for t in get_args(TypeName)}
_SETS: Mapping[str, Literal["enum", "code"]] = {"set of enum": "enum", "set of code": "code"}
ATTRIBUTE_TYPES = (*(t for t in _TYPES if t not in ("set", "choice")), *_SETS)
DECISION_TYPES = tuple(t for t in _TYPES if t != "set")

_FITS: Mapping[str, tuple[str, ...]] = {
    "min": ("integer", "decimal"),
    "max": ("integer", "decimal"),
    "values": ("enum", "set of enum"),
    "code_set": ("code", "set of code"),
    "modifiers": ("code",),
    "from": ("choice",),
}
"""The types a key belongs to; other keys belong to all."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")


@dataclass(frozen=True, slots=True)
class WordFields:
    """The part of an attribute or decision that both have."""

    type: TypeName
    of: Literal["enum", "code"] | None
    label: str
    synonyms: tuple[str, ...]
    description: str
    unit: str | None
    min: Number | None
    max: Number | None
    values: Synonyms


def read_word(
    notes: Notes, fields: Mapping[str, Node], name: str, line: int, types: tuple[str, ...]
) -> WordFields:
    """The common fields of the word ``name`` that begins in ``line``."""
    what = f"`{name}`"
    written = _type(notes, fields, what, line, types)
    if written is not None:
        _refuse_misplaced(notes, fields, what, written)
    low = _limit(notes, fields.get("min"), f"`min` of {what}", written)
    high = _limit(notes, fields.get("max"), f"`max` of {what}", written)
    if low is not None and high is not None and low > high:
        message = f"`min` of {what} is {low}, more than its `max`, {high}"
        notes.report("range", fields["min"].line, message, "swap the two")
    of = _SETS.get(written or "")
    return WordFields(
        type="set" if of else _TYPES.get(written or "", "text"),
        of=of,
        label=notes.text(fields.get("label"), f"`label` of {what}") or label_of(name),
        synonyms=notes.synonyms(fields.get("synonyms"), f"`synonyms` of {what}"),
        description=notes.text(fields.get("description"), f"`description` of {what}") or "",
        unit=notes.text(fields.get("unit"), f"`unit` of {what}"),
        min=low,
        max=high,
        values=_values(notes, fields, what, line, needed=written in ("enum", "set of enum")),
    )


def label_of(name: str) -> str:
    """The label of a name that has none: its last part, underscores as spaces."""
    return name.rpartition(".")[2].replace("_", " ")


def _type(
    notes: Notes, fields: Mapping[str, Node], what: str, line: int, types: tuple[str, ...]
) -> str | None:
    """The type as it is written, or ``None`` where there is no such type."""
    if "type" not in fields:
        notes.report("pack", line, f"{what} has no `type`", did_you_mean("", types))
        return None
    text = notes.text(fields["type"], f"`type` of {what}")
    if text is None or text in types:
        return text
    message = f"{what} has the type `{text}`, which does not exist"
    notes.report("type", fields["type"].line, message, did_you_mean(text, types))
    return None


def _refuse_misplaced(notes: Notes, fields: Mapping[str, Node], what: str, written: str) -> None:
    for key, types in _FITS.items():
        if key in fields and written not in types:
            message = f"{what} is of type {written} and cannot have `{key}`"
            suggestion = f"`{key}` belongs to the type {' or '.join(types)}"
            notes.report("type", fields[key].line, message, suggestion)


def _limit(notes: Notes, node: Node | None, what: str, written: str | None) -> Number | None:
    text = notes.text(node, what)
    if node is None or text is None or written not in _FITS["min"]:
        return None
    whole = written == "integer"
    if not _NUMBER.fullmatch(text) or (whole and "." in text):
        wanted = "a whole number" if whole else "a number"
        message = f"{what} must be {wanted}, not `{text}`"
        notes.report("type", node.line, message, "write a number such as 40")
        return None
    return int(text) if whole else Decimal(text)


RESERVED = ("known", "left to staff")
"""What the rule language itself says after ``is``."""


def _values(
    notes: Notes, fields: Mapping[str, Node], what: str, line: int, needed: bool
) -> Synonyms:
    """Each value with its synonyms, from a mapping or from a plain list."""
    node = fields.get("values")
    where = f"`values` of {what}"
    values: dict[str, tuple[str, ...]] = {}
    if isinstance(node, Fields):
        values = _values_of_mapping(notes, node, where)
    elif node is not None:
        values = dict.fromkeys(notes.texts(node, where), ())
    for value in values:
        if value.casefold() in RESERVED:
            message = f"no value can be called `{value}`: rules say `is {value}` of any fact"
            at = line if node is None else node.line
            notes.report("pack", at, message, "choose another word, and keep this one as a synonym")
    if needed and not values:
        at = line if node is None else node.line
        notes.report("pack", at, f"{what} is an enum without values", "add `values: [one, two]`")
    return values


def _values_of_mapping(notes: Notes, node: Fields, where: str) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    for key, entry in node.entries.items():
        line = node.lines[key]
        value = notes.text(Text(key, line, "'"), f"a value in {where}")
        if value is None:
            continue
        if value.casefold() in seen:
            message = f"`{value}` stands twice in {where}"
            notes.report("duplicate", line, message, "keep one: case does not tell values apart")
            continue
        seen.add(value.casefold())
        values[value] = notes.synonyms(entry, f"the synonyms of `{value}`")
    return values
