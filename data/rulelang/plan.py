"""What evaluating one decision needs, worked out once per version.

A rule's scope, dates and ``when`` are one condition here: an unknown scope attribute or date
is an unknown fact like any other (design section 4, law 2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, product
from typing import TypeVar, assert_never

from data.ontology.model import Candidates, CodeSet, CodeSets, Decision, Ontology, Value
from data.rulelang.ast import (
    SET_OPS,
    And,
    Compare,
    CompareFacts,
    Condition,
    Count,
    Derived,
    Exists,
    Known,
    Leaf,
    Not,
    Or,
    Outcome,
    Rule,
    RuleSet,
    Since,
    Test,
    Unexpanded,
    all_of,
    any_of,
    attributes_of,
    leaves_of,
    where_of,
    with_where,
)
from data.rulelang.cells import applicability
from data.rulelang.kept import all_kept
from data.rulelang.partition import Cells
from data.rulelang.places import Place, Places
from data.rulelang.precedence import Edges, Reason, beats

OutcomeT = TypeVar("OutcomeT", bound=Outcome)
Unknown = tuple[str, str | None] | Test
"""A fact by its path; of a set, one element and whether the set holds it; or a test as a whole."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule and what it says about one decision."""

    rule: Rule
    """Expanded."""
    outcomes: tuple[Outcome, ...]
    applies: Condition | None
    """Scope, dates and condition in one; ``None`` where it always applies."""

    def first(self, kind: type[OutcomeT]) -> OutcomeT | None:
        for outcome in self.outcomes:
            if isinstance(outcome, kind):
                return outcome
        return None


@dataclass(frozen=True)
class DecisionPlan:
    """One decision with the rules that speak of it."""

    ontology: Ontology
    decision: Decision
    code_sets: CodeSets
    entries: tuple[Entry, ...]
    """Sorted by title: their order in a file has no meaning."""
    edges: Edges
    table: Places
    """Where a request can be."""

    @cached_property
    def order(self) -> tuple[Unknown, ...]:
        """What is filled in where it is unknown, in order; any order gives the same answer.

        What most rules look at comes first, which keeps the number of fillings small.
        """
        mentions = Counter(u for e in self.entries for u in unknowns_of(e.applies))
        if self.decision.code_set:
            mentions[self.decision.code_set, None] += 0
        first = (self.decision.gap_by, None)
        return tuple(sorted(mentions, key=lambda u: (u != first, -mentions[u], name_of(u))))

    @cached_property
    def fillings(self) -> Mapping[Unknown, tuple[Value, ...]]:
        """For each of them one value of every kind that the rules tell apart."""
        return {unknown: self._values(unknown) for unknown in self.order}

    def _values(self, unknown: Unknown) -> tuple[Value, ...]:
        match unknown:
            case (path, None):
                return tuple(c.representative for c in self.cells.cells(path))
            case _:
                return (False, True)

    def places(self, facts: Mapping[str, Value]) -> tuple[Place, ...]:
        """What the unknown levels that rules look at can be together, one place of each kind.

        Empty where the scope entity has no table, or no row of it agrees with the facts.
        """
        open_ = (place for row in self.table.agreeing(facts) for place in self.seen_as(row, facts))
        return tuple({tuple(place.items()): place for place in open_}.values())

    def seen_as(self, row: int, facts: Mapping[str, Value]) -> tuple[Place, ...]:
        """The unknown levels of one row of the table as the rules see them."""
        kinds = self._kinds[row]
        return tuple({p: v for p, v in kind if p not in facts} for kind in kinds)

    @cached_property
    def _kinds(self) -> tuple[tuple[tuple[tuple[str, Value], ...], ...], ...]:
        """Each row of the table as the rules see it; a blank in the row makes it several."""
        asked = {fact_of(unknown) for unknown in self.order}
        asked |= {p for e in self.entries for p in attributes_of(e.applies, self.ontology)}
        levels = [p for p in self.table.paths if p in asked]
        return tuple(
            tuple(
                tuple(zip(levels, values, strict=True))
                for values in product(*(self._seen(path, row.get(path)) for path in levels))
            )
            for row in self.table.rows
        )

    def _seen(self, path: str, value: Value | None) -> tuple[Value, ...]:
        cells = self.cells.cells(path)
        return tuple(c.representative for c in cells if value is None or c.contains(value))

    @cached_property
    def cells(self) -> Cells:
        """The kinds of values that the rules tell apart."""
        return Cells(self.ontology, [e.applies for e in self.entries])

    def beats(self, r: Rule, q: Rule) -> Reason | None:
        """Why ``r`` beats ``q`` where their outcomes differ."""
        pair = (r.title, q.title)
        if pair not in self._reasons:
            self._reasons[pair] = beats(self.ontology, self.edges, r, q)
        return self._reasons[pair]

    @cached_property
    def _reasons(self) -> dict[tuple[str, str], Reason | None]:
        return {}

    def read_by(self, entry: Entry) -> tuple[str, ...]:
        """What of a request the rule looks at: facts, lists, and facts of candidates."""
        title = entry.rule.title
        if title not in self._read:
            said = (entry.rule.when, entry.applies, *map(where_of, entry.outcomes))
            paths = chain.from_iterable([attributes_of(c, self.ontology) for c in said])
            self._read[title] = tuple(dict.fromkeys(paths))
        return self._read[title]

    @cached_property
    def _read(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def candidates(self) -> Candidates:
        """The list a choice picks from."""
        return self.ontology.candidates[self.decision.candidates or ""]

    @property
    def own(self) -> str:
        """What the paths of a candidate's own facts begin with."""
        return f"{self.candidates.entity}."

    @property
    def key(self) -> str:
        """Path of the fact by which a candidate is named."""
        return self.own + self.candidates.key

    def code_set(self, facts: Mapping[str, Value]) -> CodeSet | None:
        """The code set in force; ``None`` where the fact that names it is absent or names none."""
        if self.decision.code_set is None:
            return None
        return self.code_sets.get(str(facts.get(self.decision.code_set)))


@all_kept()
def plan_decisions(
    ontology: Ontology, code_sets: CodeSets, rule_set: RuleSet, edges: Edges, table: Places
) -> dict[str, DecisionPlan]:
    """A plan for each decision of the ontology."""
    rules = sorted(rule_set.expanded().rules, key=lambda r: r.title)
    applies = {r.title: elementwise(applicability(ontology, r)) for r in rules}
    return {
        name: DecisionPlan(
            ontology, decision, code_sets, tuple(_entries(name, rules, applies)), edges, table
        )
        for name, decision in ontology.decisions.items()
    }


def unknowns_of(condition: Condition | None) -> tuple[Unknown, ...]:
    """What the condition looks at, each once, in order of first mention."""
    found = (_unknown(leaf) for leaf in leaves_of(condition))
    return tuple(dict.fromkeys(u for u in found if u is not None))


def _unknown(leaf: Leaf) -> Unknown | None:
    match leaf:
        case Compare():
            return (leaf.attribute, str(leaf.value) if leaf.op == "include" else None)
        case CompareFacts() | Exists() | Count() | Since():
            return leaf
        case Known():
            return None
        case Derived():
            raise Unexpanded(leaf)
        case _:
            assert_never(leaf)


def fact_of(unknown: Unknown) -> str | Test:
    """The fact's path; a test, which is about several, stays itself."""
    return unknown[0] if isinstance(unknown, tuple) else unknown


@cache
def name_of(unknown: Unknown) -> str:
    """Where a filled-in value stands among the facts; no path contains a space."""
    match unknown:
        case (path, None):
            return path
        case (path, element):
            return f"{path} includes {element}"
        case _:
            return f"test {unknown!r}"


def elementwise(condition: Condition | None) -> Condition | None:
    """The same condition, asking of a set only whether it includes one element at a time.

    A set of many elements then has no more fillings than its elements have answers.
    """
    leaves = leaves_of(condition)
    if not any(isinstance(leaf, Compare) and leaf.op in SET_OPS for leaf in leaves):
        return condition
    match condition:
        case Compare(attribute, op, (*elements,)) if op in SET_OPS:
            asked = [Compare(attribute, "include", e) for e in elements]
            if op == "include all of":
                return all_of(*asked)
            return Not(any_of(*asked)) if op == "include none of" else any_of(*asked)
        case Not(part):
            return Not(_elementwise(part))
        case And(parts):
            return all_of(*(_elementwise(p) for p in parts))
        case Or(parts):
            return any_of(*(_elementwise(p) for p in parts))
        case _:
            return condition


def _elementwise(condition: Condition) -> Condition:
    return elementwise(condition) or condition


def _entries(
    decision: str, rules: Iterable[Rule], applies: Mapping[str, Condition | None]
) -> Iterable[Entry]:
    for rule in rules:
        said = tuple(_elementwise_in(o) for o in rule.then if o.decision == decision)
        if said:
            yield Entry(rule, said, applies[rule.title])


def _elementwise_in(outcome: Outcome) -> Outcome:
    where = where_of(outcome)
    return outcome if where is None else with_where(outcome, _elementwise(where))
