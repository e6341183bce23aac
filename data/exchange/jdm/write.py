"""Rules → a GoRules JDM graph, and a list of the decisions that it cannot say, with reasons.

The graph answers every request on which all facts are known as the rules do: with
``{decision: {"status": "decided", "value": …}}``, ``left_to_staff`` without a value, and nothing
where no rule applies. A decision that collects is a list, in which a value may stand twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from data.exchange.decision_table import DecisionTable, Line, decision_tables, left_out_of
from data.exchange.jdm.entries import answer_of, test_of, text
from data.exchange.problem import NotSayable, refuse
from data.rulelang.findings import Finding
from data.rulelang.version import Version

Json = dict[str, Any]
_IN, _OUT = "request", "answers"
_APART = 320
"""Points between two tables of the drawing."""


def jdm_bytes(version: Version) -> tuple[bytes, tuple[Finding, ...]]:
    """The graph as JSON, and what was left out. Raises ``InputError`` where nothing can be said."""
    tables, findings = decision_tables(version)
    made: list[list[Json]] = []
    for table in tables:
        try:
            made.append(list(_nodes(table, len(made))))
        except NotSayable as reason:
            findings = (*findings, left_out_of(table.decision, str(reason)))
    if not made:
        refuse("no decision can be said as a table: " + "; ".join(f.message for f in findings))
    graph = _graph(made)
    return json.dumps(graph, ensure_ascii=False, indent=2).encode(), findings


def _graph(chains: Sequence[Sequence[Json]]) -> Json:
    ends = [
        {"id": _IN, "type": "inputNode", "name": _IN, "position": {"x": 0, "y": 0}},
        {"id": _OUT, "type": "outputNode", "name": _OUT, "position": {"x": 3 * _APART, "y": 0}},
    ]
    links = (
        link
        for chain in chains
        for ids in [[_IN, *(n["id"] for n in chain), _OUT]]
        for link in pairwise(ids)
    )
    edges = [{"id": f"{a} to {b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in links]
    return {"nodes": [*ends, *(n for chain in chains for n in chain)], "edges": edges}


def _nodes(table: DecisionTable, place: int) -> Iterator[Json]:
    """The table, and what makes one answer of the rows that a request meets."""
    name, joined = table.decision.name, table.policy in ("collect", "sum", "min", "max")
    if joined and any(line.answer is None for line in table.lines):
        raise NotSayable("some of what it collects is left to staff")
    columns = [{"id": a.path, "name": a.label, "field": a.path} for a in table.columns]
    answers = ("value",) if joined else (f"{name}.status", f"{name}.value")
    content: Json = {
        "hitPolicy": "collect" if joined else "first",
        "inputs": columns,
        "outputs": [{"id": o, "name": o, "field": o} for o in answers],
        "rules": [_row(table, line, answers, n) for n, line in enumerate(table.lines)],
    }
    if joined:
        content["outputPath"] = f"rows.{name}"
    at = {"x": _APART, "y": place * _APART}
    yield {
        "id": name, "type": "decisionTableNode", "name": table.decision.label,
        "content": content, "position": at,
    }  # fmt: skip
    if joined:
        yield _together(table, at)


def _together(table: DecisionTable, at: Json) -> Json:
    name = table.decision.name
    rows = f"map(rows.{name} ?? [], #.value)"
    some = f"len({rows}) > 0"
    match table.policy:
        case "collect":
            said = {"status": text("decided"), "value": rows}
        case "sum":
            said = {"status": text("decided"), "value": f"{some} ? sum({rows}) : 0"}
        case least_or_most:
            said = {
                "status": f'{some} ? "decided" : "no_rule"',
                "value": f"{some} ? {least_or_most}({rows}) : null",
            }
    expressions = [{"id": f"{name}.{k}", "key": f"{name}.{k}", "value": v} for k, v in said.items()]
    return {
        "id": f"{name}, together", "type": "expressionNode",
        "name": f"{table.decision.label}, together",
        "content": {"expressions": expressions}, "position": {**at, "x": 2 * _APART},
    }  # fmt: skip


def _row(table: DecisionTable, line: Line, answers: Iterable[str], number: int) -> Json:
    status = "left_to_staff" if line.answer is None else "decided"
    said = {"status": text(status), "value": answer_of(line.answer)}
    cells = zip(table.columns, line.cells, strict=True)
    return {
        "_id": f"{table.decision.name} {number + 1}",
        "_description": line.rule.title,
        **{a.path: test_of(asked) for a, asked in cells},
        **{field: said[field.rpartition(".")[2]] for field in answers},
    }
