"""One decision's rules as a decision table that answers every complete request as they do.

Scope, dates and conditions become columns. Of rules that meet with other answers the order of the
rows says who wins: a topological order of "beats", under the hit policy FIRST. That is exact where
the rules have no conflict, so a decision with one is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import Any, Literal

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
from data.rulelang.cells import Cell, One, Other, applicability
from data.rulelang.check import check
from data.rulelang.codes import resolve
from data.rulelang.findings import Finding
from data.rulelang.partition import Cells
from data.rulelang.regions import Box, Regions, TooMany, disjoint
from data.rulelang.version import Version

Policy = Literal["any", "first", "collect", "sum", "min", "max"]
"""Of the rows that a request meets: any, the first, all, or what their answers make together."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Values from ``low`` to ``high``; ``None`` is no limit on that side."""

    low: Value | None
    low_in: bool
    high: Value | None
    high_in: bool


@dataclass(frozen=True, slots=True)
class Among:
    """These values, or ``outside`` of them all others."""

    values: tuple[Value, ...]
    outside: bool = False


Asked = Among | tuple[Stretch, ...] | None
"""What a cell asks of its fact; ``None`` is nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a cell for each column, the answer, and the rule it comes from."""

    cells: tuple[Asked, ...]
    answer: Value | None
    """``None``: left to staff."""
    rule: Rule


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision as a table."""

    decision: Decision
    policy: Policy
    columns: tuple[Attribute, ...]
    lines: tuple[Line, ...]


def decision_tables(version: Version) -> tuple[tuple[DecisionTable, ...], tuple[Finding, ...]]:
    """A table for each decision that one can say, and what was left out, with reasons."""
    conflicts = [frozenset(f.rules) for f in check(version) if f.code in ("conflict", "code-set")]
    tables: list[DecisionTable] = []
    left_out: list[Finding] = []
    for decision in version.ontology.decisions.values():
        try:
            tables.append(_table(version, decision, conflicts))
        except NotSayable as reason:
            left_out.append(left_out_of(decision, str(reason)))
    return tuple(tables), (*left_out, *_defaults(tables), *_statements(version))


def left_out_of(decision: Decision, reason: str) -> Finding:
    """That the decision was left out, and why."""
    message = f"`{decision.label}` was left out: {reason}"
    return Finding("left-out", "warning", message, place=f"decision `{decision.label}`")


def _statements(version: Version) -> list[Finding]:
    """What says something about rules and is none: no table has a place for it."""
    said = [(g.title, "an accepted gap") for g in version.rule_set.gaps]
    said += [(i.title, "an invariant") for i in version.rule_set.invariants]
    return [
        Finding("left-out", "note", f"`{title}` was left out: {what} is no rule", rules=(title,))
        for title, what in said
    ]


def _defaults(tables: Iterable[DecisionTable]) -> list[Finding]:
    facts = {a.path: a for t in tables for a in t.columns if a.default is not None}
    return [
        Finding(
            "left-out", "note", f"the default of `{a.label}` was left out: a model has none",
            "let the program that asks fill it in", place=f"fact `{a.label}`",
        )
        for a in facts.values()
    ]  # fmt: skip


def _table(
    version: Version, decision: Decision, conflicts: Sequence[frozenset[str]]
) -> DecisionTable:
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
    policy: Policy
    if decision.hit == "single":
        rivals = [(r, q) for r, q in meeting if said[r.title] != said[q.title]]
        _refuse_conflicts(rivals, conflicts)
        rules = _in_order(version, decision, rules, rivals)
        policy = "first" if rivals else "any"
    else:
        _refuse_overrides(meeting)
        policy = decision.hit
    counts = policy in ("sum", "min", "max")
    rows = [(rule, box) for rule in rules for box in shapes.boxes(rule, apart=counts)]
    if not rows:
        raise NotSayable("none of its rules can ever apply")
    columns = [a for a in ontology.facts if any((a.path, "") in box for _, box in rows)]
    lines = [
        Line(tuple(shapes.asked(a, box) for a in columns), said[rule.title], rule)
        for rule, box in rows
    ]
    return DecisionTable(decision, policy, tuple(columns), tuple(lines))


def _speaks(rule: Rule, decision: Decision) -> bool:
    return any(o.decision == decision.name for o in rule.then)


def _answer(rule: Rule, decision: Decision, code_sets: CodeSets) -> Value | None:
    """What the row answers. Raises :class:`NotSayable`."""
    said = [o for o in rule.then if o.decision == decision.name]
    if len(said) > 1:
        raise NotSayable(f"`{rule.title}` says several things of it")
    match said[0]:
        case LeaveToStaff():
            return None
        case Decide(_, Concept(name)):
            raise NotSayable(f"the code for `{name}` is another in each code set")
        case Decide(_, value) if decision.type == "code":
            return _code(str(value), decision, code_sets)
        case Decide(_, value) | Include(_, value) if not isinstance(value, Concept):
            return value
        case Contribute():
            return said[0].amount
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

    def asked(self, fact: Attribute, box: Mapping[Any, int]) -> Asked:
        """What one cell asks."""
        mask = box.get((fact.path, ""))
        cells = self._cells.cells(fact.path)
        if mask is None or mask == (1 << len(cells)) - 1:
            return None
        kept = [c for n, c in enumerate(cells) if mask >> n & 1]
        if any(isinstance(c, Other) for c in kept):
            return Among(tuple(c.representative for c in cells if c not in kept), outside=True)
        if all(isinstance(c, One) for c in kept):
            return Among(tuple(c.representative for c in kept))
        return tuple(_stretches(cells, mask))


def _stretches(cells: Sequence[Cell], mask: int) -> Iterator[Stretch]:
    """Neighbouring cells of an ordered fact, put together."""
    n = 0
    while n < len(cells):
        if not mask >> n & 1:
            n += 1
            continue
        first = n
        while n < len(cells) and mask >> n & 1:
            n += 1
        yield Stretch(*_end(cells[first], "low"), *_end(cells[n - 1], "high"))


def _end(cell: Any, side: str) -> tuple[Any, bool]:
    """An end of a cell, ``None`` for no limit, and whether it belongs to the cell."""
    if isinstance(cell, One):
        return cell.representative, True
    return getattr(cell, side), bool(getattr(cell, f"{side}_in"))
