"""The facts of a choice: those of the request, those of each candidate, and what is not known.

An unknown fact is filled with values enough to show every answer: one of each kind that the
rules tell apart and, where facts are compared with each other or put in order, enough of
each kind to put the unknown ones in every order among themselves and the known ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from data.ontology.model import Attribute, Value
from data.ontology.values import BadValue, converter, json_value
from data.rulelang.ast import (
    SET_OPS,
    And,
    Compare,
    CompareFacts,
    Condition,
    Measure,
    Not,
    Or,
    Prefer,
    all_of,
    any_of,
    attributes_of,
    leaves_of,
    tests_of,
    where_of,
)
from data.rulelang.cells import Cell, cells_of, operands
from data.rulelang.diagram import PLACE, Filling
from data.rulelang.kleene import Facts, condition_value, remaining, tested
from data.rulelang.memory import Answer, Memory
from data.rulelang.places import Place
from data.rulelang.plan import DecisionPlan, Entry, Unknown, fact_of, name_of, unknowns_of
from data.rulelang.request import Request

REQUEST = -1
"""The row of a fact of the request itself."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that is not known: of the request, or of one candidate."""

    row: int
    unknown: Unknown

    def rank(self) -> tuple[bool, int, str]:
        """In which order the missing are filled in; sets after the facts compared with them."""
        single = isinstance(self.unknown, tuple) and self.unknown[1] is None
        return (not single, self.row, name_of(self.unknown))

    def of_row(self) -> Unknown:
        """The same as one of all the unknown facts."""
        if self.row == REQUEST or not isinstance(self.unknown, tuple):
            return self.unknown
        path, element = self.unknown
        return (path, f"{self.row} {element or ''}")


@dataclass(frozen=True)
class World:
    """What is known: facts with defaults and fillings, over the request as given."""

    plan: DecisionPlan
    request: Request
    facts: Facts
    rows: tuple[Facts, ...] | None
    """Each candidate's own facts, by key; ``None`` where the list was not given."""
    given: tuple[Facts, ...] = ()
    """The same as given, without defaults and fillings."""
    keys: tuple[str, ...] = ()
    memory: Memory | None = None

    @classmethod
    def of(
        cls, plan: DecisionPlan, request: Request, facts: Facts, memory: Memory | None = None
    ) -> World:
        given = request.rows.get(plan.candidates.name)
        if given is None:
            return cls(plan, request, facts, None, memory=memory)
        rows = sorted(given, key=lambda row: str(row[plan.key]))
        defaults = plan.ontology.row_defaults[plan.candidates.entity]
        filled = tuple({**defaults, **row} for row in rows)
        keys = tuple(str(row[plan.key]) for row in rows)
        return cls(plan, request, facts, filled, tuple(rows), keys, memory)

    def filled(self, row: int, filling: Filling) -> World:
        """The same with more facts, of the request or of one candidate."""
        if row == REQUEST or self.rows is None:
            return replace(self, facts={**self.facts, **filling})
        rows = list(self.rows)
        rows[row] = {**rows[row], **filling}
        return replace(self, rows=tuple(rows))

    def opened(self, paths: Collection[str], row: int) -> World:
        """The same with the values of these facts, of the request and of one candidate, not known.

        They count as given: ``is known`` is true of them.
        """
        own = [p for p in paths if p.startswith(self.plan.own)]
        rows, given = list(self.rows or ()), list(self.given)
        if own:
            rows[row] = {p: v for p, v in rows[row].items() if p not in own}
            given[row] = {**given[row], **dict.fromkeys(own, True)}
        outer = dict.fromkeys((p for p in paths if p not in own), True)
        request = Request({**self.request.given, **outer}, self.request.rows)
        facts = {p: v for p, v in self.facts.items() if p not in outer}
        return replace(self, request=request, facts=facts, rows=tuple(rows), given=tuple(given))

    def fact(self, path: str, row: int = REQUEST) -> Value | None:
        return self._seen_by(row)[0].get(path)

    def value(self, condition: Condition | None, row: int = REQUEST) -> bool | None:
        """True, false or unknown: of the request, or of one candidate for it."""
        return True if condition is None else self.asking(row)(condition)

    def asking(self, row: int) -> Answer:
        """Answers to conditions on one candidate for the request."""
        facts, request = self._seen_by(row)

        def answer(condition: Condition) -> bool | None:
            grounded = _grounded(condition, facts)
            return condition_value(grounded, facts, request, self.plan.ontology)

        memory = self.memory
        return answer if memory is None else lambda c: memory.value(c, facts, answer)

    def unknown(self, condition: Condition | None, row: int = REQUEST) -> Iterator[Missing]:
        """The missing facts that the condition hangs on."""
        facts, request = self._seen_by(row)
        if condition is None:
            return
        grounded = _grounded(condition, facts)
        known = tested(tests_of(grounded), facts, request, self.plan.ontology)
        left = remaining(grounded, {**facts, **known}, request.given)
        if isinstance(left, bool):
            return
        for unknown in _asked(left, facts):
            own = isinstance(unknown, tuple) and unknown[0].startswith(self.plan.own)
            yield Missing(row if own else REQUEST, unknown)

    def _seen_by(self, row: int) -> tuple[Facts, Request]:
        """All facts a condition may look at, and the request as given with that candidate's."""
        if row not in self._views:
            if row == REQUEST or self.rows is None:
                self._views[row] = (self.facts, self.request)
            else:
                given = {**self.request.given, **self.given[row]}
                request = Request(given, self.request.rows)
                self._views[row] = ({**self.facts, **self.rows[row]}, request)
        return self._views[row]

    @cached_property
    def _views(self) -> dict[int, tuple[Facts, Request]]:
        return {}


def _grounded(condition: Condition, facts: Facts) -> Condition:
    """Comparisons of a missing fact with one that is known, as comparisons with its value."""
    match condition:
        case CompareFacts(attribute, op, other) if attribute not in facts and other in facts:
            return Compare(attribute, op, facts[other])
        case Not(part):
            return Not(_grounded(part, facts))
        case And(parts):
            return all_of(*(_grounded(p, facts) for p in parts))
        case Or(parts):
            return any_of(*(_grounded(p, facts) for p in parts))
        case _:
            return condition


def _asked(condition: Condition, facts: Facts) -> Iterator[Unknown]:
    """What is missing, fact by fact; of two facts compared, a set waits for its element."""
    for unknown in unknowns_of(condition):
        if isinstance(unknown, CompareFacts):
            missing = [p for p in (unknown.attribute, unknown.other) if p not in facts]
            if unknown.op in SET_OPS and unknown.other not in facts:
                missing = [unknown.other]
            yield from ((path, None) for path in missing)
        else:
            yield unknown


class Fillings:
    """Values enough for every missing fact, as the rules and the known facts set them apart."""

    def __init__(self, plan: DecisionPlan, world: World, close: Iterable[int]) -> None:
        self._plan = plan
        self._world = world
        self._close = tuple(close)
        said = [c for e in plan.entries for c in (e.applies, *wheres_of(e)) if c is not None]
        self._leaves = [leaf for condition in said for leaf in leaves_of(condition)]
        self._paths = {p for condition in said for p in attributes_of(condition, plan.ontology)}
        self._values: dict[str, tuple[Value, ...]] = {}

    def of(self, missing: Missing, open_: Iterable[Missing]) -> tuple[Unknown, tuple[Filling, ...]]:
        """Every value of the missing fact; all levels of a place are filled at once."""
        table = self._plan.table.paths if self.places else ()
        if missing.row == REQUEST and fact_of(missing.unknown) in table:
            asked = {fact_of(m.unknown) for m in open_ if m.row == REQUEST}
            levels = [p for p in table if p in asked]
            seen = ({p: place[p] for p in levels} for place in self.places)
            return PLACE, tuple({tuple(f.values()): f for f in seen}.values())
        name = name_of(missing.unknown)
        return missing.of_row(), tuple({name: v} for v in self._values_of(missing.unknown))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """What the unknown levels can be together; empty where no place agrees with the facts."""
        table, facts = self._plan.table, self._world.facts
        levels = [p for p in table.paths if p not in facts and p in self._paths]
        rows = (table.rows[at] for at in table.agreeing(facts))
        found = (
            dict(zip(levels, values, strict=True))
            for row in rows
            for values in product(*(self._at(path, row.get(path)) for path in levels))
        )
        return tuple({tuple(p.values()): p for p in found}.values()) if levels else ()

    def _at(self, path: str, value: Value | None) -> tuple[Value, ...]:
        return self._values_of((path, None)) if value is None else (value,)

    def _values_of(self, unknown: Unknown) -> tuple[Value, ...]:
        match unknown:
            case (path, None):
                return self.values(path)
            case _:
                return (False, True)

    def values(self, path: str) -> tuple[Value, ...]:
        """Values enough of a fact that is not known."""
        if path not in self._values:
            self._values[path] = self._enough(path)
        return self._values[path]

    def _enough(self, path: str) -> tuple[Value, ...]:
        attributes = self._plan.ontology.attributes
        alike = [attributes[p] for p in sorted(self._compared_with(path))]
        marks = [_mark(leaf) for leaf in self._leaves
                 if isinstance(leaf, Compare) and attributes[leaf.attribute] in alike]  # fmt: skip
        if len(alike) == 1 and path not in self._measured:
            return tuple(c.representative for c in cells_of(attributes[path], marks))
        marks += [Compare(path, "is", v) for a in alike for v in (*self._known(a.path), *_ends(a))]
        count = sum(self._missing(a.path) for a in alike)
        pool = (v for a in alike for v in _apart(a, marks, count))
        return tuple(dict.fromkeys(v for v in pool if _fits(v, attributes[path])))

    def _compared_with(self, path: str) -> frozenset[str]:
        """The fact and all that are compared with it, directly or by way of others."""
        found, before = {path}, set[str]()
        while found != before:
            before = set(found)
            for leaf in self._leaves:
                if isinstance(leaf, CompareFacts) and {leaf.attribute, leaf.other} & found:
                    found |= {leaf.attribute, leaf.other}
        return frozenset(found)

    @cached_property
    def _measured(self) -> frozenset[str]:
        outcomes = (o for e in self._plan.entries for o in e.outcomes if isinstance(o, Prefer))
        return frozenset(o.by.attribute for o in outcomes if isinstance(o.by, Measure))

    def _known(self, path: str) -> Iterator[Value]:
        rows = self._close if path.startswith(self._plan.own) else (REQUEST,)
        for value in (self._world.fact(path, row) for row in rows):
            if isinstance(value, frozenset):
                yield from sorted(value)
            elif value is not None:
                yield value

    def _missing(self, path: str) -> int:
        rows = self._close if path.startswith(self._plan.own) else (REQUEST,)
        return sum(self._world.fact(path, row) is None for row in rows)


def _mark(compare: Compare) -> Compare:
    """The comparison; of a set, one that tells its elements apart."""
    return Compare("", "is one of", operands(compare)) if compare.op in SET_OPS else compare


def _ends(attribute: Attribute) -> tuple[Value, ...]:
    """Where the values of one of several facts that are compared begin and end."""
    return tuple(v for v in (attribute.min, attribute.max) if v is not None)


def _fits(value: Value, attribute: Attribute) -> bool:
    """Whether the attribute can have a value that stands for another fact compared with it."""
    try:
        return converter(attribute)(json_value(value)) == value
    except BadValue:
        return False


def _apart(attribute: Attribute, marks: Sequence[Compare], count: int) -> tuple[Value, ...]:
    """In each cell as many values as there are facts to set apart, where it has so many."""
    cells = cells_of(attribute, marks)
    values = [cell.representative for cell in cells]
    for _ in range(1, count):
        finer = cells_of(attribute, [*marks, *(Compare("", "is", v) for v in values)])
        more = [v for cell in finer if (v := cell.representative) not in values]
        values += [v for v in more if _held(v, values, cells) < count]
    return tuple(values)


def _held(value: Value, values: Sequence[Value], cells: Sequence[Cell]) -> int:
    """How many of the values lie in the value's cell."""
    cell = next(c for c in cells if c.contains(value))
    return sum(cell.contains(v) for v in values)


def wheres_of(entry: Entry) -> Iterator[Condition]:
    """The conditions on candidates that a rule says."""
    yield from (where for o in entry.outcomes if (where := where_of(o)) is not None)
