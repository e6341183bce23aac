"""The syntax tree of the rule language. Rules are data: frozen, comparable, hashable.

``parse`` makes it, ``render`` writes it, ``evaluate`` gives it its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from data.ontology.model import Number, Value

Op = Literal[
    "is", "is not", "is one of", "is none of",
    "is at least", "is at most", "is more than", "is less than", "is between",
    "is before", "is after", "is on or after", "is on or before",
    "include", "include any of", "include all of", "include none of",
]  # fmt: skip
"""``include …`` is for sets; a list-valued operator holds a tuple, ``is between`` a pair."""

LIST_OPS: frozenset[Op] = frozenset(
    ["is one of", "is none of", "include any of", "include all of", "include none of"]
)
ORDER_OPS: frozenset[Op] = frozenset(
    ["is at least", "is at most", "is more than", "is less than", "is between"]
)
DATE_OPS: frozenset[Op] = frozenset(["is before", "is after", "is on or after", "is on or before"])
SET_OPS: frozenset[Op] = frozenset(
    ["include", "include any of", "include all of", "include none of"]
)


@dataclass(frozen=True, slots=True)
class Compare:
    """A fact compared with what the rule says, e.g. ``patient age is at least 40``."""

    attribute: str
    """Path, e.g. ``patient.age``."""
    op: Op
    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """``<fact> is known``: looks at the request as given, defaults not counted."""

    attribute: str


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; never fewer than two parts, none of them an ``And``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some part holds; never fewer than two parts, none of them an ``Or``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Compare | Known | And | Or | Not


def all_of(*parts: Condition) -> Condition:
    """The parts joined by ``and``, flattened; one part stays itself."""
    flat = tuple(q for p in parts for q in (p.parts if isinstance(p, And) else (p,)))
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(*parts: Condition) -> Condition:
    """The parts joined by ``or``, flattened; one part stays itself."""
    flat = tuple(q for p in parts for q in (p.parts if isinstance(p, Or) else (p,)))
    return flat[0] if len(flat) == 1 else Or(flat)


@dataclass(frozen=True, slots=True)
class Concept:
    """``the code for "screening mammogram"``: resolved in each code set on its own."""

    name: str


@dataclass(frozen=True, slots=True)
class Decide:
    """``<decision> is <value>`` of a decision with hit policy single."""

    decision: str
    value: Value | Concept


@dataclass(frozen=True, slots=True)
class Modify:
    """``<code decision> adds WA`` or ``drops WA``."""

    decision: str
    modifier: str
    adds: bool


@dataclass(frozen=True, slots=True)
class Include:
    """``<collect decision> include "…"``."""

    decision: str
    value: Value


@dataclass(frozen=True, slots=True)
class Contribute:
    """``<sum, min or max decision> adds 15``."""

    decision: str
    amount: Number


@dataclass(frozen=True, slots=True)
class LeaveToStaff:
    """``<decision> is left to staff``: a deliberate hand-over."""

    decision: str


Outcome = Decide | Modify | Include | Contribute | LeaveToStaff


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a rule holds: one level, one or more of its values."""

    level: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``when`` is ``None`` for a rule that always applies in its scope."""

    title: str
    then: tuple[Outcome, ...]
    when: Condition | None = None
    scope: Scope | None = None
    mandatory: bool = False
    because: str | None = None
    start: date | None = None
    """``from``: the first day, included."""
    until: date | None = None
    """The last day, included."""
    overrides: tuple[str, ...] = ()
    """Titles of the rules it beats by name."""


@dataclass(frozen=True, slots=True)
class AcceptedGap:
    """``accept gap``: requests that are meant to have no rule."""

    title: str
    when: Condition
    because: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All statements of an organisation. Their order has no meaning."""

    rules: tuple[Rule, ...] = ()
    gaps: tuple[AcceptedGap, ...] = ()

    def rule(self, title: str) -> Rule | None:
        return next((r for r in self.rules if r.title == title), None)


def attributes_of(condition: Condition | None) -> tuple[str, ...]:
    """Paths the condition names, each once, in order of first mention."""
    match condition:
        case None:
            return ()
        case Compare() | Known():
            return (condition.attribute,)
        case Not():
            return attributes_of(condition.part)
        case And() | Or():
            return tuple(dict.fromkeys(a for p in condition.parts for a in attributes_of(p)))
