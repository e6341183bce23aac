"""Cells: the finitely many values per attribute that conditions can tell apart.

Two values of an attribute lie in one cell when every comparison of the given conditions answers
alike for both. One representative per cell therefore stands for all values of the type and range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any, Protocol, assert_never

from data.ontology.model import Attribute, Ontology, Value
from data.rulelang.ast import (
    Compare,
    Condition,
    Define,
    Op,
    Rule,
    all_of,
    expand,
    leaves_of,
)

SOME_DAY = date(2026, 1, 5)
"""Stands for any date where no condition looks at the date."""


class Cell(Protocol):
    """Some values of one attribute, told by one of them."""

    @property
    def representative(self) -> Value: ...

    def contains(self, value: Value) -> bool: ...


@dataclass(frozen=True, slots=True)
class One:
    """A single value."""

    representative: Value

    def contains(self, value: Value) -> bool:
        return value == self.representative


@dataclass(frozen=True, slots=True)
class Span:
    """Values from ``low`` to ``high``; ``None`` is no limit on that side."""

    representative: Value
    low: Any
    high: Any
    low_in: bool = True
    high_in: bool = True

    def contains(self, value: Value) -> bool:
        v: Any = value
        above = self.low is None or v > self.low or (self.low_in and v == self.low)
        below = self.high is None or v < self.high or (self.high_in and v == self.high)
        return above and below


@dataclass(frozen=True, slots=True)
class Other:
    """Every text or code that no condition mentions."""

    representative: Value
    mentioned: frozenset[Value]

    def contains(self, value: Value) -> bool:
        return value not in self.mentioned


@dataclass(frozen=True, slots=True)
class Subset:
    """Sets that hold exactly these of the mentioned elements, and any others."""

    representative: frozenset[str]
    mentioned: frozenset[str]

    def contains(self, value: Value) -> bool:
        return isinstance(value, frozenset) and value & self.mentioned == self.representative


def operands(compare: Compare) -> tuple[Value, ...]:
    """What the fact is compared with, always as a tuple."""
    value = compare.value
    return value if isinstance(value, tuple) else (value,)


def holds(compare: Compare, fact: Value) -> bool:
    """Whether the comparison is true of a known fact."""
    return _TESTS[compare.op](fact, compare.value)


def related(op: Op, fact: Value, other: Value) -> bool:
    """Whether the comparison is true of two known facts."""
    return _TESTS[op](fact, other)


_TESTS: Mapping[Op, Callable[[Any, Any], bool]] = {
    "is": lambda fact, said: fact == said,
    "is not": lambda fact, said: fact != said,
    "is one of": lambda fact, said: fact in said,
    "is none of": lambda fact, said: fact not in said,
    "is at least": lambda fact, said: fact >= said,
    "is at most": lambda fact, said: fact <= said,
    "is more than": lambda fact, said: fact > said,
    "is less than": lambda fact, said: fact < said,
    "is between": lambda fact, said: said[0] <= fact <= said[1],
    "is before": lambda fact, said: fact < said,
    "is after": lambda fact, said: fact > said,
    "is on or after": lambda fact, said: fact >= said,
    "is on or before": lambda fact, said: fact <= said,
    "include": lambda fact, said: said in fact,
    "include any of": lambda fact, said: not fact.isdisjoint(said),
    "include all of": lambda fact, said: fact.issuperset(said),
    "include none of": lambda fact, said: fact.isdisjoint(said),
}


def in_scope(ontology: Ontology, rule: Rule) -> Condition | None:
    """The rule's scope as a condition; ``None`` where it holds everywhere."""
    if rule.scope is None or ontology.scopes is None:
        return None
    return Compare(ontology.scopes.path(rule.scope.level), "is one of", rule.scope.values)


def in_dates(ontology: Ontology, rule: Rule) -> Condition | None:
    """The rule's first and last day as a condition; ``None`` where it holds on every day."""
    if ontology.date is None:
        return None
    parts: list[Condition] = []
    if rule.start is not None:
        parts.append(Compare(ontology.date, "is on or after", rule.start))
    if rule.until is not None:
        parts.append(Compare(ontology.date, "is on or before", rule.until))
    return all_of(*parts) if parts else None


def applicability(
    ontology: Ontology, rule: Rule, defines: Collection[Define] = ()
) -> Condition | None:
    """Scope, dates and expanded condition in one; ``None`` for a rule that always applies."""
    when = expand(rule.when, defines) if rule.when and defines else rule.when
    parts = (in_scope(ontology, rule), in_dates(ontology, rule), when)
    said = [p for p in parts if p is not None]
    return all_of(*said) if said else None


def compares_of(condition: Condition | None) -> Iterable[Compare]:
    """Every comparison with a value in the condition, in order of mention; not those on rows."""
    return (leaf for leaf in leaves_of(condition) if isinstance(leaf, Compare))


def representatives(
    attribute: Attribute, conditions: Iterable[Condition | None]
) -> tuple[Value, ...]:
    """One value per cell of the attribute, as the conditions cut it."""
    compares = [c for k in conditions for c in compares_of(k) if c.attribute == attribute.path]
    return tuple(c.representative for c in cells_of(attribute, compares))


def cells_of(attribute: Attribute, compares: Iterable[Compare]) -> tuple[Cell, ...]:
    """The cells of one attribute, as these comparisons with it cut it."""
    match attribute.type:
        case "boolean":
            return (One(False), One(True))
        case "enum":
            return tuple(One(v) for v in attribute.values)
        case "integer" | "date" | "time":
            return _steps(attribute, tuple(compares))
        case "decimal":
            return _line(attribute, tuple(compares))
        case "text" | "code" | "choice":
            return _texts(tuple(compares))
        case "set":
            return _subsets(tuple(compares))
    assert_never(attribute.type)


def _texts(compares: tuple[Compare, ...]) -> tuple[Cell, ...]:
    said = tuple(dict.fromkeys(v for c in compares for v in operands(c)))
    return (*(One(v) for v in said), Other(unsaid(frozenset(said)), frozenset(said)))


def unsaid(said: frozenset[Value]) -> str:
    taken = {str(v).casefold() for v in said}
    names = ("other", *(f"other {n}" for n in range(2, len(said) + 3)))
    return next(n for n in names if n not in taken)


def elements_of(compares: Iterable[Compare]) -> tuple[str, ...]:
    said = (v for c in compares for v in operands(c))
    each = (e for v in said for e in (sorted(v) if isinstance(v, frozenset) else (str(v),)))
    return tuple(dict.fromkeys(each))


def _subsets(compares: tuple[Compare, ...]) -> tuple[Cell, ...]:
    said = elements_of(compares)
    subsets = (frozenset(s) for n in range(len(said) + 1) for s in combinations(said, n))
    return tuple(Subset(s, frozenset(said)) for s in subsets)


Cut = tuple[Any, bool]
"""Where a new cell begins: a value, and whether just after it instead of at it."""


def cuts_of(compare: Compare) -> tuple[Cut, ...]:
    said = operands(compare)
    match compare.op:
        case "is at least" | "is less than" | "is before" | "is on or after":
            return ((said[0], False),)
        case "is at most" | "is more than" | "is after" | "is on or before":
            return ((said[0], True),)
        case "is between":
            return ((said[0], False), (said[1], True))
        case _:
            return tuple((v, after) for v in said for after in (False, True))


# Integers, dates and times of day (to the second): tight steps, counted in whole numbers.


def _steps(attribute: Attribute, compares: tuple[Compare, ...]) -> tuple[Cell, ...]:
    low, high = step_range(attribute)
    begins = {begin_of(attribute.type, cut) for c in compares for cut in cuts_of(c)}
    inner = sorted(b for b in begins if (low is None or b > low) and (high is None or b <= high))
    edges = pairwise([low, *inner, None if high is None else high + 1])
    spans = [(a, None if b is None else b - 1) for a, b in edges]
    return tuple(_step_span(attribute.type, a, b, first=i == 0) for i, (a, b) in enumerate(spans))


def step_range(attribute: Attribute) -> tuple[int | None, int | None]:
    match attribute.type:
        case "date":
            return (date.min.toordinal(), date.max.toordinal())
        case "time":
            return (0, 24 * 60 * 60 - 1)
        case _:
            low, high = attribute.min, attribute.max
            return (
                None if low is None else math.ceil(low),
                None if high is None else math.floor(high),
            )


def begin_of(kind: str, cut: Cut) -> int:
    value, after = cut
    if kind == "integer":
        return math.floor(value) + 1 if after else math.ceil(value)
    return count_of(value) + after


def count_of(value: Any) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, date):
        return value.toordinal()
    return (value.hour * 60 + value.minute) * 60 + value.second


def uncount(kind: str, count: int) -> Any:
    match kind:
        case "date":
            return date.fromordinal(count)
        case "time":
            return time(count // 3600, count // 60 % 60, count % 60)
        case _:
            return count


def _step_span(kind: str, low: int | None, high: int | None, first: bool) -> Cell:
    def value(count: int | None) -> Any:
        return None if count is None else uncount(kind, count)

    chosen = _plain_step(kind, low, high, from_above=first)
    return Span(value(chosen), value(low), value(high))


def _plain_step(kind: str, low: int | None, high: int | None, from_above: bool) -> int:
    """The value people would pick: the one at the limit, a whole minute where there is one."""
    if kind == "date" and low == date.min.toordinal() and high == date.max.toordinal():
        return SOME_DAY.toordinal()
    if low is None and high is None:
        return 0
    upward = high is None or (low is not None and not from_above)
    for step in (60, 1) if kind == "time" else (1,):
        count = -(-low // step) * step if upward and low is not None else (high or 0) // step * step
        if (low is None or count >= low) and (high is None or count <= high):
            return count
    raise AssertionError("a span of whole steps holds a whole step")


# Decimals: a dense line.


def _line(attribute: Attribute, compares: tuple[Compare, ...]) -> tuple[Cell, ...]:
    low: Cut | None = None if attribute.min is None else (Decimal(attribute.min), False)
    high: Cut | None = None if attribute.max is None else (Decimal(attribute.max), True)
    cuts = {(Decimal(v), after) for c in compares for v, after in cuts_of(c)}
    inner = sorted(k for k in cuts if (low is None or k > low) and (high is None or k < high))
    edges = pairwise([low, *inner, high])
    return tuple(_line_span(a, b, first=i == 0) for i, (a, b) in enumerate(edges))


def _line_span(begin: Cut | None, end: Cut | None, first: bool) -> Cell:
    low, after = begin or (None, True)
    high, closed = end or (None, False)
    span = Span(Decimal(0), low, high, not after, closed)
    chosen = next(v for v in _plain_decimals(span, from_above=first) if span.contains(v))
    return Span(chosen, low, high, not after, closed)


def _plain_decimals(span: Span, from_above: bool) -> Iterable[Decimal]:
    """The limit, then ever smaller steps inside from it; one of them lies in the span."""
    limit: Decimal | None
    if span.low is None and span.high is None:
        yield Decimal(0)
    downward = span.high is not None and (from_above or span.low is None)
    limit, limit_in = (span.high, span.high_in) if downward else (span.low, span.low_in)
    if limit is None:
        return
    if limit_in:
        yield limit
    for places in range(100):
        step = Decimal(1).scaleb(-places)
        rounding = "ROUND_CEILING" if downward else "ROUND_FLOOR"
        nearest: Decimal = (limit / step).to_integral_value(rounding) * step
        yield nearest - step if downward else nearest + step
    yield from (v for v in (span.low, span.high) if v is not None)
