"""Conditions that can never hold: they are asked about, never handed out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from data.ontology import Value
from data.rulelang.ast import And, Compare, Condition, Or
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear

_Ordered = int | Decimal | date | time


@dataclass
class _Room:
    """The values one fact may still have."""

    only: frozenset[object] | None = None
    never: set[object] = field(default_factory=set[object])
    low: _Ordered | None = None
    above: bool = False
    """It must be more than ``low``, not equal."""
    high: _Ordered | None = None
    below: bool = False

    def narrow(self, said: Compare) -> None:
        values: tuple[Value, ...] = said.value if isinstance(said.value, tuple) else (said.value,)
        match said.op:
            case "is" | "is one of":
                here = frozenset[object](values)
                self.only = here if self.only is None else self.only & here
            case "is not" | "is none of":
                self.never |= set(values)
            case "is at least" | "is on or after" | "is more than" | "is after":
                self._from(values[0], said.op in ("is more than", "is after"))
            case "is at most" | "is on or before" | "is less than" | "is before":
                self._to(values[0], said.op in ("is less than", "is before"))
            case "is between":
                self._from(values[0], False)
                self._to(values[-1], False)
            case _:
                pass

    def _from(self, value: object, strict: bool) -> None:
        if isinstance(value, _Ordered) and (self.low is None or value >= self.low):  # type: ignore[operator]
            self.above = strict or (self.above and value == self.low)
            self.low = value

    def _to(self, value: object, strict: bool) -> None:
        if isinstance(value, _Ordered) and (self.high is None or value <= self.high):  # type: ignore[operator]
            self.below = strict or (self.below and value == self.high)
            self.high = value

    def empty(self) -> bool:
        if self.only is not None:
            return not any(self._inside(v) for v in self.only - self.never)
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.above or self.below))  # type: ignore[operator]

    def _inside(self, value: object) -> bool:
        if not isinstance(value, _Ordered) or isinstance(value, bool):
            return True
        here = _Room(low=self.low, above=self.above, high=self.high, below=self.below)
        here._from(value, False)
        here._to(value, False)
        return not here.empty()


def never_holds(condition: Condition) -> bool:
    """Whether no request can meet the condition, as far as comparisons with values say."""
    match condition:
        case And(parts):
            return _clash(parts) or any(never_holds(p) for p in parts)
        case Or(parts):
            return all(never_holds(p) for p in parts)
        case _:
            return False


def idle_choice(condition: Condition, given: tuple[Condition, ...] = ()) -> bool:
    """Whether one of several alternatives can never be the one that holds."""
    match condition:
        case And(parts):
            plain = tuple(p for p in parts if not isinstance(p, Or))
            return any(idle_choice(p, (*given, *plain)) for p in parts if isinstance(p, Or))
        case Or(parts):
            return any(
                never_holds(And((*given, p))) if given else never_holds(p) for p in parts
            ) or any(idle_choice(p, given) for p in parts)
        case _:
            return False


def idle_denial(condition: Condition) -> bool:
    """Whether one value of a fact is asked for and another denied, which says nothing more."""
    parts = tuple(_flat([condition]))
    asked = [p for p in parts if isinstance(p, Compare) and p.op in ("is", "is one of")]
    for p in parts:
        if isinstance(p, Compare) and p.op in ("is not", "is none of"):
            same = [set(_listed(q)) for q in asked if q.attribute == p.attribute]
            if any(not values & set(_listed(p)) for values in same):
                return True
    return False


def _listed(said: Compare) -> tuple[object, ...]:
    return said.value if isinstance(said.value, tuple) else (said.value,)


def _clash(parts: Iterable[Condition]) -> bool:
    rooms: dict[str, _Room] = {}
    for part in _flat(parts):
        if isinstance(part, Compare):
            rooms.setdefault(part.attribute, _Room()).narrow(part)
    return any(room.empty() for room in rooms.values())


def _flat(parts: Iterable[Condition]) -> Iterable[Condition]:
    for part in parts:
        if isinstance(part, And):
            yield from _flat(part.parts)
        else:
            yield part


def refuse_contradiction(condition: Condition) -> None:
    """Raises :class:`Unclear` where the condition can never hold."""
    if never_holds(condition) or idle_choice(condition):
        text = "These conditions cannot all hold at once. Which of them do you mean?"
        raise Unclear(Question(text, about="reading"))
