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
from data.rulelang.fast.index import Node, Step, find, index_of
from data.rulelang.fast.winner import is_won, won_by
from data.rulelang.kept import all_kept
from data.rulelang.memory import Memory
from data.rulelang.plan import DecisionPlan
from data.rulelang.request import Request
from data.rulelang.result import Result
from data.rulelang.version import Version

MOST_IN_LEAF = 16
"""Few rules ask few facts, and a fact that none of them asks is not looked up."""
MOST_ANSWERS = 50_000
"""Answers of one decision that are remembered."""
Every = tuple[Step, ...]


class Compiled:
    """A version made ready for many requests; answers as ``data.rulelang.evaluate`` does."""

    @all_kept()
    def __init__(self, version: Version) -> None:
        self.version = version
        self._defaults = dict(version.defaults)
        self._places = version.places
        self._given_alone = not (self._defaults or self._places.paths)
        self.index = index_of(version, MOST_IN_LEAF)
        titles = self.index.titles
        self._deciding = {n: _Decision(version, p, titles) for n, p in version.plans.items()}
        self._decisions = tuple(self._deciding.items())
        decisions = [p.decision for p in version.plans.values()]
        self._by_rules_alone = all(d.type != "choice" for d in decisions)
        self._code_sets = tuple(dict.fromkeys(d.code_set for d in decisions if d.code_set))
        self._answers: dict[Any, dict[str, Result]] = {}

    def decide(self, request: Request) -> dict[str, Result]:
        """The answer to every decision of the version, by name."""
        facts = request.given if self._given_alone else self._facts(request)
        every, vague = find([self.index.root], facts)
        code_sets = self._code_sets
        key = (every, *map(facts.get, code_sets)) if code_sets else every
        answers = None if vague else self._answers.get(key)
        if answers is None:
            every, open_ = _searched(every, vague, facts)
            answers = {n: d.answer(request, facts, every, open_) for n, d in self._decisions}
            if not open_ and self._by_rules_alone and all(path in facts for path in code_sets):
                if len(self._answers) >= MOST_ANSWERS:
                    self._answers.clear()
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
        every, open_ = _searched(*find([self.index.root], facts), facts)
        return self._deciding[decision].answer(request, facts, every, open_, most, brief)

    def met(self, request: Request) -> frozenset[str]:
        """Titles of the rules that may apply; none of the others can."""
        facts = self._facts(request)
        every, _ = _searched(*find([self.index.root], facts), facts)
        return frozenset(self.index.titles[n] for left in every for n in left.numbers)

    def _facts(self, request: Request) -> Mapping[str, Value]:
        given = request.given
        facts = {**self._defaults, **given} if self._defaults else given
        settled = self._places.settled(facts) if self._places.paths else None
        return {**facts, **settled} if settled else facts


def _searched(
    found: Every, vague: list[Node], facts: Mapping[str, Value]
) -> tuple[Every, frozenset[int]]:
    """Every rule that may apply; and the numbers of those that are open, as is each rule that
    hangs on an unknown fact."""
    open_ = [n for left in found if left.unsure for n in left.open]
    while vague:
        more, vague = find(vague, facts)
        open_ += [n for left in more for n in left.numbers]
        found += more
    return found, frozenset(open_)


class _Decision:
    """One decision: its part of what the index finds, and answers given before."""

    def __init__(self, version: Version, plan: DecisionPlan, titles: tuple[str, ...]) -> None:
        self._version = version
        self._plan = plan
        self._name = plan.decision.name
        self._code_set = plan.decision.code_set
        self._plan = plan
        self._is_won = is_won(plan)
        self._memory = Memory() if plan.decision.type == "choice" else None
        place = {e.rule.title: i for i, e in enumerate(plan.entries)}
        self._places = {n: place[t] for n, t in enumerate(titles) if t in place}
        """By a rule's number its place among the plan's entries."""
        self._answers: dict[Any, Result] = {}

    def answer(
        self,
        request: Request,
        facts: Mapping[str, Value],
        every: Every,
        open_: frozenset[int],
        most: int = MOST_FILLINGS,
        brief: bool = False,
    ) -> Result:
        """The decision's answer, by the rules that the index found."""
        numbers = tuple(sorted({n for left in every for n in left.numbers if n in self._places}))
        code_set = facts.get(self._code_set) if self._code_set and numbers else ""
        if self._memory is not None:
            among = (self._places[n] for n in numbers)
            return choose(self._plan, request, facts, most, among, self._memory)
        if code_set is None or not open_.isdisjoint(numbers):
            return self._decided(request, numbers, most, brief)
        key = (numbers, code_set)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._won(numbers) or self._decided(request, numbers, most, brief)
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[key] = answer
        return answer

    def _won(self, numbers: tuple[int, ...]) -> Result | None:
        """The answer where a winner is all there is to it, and every rule surely applies."""
        if not self._is_won or not numbers:
            return None
        places = [self._places[n] for n in numbers]
        entries = self._plan.entries
        return won_by(self._plan, entries[places[0]], [entries[i] for i in sorted(places)])

    def _decided(
        self, request: Request, numbers: tuple[int, ...], most: int, brief: bool
    ) -> Result:
        among = (self._places[n] for n in numbers)
        return decide_one(self._version, request, self._name, most, among, brief=brief)
