"""Which rules may apply to the same request as a given one, without a look at each of them.

By what they ask of single facts: two rules meet where some value of every fact meets both. What
they ask of several facts at once, or of rows, keeps no two apart here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data.ontology.model import Attribute, Ontology
from data.rulelang.ast import Condition, Rule
from data.rulelang.bits import bits_of, places_of
from data.rulelang.cells import Cell, One, Other, Span, cells_of, compares_of, in_dates, in_scope
from data.rulelang.fast.kinds import Cells, kinds_of
from data.rulelang.fast.needs import needs_of
from data.rulelang.plan import elementwise

Part = tuple[str, str]
"""What asks (the scope, the dates, the condition), and the path of the fact."""


class Meeting:
    """The rules of a version, by what they ask of each fact."""

    def __init__(self, ontology: Ontology, rules: Sequence[Rule]) -> None:
        """The rules are expanded."""
        self._ontology = ontology
        self._titles = tuple(r.title for r in rules)
        asked: dict[Part, dict[Condition, list[int]]] = {}
        for place, rule in enumerate(rules):
            for part, condition in _needs(ontology, rule):
                asked.setdefault(part, {}).setdefault(condition, []).append(place)
        self._everyone = (1 << len(rules)) - 1
        self._facts = {
            part: _Fact(ontology.attributes[part[1]], asking, self._everyone)
            for part, asking in asked.items()
        }

    def titles(self, rule: Rule, *, whenever: bool = False) -> frozenset[str]:
        """The rules that may apply where this one does; on a complete request no others can.

        ``whenever``: whatever the dates from and until which they hold.
        """
        left = self._everyone
        for part, condition in _needs(self._ontology, rule):
            if part in self._facts and not (whenever and part[0] == "dates"):
                left &= self._facts[part].meeting(condition)
        return frozenset(self._titles[place] for place in places_of(left))


def _needs(ontology: Ontology, rule: Rule) -> Iterable[tuple[Part, Condition]]:
    parts = {
        "scope": in_scope(ontology, rule),
        "dates": in_dates(ontology, rule),
        "when": elementwise(rule.when),
    }
    for name, condition in parts.items():
        for path, asked in needs_of(condition).by_path.items():
            yield (name, path), asked


class _Fact:
    """What the rules ask of one fact; sets are not looked into."""

    def __init__(
        self, attribute: Attribute, asking: dict[Condition, list[int]], everyone: int
    ) -> None:
        self._attribute = attribute
        self._everyone = everyone
        self._kinds = kinds_of(attribute, asking)
        self._groups: list[tuple[int, int]] = []
        if isinstance(self._kinds, Cells):
            mask = self._kinds.mask
            self._groups = [(mask(c), bits_of(places)) for c, places in asking.items()]
        self._silent = everyone & ~bits_of(p for places in asking.values() for p in places)

    def meeting(self, condition: Condition) -> int:
        """The rules that some value meets which meets the condition; or that ask nothing."""
        if not isinstance(self._kinds, Cells):
            return self._everyone
        reach, found = self._reach(condition, self._kinds), self._silent
        for mask, rules in self._groups:
            if mask & reach:
                found |= rules
        return found

    def _reach(self, condition: Condition, kinds: Cells) -> int:
        """The kinds that hold some value which meets the condition."""
        own = kinds_of(self._attribute, [condition])
        cells = cells_of(self._attribute, compares_of(condition))
        met = (c for c in cells if own.meets(condition, own.of(c.representative)))
        reach = 0
        for cell in met:
            reach |= _kinds_in(kinds, cell)
        return reach


def _kinds_in(kinds: Cells, cell: Cell) -> int:
    """The kinds that share a value with the cell."""
    count = len(kinds.numbered())
    everything = (1 << count) - 1
    match cell:
        case One(value):
            return 1 << kinds.of(value)
        case Span(low=low, high=high):
            first = 0 if low is None else kinds.of(low)
            last = count - 1 if high is None else kinds.of(high)
            return (1 << last + 1) - (1 << first)
        case Other(mentioned=mentioned):
            named = {kinds.of(value) for value in mentioned} - {count - 1}
            return everything & ~bits_of(named)
        case _:
            return everything
