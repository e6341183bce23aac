"""Rules → a DMN 1.5 model, and a list of the decisions that tables cannot say, with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from data.exchange.decision_table import DecisionTable, Policy, decision_tables
from data.exchange.dmn.entries import literal, unary_tests
from data.exchange.dmn.read import OURS
from data.exchange.problem import refuse
from data.ontology.model import Attribute, TypeName
from data.rulelang.findings import Finding
from data.rulelang.version import Version

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"
_TYPES: dict[TypeName, str] = {
    "boolean": "boolean", "integer": "number", "decimal": "number", "date": "date", "time": "time",
}  # fmt: skip

_POLICIES: dict[Policy, tuple[str, str]] = {
    "any": ("ANY", ""), "first": ("FIRST", ""), "collect": ("COLLECT", ""),
    "sum": ("COLLECT", "SUM"), "min": ("COLLECT", "MIN"), "max": ("COLLECT", "MAX"),
}  # fmt: skip


def dmn_bytes(version: Version) -> tuple[bytes, tuple[Finding, ...]]:
    """The model, and what was left out. Raises ``InputError`` where nothing can be said."""
    tables, left_out = decision_tables(version)
    if not tables:
        refuse("no decision can be said as a table: " + "; ".join(f.message for f in left_out))
    return _model(version, tables), left_out


def _model(version: Version, tables: Sequence[DecisionTable]) -> bytes:
    register_namespace("", DMN)
    register_namespace("rw", OURS)
    ontology = version.ontology
    root = _named("definitions", ontology.title, ontology.name)
    root.set("namespace", f"{OURS}/{ontology.name}")
    used = {a.path for t in tables for a in t.columns}
    facts = [a for a in ontology.facts if a.path in used]
    for entity, mine in groupby(sorted(facts, key=lambda a: a.entity), key=lambda a: a.entity):
        root.append(_structure(entity, list(mine)))
    for entity in sorted({a.entity for a in facts}):
        given = _named("inputData", entity, f"input_{entity}")
        given.append(_variable(entity, f"t_{entity}"))
        root.append(given)
    root.extend(_decision(t) for t in tables)
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _structure(entity: str, facts: Sequence[Attribute]) -> Element:
    structure = _named("itemDefinition", f"t_{entity}", f"t_{entity}")
    for fact in facts:
        part = _named("itemComponent", fact.name, f"{entity}_{fact.name}", fact.label)
        if fact.type == "integer":
            part.set(f"{{{OURS}}}type", "integer")
        if fact.unit:
            part.set(f"{{{OURS}}}unit", fact.unit)
        SubElement(part, f"{{{DMN}}}typeRef").text = _TYPES.get(fact.type, "string")
        if allowed := _allowed(fact):
            part.append(_text("allowedValues", allowed))
        structure.append(part)
    return structure


def _allowed(fact: Attribute) -> str:
    if fact.values:
        return ", ".join(map(literal, fact.values))
    match (fact.min, fact.max):
        case (None, None):
            return ""
        case (low, None):
            return f">= {literal(low)}"
        case (None, high):
            return f"<= {literal(high)}"
        case (low, high):
            return f"[{literal(low)}..{literal(high)}]"


def _decision(made: DecisionTable) -> Element:
    decision = made.decision
    kind = _TYPES.get(decision.type, "string")
    found = _named("decision", decision.name, f"decision_{decision.name}", decision.label)
    if decision.type in ("text", "decimal", "code"):
        found.set(f"{{{OURS}}}type", "decimal" if decision.type == "decimal" else "text")
    found.append(_variable(decision.name, kind))
    for entity in sorted({a.entity for a in made.columns}):
        needed = SubElement(found, f"{{{DMN}}}informationRequirement")
        SubElement(needed, f"{{{DMN}}}requiredInput", href=f"#input_{entity}")
    found.append(_table(made, kind))
    return found


def _table(made: DecisionTable, kind: str) -> Element:
    policy, aggregation = _POLICIES[made.policy]
    table = Element(f"{{{DMN}}}decisionTable", hitPolicy=policy)
    if aggregation:
        table.set("aggregation", aggregation)
    for fact in made.columns:
        column = SubElement(table, f"{{{DMN}}}input", label=fact.label)
        typed = SubElement(
            column, f"{{{DMN}}}inputExpression", typeRef=_TYPES.get(fact.type, "string")
        )
        SubElement(typed, f"{{{DMN}}}text").text = fact.path
    output = SubElement(table, f"{{{DMN}}}output", typeRef=kind)
    if made.decision.values:
        output.append(_text("outputValues", ", ".join(map(literal, made.decision.values))))
    for line in made.lines:
        row = SubElement(table, f"{{{DMN}}}rule", label=line.rule.title)
        if line.rule.because:
            SubElement(row, f"{{{DMN}}}description").text = line.rule.because
        row.extend(_text("inputEntry", unary_tests(cell)) for cell in line.cells)
        row.append(_text("outputEntry", literal(line.answer)))
    return table


def _named(element: str, name: str, key: str, label: str = "") -> Element:
    found = Element(f"{{{DMN}}}{element}", name=name, id=key)
    if label:
        found.set("label", label)
    return found


def _variable(name: str, kind: str) -> Element:
    return Element(f"{{{DMN}}}variable", name=name, typeRef=kind)


def _text(element: str, text: str) -> Element:
    found = Element(f"{{{DMN}}}{element}")
    SubElement(found, f"{{{DMN}}}text").text = text
    return found
