"""The requests of an ontology as a propositional space: one solver over cells.

Every attribute lies in exactly one of its cells; a set holds or lacks each mentioned element;
the scope levels agree with a row of the scope entity's table where there is one. A condition is
a literal, defined in both directions (Tseitin), so any mix of literals can be assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from pysat.solvers import Solver

from data.ontology.model import Ontology, ScopeRow, Value
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Condition,
    Count,
    Derived,
    Exists,
    Known,
    Not,
    Or,
    Since,
    Test,
    Unexpanded,
    attributes_of,
)
from data.rulelang.cells import Cells, operands
from data.rulelang.regions import attributes_known

SOLVER = "cadical153"
"""Any incremental solver gives the same findings and witnesses."""
PAIRWISE = 6
"""Up to so many cells, "at most one" is said pair by pair; beyond, along a ladder."""


class Space:
    """Requests as assignments; conditions and sets of cells as literals.

    A fact that some condition asks ``is known`` of may be absent: its value is then one filling
    of the unknown fact (its default, where it has one), as the evaluator fills it.
    """

    TRUE = 1

    def __init__(
        self,
        ontology: Ontology,
        conditions: Iterable[Condition | None],
        scope_rows: Sequence[ScopeRow] = (),
    ) -> None:
        said = tuple(conditions)
        self.ontology = ontology
        self.cells = Cells(ontology, said)
        self._solver: Any = Solver(name=SOLVER)
        self._last = 0
        self._variables: dict[str, tuple[int, ...]] = {}
        self._literals: dict[object, int] = {}
        self._known: dict[str, int] = {}
        self._rows: dict[int, ScopeRow] = {}
        self._clause(self._new())
        for path in sorted({p for c in said for p in attributes_known(c)}):
            self._may_be_absent(path)
        self._obey(scope_rows)

    # Literals.

    def literal(self, condition: Condition | None) -> int:
        """True of the requests the condition is true of, each unknown fact filled in some way."""
        match condition:
            case None:
                return self.TRUE
            case Known():
                return self._known[condition.attribute]
            case Compare():
                return self._compared(condition)
            case CompareFacts() | Exists() | Count() | Since():
                return self._tested(condition)
            case Derived():
                raise Unexpanded(condition)
            case Not():
                return -self.literal(condition.part)
            case And():
                return self.all(self.literal(p) for p in condition.parts)
            case Or():
                return self.any(self.literal(p) for p in condition.parts)

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

    def among(self, path: str, mask: int) -> int:
        """The attribute lies in one of the cells of the mask."""
        key = (path, mask)
        if key not in self._literals:
            inside = [v for i, v in enumerate(self.variables(path)) if mask >> i & 1]
            outside = [v for i, v in enumerate(self.variables(path)) if not mask >> i & 1]
            few = len(outside) < len(inside)
            self._literals[key] = -self.any(outside) if few else self.any(inside)
        return self._literals[key]

    def all(self, literals: Iterable[int]) -> int:
        """The conjunction of the literals."""
        return -self.any(-x for x in literals)

    def any(self, literals: Iterable[int]) -> int:
        """The disjunction of the literals."""
        parts = frozenset(literals) - {-self.TRUE}
        if self.TRUE in parts or any(-x in parts for x in parts):
            return self.TRUE
        if len(parts) < 2:
            return next(iter(parts), -self.TRUE)
        if parts not in self._literals:
            self._literals[parts] = self._defined(sorted(parts))
        return self._literals[parts]

    def variables(self, path: str) -> tuple[int, ...]:
        """One literal per cell of an attribute, or per mentioned element of a set."""
        if path not in self._variables:
            if self.ontology.attributes[path].type == "set":
                made = tuple(self._new() for _ in self.cells.elements(path))
            else:
                made = self._exactly_one(len(self.cells.cells(path)))
            self._variables[path] = made
        return self._variables[path]

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

    def require(self, *literals: int) -> None:
        """From now on, one of the literals holds."""
        self._clause(*literals)

    # Answers.

    def solve(self, *assumed: int) -> bool:
        """Whether some request has all of these."""
        return -self.TRUE not in assumed and bool(self._solver.solve(assumptions=assumed))

    def core(self, assumed: Sequence[int]) -> frozenset[int]:
        """Some of these that no request has together; asks first whether one has them all."""
        if -self.TRUE in assumed:
            return frozenset((-self.TRUE,))
        self._solver.solve(assumptions=list(assumed))
        return frozenset(self._solver.get_core() or ())

    def some(self, assumed: Sequence[int], paths: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Where the named facts of some request with all of these lie: literals, by path.

        Empty where no request has all of these. Which request it is, is up to the solver.
        """
        if not self.solve(*assumed):
            return {}
        model = frozenset(self._solver.get_model())
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
        variables = self.variables(path)
        if isinstance(value, frozenset):
            elements = zip(self.cells.elements(path), variables, strict=True)
            return self.all(v if e in value else -v for e, v in elements)
        cells = zip(self.cells.cells(path), variables, strict=True)
        return next(v for cell, v in cells if cell.contains(value))

    def plainest(self, assumed: Sequence[int], paths: Iterable[str]) -> dict[str, Value] | None:
        """The request with all of these that is first in the order of cells, or ``None``.

        Only the named facts are told. The answer does not depend on the solver.
        """
        if not self.solve(*assumed):
            return None
        fixed = list(assumed)
        row = self._fix_first(fixed, tuple(self._rows))
        facts: dict[str, Value] = {}
        for path in paths:
            if self._fix_first(fixed, (self.known(path), -self.known(path))) == self.known(path):
                facts[path] = self._fact(path, fixed)
        if row is not None and self.ontology.scopes is not None:
            chosen = {self.ontology.scopes.path(k): v for k, v in self._rows[row].items()}
            facts |= {p: v for p, v in chosen.items() if p in facts}
        return facts

    def _fact(self, path: str, fixed: list[int]) -> Value:
        variables = self.variables(path)
        if self.ontology.attributes[path].type == "set":
            chosen = [self._fix_first(fixed, (-v, v)) for v in variables]
            elements = self.cells.elements(path)
            return frozenset(e for e, v in zip(elements, chosen, strict=True) if v and v > 0)
        cell = self._fix_first(fixed, variables)
        return self.cells.cells(path)[variables.index(cell or 0)].representative

    def _fix_first(self, fixed: list[int], choices: Sequence[int]) -> int | None:
        """The first choice that agrees with what is fixed; it is fixed from then on."""
        for choice in choices:
            if self.solve(*fixed, choice):
                fixed.append(choice)
                return choice
        return None

    # Clauses.

    def _new(self) -> int:
        self._last += 1
        return self._last

    def _clause(self, *literals: int) -> None:
        self._solver.add_clause(literals)

    def _defined(self, parts: Sequence[int]) -> int:
        whole = self._new()
        self._clause(-whole, *parts)
        for part in parts:
            self._clause(whole, -part)
        return whole

    def _compared(self, compare: Compare) -> int:
        path = compare.attribute
        if self.ontology.attributes[path].type != "set":
            return self.among(path, self.cells.mask(compare))
        at = dict(zip(self.cells.elements(path), self.variables(path), strict=True))
        named = [at[str(v)] for v in operands(compare)]
        match compare.op:
            case "include" | "include all of":
                return self.all(named)
            case "include any of":
                return self.any(named)
            case _:
                return -self.any(named)

    def _tested(self, test: Test) -> int:
        """A test is a literal of its own."""
        if test not in self._literals:
            self._literals[test] = self._new()
        return self._literals[test]

    def _exactly_one(self, count: int) -> tuple[int, ...]:
        if count == 1:
            return (self.TRUE,)
        if count == 2:
            second = self._new()
            return (-second, second)
        chosen = tuple(self._new() for _ in range(count))
        self._clause(*chosen)
        self._at_most_one(chosen)
        return chosen

    def _at_most_one(self, chosen: Sequence[int]) -> None:
        if len(chosen) <= PAIRWISE:
            for one, other in combinations(chosen, 2):
                self._clause(-one, -other)
            return
        rung = self._new()
        self._at_most_one((*chosen[: PAIRWISE - 2], rung))
        self._at_most_one((-rung, *chosen[PAIRWISE - 2 :]))

    def _may_be_absent(self, path: str) -> None:
        known = self._known[path] = self._new()
        default = self.ontology.attributes[path].default
        if default is None:
            return
        if isinstance(default, frozenset):
            elements = zip(self.cells.elements(path), self.variables(path), strict=True)
            for element, variable in elements:
                self._clause(known, variable if element in default else -variable)
            return
        cells = zip(self.cells.cells(path), self.variables(path), strict=True)
        self._clause(known, *(v for cell, v in cells if cell.contains(default)))

    def _obey(self, rows: Sequence[ScopeRow]) -> None:
        scopes = self.ontology.scopes
        if not rows or scopes is None:
            return
        kinds: dict[tuple[int, ...], ScopeRow] = {}
        for row in rows:
            kinds.setdefault(tuple(self._levels(row)), row)
        for literals, row in kinds.items():
            chosen = self._new()
            self._rows[chosen] = row
            for literal in literals:
                self._clause(-chosen, literal)
        self._clause(*self._rows)

    def _levels(self, row: ScopeRow) -> Iterator[int]:
        """The cells a row's levels lie in; a level that the row leaves out may be anything."""
        assert self.ontology.scopes is not None
        for level, value in row.items():
            path = self.ontology.scopes.path(level)
            cells = zip(self.cells.cells(path), self.variables(path), strict=True)
            yield from (v for cell, v in cells if cell.contains(value))
