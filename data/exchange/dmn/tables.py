"""One decision's rules as a decision table that answers every request as they do.

Scope, dates and conditions become columns. Of rules that meet with other answers the order of the
rows says who wins: a topological order of "beats", under the hit policy FIRST. That is exact where
the rules have no conflict, so a decision with one is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import Any

from data.exchange.problem import NotSayable
from data.ontology.model import Attribute, CodeSets, Decision, Ontology, Value
from data.rulelang.ast import (
    Compare,
    Concept,
    Contribute,
    Decide,
    Include,
    LeaveToStaff,
    Modify,
    Rule,
    leaves_of,
)
from data.rulelang.cells import One, Other, applicability
from data.rulelang.codes import resolve
from data.rulelang.partition import Cells
from data.rulelang.regions import Box, Regions, TooMany, disjoint
from data.rulelang.render import render_value
from data.rulelang.version import Version

_AGGREGATIONS = {"sum": "SUM", "min": "MIN", "max": "MAX"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a cell for each column, the answer, and the rule it comes from."""

    cells: tuple[str, ...]
    answer: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Exported:
    """A decision as a table."""

    decision: Decision
    policy: str
    aggregation: str
    columns: tuple[Attribute, ...]
    lines: tuple[Line, ...]


def exported(version: Version, decision: Decision, conflicts: Sequence[frozenset[str]]) -> Exported:
    """The table of a decision. Raises :class:`NotSayable` with the reason.

    ``conflicts`` holds the titles of rules of which none wins on some request.
    """
    ontology = version.ontology
    rules = [r for r in version.rule_set.expanded().rules if _speaks(r, decision)]
    if not rules:
        raise NotSayable("no rule speaks of it")
    said = {r.title: _answer(r, decision, version.code_sets) for r in rules}
    shapes = _Shapes(ontology, rules)
    meeting = [(r, q) for r, q in combinations(rules, 2) if shapes.meet(r, q)]
    if decision.hit == "single":
        rivals = [(r, q) for r, q in meeting if said[r.title] != said[q.title]]
        _refuse_conflicts(rivals, conflicts)
        rules = _in_order(version, decision, rules, rivals)
        policy, aggregation = "FIRST" if rivals else "ANY", ""
    else:
        _refuse_overrides(meeting)
        policy, aggregation = "COLLECT", _AGGREGATIONS.get(decision.hit, "")
    rows = [(rule, box) for rule in rules for box in shapes.boxes(rule, apart=bool(aggregation))]
    if not rows:
        raise NotSayable("none of its rules can ever apply")
    columns = [a for a in ontology.facts if any((a.path, "") in box for _, box in rows)]
    lines = [
        Line(tuple(shapes.cell(a, box) for a in columns), said[rule.title], rule)
        for rule, box in rows
    ]
    return Exported(decision, policy, aggregation, tuple(columns), tuple(lines))


def _speaks(rule: Rule, decision: Decision) -> bool:
    return any(o.decision == decision.name for o in rule.then)


def _answer(rule: Rule, decision: Decision, code_sets: CodeSets) -> str:
    """The output cell. Raises :class:`NotSayable`."""
    said = [o for o in rule.then if o.decision == decision.name]
    if len(said) > 1:
        raise NotSayable(f"`{rule.title}` says several things of it")
    match said[0]:
        case LeaveToStaff():
            return "null"
        case Decide(_, Concept(name)):
            raise NotSayable(f"the code for `{name}` is another in each code set")
        case Decide(_, value) if decision.type == "code":
            return literal(_code(str(value), decision, code_sets))
        case Decide(_, value) | Include(_, value) if not isinstance(value, Concept):
            return literal(value)
        case Contribute():
            return literal(said[0].amount)
        case Modify():
            raise NotSayable("codes with modifiers are put together from several rules")
        case _:
            raise NotSayable("choosing among candidates is no table")


def _code(text: str, decision: Decision, code_sets: CodeSets) -> str:
    """The code as every code set that has it writes it."""
    found = {c.text for s in code_sets.values() if (c := resolve(decision, text, s))}
    if len(found) > 1:
        raise NotSayable(f"`{text}` is read differently in two code sets")
    return found.pop() if found else text


def _refuse_conflicts(
    rivals: Sequence[tuple[Rule, Rule]], conflicts: Sequence[frozenset[str]]
) -> None:
    for r, q in rivals:
        if any({r.title, q.title} <= titles for titles in conflicts):
            raise NotSayable(f"`{r.title}` and `{q.title}` are in conflict: settle that first")


def _refuse_overrides(meeting: Sequence[tuple[Rule, Rule]]) -> None:
    for r, q in meeting:
        if q.title in r.overrides or r.title in q.overrides:
            raise NotSayable(f"`{r.title}` or `{q.title}` takes the other's contribution away")


def _in_order(
    version: Version, decision: Decision, rules: Sequence[Rule], rivals: Sequence[tuple[Rule, Rule]]
) -> list[Rule]:
    """What wins comes first; else by title."""
    plan = version.plans[decision.name]
    order: TopologicalSorter[str] = TopologicalSorter({r.title: () for r in rules})
    for pair in rivals:
        for r, q in (pair, pair[::-1]):
            if plan.beats(r, q):
                order.add(q.title, r.title)
    by_title = {r.title: r for r in rules}
    try:
        return [by_title[t] for t in order.static_order()]
    except CycleError:
        raise NotSayable("its rules beat one another in a circle") from None


class _Shapes:
    """Where rules apply, as boxes, and a box as cells of a table."""

    def __init__(self, ontology: Ontology, rules: Sequence[Rule]) -> None:
        self._conditions = {r.title: applicability(ontology, r) for r in rules}
        self._cells = Cells(ontology, self._conditions.values())
        self._regions = Regions(ontology, self._conditions.values())
        self._hulls = {t: self._regions.hull(c) for t, c in self._conditions.items()}

    def meet(self, r: Rule, q: Rule) -> bool:
        one, other = self._hulls[r.title], self._hulls[q.title]
        return one is not None and other is not None and not disjoint(one, other)

    def boxes(self, rule: Rule, *, apart: bool) -> tuple[Box, ...]:
        """Where the rule applies. ``apart``: no request may lie in two of the boxes."""
        if not all(isinstance(leaf, Compare) for leaf in leaves_of(rule.when)):
            raise NotSayable(f"`{rule.title}` looks at more than the values of facts")
        try:
            found = self._regions.boxes(self._conditions[rule.title])
        except TooMany:
            reason = f"the condition of `{rule.title}` is more than a few rows can say"
            raise NotSayable(reason) from None
        if any(element for box in found for _, element in box):
            raise NotSayable(f"`{rule.title}` looks into a set, and a cell cannot")
        if apart and not all(disjoint(a, b) for a, b in combinations(found, 2)):
            raise NotSayable(f"the rows of `{rule.title}` would count twice")
        return found

    def cell(self, fact: Attribute, box: Mapping[Any, int]) -> str:
        """The unary tests of one column."""
        mask = box.get((fact.path, ""))
        cells = self._cells.cells(fact.path)
        if mask is None or mask == (1 << len(cells)) - 1:
            return "-"
        kept = [c for n, c in enumerate(cells) if mask >> n & 1]
        if any(isinstance(c, Other) for c in kept):
            out = (c.representative for c in cells if c not in kept)
            return f"not({', '.join(map(literal, out))})"
        if all(isinstance(c, One) for c in kept):
            return ", ".join(literal(c.representative) for c in kept)
        return ", ".join(_ranges(cells, mask))


def _ranges(cells: Sequence[Any], mask: int) -> Iterator[str]:
    """Neighbouring cells of an ordered fact, put together."""
    n = 0
    while n < len(cells):
        if not mask >> n & 1:
            n += 1
            continue
        first = n
        while n < len(cells) and mask >> n & 1:
            n += 1
        yield _range(cells[first], cells[n - 1])


def _range(first: Any, last: Any) -> str:
    low, low_in = _end(first, "low")
    high, high_in = _end(last, "high")
    if low is None and high is None:
        return "-"
    if low is None:
        return f"{'<=' if high_in else '<'} {literal(high)}"
    if high is None:
        return f"{'>=' if low_in else '>'} {literal(low)}"
    if low == high:
        return literal(low)
    left, right = "[" if low_in else "(", "]" if high_in else ")"
    return f"{left}{literal(low)}..{literal(high)}{right}"


def _end(cell: Any, side: str) -> tuple[Any, bool]:
    """An end of a cell, ``None`` for no limit, and whether it belongs to the cell."""
    if isinstance(cell, One):
        return cell.representative, True
    return getattr(cell, side), bool(getattr(cell, f"{side}_in"))


def literal(value: Value) -> str:
    """The value as FEEL writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return render_value(value)
        case time():
            return f'time("{value.isoformat("seconds")}")'
        case date():
            return f'date("{value.isoformat()}")'
        case _:
            return json.dumps(str(value), ensure_ascii=False)
