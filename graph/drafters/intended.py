"""The rules a sentence of a set was meant as: an item's ``reading``, or its rule text.

A reading is a list of ``{"if": condition, "then": {decision: value}}`` in the ontology's names,
tried in order; the first whose condition is true wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from data.ontology.model import Attribute, Decision, Ontology, Value
from data.ontology.values import converter
from data.packs.load import Pack
from data.rulelang.ast import (
    And,
    Compare,
    Condition,
    Contribute,
    Decide,
    Exists,
    Include,
    Not,
    Op,
    Or,
    Outcome,
    Rows,
    Rule,
    RuleSet,
    Span,
)
from data.rulelang.parse import parse

Json = Mapping[str, Any]
_OPS: Mapping[str, Op] = {
    "==": "is", "!=": "is not", "in": "is one of", "not in": "is none of",
    ">=": "is at least", "<=": "is at most", ">": "is more than", "<": "is less than",
}  # fmt: skip
_DATES: Mapping[str, Op] = {
    ">=": "is on or after", "<=": "is on or before", ">": "is after", "<": "is before",
}  # fmt: skip
_SETS: Mapping[str, Op] = {"==": "include", "in": "include any of", "not in": "include none of"}


def intended(item: Json, pack: Pack) -> RuleSet | None:
    """The rules that are meant; ``None`` where the item does not say.

    Raises ``KeyError`` or ``BadValue`` for a reading that does not fit the ontology.
    """
    if "rules" in item:
        defines = pack.rule_set.defines
        return parse(str(item["rules"]), pack.ontology, pack.code_sets, "", defines).rule_set
    if "reading" not in item:
        return None
    return RuleSet(tuple(_rules(item["reading"], pack.ontology)))


def _rules(reading: Sequence[Json], ontology: Ontology) -> Iterator[Rule]:
    """Each in turn holds only where none before it does."""
    before: list[Condition] = []
    for number, part in enumerate(reading, 1):
        when = _condition(part["if"], ontology, "") if part.get("if") else None
        parts = [Not(b) for b in before] + ([when] if when is not None else [])
        yield Rule(f"Part {number}", tuple(_outcomes(part["then"], ontology)), _all(parts))
        if when is not None:
            before.append(when)


def _all(parts: Sequence[Condition]) -> Condition | None:
    flat = [q for p in parts for q in (p.parts if isinstance(p, And) else (p,))]
    return And(tuple(flat)) if len(flat) > 1 else flat[0] if flat else None


def _condition(said: Json, ontology: Ontology, entity: str) -> Condition:
    """``entity`` is that of the rows it is about; empty for the request."""
    if "and" in said or "or" in said:
        kind = And if "and" in said else Or
        parts = [_condition(p, ontology, entity) for p in said.get("and") or said["or"]]
        flat = [q for p in parts for q in (p.parts if isinstance(p, kind) else (p,))]
        return kind(tuple(flat))
    if "not" in said:
        return Not(_condition(said["not"], ontology, entity))
    if "relation" in said:
        relation = ontology.relations[said["relation"]]
        where = said.get("where") and _condition(said["where"], ontology, relation.entity)
        months = said.get("within_months")
        within = Span(int(months), "months") if months else None
        return Exists(Rows(relation.name, where or None, within))
    path = str(said["attr"])
    attribute = ontology.attributes[path if "." in path else f"{entity}.{path}"]
    return _compared(attribute, str(said["op"]), said["value"])


def _compared(attribute: Attribute, op: str, value: object) -> Compare:
    ops = {"date": _DATES, "set": _SETS}.get(attribute.type, {})
    found = ops.get(op, _OPS[op])
    if isinstance(value, list):
        several = cast("list[object]", value)
        return Compare(attribute.path, found, tuple(_value(attribute, v) for v in several))
    return Compare(attribute.path, found, _value(attribute, value))


def _value(attribute: Attribute, value: object) -> Value:
    if attribute.type == "set":
        return str(value)
    plain = Decimal(str(value)) if isinstance(value, float) else value
    return converter(attribute)(plain)


def _outcomes(then: Json, ontology: Ontology) -> Iterator[Outcome]:
    for name, value in then.items():
        decision = ontology.decisions[name]
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        yield from (_outcome(decision, v) for v in values)


def _outcome(decision: Decision, value: object) -> Outcome:
    match decision.hit:
        case "single":
            return Decide(decision.name, cast(Value, value))
        case "collect":
            return Include(decision.name, cast(Value, value))
        case _:
            return Contribute(decision.name, Decimal(str(value)))
