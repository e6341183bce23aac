"""The form that a model fills in says what rule text says, in the organisation's words alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from data.ontology.values import json_value
from data.packs import load_pack
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Concept,
    Condition,
    Contribute,
    Decide,
    Include,
    Known,
    LeaveToStaff,
    Modify,
    Not,
    Or,
    Outcome,
    Rule,
)
from data.rulelang.parse import parse
from data.rulelang.render import render_condition
from graph.drafters.form import Misfilled, answer_schema, rules_text
from tests.generators import World, worlds


def form_of(rule: Rule, world: World) -> dict[str, Any]:
    scope = rule.scope
    return {
        "title": rule.title,
        "scope": {"level": scope.level, "values": list(scope.values)} if scope else None,
        "mandatory": rule.mandatory,
        "when": condition_of(rule.when, world) if rule.when else None,
        "then": [outcome_of(o, world) for o in rule.then],
    }


def condition_of(condition: Condition, world: World) -> dict[str, Any]:
    labels = {p: a.label for p, a in world.ontology.attributes.items()}
    match condition:
        case Compare(path, op, value):
            values = value if isinstance(value, tuple) else (value,)
            return {"fact": labels[path], "op": op, "values": [json_value(v) for v in values]}
        case Known(path):
            return {"fact": labels[path], "known": True}
        case CompareFacts(path, op, other):
            return {"fact": labels[path], "op": op, "other": labels[other]}
        case And(parts):
            return {"all": [condition_of(p, world) for p in parts]}
        case Or(parts):
            return {"any": [condition_of(p, world) for p in parts]}
        case Not(part):
            return {"not": condition_of(part, world)}
        case _:
            return {"clause": render_condition(condition, world.ontology)}


def outcome_of(outcome: Outcome, world: World) -> dict[str, Any]:
    named = {"decision": world.ontology.decisions[outcome.decision].label}
    match outcome:
        case LeaveToStaff():
            return {**named, "left_to_staff": "yes"}
        case Decide(_, Concept(name)):
            return {**named, "concept": name}
        case Decide(_, value) if not isinstance(value, Concept):
            return {**named, "is": json_value(value)}
        case Include(_, value):
            return {**named, "include": json_value(value)}
        case Contribute(decision, amount):
            verb = "adds" if world.ontology.decisions[decision].hit == "sum" else "is"
            return {**named, verb: json_value(amount)}
        case Modify(_, modifier, adds):
            return {**named, "adds" if adds else "drops": modifier}
        case _:
            raise AssertionError(outcome)


@settings(max_examples=120, deadline=None)
@given(world=worlds(most=4))
def test_a_filled_form_reads_as_the_rule_it_was_made_from(world: World) -> None:
    schema = answer_schema(world.ontology, world.code_sets)
    for rule in world.rule_set.rules:
        form = form_of(rule, world)
        text = rules_text([form], world.ontology)
        read = parse(text, world.ontology, world.code_sets, "", world.rule_set.defines)
        assert not [f for f in read.findings if f.severity == "error"], (text, read.findings)
        (made,) = read.rule_set.rules
        assert (made.when, made.scope, made.mandatory) == (rule.when, rule.scope, rule.mandatory)
        assert made.then == rule.then
        jsonschema.validate({"answer": {"readings": [{"rules": [form]}]}}, schema)


@pytest.mark.parametrize("name", ["radiology", "issues"])
def test_the_schema_keeps_to_what_strict_mode_allows(name: str) -> None:
    pack = load_pack(name)
    schema = answer_schema(pack.ontology, pack.code_sets)
    jsonschema.Draft202012Validator.check_schema(schema)
    for record in _records(schema):
        assert record["required"] == list(record["properties"])
        assert record["additionalProperties"] is False
    assert schema["type"] == "object"
    assert len(json.dumps(schema)) < 120_000


def _records(schema: Any) -> list[Mapping[str, Any]]:
    if isinstance(schema, list):
        return [r for part in schema for r in _records(part)]
    if not isinstance(schema, dict):
        return []
    here = [schema] if "properties" in schema else []
    return here + [r for part in schema.values() for r in _records(part)]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("fact",), "patient mood"),
        (("values", 0), "soon"),
        (("op",), "is roughly"),
    ],
)
def test_words_that_nobody_has_do_not_fit_the_schema(path: tuple[Any, ...], value: str) -> None:
    pack = load_pack("radiology")
    schema = answer_schema(pack.ontology, pack.code_sets)
    test: dict[str, Any] = {"fact": "patient age", "op": "is at least", "values": [40]}
    rule = {
        "title": "one", "scope": None, "mandatory": False, "when": test,
        "then": [{"decision": "instructions", "include": "Bring it."}],
    }  # fmt: skip
    jsonschema.validate({"answer": {"readings": [{"rules": [rule]}]}}, schema)
    *way, last = path
    at: Any = test
    for step in way:
        at = at[step]
    at[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"answer": {"readings": [{"rules": [rule]}]}}, schema)


@pytest.mark.parametrize(
    "rule",
    [
        "text",
        {},
        {"title": "x", "then": []},
        {"title": "x", "then": [{"decision": "instructions"}]},
        {"title": "x", "when": {"all": []}, "then": [{"clause": "x"}]},
        {"title": "x", "when": {"fact": "patient age"}, "then": [{"clause": "x"}]},
        {"title": "x", "scope": "TX", "mandatory": True, "then": [{"clause": "x"}]},
    ],
)
def test_a_form_that_is_not_filled_in_is_refused(rule: Any) -> None:
    pack = load_pack("radiology")
    with pytest.raises(Misfilled):
        rules_text([rule], pack.ontology)
