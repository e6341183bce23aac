"""Mutants: what a rule might say had its author slipped; one small change each.

A threshold one step either way (of rows their span, their number and the time since the latest), an
operator turned to its neighbour, a part left out, `and` for `or`, one value of a list or scope
missing, an override forgotten, another outcome that is in use, the whole rule gone (DeMillo,
Lipton and Sayward 1978; operators as in Offutt et al. 1996).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, cast

from data.ontology.model import Ontology, Value
from data.rulelang.ast import (
    And,
    Compare,
    Condition,
    Contribute,
    Count,
    Decide,
    Exists,
    History,
    Include,
    LeaveToStaff,
    Modify,
    Not,
    Op,
    Or,
    Outcome,
    Rule,
    RuleSet,
    Since,
    all_of,
    any_of,
)

Kind = Literal[
    "threshold", "operator", "part", "and or", "value", "scope", "override", "outcome", "rule",
]  # fmt: skip
NEIGHBOURS: dict[Op, tuple[Op, ...]] = {
    "is": ("is not",),
    "is not": ("is",),
    "is one of": ("is none of",),
    "is none of": ("is one of",),
    "is at least": ("is more than",),
    "is more than": ("is at least",),
    "is at most": ("is less than",),
    "is less than": ("is at most",),
    "is before": ("is on or before",),
    "is on or before": ("is before",),
    "is after": ("is on or after",),
    "is on or after": ("is after",),
    "include any of": ("include all of", "include none of"),
    "include all of": ("include any of",),
    "include none of": ("include any of",),
}
STEPWISE = frozenset(["integer", "date"])
"""Types of which `more than 3` is `at least 4`: the threshold's own mutants say that already."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule with one slip in it."""

    rule: str
    """Title."""
    kind: Kind
    before: Condition | Outcome | str | None
    """What the slip is about; ``None`` for the whole rule."""
    after: Condition | Outcome | str | None
    """What stands there instead; ``None`` for nothing."""
    mutated: Rule | None
    """The rule with the slip; ``None`` where it is gone."""


def mutants(ontology: Ontology, rule_set: RuleSet, rule: Rule) -> Iterator[Mutant]:
    """Every slip of one rule, each different from the rule and from the others."""
    seen = {rule}
    for mutant in _all(ontology, rule_set, rule):
        if mutant.mutated is None or mutant.mutated not in seen:
            seen |= {mutant.mutated} if mutant.mutated else set[Rule]()
            yield mutant


def _all(ontology: Ontology, rule_set: RuleSet, rule: Rule) -> Iterator[Mutant]:
    if rule.when is not None:
        for kind, before, after, whole in _slips(ontology, rule.when):
            yield Mutant(rule.title, kind, before, after, replace(rule, when=whole))
    yield from _places(rule)
    yield from _dates(rule)
    for named in rule.overrides:
        rest = tuple(t for t in rule.overrides if t != named)
        yield Mutant(rule.title, "override", named, None, replace(rule, overrides=rest))
    for index, outcome in enumerate(rule.then):
        other = _other_outcome(rule_set, outcome)
        if other is not None:
            then = (*rule.then[:index], other, *rule.then[index + 1 :])
            yield Mutant(rule.title, "outcome", outcome, other, replace(rule, then=then))
    yield Mutant(rule.title, "rule", None, None, None)


Slip = tuple[Kind, Condition, Condition | None, Condition | None]
"""What became what, and the whole condition with it; ``None`` where nothing is left."""


def _slips(ontology: Ontology, condition: Condition) -> Iterator[Slip]:
    yield "part", condition, None, None
    match condition:
        case Compare():
            for kind, after in _compares(ontology, condition):
                yield kind, condition, after, after
        case Exists() | Count() | Since():
            for after in _of_rows(condition):
                yield "threshold", condition, after, after
        case Not(part):
            for kind, before, after, whole in _slips(ontology, part):
                yield kind, before, after, None if whole is None else Not(whole)
        case And(parts):
            yield "and or", condition, any_of(*parts), any_of(*parts)
            yield from _inside(ontology, parts, together=True)
        case Or(parts):
            yield "and or", condition, all_of(*parts), all_of(*parts)
            yield from _inside(ontology, parts, together=False)
        case _:
            return


def _inside(ontology: Ontology, parts: tuple[Condition, ...], *, together: bool) -> Iterator[Slip]:
    join = all_of if together else any_of
    for index, part in enumerate(parts):
        for kind, before, after, whole in _slips(ontology, part):
            rest = [*parts[:index], *([whole] if whole is not None else []), *parts[index + 1 :]]
            yield kind, before, after, join(*rest)


def _compares(ontology: Ontology, compare: Compare) -> Iterator[tuple[Kind, Condition]]:
    kind = ontology.attributes[compare.attribute].type
    held = compare.value if isinstance(compare.value, tuple) else (compare.value,)
    ordered = kind in ("integer", "decimal", "date", "time") and compare.op not in ("is", "is not")
    if ordered and not compare.op.endswith(" of"):
        for index, value in enumerate(held):
            for moved in _steps(value):
                values = (*held[:index], moved, *held[index + 1 :])
                said = values if isinstance(compare.value, tuple) else moved
                yield "threshold", replace(compare, value=said)
    for op in NEIGHBOURS.get(compare.op, ()):
        if not (ordered and kind in STEPWISE):
            yield "operator", replace(compare, op=op)
    if compare.op.endswith(" of") and len(held) > 1:
        for value in held:
            yield "value", replace(compare, value=tuple(v for v in held if v != value))


def _of_rows(test: History) -> Iterator[Condition]:
    """A span, or a number of rows or of units, one step either way; none falls below nothing."""
    within = test.rows.within
    for count in _steps(within.count) if within is not None else ():
        if within is not None and cast(int, count) > 0:
            span = replace(within, count=cast(int, count))
            yield replace(test, rows=replace(test.rows, within=span))
    if isinstance(test, Exists):
        return
    held = test.value if isinstance(test.value, tuple) else (test.value,)
    for index, value in enumerate(held):
        for moved in cast("tuple[int, ...]", _steps(value)):
            values = (*held[:index], moved, *held[index + 1 :])
            if moved >= 0 and list(values) == sorted(values):
                yield replace(test, value=values if isinstance(test.value, tuple) else moved)


def _steps(value: Value) -> tuple[Value, ...]:
    """One step down and up: a whole number, a day, a minute, the last digit of a decimal."""
    match value:
        case bool():
            return ()
        case int():
            return (value - 1, value + 1)
        case Decimal():
            step = Decimal(1).scaleb(min(0, cast(int, value.as_tuple().exponent)))
            return (value - step, value + step)
        case date():
            return (value - timedelta(days=1), value + timedelta(days=1))
        case time():
            on = datetime.combine(date(2000, 1, 2), value)
            moved = (on - timedelta(minutes=1), on + timedelta(minutes=1))
            return tuple(m.time() for m in moved if m.date() == on.date())
        case _:
            return ()


def _places(rule: Rule) -> Iterator[Mutant]:
    """One of the scope's values missing; of a single one, the scope as a whole."""
    if rule.scope is None:
        return
    for value in rule.scope.values:
        rest = tuple(v for v in rule.scope.values if v != value)
        scope = replace(rule.scope, values=rest) if rest else None
        yield Mutant(rule.title, "scope", value, None, replace(rule, scope=scope))


def _dates(rule: Rule) -> Iterator[Mutant]:
    for name, day in (("start", rule.start), ("until", rule.until)):
        for moved in _steps(day) if day is not None else ():
            mutated = replace(rule, start=moved) if name == "start" else replace(rule, until=moved)
            yield Mutant(rule.title, "threshold", f"{day}", f"{moved}", mutated)


def _other_outcome(rule_set: RuleSet, outcome: Outcome) -> Outcome | None:
    """The next outcome of its kind that some rule gives."""
    match outcome:
        case Modify():
            return replace(outcome, adds=not outcome.adds)
        case Decide() | LeaveToStaff():
            return _next(outcome, _in_use(rule_set, outcome.decision, (Decide, LeaveToStaff)))
        case Include() | Contribute():
            return _next(outcome, _in_use(rule_set, outcome.decision, (type(outcome),)))
        case _:
            return None


def _in_use(
    rule_set: RuleSet, decision: str, kinds: tuple[type[Outcome], ...]
) -> Iterable[Outcome]:
    found = (o for r in rule_set.rules for o in r.then)
    return (o for o in found if o.decision == decision and isinstance(o, kinds))


def _next(outcome: Outcome, used: Iterable[Outcome]) -> Outcome | None:
    ordered = sorted({outcome, *used}, key=repr)
    other = ordered[(ordered.index(outcome) + 1) % len(ordered)]
    return other if other != outcome else None
