"""The requests of an ontology as a propositional space: one solver over cells.

Every attribute lies in exactly one of its cells; a set holds or lacks each mentioned element;
the scope levels agree with a row of the scope entity's table where there is one; each relation
has as many rows as its tests can tell apart. A condition is a literal, defined in both
directions (Tseitin), so any mix of literals can be assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from data.ontology.model import Ontology, ScopeRow, Value
from data.rulelang.analyse.clauses import Clauses
from data.rulelang.analyse.rows import MOST_ROWS, RowAt, RowTable, rows_needed
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Condition,
    Count,
    Derived,
    Exists,
    History,
    Known,
    Not,
    Or,
    Since,
    Test,
    Unexpanded,
    attributes_of,
    tests_of,
)
from data.rulelang.cells import operands, related
from data.rulelang.history import is_exact
from data.rulelang.partition import Cells
from data.rulelang.regions import attributes_known
from data.rulelang.request import Row

Facts = dict[str, Any]
"""Values by path, and rows by the name of their relation."""
Place = tuple[tuple[str, int], ...]
"""Paths of scope levels, and the cell that each lies in."""


class Space(Clauses):
    """Requests as assignments; conditions and sets of cells as literals.

    A fact that some condition asks ``is known`` of may be absent: its value is then one filling
    of the unknown fact (its default, where it has one), as the evaluator fills it.
    """

    def __init__(
        self,
        ontology: Ontology,
        conditions: Iterable[Condition | None],
        scope_rows: Sequence[ScopeRow] = (),
        whole: Space | None = None,
    ) -> None:
        super().__init__()
        said = tuple(conditions)
        self.ontology = ontology
        self.cells = whole.cells if whole else Cells(ontology, said)
        self._variables: dict[tuple[str, RowAt | None], tuple[int, ...]] = {}
        self._literals: dict[object, int] = {}
        self._at: dict[tuple[str, Value], int] = {}
        self._known: dict[str, int] = {}
        self._rows: dict[int, ScopeRow] = {}
        self._tables: dict[str, RowTable] = {}
        self.rough: frozenset[Test] = frozenset()
        """Tests of which less is said than they mean; what holds everywhere still does."""
        asked = whole.absentable if whole else {p for c in said for p in attributes_known(c)}
        for attribute in ontology.facts:
            if attribute.path in asked:
                self._may_be_absent(attribute.path)
        self._places = whole._places if whole else self._kinds_of(scope_rows)
        self._obey()
        self._lay_out([t for c in said for t in tests_of(c)])

    def part(self, conditions: Iterable[Condition | None]) -> Space:
        """A space of the same requests, in the same cells, for some of the conditions."""
        return Space(self.ontology, conditions, whole=self)

    # Literals.

    def literal(self, condition: Condition | None, row: RowAt | None = None) -> int:
        """True of the requests the condition is true of, each unknown fact filled in some way.

        A condition on rows is asked of one row.
        """
        match condition:
            case None:
                return self.TRUE
            case Known():
                return self._known[condition.attribute]
            case Compare():
                if row is not None:
                    return self._compared(condition, row)
                found = self._literals.get(condition)
                return found or self._literals.setdefault(condition, self._compared(condition, row))
            case CompareFacts() | Exists() | Count() | Since():
                return self._tested(condition, row)
            case Derived():
                raise Unexpanded(condition)
            case Not():
                return -self.literal(condition.part, row)
            case And():
                return self.all(self.literal(p, row) for p in condition.parts)
            case Or():
                return self.any(self.literal(p, row) for p in condition.parts)

    def settled(self, condition: Condition | None) -> tuple[int, int]:
        """Two literals: true, and false, without looking at any absent fact (Kleene)."""
        match condition:
            case None | Known():
                plain = self.literal(condition)
                return plain, -plain
            case Compare():
                plain = self.literal(condition)
                known = self.filled(condition.attribute)
                return self.all((plain, known)), self.all((-plain, known))
            case CompareFacts() | Exists() | Count() | Since():
                plain = self.literal(condition)
                facts = (p for p in attributes_of(condition, self.ontology) if "." in p)
                known = self.all(self.filled(p) for p in facts)
                return self.all((plain, known)), self.all((-plain, known))
            case Derived():
                raise Unexpanded(condition)
            case Not():
                true, false = self.settled(condition.part)
                return false, true
            case And():
                parts = [self.settled(p) for p in condition.parts]
                return self.all(t for t, _ in parts), self.any(f for _, f in parts)
            case Or():
                parts = [self.settled(p) for p in condition.parts]
                return self.any(t for t, _ in parts), self.all(f for _, f in parts)

    def among(self, path: str, mask: int, row: RowAt | None = None) -> int:
        """The attribute lies in one of the cells of the mask."""
        key = (path, mask, _of(row, path))
        if key not in self._literals:
            every = self.variables(path, row)
            inside = [v for i, v in enumerate(every) if mask >> i & 1]
            outside = [v for i, v in enumerate(every) if not mask >> i & 1]
            few = len(outside) < len(inside)
            self._literals[key] = -self.any(outside) if few else self.any(inside)
        return self._literals[key]

    def variables(self, path: str, row: RowAt | None = None) -> tuple[int, ...]:
        """One literal per cell of an attribute, or per mentioned element of a set."""
        key = (path, _of(row, path))
        if key not in self._variables:
            if self.ontology.attributes[path].type == "set":
                made = tuple(self.new() for _ in self.cells.elements(path))
            else:
                made = self.exactly_one(len(self.cells.cells(path)))
            self._variables[key] = made
        return self._variables[key]

    def known(self, path: str) -> int:
        """The fact is given; always so where no condition asks."""
        return self._known.get(path, self.TRUE)

    def filled(self, path: str) -> int:
        """The fact is given, or has a default."""
        default = self.ontology.attributes[path].default
        return self.known(path) if default is None else self.TRUE

    @property
    def absentable(self) -> frozenset[str]:
        """Paths of the facts that may be absent."""
        return frozenset(self._known)

    # Answers.

    def some(self, assumed: Sequence[int], paths: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Where the named facts of some request with all of these lie: literals, by path.

        Empty where no request has all of these. Which request it is, is up to the solver.
        """
        if not self.solve(*assumed):
            return {}
        model = self.model()
        found: dict[str, tuple[int, ...]] = {}
        for path in paths:
            variables = self.variables(path)
            if self.ontology.attributes[path].type == "set":
                found[path] = tuple(v if v in model else -v for v in variables)
            else:
                found[path] = (next(v for v in variables if -v not in model),)
        return found

    def at(self, path: str, value: Value) -> int:
        """The fact lies in one cell with this value."""
        if (path, value) not in self._at:
            self._at[path, value] = self._lying(path, value)
        return self._at[path, value]

    def _lying(self, path: str, value: Value) -> int:
        variables = self.variables(path)
        if isinstance(value, frozenset):
            elements = zip(self.cells.elements(path), variables, strict=True)
            return self.all(v if e in value else -v for e, v in elements)
        cells = zip(self.cells.cells(path), variables, strict=True)
        return next(v for cell, v in cells if cell.contains(value))

    def plainest(self, assumed: Sequence[int], paths: Iterable[str]) -> Facts | None:
        """The request with all of these that is first in the order of cells, or ``None``.

        Only the named facts and relations are told; of a relation the fewest rows. The answer
        does not depend on the solver. ``None`` also where no rows were found that fit.
        """
        if not self.solve(*assumed):
            return None
        fixed = list(assumed)
        site = self.firsts(fixed, [tuple(self._rows)] if self._rows else [])
        asked = list(paths)
        named = [p for p in asked if p in self.ontology.attributes]
        facts = self._facts(named, fixed)
        if site and (scopes := self.ontology.scopes) is not None:
            chosen = {scopes.path(k): v for k, v in self._rows[site[0]].items()}
            facts |= {p: v for p, v in chosen.items() if p in facts}
        for name in (p for p in asked if p in self.ontology.relations):
            rows = self._listed(name, fixed, facts)
            if rows is None:
                return None
            facts[name] = rows
        return facts

    def _facts(self, paths: Sequence[str], fixed: list[int]) -> Facts:
        """The plainest values that agree with what is fixed, known ones where that can be."""
        facts: Facts = {}
        for maybe_absent, some in groupby(paths, self._known.__contains__):
            for together in [[p] for p in some] if maybe_absent else [[*some]]:
                known = self.known(together[0])
                if maybe_absent and self.firsts(fixed, [(known, -known)]) != [known]:
                    continue
                chosen = iter(self.firsts(fixed, [c for p in together for c in self._choices(p)]))
                told = {p: [next(chosen) for _ in self._choices(p)] for p in together}
                facts |= {p: self._value(p, literals) for p, literals in told.items()}
        return facts

    def fact(self, path: str, fixed: list[int], row: RowAt | None = None) -> Value:
        """The plainest value that agrees with what is fixed; it is fixed from then on."""
        return self._value(path, self.firsts(fixed, self._choices(path, row)), row)

    def _choices(self, path: str, row: RowAt | None = None) -> list[Sequence[int]]:
        """What tells the fact's value: one of its cells, or of each element whether it is in it."""
        variables = self.variables(path, row)
        if self.ontology.attributes[path].type == "set":
            return [(-v, v) for v in variables]
        return [variables]

    def _value(self, path: str, chosen: Sequence[int], row: RowAt | None = None) -> Value:
        if self.ontology.attributes[path].type == "set":
            elements = zip(self.cells.elements(path), chosen, strict=True)
            return frozenset(e for e, v in elements if v > 0)
        cell = self.variables(path, row).index(chosen[0])
        return self.cells.cells(path)[cell].representative

    def _listed(self, name: str, fixed: list[int], facts: Facts) -> tuple[Row, ...] | None:
        table, today = self._tables.get(name), self.ontology.date
        if table is None:
            return ()
        day = None if today is None else facts.get(today, None) or self.fact(today, fixed)
        return table.listed(fixed, day if isinstance(day, date) else None)

    # Clauses.

    def _lay_out(self, tests: Iterable[Test]) -> None:
        """Rows for the tests of each relation."""
        by_relation: dict[str, list[History]] = {}
        for test in dict.fromkeys(t for t in tests if isinstance(t, History)):
            by_relation.setdefault(test.rows.relation, []).append(test)
        for name, asked in by_relation.items():
            exact = [t for t in asked if is_exact(t, self.ontology)]
            if rows_needed(exact) <= MOST_ROWS:
                self._tables[name] = RowTable(self, self.ontology.relations[name], exact)
            else:
                exact = []
            self.rough |= frozenset(asked) - frozenset(exact)

    def _compared(self, compare: Compare, row: RowAt | None) -> int:
        path = compare.attribute
        if self.ontology.attributes[path].type != "set":
            return self.among(path, self.cells.mask(compare), row)
        at = self._holding(path, row)
        named = [at[str(v)] for v in operands(compare)]
        match compare.op:
            case "include" | "include all of":
                return self.all(named)
            case "include any of":
                return self.any(named)
            case _:
                return -self.any(named)

    def _holding(self, path: str, row: RowAt | None) -> Mapping[str, int]:
        """By element: the set holds it."""
        return dict(zip(self.cells.elements(path), self.variables(path, row), strict=True))

    def _tested(self, test: Test, row: RowAt | None) -> int:
        if isinstance(test, CompareFacts):
            return self._related(test, row)
        if test not in self._literals:
            left_open = test in self.rough
            table = self._tables.get(test.rows.relation)
            self._literals[test] = self.new() if left_open or table is None else table.literal(test)
        return self._literals[test]

    def _related(self, test: CompareFacts, row: RowAt | None) -> int:
        """For each cell of the one fact, the cells of the other that the comparison holds for."""
        other = self.cells.cells(test.other)
        if self.ontology.attributes[test.attribute].type == "set":
            at = self._holding(test.attribute, row)
            pairs = [(at[str(c.representative)], 1 << i) for i, c in enumerate(other)]
        else:
            mine = [c.representative for c in self.cells.cells(test.attribute)]
            masks = [_mask(related(test.op, v, c.representative) for c in other) for v in mine]
            pairs = list(zip(self.variables(test.attribute, row), masks, strict=True))
        return self.any(self.all((v, self.among(test.other, mask, row))) for v, mask in pairs)

    def _may_be_absent(self, path: str) -> None:
        known = self._known[path] = self.new()
        default = self.ontology.attributes[path].default
        if default is None:
            return
        if isinstance(default, frozenset):
            elements = zip(self.cells.elements(path), self.variables(path), strict=True)
            for element, variable in elements:
                self.require(known, variable if element in default else -variable)
            return
        cells = zip(self.cells.cells(path), self.variables(path), strict=True)
        self.require(known, *(v for cell, v in cells if cell.contains(default)))

    def _obey(self) -> None:
        for cells, row in self._places.items():
            chosen = self.new()
            self._rows[chosen] = row
            for path, index in cells:
                self.require(-chosen, self.variables(path)[index])
        if self._rows:
            self.require(*self._rows)

    def _kinds_of(self, rows: Sequence[ScopeRow]) -> Mapping[Place, ScopeRow]:
        """By place, the first row of the scope entity's table that lies there."""
        kinds: dict[Place, ScopeRow] = {}
        for row in rows if self.ontology.scopes is not None else ():
            kinds.setdefault(tuple(self._levels(row)), row)
        return kinds

    def _levels(self, row: ScopeRow) -> Iterator[tuple[str, int]]:
        """The cells a row's levels lie in; a level that the row leaves out may be anything."""
        assert self.ontology.scopes is not None
        for level, value in row.items():
            path = self.ontology.scopes.path(level)
            cells = enumerate(self.cells.cells(path))
            yield from ((path, i) for i, cell in cells if cell.contains(value))


def _of(row: RowAt | None, path: str) -> RowAt | None:
    """The row where the path is one of its own facts; else it is the request's."""
    return row if row is not None and path.startswith(f"{row.entity}.") else None


def _mask(bits: Iterable[bool]) -> int:
    return sum(1 << i for i, bit in enumerate(bits) if bit)
