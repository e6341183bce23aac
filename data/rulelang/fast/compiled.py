"""One decision at a time, fast: an index finds the few rules that may apply, the meaning decides.

The index rules out what a request's known facts make false. What is left goes to the reference
evaluator, unknown facts and all; where every rule that is left surely applies, its answer depends
on these rules and the code set alone, and is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.ontology.model import Value
from data.rulelang.choose import choose
from data.rulelang.evaluate import MOST_FILLINGS, decide_one
from data.rulelang.fast.index import Found, find, index_of
from data.rulelang.fast.winner import Winners, is_won
from data.rulelang.memory import Memory
from data.rulelang.plan import DecisionPlan
from data.rulelang.request import Request
from data.rulelang.result import Result
from data.rulelang.version import Version

MOST_IN_LEAF = 16
"""Few rules ask few facts, and a fact that none of them asks is not looked up."""
MOST_ANSWERS = 50_000
"""Answers of one decision that are remembered."""


class Compiled:
    """A version made ready for many requests; answers as ``data.rulelang.evaluate`` does."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self._defaults = dict(version.defaults)
        self._places = version.places
        self.index = index_of(version, MOST_IN_LEAF)
        titles = self.index.titles
        self._decisions = {n: _Decision(version, p, titles) for n, p in version.plans.items()}
        decisions = [p.decision for p in version.plans.values()]
        self._by_rules_alone = all(d.type != "choice" for d in decisions)
        self._code_sets = tuple(dict.fromkeys(d.code_set for d in decisions if d.code_set))
        self._answers: dict[Any, dict[str, Result]] = {}

    def decide(self, request: Request) -> dict[str, Result]:
        """The answer to every decision of the version, by name."""
        facts = self._facts(request)
        found = find(self.index.root, facts)
        key, open_ = found
        if open_ or not self._by_rules_alone:
            return self._decided(request, facts, found)
        if self._code_sets:
            code_sets = tuple(facts.get(path) for path in self._code_sets)
            if None in code_sets:
                return self._decided(request, facts, found)
            key = (key, code_sets)
        answers = self._answers.get(key)
        if answers is None:
            answers = self._decided(request, facts, found)
            if len(self._answers) < MOST_ANSWERS:
                self._answers[key] = answers
        return answers.copy()

    def decide_one(
        self,
        request: Request,
        decision: str,
        most: int = MOST_FILLINGS,
        *,
        brief: bool = False,
    ) -> Result:
        """The answer to one decision; ``most`` and ``brief`` as the evaluator has them."""
        facts = self._facts(request)
        found = find(self.index.root, facts)
        return self._decisions[decision].answer(request, facts, found, most, brief)

    def _decided(
        self, request: Request, facts: Mapping[str, Value], found: Found
    ) -> dict[str, Result]:
        return {name: d.answer(request, facts, found) for name, d in self._decisions.items()}

    def _facts(self, request: Request) -> Mapping[str, Value]:
        given = request.given
        facts = {**self._defaults, **given} if self._defaults else given
        settled = self._places.settled(facts) if self._places.paths else None
        return {**facts, **settled} if settled else facts


class _Decision:
    """One decision: its part of what the index finds, and answers given before."""

    def __init__(self, version: Version, plan: DecisionPlan, titles: tuple[str, ...]) -> None:
        self._version = version
        self._plan = plan
        self._name = plan.decision.name
        self._code_set = plan.decision.code_set
        self._winners = Winners(plan) if is_won(plan) else None
        self._memory = Memory() if plan.decision.type == "choice" else None
        entry = {e.rule.title: i for i, e in enumerate(plan.entries)}
        self._entries = {n: entry[t] for n, t in enumerate(titles) if t in entry}
        self._answers: dict[Any, Result] = {}

    def answer(
        self,
        request: Request,
        facts: Mapping[str, Value],
        found: Found,
        most: int = MOST_FILLINGS,
        brief: bool = False,
    ) -> Result:
        """The decision's answer, by the rules that the index found."""
        every, open_ = found
        numbers = tuple(sorted({n for left in every for n in left.numbers if n in self._entries}))
        code_set = facts.get(self._code_set) if self._code_set and numbers else ""
        if self._memory is not None:
            among = (self._entries[n] for n in numbers)
            return choose(self._plan, request, facts, most, among, self._memory)
        if code_set is None or not open_.isdisjoint(numbers):
            return self._decided(request, numbers, most, brief)
        key = (numbers, code_set)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._won(numbers) or self._decided(request, numbers, most, brief)
            if len(self._answers) < MOST_ANSWERS:
                self._answers[key] = answer
        return answer

    def _won(self, numbers: tuple[int, ...]) -> Result | None:
        """The answer where a winner is all there is to it, and every rule surely applies."""
        if self._winners is None or not numbers:
            return None
        among = sorted(self._entries[n] for n in numbers)
        return self._winners.result(self._entries[numbers[0]], among)

    def _decided(
        self, request: Request, numbers: tuple[int, ...], most: int, brief: bool
    ) -> Result:
        among = (self._entries[n] for n in numbers)
        return decide_one(self._version, request, self._name, most, among, brief=brief)
