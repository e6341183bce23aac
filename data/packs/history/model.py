"""What ``history.yaml`` says: how past requests were spread, and how far people strayed.

Values are typed already; nothing here knows a particular pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from data.ontology.model import Value
from data.rulelang.ast import RuleSet


@dataclass(frozen=True, slots=True)
class Shares:
    """One of these values, each as often as its weight says."""

    values: tuple[Value, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ranges:
    """A range by weight, then any value of it alike; both ends are in it."""

    ranges: tuple[tuple[Value, Value], ...]
    weights: tuple[float, ...]
    step: float = 1
    """In units of the fact; minutes for a time of day."""


@dataclass(frozen=True, slots=True)
class Bell:
    """Around a mean, bell-shaped, kept inside the attribute's range."""

    mean: float
    spread: float
    """Standard deviation, in units of the fact."""
    step: float = 1


@dataclass(frozen=True, slots=True)
class Days:
    """A day of a span, by weekday and month."""

    first: date
    last: date
    weekdays: tuple[float, ...]
    """Seven weights, Monday first."""
    months: tuple[float, ...]
    """Twelve weights, January first."""


@dataclass(frozen=True, slots=True)
class Before:
    """So many days before another date."""

    fact: str
    days: Ranges


@dataclass(frozen=True, slots=True)
class YearsBefore:
    """A day on which somebody of these full years was born, seen from another date."""

    fact: str
    years: str


@dataclass(frozen=True, slots=True)
class WeekdayOf:
    """The day of the week of another date: the attribute's seven values, Monday first."""

    fact: str


@dataclass(frozen=True, slots=True)
class Words:
    """One text of each list, written together: invented names."""

    lists: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text in which each ``#`` becomes a digit."""

    text: str


@dataclass(frozen=True, slots=True)
class Each:
    """A set: each element by a chance of its own."""

    chances: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Absent:
    """The fact does not arise."""


@dataclass(frozen=True, slots=True)
class Given:
    """Another draw for each case of a fact that stands above."""

    fact: str
    cases: tuple[tuple[Case, Draw], ...]
    otherwise: Draw


@dataclass(frozen=True, slots=True)
class Case:
    """Some values of a fact: a list of them, or from ``low`` to ``high``."""

    values: frozenset[Value] = frozenset()
    low: Value | None = None
    high: Value | None = None

    def holds(self, value: Value) -> bool:
        if self.low is None or self.high is None:
            return value in self.values
        return self.low <= value <= self.high  # type: ignore[operator]


Draw = (
    Shares | Ranges | Bell | Days | Before | YearsBefore | WeekdayOf | Words | Pattern | Each
    | Absent | Given
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FactDraw:
    """How one fact is drawn."""

    path: str
    draw: Draw
    missing: float = 0.0
    """Share of requests in which nobody wrote it down."""
    per: str | None = None
    """Drawn once for each value of this fact instead of once for each request."""


@dataclass(frozen=True, slots=True)
class RowsDraw:
    """How the rows of a relation or a candidate list are drawn."""

    name: str
    count: Draw
    """Number of rows of a request."""
    facts: tuple[FactDraw, ...]
    missing: float = 0.0
    among: tuple[Mapping[str, Value], ...] = ()
    """Rows that are always the same, by path; a request has some of them, none twice."""


@dataclass(frozen=True, slots=True)
class Older:
    """A version of the rules that decided some of the requests."""

    label: str
    rule_set: RuleSet
    until: date | None = None
    """The last day it decided; ``None`` where it decided on any day."""
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class HistorySpec:
    """All of ``history.yaml``."""

    prefix: str
    """What the ids of past requests begin with."""
    label: str
    """What the rules of the pack itself are called among the versions."""
    scopes: Mapping[str, Mapping[str, float]]
    """Level of scope → value → weight, shared evenly by the rows of the scope entity's table."""
    facts: tuple[FactDraw, ...]
    rows: tuple[RowsDraw, ...]
    overruled: Mapping[str, float]
    """Decision → share that people decided otherwise than the rules."""
    older: tuple[Older, ...]
    """Oldest first."""
    requests: int | None = None
    """How many to make up; ``None`` leaves it to the caller."""
