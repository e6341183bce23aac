"""The smallest request on which two readings differ, said as a person would say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from data.ontology import Attribute, Ontology, Value
from data.ontology.values import json_value
from data.rulelang.ast import Compare, Condition, Rule, RuleSet, leaves_of
from data.rulelang.cells import compares_of, operands
from data.rulelang.evaluate import decide
from data.rulelang.request import Request, nested
from data.rulelang.result import Result
from data.rulelang.version import Version, make_version
from graph.drafters.base import Reading, Task

MOST_REQUESTS = 400
MOST_VALUES = 5
"""Values tried of one fact."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A request that tells two readings apart."""

    text: str
    options: tuple[str, ...]
    request: Mapping[str, Any]

    def picked(self, chosen: Sequence[str]) -> int | None:
        """0 or 1 where the author chose what the first or the second reading gives."""
        said = {c.lower() for c in chosen}
        hits = [n for n, option in enumerate(self.options) if option.lower() in said]
        return hits[0] if len(hits) == 1 else None


def difference(a: Reading, b: Reading, task: Task) -> Telling | None:
    """A smallest request that the two decide differently; ``None`` where none was found."""
    defines = task.rule_set.defines
    rule_sets = (RuleSet(r.rules, (), defines) for r in (a, b))
    versions = [make_version(task.ontology, task.code_sets, (), s) for s in rule_sets]
    found: list[tuple[int, dict[str, Value], str, Result, Result]] = []
    for given in trial_requests((*a.rules, *b.rules), task.ontology):
        differing = _differs(versions, given)
        if differing:
            found.append((len(given), given, *differing))
    if not found:
        return None
    _, given, decision, first, second = min(found, key=lambda f: f[0])
    options = (_said(decision, first, task.ontology), _said(decision, second, task.ontology))
    return Telling(
        f"{_person(given, task.ontology)}: {options[0]} or {options[1]}?", options, nested(given)
    )


def enumerable(a: Reading, b: Reading, task: Task) -> bool:
    """Whether every combination of the readings' boundary values is tried."""
    rules = (*a.rules, *b.rules)
    if any(_beyond_values(r.when) for r in rules):
        return False
    return (
        all(len(v) <= MOST_VALUES for v in _tried(rules, task.ontology).values())
        and sum(1 for _ in trial_requests(rules, task.ontology)) < MOST_REQUESTS
    )


def _beyond_values(condition: Condition | None) -> bool:
    """Whether the condition asks more than what value a fact has."""
    return not all(isinstance(leaf, Compare) for leaf in leaves_of(condition))


def _differs(
    versions: Sequence[Version], given: Mapping[str, Value]
) -> tuple[str, Result, Result] | None:
    first, second = (decide(v, Request(given, {})) for v in versions)
    for decision in first:
        a, b = first[decision], second[decision]
        if a.key != b.key and "undecided" not in (a.status, b.status):
            return decision, a, b
    return None


def _tried(rules: Sequence[Rule], ontology: Ontology) -> dict[str, list[Value]]:
    """The values of each fact at which the rules may turn."""
    values: dict[str, list[Value]] = {}
    for rule in rules:
        for path, value in _values(rule.when):
            values.setdefault(path, [])
            values[path] += [
                v for v in _around(value, ontology.attributes[path]) if v not in values[path]
            ]
        if rule.scope and ontology.scopes:
            path = ontology.scopes.path(rule.scope.level)
            values.setdefault(path, []).extend(
                v for v in rule.scope.values if v not in values.get(path, [])
            )
    return values


def trial_requests(rules: Sequence[Rule], ontology: Ontology) -> Iterator[dict[str, Value]]:
    values = _tried(rules, ontology)
    paths = list(values)
    for n, combination in enumerate(product(*(values[p][:MOST_VALUES] for p in paths))):
        if n >= MOST_REQUESTS:
            return
        yield dict(zip(paths, combination, strict=True))


def _values(condition: Condition | None) -> Iterator[tuple[str, Value]]:
    for compare in compares_of(condition):
        for value in operands(compare):
            yield compare.attribute, value


def _around(value: Value, attribute: Attribute) -> tuple[Value, ...]:
    """The value and those beside it: both sides of a limit, one other value of a list."""
    if isinstance(value, bool):
        return (value, not value)
    if isinstance(value, int):
        return tuple(v for v in (value, value - 1, value + 1) if _fits(v, attribute))
    if isinstance(value, Decimal):
        return tuple(v for v in (value, value - 1, value + 1) if _fits(v, attribute))
    if isinstance(value, date):
        return (value, value - timedelta(days=1), value + timedelta(days=1))
    if attribute.values and attribute.type == "enum":
        other = [v for v in attribute.values if v != value][:1]
        return (value, *other)
    if attribute.type == "set":
        return (frozenset([str(value)]), frozenset())
    return (value,)


def _fits(value: int | Decimal, attribute: Attribute) -> bool:
    return (attribute.min is None or value >= attribute.min) and (
        attribute.max is None or value <= attribute.max
    )


def _said(decision: str, result: Result, ontology: Ontology) -> str:
    label = ontology.decisions[decision].label
    if result.status == "no_rule" or result.value is None or result.value == ():
        return f"no {label}" if result.status != "left_to_staff" else f"{label} left to staff"
    value = (
        json_value(result.value)
        if not isinstance(result.value, tuple)
        else ", ".join(map(str, result.value))
    )
    if isinstance(value, bool):
        return f"{label}: {'yes' if value else 'no'}"
    return str(value)


def _person(given: Mapping[str, Value], ontology: Ontology) -> str:
    parts: list[str] = []
    for path, value in given.items():
        attribute = ontology.attributes[path]
        if isinstance(value, bool):
            parts.append(attribute.label if value else f"no {attribute.label}")
        elif isinstance(value, str):
            parts.append(value)
        elif isinstance(value, frozenset):
            parts.append(f"{attribute.label} {' and '.join(sorted(value)) or 'none'}")
        else:
            unit = f" {attribute.unit}" if attribute.unit else ""
            parts.append(f"{attribute.label} {json_value(value)}{unit}")
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]
