"""Where the answers of tests of history turn: the numbers, and the days counted back from today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from data.ontology.model import Ontology
from data.rulelang.ast import Compare, History, Known, Op, Since, Unit, leaves_of
from data.rulelang.cells import holds, operands
from data.rulelang.partition import paths_asked
from data.rulelang.truth import back

Base = Literal["days", "months"]
Number = int | tuple[int, ...]
IN_BASE: Mapping[Unit, tuple[Base, int]] = {
    "days": ("days", 1), "weeks": ("days", 7), "months": ("months", 1), "years": ("months", 12),
}  # fmt: skip
"""Units of which a row's day tells all; minutes and hours are not among them."""


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """The day so many units back from today, or the day after it."""

    ahead: int
    """Units, none or negative; days may be ahead."""
    after: bool

    def day(self, today: date, base: Base) -> date:
        """Raises :class:`OverflowError` beyond the calendar's last day."""
        if self.ahead > 0:
            return today + timedelta(days=self.ahead)
        return back(today, -self.ahead, base) + timedelta(days=self.after)


FUTURE: Mapping[Base, Edge] = {"days": Edge(1, after=False), "months": Edge(0, after=True)}
"""Tomorrow: from here on rows do not count."""


def edge_at(count: int, unit: Unit, *, after: bool) -> tuple[Base, Edge]:
    """The day so many units back, or the day after, in the unit it is counted in."""
    base, each = IN_BASE[unit]
    if base == "days":
        return base, Edge(after - count * each, after=False)
    return base, Edge(-count * each, after)


def edges_of(test: History) -> Iterable[tuple[Base, Edge]]:
    """The days on which a span of the test begins, or a number of full units ends."""
    if test.rows.within is not None:
        yield edge_at(test.rows.within.count, test.rows.within.unit, after=False)
    if isinstance(test, Since):
        limits = {n for run in runs(test.op, test.value) for n in run if n is not None}
        yield from (edge_at(n, test.unit, after=True) for n in sorted(limits))


def runs(op: Op, value: Number) -> list[tuple[int, int | None]]:
    """The numbers from 0 for which the comparison holds: from, and up to but not including."""
    compare = Compare("", op, value)
    end = max((n for n in operands(compare) if isinstance(n, int)), default=0)
    true = [holds(compare, n) for n in range(max(0, end) + 2)]
    turns = [n for n, now in enumerate(true) if now != (n > 0 and true[n - 1])]
    return list(zip(turns[::2], [*turns[1::2], None], strict=False))


def last_change(op: Op, value: Number) -> int:
    """The largest number at which the comparison turns; 0 where it never does."""
    return max((n for run in runs(op, value) for n in run if n is not None), default=0)


def told_by_days(test: History) -> bool:
    """Whether the row's day is all that the test's spans ask for."""
    units = [test.unit] if isinstance(test, Since) else []
    units += [test.rows.within.unit] if test.rows.within is not None else []
    return all(unit in IN_BASE for unit in units)


def asks_known(test: History, ontology: Ontology) -> bool:
    """Whether the test asks ``is known`` of a row's own fact."""
    own = f"{ontology.relations[test.rows.relation].entity}."
    asked = (leaf for leaf in leaves_of(test.rows.where) if isinstance(leaf, Known))
    return any(leaf.attribute.startswith(own) for leaf in asked)


def day_of(relation: str, ontology: Ontology) -> str | None:
    """Path of a row's date, where it counts: the request must have a date as well."""
    found = ontology.relations[relation]
    dated = found.date is not None and ontology.date is not None
    return f"{found.entity}.{found.date}" if dated else None


def is_exact(test: History, ontology: Ontology) -> bool:
    """Whether the space of requests says of the test all that it means."""
    compares_day = day_of(test.rows.relation, ontology) in paths_asked(test.rows.where)
    return told_by_days(test) and not asks_known(test, ontology) and not compares_day
