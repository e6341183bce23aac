"""What evaluating one decision needs, worked out once per version.

A rule's scope, dates and ``when`` are one condition here: an unknown scope attribute or date
is an unknown fact like any other (design section 4, law 2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from data.ontology.model import CodeSet, CodeSets, Decision, Ontology, Value
from data.rulelang.ast import Condition, Outcome, Rule, RuleSet, attributes_of
from data.rulelang.cells import applicability, representatives
from data.rulelang.precedence import Edges, Reason, beats

OutcomeT = TypeVar("OutcomeT", bound=Outcome)


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule and what it says about one decision."""

    rule: Rule
    outcomes: tuple[Outcome, ...]
    applies: Condition | None
    """Scope, dates and condition in one; ``None`` where it always applies."""

    def first(self, kind: type[OutcomeT]) -> OutcomeT | None:
        return next((o for o in self.outcomes if isinstance(o, kind)), None)


@dataclass(frozen=True)
class DecisionPlan:
    """One decision with the rules that speak of it."""

    ontology: Ontology
    decision: Decision
    code_sets: CodeSets
    entries: tuple[Entry, ...]
    """Sorted by title: their order in a file has no meaning."""
    edges: Edges

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Facts in the order in which unknown ones are filled in; any order gives the same answer.

        Those that most rules look at come first, which keeps the number of fillings small.
        """
        mentions = Counter(p for e in self.entries for p in attributes_of(e.applies))
        if self.decision.code_set:
            mentions[self.decision.code_set] += 0
        first = self.decision.gap_by
        return tuple(sorted(mentions, key=lambda p: (p != first, -mentions[p], p)))

    @cached_property
    def fillings(self) -> Mapping[str, tuple[Value, ...]]:
        """For each fact one value of every kind that the rules tell apart."""
        conditions = [e.applies for e in self.entries]
        return {p: representatives(self.ontology.attributes[p], conditions) for p in self.order}

    def beats(self, r: Rule, q: Rule) -> Reason | None:
        """Why ``r`` beats ``q`` where their outcomes differ."""
        pair = (r.title, q.title)
        if pair not in self._reasons:
            self._reasons[pair] = beats(self.ontology, self.edges, r, q)
        return self._reasons[pair]

    @cached_property
    def _reasons(self) -> dict[tuple[str, str], Reason | None]:
        return {}

    def code_set(self, facts: Mapping[str, Value]) -> CodeSet | None:
        """The code set in force; ``None`` where the fact that names it is absent or names none."""
        if self.decision.code_set is None:
            return None
        return self.code_sets.get(str(facts.get(self.decision.code_set)))


def plan_decisions(
    ontology: Ontology, code_sets: CodeSets, rule_set: RuleSet, edges: Edges
) -> dict[str, DecisionPlan]:
    """A plan for each decision of the ontology."""
    rules = sorted(rule_set.rules, key=lambda r: r.title)
    applies = {r.title: applicability(ontology, r) for r in rules}
    return {
        name: DecisionPlan(
            ontology, decision, code_sets, tuple(_entries(name, rules, applies)), edges
        )
        for name, decision in ontology.decisions.items()
        if decision.type != "choice"
    }


def _entries(
    decision: str, rules: Iterable[Rule], applies: Mapping[str, Condition | None]
) -> Iterable[Entry]:
    for rule in rules:
        said = tuple(o for o in rule.then if o.decision == decision)
        if said:
            yield Entry(rule, said, applies[rule.title])
