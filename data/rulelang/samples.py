"""Conditions in an organisation's own words, which ``rulewright language`` shows."""

from __future__ import annotations

from collections.abc import Iterable

from data.ontology.model import Attribute, Ontology, Relation
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Count,
    Define,
    Derived,
    Exists,
    Not,
    Rows,
    Since,
    Span,
)
from data.rulelang.build import mismatch
from data.rulelang.grammar import KINDS, OPERATORS, OPERATORS_OF
from data.rulelang.render import render_condition, render_define


def samples(ontology: Ontology) -> tuple[str, ...]:
    """Conditions on history and on two facts, and a definition; each of them can be read."""
    found = [*_of_facts(ontology)]
    for relation in ontology.relations.values():
        found += _of_rows(relation, ontology)
    texts = [f"when {render_condition(c, ontology)}" for c in found]
    dated = next((r for r in ontology.relations.values() if _is_dated(r, ontology)), None)
    if dated is not None:
        name = f"recent {dated.label}"
        recent = Define(name, Exists(Rows(dated.name, None, Span(30, "days"))))
        texts += [
            render_define(recent, ontology),
            f"when {render_condition(Derived(name), ontology)}",
        ]
    return tuple(texts)


def _of_facts(ontology: Ontology) -> Iterable[Condition]:
    """The first two facts of each kind that it makes sense to compare."""
    seen: set[str] = set()
    for fact in ontology.facts:
        kind = KINDS[fact.type]
        other = next((f for f in ontology.facts if _comparable(fact, f)), None)
        if kind not in seen and other is not None:
            seen.add(kind)
            yield CompareFacts(fact.path, OPERATORS[OPERATORS_OF[kind][-1]], other.path)


def _comparable(fact: Attribute, other: Attribute) -> bool:
    hidden = "identifying" in (fact.sensitive, other.sensitive)
    alike = fact.type == other.type and fact.type in ("date", "time")
    alike = alike or bool(fact.unit and fact.unit == other.unit)
    alike = alike or bool(set(fact.values) & set(other.values))
    return alike and not hidden and mismatch(fact, other) is None


def _of_rows(relation: Relation, ontology: Ontology) -> Iterable[Condition]:
    where = _first_value(relation, ontology)
    yield Not(Exists(Rows(relation.name, where)))
    yield Count(Rows(relation.name, where), "is at least", 2)
    if _is_dated(relation, ontology):
        yield Exists(Rows(relation.name, where, Span(12, "months")))
        yield Since(Rows(relation.name, where), "months", "is at least", 11)


def _is_dated(relation: Relation, ontology: Ontology) -> bool:
    return relation.date is not None and ontology.date is not None


def _first_value(relation: Relation, ontology: Ontology) -> Condition | None:
    own = (a for a in ontology.attributes.values() if a.entity == relation.entity)
    listed = next((a for a in own if a.type == "enum" and a.values), None)
    return Compare(listed.path, "is", next(iter(listed.values))) if listed else None
