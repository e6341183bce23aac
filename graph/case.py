"""A case said in words, as facts: `a 39-year-old woman in a wheelchair at Northstar`."""

from __future__ import annotations

from data.ontology.model import Value
from data.rulelang.ast import Compare, Decide, Rule, conjuncts
from data.rulelang.version import Version
from graph.context import Services
from graph.drafters.base import Task


def read_case(services: Services, version: Version, said: str) -> dict[str, Value] | None:
    """The facts of a described case, by path; ``None`` where it leaves something open.

    It is read as the sentence of a rule is, with an outcome that some rule gives already.
    """
    outcome = _any_outcome(version)
    if outcome is None:
        return None
    found = services.drafters[-1].draft(f"{said} should get {outcome}", task_of(version))
    return facts_of(found.readings[0].rules[0], version) if found.status == "drafted" else None


def task_of(version: Version) -> Task:
    """What a drafter may look at to read a case."""
    return Task(
        version.ontology, version.code_sets, version.rule_set, scope_rows=version.scope_rows
    )


def facts_of(rule: Rule, version: Version, whole_sets: bool = False) -> dict[str, Value] | None:
    """The facts a rule names exactly, or ``None`` where it leaves something open.

    ``whole_sets``: the one element that is said of a set is all that it holds.
    """
    given: dict[str, Value] = {}
    for part in conjuncts(rule.when):
        if not isinstance(part, Compare) or isinstance(part.value, tuple):
            return None
        if part.op == "include" and whole_sets:
            given[part.attribute] = frozenset([str(part.value)])
        elif part.op == "is":
            given[part.attribute] = part.value
        else:
            return None
    if rule.scope is not None and version.ontology.scopes is not None:
        if len(rule.scope.values) != 1:
            return None
        given[version.ontology.scopes.path(rule.scope.level)] = rule.scope.values[0]
    return given


def _any_outcome(version: Version) -> str | None:
    said = (o for r in version.rule_set.rules for o in r.then if isinstance(o, Decide))
    named = (f"{version.ontology.decisions[o.decision].label} {o.value}" for o in said
             if isinstance(o.value, str))  # fmt: skip
    return next(named, None)
