"""The ontology and the code sets as plain JSON, and back: what a version keeps of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, cast

from data.ontology.model import (
    Attribute,
    Candidates,
    Code,
    CodeSet,
    CodeSets,
    Decision,
    Number,
    Ontology,
    Relation,
    Scopes,
)
from data.ontology.values import converter, json_value

Json = dict[str, Any]


def ontology_to_json(ontology: Ontology) -> Json:
    """Everything the ontology says; attribute and value order is kept, it is part of it."""
    return {
        "name": ontology.name,
        "title": ontology.title,
        "date": ontology.date,
        "entities": list(ontology.entities),
        "attributes": [_word(a) for a in ontology.attributes.values()],
        "relations": [_record(r) for r in ontology.relations.values()],
        "scopes": _record(ontology.scopes) if ontology.scopes else None,
        "decisions": [_word(d) for d in ontology.decisions.values()],
        "candidates": [_record(c) for c in ontology.candidates.values()],
    }


def ontology_from_json(content: Mapping[str, Any]) -> Ontology:
    """The ontology that :func:`ontology_to_json` wrote."""
    scopes = content["scopes"]
    attributes = [_attribute(a) for a in content["attributes"]]
    relations = [Relation(**r) for r in content["relations"]]
    decisions = [Decision(**_read(d)) for d in content["decisions"]]
    candidates = [Candidates(**c) for c in content["candidates"]]
    return Ontology(
        name=content["name"],
        title=content["title"],
        date=content["date"],
        entities=tuple(content["entities"]),
        attributes={a.path: a for a in attributes},
        relations={r.name: r for r in relations},
        scopes=Scopes(scopes["entity"], tuple(scopes["levels"])) if scopes else None,
        decisions={d.name: d for d in decisions},
        candidates={c.name: c for c in candidates},
    )


def code_sets_to_json(code_sets: CodeSets) -> Json:
    return {
        name: [_record(c) for c in code_set.codes.values()]
        for name, code_set in sorted(code_sets.items())
    }


def code_sets_from_json(content: Mapping[str, Any]) -> CodeSets:
    return {
        name: CodeSet(name, {r["code"]: _code(r) for r in rows}) for name, rows in content.items()
    }


def _code(record: Json) -> Code:
    return Code(record["code"], record["title"], tuple(record["modifiers"]), record["concept"])


def _attribute(record: Json) -> Attribute:
    default = record["default"]
    read = _read(record) | {"default": None}
    attribute = Attribute(**cast("Any", read))
    if default is None:
        return attribute
    return replace(attribute, default=converter(attribute)(default))


def _word(word: Attribute | Decision) -> Json:
    record = _record(word)
    record["values"] = [[value, list(names)] for value, names in word.values.items()]
    record |= {"min": _number(word.min), "max": _number(word.max)}
    if isinstance(word, Attribute) and word.default is not None:
        record["default"] = json_value(word.default)
    return record


def _read(record: Json) -> Json:
    read: Json = {name: _frozen(value) for name, value in record.items()}
    read["values"] = {value: tuple(names) for value, names in record["values"]}
    return read | {"min": _from_number(record["min"]), "max": _from_number(record["max"])}


def _frozen(value: Any) -> Any:
    return tuple(cast("list[Any]", value)) if isinstance(value, list) else value


def _record(item: Any) -> Json:
    return {f.name: _plain(getattr(item, f.name)) for f in fields(item)}


def _plain(value: Any) -> Any:
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value


def _number(value: Number | None) -> int | str | None:
    """Decimals as text: JSON's numbers would round them."""
    return str(value) if isinstance(value, Decimal) else value


def _from_number(value: int | str | None) -> Number | None:
    return Decimal(value) if isinstance(value, str) else value
