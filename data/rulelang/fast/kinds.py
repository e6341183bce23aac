"""Of which kind a fact's value is, found without trying each kind.

A kind is a cell of ``data.rulelang.cells``: values that no condition of the rule set tells apart.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from data.ontology.model import Attribute, Value
from data.rulelang.ast import And, Compare, Condition, Not, Or
from data.rulelang.cells import Cell, Other, Span, cells_of, compares_of, holds, operands


class Kinds(Protocol):
    """The kinds of one attribute's values."""

    def of(self, value: Any) -> Hashable:
        """The kind of a value."""
        ...

    def meets(self, condition: Condition, kind: Any) -> bool:
        """Whether values of that kind meet a condition on this attribute alone."""
        ...

    def test(self, condition: Condition) -> Callable[[Any], bool]:
        """The same of one condition, for many kinds."""
        ...

    def number(self, value: Any) -> int:
        """The kind of a value, as a number from 0."""
        ...

    def numbered(self) -> Sequence[Any]:
        """The kinds that have a number so far, in order."""
        ...


def kinds_of(attribute: Attribute, conditions: Iterable[Condition]) -> Kinds:
    """The kinds that these conditions, on this attribute alone, tell apart."""
    compares = tuple(dict.fromkeys(c for condition in conditions for c in compares_of(condition)))
    if attribute.type == "set":
        return Sets(compares)
    cells = cells_of(attribute, compares)
    return Ordered(cells) if isinstance(cells[0], Span) else Named(cells)


class OnOtherFacts(AssertionError):
    """An index holds conditions on the values of one attribute: a mistake of ours."""


class Sets:
    """Sets, told apart by the elements that conditions mention."""

    def __init__(self, compares: Iterable[Compare]) -> None:
        self._mentioned = frozenset(str(v) for c in compares for v in operands(c))
        self._numbers: dict[frozenset[str], int] = {}

    def of(self, value: frozenset[str]) -> frozenset[str]:
        return value & self._mentioned

    def number(self, value: frozenset[str]) -> int:
        return self._numbers.setdefault(self.of(value), len(self._numbers))

    def numbered(self) -> Sequence[frozenset[str]]:
        return tuple(self._numbers)

    def test(self, condition: Condition) -> Callable[[frozenset[str]], bool]:
        return partial(self.meets, condition)

    def meets(self, condition: Condition, kind: frozenset[str]) -> bool:
        match condition:
            case Compare():
                return holds(condition, kind)
            case Not(part):
                return not self.meets(part, kind)
            case And(parts):
                return all(self.meets(p, kind) for p in parts)
            case Or(parts):
                return any(self.meets(p, kind) for p in parts)
            case _:
                raise OnOtherFacts(condition)


class Cells(ABC):
    """Numbered cells, and for each condition those it is true in, as bits."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._full = (1 << count) - 1
        self._masks: dict[Condition, int] = {}

    @abstractmethod
    def of(self, value: Any) -> int:
        """The number of a value's cell."""

    def number(self, value: Any) -> int:
        return self.of(value)

    def numbered(self) -> Sequence[int]:
        return range(self._count)

    def test(self, condition: Condition) -> Callable[[int], bool]:
        mask = self.mask(condition)
        return lambda kind: mask >> kind & 1 == 1

    def meets(self, condition: Condition, kind: int) -> bool:
        return self.mask(condition) >> kind & 1 == 1

    def mask(self, condition: Condition) -> int:
        """Bit ``i`` is set where the condition is true in cell ``i``."""
        if condition not in self._masks:
            self._masks[condition] = self._masked(condition)
        return self._masks[condition]

    def _masked(self, condition: Condition) -> int:
        match condition:
            case Compare():
                return self._compared(condition) & self._full
            case Not(part):
                return self._full & ~self.mask(part)
            case And(parts):
                found = self._full
                for part in parts:
                    found &= self.mask(part)
                return found
            case Or(parts):
                found = 0
                for part in parts:
                    found |= self.mask(part)
                return found
            case _:
                raise OnOtherFacts(condition)

    @abstractmethod
    def _compared(self, compare: Compare) -> int:
        """The cells in which the comparison is true; bits beyond them do not count."""


class Named(Cells):
    """Values one by one, and all the others."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        said = [c for c in cells if not isinstance(c, Other)]
        super().__init__(len(said) + 1)
        self._places = {c.representative: i for i, c in enumerate(said)}

    def of(self, value: Value) -> int:
        return self._places.get(value, len(self._places))

    def _compared(self, compare: Compare) -> int:
        found = 0
        for value in operands(compare):
            found |= 1 << self.of(value)
        return ~found if compare.op in ("is not", "is none of") else found


class Ordered(Cells):
    """Stretches of a line, in order."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        super().__init__(len(cells))
        spans: list[Any] = list(cells)
        self._values = [s.representative for s in spans]
        self._begins = [(s.low, not s.low_in) for s in spans[1:]]

    def of(self, value: Any) -> int:
        return bisect_right(self._begins, (value, False))

    def _compared(self, compare: Compare) -> int:
        match compare.op:
            case "is not" | "is none of":
                return ~self._among(operands(compare))
            case "is" | "is one of":
                return self._among(operands(compare))
            case "is between":
                low, high = operands(compare)
                return self._below(high, included=True) & ~self._below(low)
            case "is at most" | "is on or before":
                return self._below(compare.value, included=True)
            case "is less than" | "is before":
                return self._below(compare.value)
            case "is more than" | "is after":
                return ~self._below(compare.value, included=True)
            case "is at least" | "is on or after":
                return ~self._below(compare.value)
            case _:
                raise AssertionError(f"`{compare.op}` is for sets")

    def _below(self, value: Any, *, included: bool = False) -> int:
        return (1 << (bisect_right if included else bisect_left)(self._values, value)) - 1

    def _among(self, values: Iterable[Value]) -> int:
        found = 0
        for value in values:
            found |= self._below(value, included=True) & ~self._below(value)
        return found
