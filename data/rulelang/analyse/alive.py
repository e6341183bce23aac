"""Requests on which a rule is missed: proof that it is neither shadowed nor redundant.

Looked for by trying, so what is not found may still be there; what is found was decided with the
rule and without it. A request to which no changed rule can apply proves the same after the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from random import Random

from data.ontology.model import Value
from data.rulelang.ast import Condition, Rule
from data.rulelang.cells import applicability
from data.rulelang.evaluate import decide_one
from data.rulelang.fast.needs import needs_of
from data.rulelang.kleene import condition_value, remaining
from data.rulelang.plan import DecisionPlan, elementwise
from data.rulelang.request import Request
from data.rulelang.version import Version

Facts = Mapping[str, Value]
Conditions = Sequence[Condition | None]
MOST_TRIED = 24
"""So many requests are tried for a rule before it is given up."""


class Alive:
    """The rules of one version, with the requests found so far on which they are missed."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._found: dict[str, Facts] = {}
        self._values: dict[tuple[str, str], Sequence[Value]] = {}

    def missed(self, rule: Rule, apart: Conditions = ()) -> Facts | None:
        """A request on which the rule is missed and of which none of the conditions can be true.

        ``None`` where none was found.
        """
        known = self._found.get(rule.title)
        if known is not None and self._is_apart(known, apart):
            return known
        found = self._first(rule, apart, self.is_missed)
        return found and self._found.setdefault(rule.title, found)

    def winning(self, rule: Rule, apart: Conditions = ()) -> Facts | None:
        """The same of a request on which the rule has its way."""
        return self._first(rule, apart, self._has_its_way)

    def _first(
        self, rule: Rule, apart: Conditions, shows: Callable[[Rule, Facts], bool]
    ) -> Facts | None:
        tried = (facts for facts in self._tried(rule) if self._is_apart(facts, apart))
        return next((facts for facts in tried if shows(rule, facts)), None)

    def _is_apart(self, facts: Facts, conditions: Conditions) -> bool:
        request, ontology = Request(facts, {}), self._version.ontology
        return all(condition_value(c, facts, request, ontology) is False for c in conditions)

    def _has_its_way(self, rule: Rule, facts: Facts) -> bool:
        compiled, request = self._version.compiled, Request(facts, {})
        names = dict.fromkeys(o.decision for o in rule.then)
        results = (compiled.decide_one(request, name, brief=True) for name in names)
        return any(rule.title == r.rule or rule.title in r.rules for r in results)

    def is_missed(self, rule: Rule, facts: Facts) -> bool:
        """Whether some answer is another one without the rule, and the rule has a part in it."""
        request = Request(facts, {})
        met = self._version.compiled.met(request)
        if rule.title not in met:
            return False
        return any(
            self._differs(name, rule, request, met) for name in {o.decision for o in rule.then}
        )

    def _differs(self, name: str, rule: Rule, request: Request, met: frozenset[str]) -> bool:
        plan, place = self._version.plans[name], self._places[name]
        among = {place[t] for t in met if t in place}
        if plan.decision.hit != "single" and _removed(plan, rule, among):
            return False
        keys = [
            decide_one(self._version, request, name, among=some, brief=True).key
            for some in (among, among - {place[rule.title]})
        ]
        return keys[0] != keys[1]

    @cached_property
    def _places(self) -> Mapping[str, Mapping[str, int]]:
        """By decision and title the place among the plan's entries."""
        plans = self._version.plans
        return {n: {e.rule.title: i for i, e in enumerate(p.entries)} for n, p in plans.items()}

    def _tried(self, rule: Rule) -> Iterator[Facts]:
        """Complete requests to which the rule applies as far as single facts tell, at random."""
        ontology, random = self._version.ontology, Random(rule.title)
        needs = needs_of(elementwise(applicability(ontology, rule))).by_path
        few = {path: self._meeting(rule, path, needs[path]) for path in needs}
        if not all(few.values()):
            return
        every = {a.path: few.get(a.path) or self._of(rule, a.path) for a in ontology.facts}
        rows = [
            row
            for row in self._version.places.rows
            if all(value in few.get(path, (value,)) for path, value in row.items())
        ]
        for _ in range(MOST_TRIED):
            facts = {path: random.choice(values) for path, values in every.items()}
            yield {**facts, **random.choice(rows)} if rows else facts

    def _meeting(self, rule: Rule, path: str, condition: Condition) -> Sequence[Value]:
        values = self._of(rule, path)
        return [v for v in values if remaining(condition, {path: v}, {}) is True]

    def _of(self, rule: Rule, path: str) -> Sequence[Value]:
        """A value of each kind that the rules tell apart; of a set, none, each and all elements."""
        name = rule.then[0].decision
        if (name, path) not in self._values:
            plan = self._version.plans[name]
            if self._version.ontology.attributes[path].type == "set":
                elements = plan.cells.elements(path)
                sets = ((), *((e,) for e in elements), elements)
                self._values[name, path] = [frozenset(s) for s in sets]
            else:
                self._values[name, path] = [c.representative for c in plan.cells.cells(path)]
        return self._values[name, path]


def _removed(plan: DecisionPlan, rule: Rule, among: Iterable[int]) -> bool:
    """Whether one of these rules removes what the rule contributes (law 5)."""
    return any(rule.title in plan.entries[place].rule.overrides for place in among)
