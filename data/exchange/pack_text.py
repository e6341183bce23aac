"""An ontology as the text of ``ontology.yaml``, and the files of a pack on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from data.exchange.problem import refuse
from data.ontology.model import Attribute, Decision, Ontology, Value
from data.ontology.values import json_value


class _Plain(yaml.SafeDumper):
    """Every value in full: a pack has no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def ontology_text(ontology: Ontology) -> str:
    """``load_ontology(ontology_text(o))`` is ``o``, for what an import makes."""
    entities = {
        entity: {
            "attributes": {
                a.name: _attribute(a) for a in ontology.attributes.values() if a.entity == entity
            }
        }
        for entity in ontology.entities
    }
    content = _said(
        name=ontology.name,
        title=ontology.title,
        date=ontology.date,
        entities=entities,
        decisions={d.name: _decision(d) for d in ontology.decisions.values()},
    )
    return yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write a pack's files into a folder that is new or empty. Raises ``InputError``."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        refuse(f"`{folder}` exists already and is not empty", "name a new folder")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _attribute(a: Attribute) -> dict[str, Any]:
    return _said(
        type=f"set of {a.of}" if a.of else a.type,
        label=a.label,
        unit=a.unit,
        min=_plain(a.min),
        max=_plain(a.max),
        values=_values(a.values),
        default=_plain(a.default),
        source=a.source,
    )


def _decision(d: Decision) -> dict[str, Any]:
    return _said(
        type=d.type,
        hit=d.hit,
        label=d.label,
        description=d.description or None,
        required=True if d.required else None,
        unit=d.unit,
        min=_plain(d.min),
        max=_plain(d.max),
        values=_values(d.values),
    )


def _values(values: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]] | None:
    return {value: list(synonyms) for value, synonyms in values.items()} or None


def _plain(value: Value | None) -> Any:
    return None if value is None else json_value(value)


def _said(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
