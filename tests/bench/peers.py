"""Other engines on the same rules: each takes the ordered rules and gives a function of a request.

All of them are called as their documentation says: a decision table with hit policy `first` where
an engine has one, else one expression a rule, tried in order. Each function returns the code of the
first rule that applies, or ``None``. An engine that is not installed is left out.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from data.rulelang.ast import And, Compare, Decide, Rule

Decider = Callable[[dict[str, Any]], str | None]
Loader = Callable[[Sequence[Rule]], Decider]


def compares(rule: Rule) -> list[Compare]:
    """All that the rule asks, its scope included."""
    parts = rule.when.parts if isinstance(rule.when, And) else (rule.when,)
    place = rule.scope
    scope = [Compare(f"clinic.{place.level}", "is one of", place.values)] if place else []
    return [*scope, *(p for p in parts if isinstance(p, Compare))]


def code_of(rule: Rule) -> str:
    said = rule.then[0]
    assert isinstance(said, Decide)
    return str(said.value)


def zen_engine(rules: Sequence[Rule]) -> Decider:
    zen: Any = importlib.import_module("zen")
    paths = sorted({c.attribute for r in rules for c in compares(r)})
    table = {
        "hitPolicy": "first",
        "inputs": [{"id": p, "name": p, "field": p} for p in paths],
        "outputs": [{"id": "out", "name": "code", "field": "code"}],
        "rules": [
            {"_id": r.title, "out": json.dumps(code_of(r))}
            | {c.attribute: _cell(c) for c in compares(r)}
            for r in rules
        ],
    }
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in"},
            {"id": "table", "type": "decisionTableNode", "name": "table", "content": table},
            {"id": "end", "type": "outputNode", "name": "end"},
        ],
        "edges": [
            {"id": "a", "type": "edge", "sourceId": "in", "targetId": "table"},
            {"id": "b", "type": "edge", "sourceId": "table", "targetId": "end"},
        ],
    }
    engine = zen.ZenEngine({"loader": {"type": "static", "content": {"codes": graph}}})

    def decide(request: dict[str, Any]) -> str | None:
        return (engine.evaluate("codes", request)["result"] or {}).get("code")

    return decide


def _cell(c: Compare) -> str:
    match c.op:
        case "is at least":
            return f">= {c.value}"
        case "is less than":
            return f"< {c.value}"
        case "is one of":
            return ", ".join(json.dumps(v) for v in _values(c))
        case _:
            return json.dumps(c.value)


def _values(c: Compare) -> tuple[Any, ...]:
    return c.value if isinstance(c.value, tuple) else (c.value,)


def _infix(rule: Rule, either: str, both: str, path: Callable[[str], str]) -> str:
    """The rule as an expression: ``a.b >= 4 and (c.d == "x" or c.d == "y")``."""
    signs: Mapping[str, str] = {"is at least": ">=", "is less than": "<"}
    said: list[str] = []
    for c in compares(rule):
        sign = signs.get(c.op, "==")
        ways = [f"{path(c.attribute)} {sign} {json.dumps(v)}" for v in _values(c)]
        said.append(f"({either.join(ways)})" if len(ways) > 1 else ways[0])
    return both.join(said)


def if_elif(rules: Sequence[Rule]) -> Decider:
    """What a programmer would write by hand, as one function."""
    asked = [_infix(r, " or ", " and ", _python_path) for r in rules]
    tests = [a.replace("true", "True").replace("false", "False") for a in asked]
    lines = [f"    if {t}: return {code_of(r)!r}" for t, r in zip(tests, rules, strict=True)]
    source = "\n".join(["def decide(patient, request, clinic):", *lines, "    return None"])
    made: dict[str, Any] = {}
    exec(source, made)  # noqa: S102
    decide = made["decide"]
    return lambda request: decide(**request)


def _python_path(path: str) -> str:
    entity, _, name = path.partition(".")
    return f"{entity}[{name!r}]"


def cel(rules: Sequence[Rule]) -> Decider:
    module: Any = importlib.import_module("cel")
    programs = [(module.compile(_infix(r, " || ", " && ", str)), code_of(r)) for r in rules]

    def decide(request: dict[str, Any]) -> str | None:
        context = module.Context(request)
        return next((code for program, code in programs if program.execute(context)), None)

    return decide


def rule_engine(rules: Sequence[Rule]) -> Decider:
    module: Any = importlib.import_module("rule_engine")
    context = module.Context(resolver=module.resolve_item)
    made = [
        (module.Rule(_infix(r, " or ", " and ", _python_path), context=context), code_of(r))
        for r in rules
    ]
    return lambda request: next((code for rule, code in made if rule.matches(request)), None)


def json_logic(rules: Sequence[Rule]) -> Decider:
    module: Any = importlib.import_module("json_logic")
    made = [({"and": [_logic(c) for c in compares(r)]}, code_of(r)) for r in rules]
    return lambda request: next(
        (code for logic, code in made if module.jsonLogic(logic, request)), None
    )


def _logic(c: Compare) -> dict[str, Any]:
    fact = {"var": c.attribute}
    match c.op:
        case "is at least":
            return {">=": [fact, c.value]}
        case "is less than":
            return {"<": [fact, c.value]}
        case _:
            return {"in": [fact, list(_values(c))]}


def datalogic(rules: Sequence[Rule]) -> Decider:
    module: Any = importlib.import_module("datalogic_py")
    chain: list[Any] = []
    for rule in rules:
        chain += [{"and": [_logic(c) for c in compares(rule)]}, code_of(rule)]
    return module.Engine().compile({"if": [*chain, None]}).evaluate


def cedar(rules: Sequence[Rule]) -> Decider:
    """Every rule a policy; of those that permit, the first one's code."""
    module: Any = importlib.import_module("cedarpy")
    asked = [_infix(r, " || ", " && ", lambda path: f"context.{path}") for r in rules]
    texts = [f"permit(principal, action, resource) when {{ {a} }};" for a in asked]
    policies = module.PolicySet.from_str("\n".join(texts))
    nobody = module.Entities.from_json_str("[]")
    codes = [code_of(r) for r in rules]
    call = {"principal": 'User::"any"', "action": 'Action::"code"', "resource": 'Site::"any"'}

    def decide(request: dict[str, Any]) -> str | None:
        answer = module.is_authorized({**call, "context": request}, policies, nobody)
        met = [int(name.removeprefix("policy")) for name in answer.diagnostics.reasons]
        return codes[min(met)] if met else None

    return decide


def spiff_workflow(rules: Sequence[Rule]) -> Decider:
    """Its DMN engine; ``UNIQUE`` there takes the first row that is met."""
    model: Any = importlib.import_module("SpiffWorkflow.dmn.specs.model")
    runner: Any = importlib.import_module("SpiffWorkflow.dmn.engine.DMNEngine")
    script: Any = importlib.import_module("SpiffWorkflow.bpmn.script_engine")
    workflow = SimpleNamespace(script_engine=script.PythonScriptEngine())
    paths = {c.attribute for r in rules for c in compares(r)}
    inputs = {p: model.Input(p, p, p, _python_path(p), "string") for p in paths}
    output = model.Output("code", "code", "code", "string")
    table = model.DecisionTable("codes", "codes", "UNIQUE")
    for rule in rules:
        row = model.Rule(rule.title)
        for c in compares(rule):
            entry = model.InputEntry(c.attribute, inputs[c.attribute])
            entry.lhs = [_spiff_cell(c)]
            row.inputEntries.append(entry)
        said = model.OutputEntry("code", output)
        said.text = repr(code_of(rule))
        row.outputEntries.append(said)
        table.rules.append(row)
    engine = runner.DMNEngine(table)

    def decide(request: dict[str, Any]) -> str | None:
        return engine.result(SimpleNamespace(workflow=workflow, data=request)).get("code")

    return decide


def _spiff_cell(c: Compare) -> str:
    match c.op:
        case "is at least":
            return f">= {c.value}"
        case "is less than":
            return f"< {c.value}"
        case _:
            return f"? in {list(_values(c))!r}"


PEERS: Mapping[str, tuple[Loader, int]] = {
    "hand-written if/elif": (if_elif, 5_000),
    "zen-engine": (zen_engine, 50_000),
    "CEL (common-expression-language)": (cel, 5_000),
    "json-logic": (json_logic, 5_000),
    "datalogic": (datalogic, 50_000),
    "Cedar": (cedar, 5_000),
    "SpiffWorkflow DMN": (spiff_workflow, 250),
    "rule-engine": (rule_engine, 250),
}
"""By name: how it is loaded, and the most rules it is asked to take (more would take minutes)."""
