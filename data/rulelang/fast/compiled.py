"""One decision at a time, fast: an index finds the few rules that may apply, the meaning decides.

The index rules out what a request's known facts make false. What is left goes to the reference
evaluator, unknown facts and all; where every rule that is left surely applies, its answer depends
on these rules and the code set alone, and is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.ontology.model import Value
from data.rulelang.bits import bits_of
from data.rulelang.evaluate import decide_one
from data.rulelang.fast.index import Found, Leaf, Node, find, index_of
from data.rulelang.fast.winner import Winners, is_won
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
        leaves = tuple(_leaves(self.index.root))
        titles = self.index.titles
        self._decisions = {
            name: _Decision(version, plan, leaves, titles) for name, plan in version.plans.items()
        }

    def decide(self, request: Request) -> dict[str, Result]:
        """The answer to every decision of the version, by name."""
        facts = self._facts(request)
        found = find(self.index.root, facts, [])
        return {name: d.answer(request, facts, found) for name, d in self._decisions.items()}

    def decide_one(self, request: Request, decision: str) -> Result:
        """The answer to one decision."""
        facts = self._facts(request)
        return self._decisions[decision].answer(request, facts, find(self.index.root, facts, []))

    def _facts(self, request: Request) -> Mapping[str, Value]:
        given = request.given
        facts = {**self._defaults, **given} if self._defaults else given
        settled = self._places.settled(facts) if self._places.paths else None
        return {**facts, **settled} if settled else facts


class _Decision:
    """One decision: its part of what the index finds, and answers given before."""

    def __init__(
        self,
        version: Version,
        plan: DecisionPlan,
        leaves: tuple[Leaf, ...],
        titles: tuple[str, ...],
    ) -> None:
        self._version = version
        self._name = plan.decision.name
        self._code_set = plan.decision.code_set
        self._winners = Winners(plan) if is_won(plan) else None
        self._by_rules_alone = plan.decision.type != "choice"
        entry = {e.rule.title: i for i, e in enumerate(plan.entries)}
        self._entries = {n: entry[t] for n, t in enumerate(titles) if t in entry}
        self._mine = {
            leaf: bits_of(i for i, n in enumerate(leaf.rules) if n in self._entries)
            for leaf in leaves
        }
        self._answers: dict[Any, Result] = {}

    def answer(self, request: Request, facts: Mapping[str, Value], found: Found) -> Result:
        """The decision's answer, by the rules that the index found."""
        key: tuple[Any, ...] = ()
        sure = self._by_rules_alone
        for leaf, left, open_ in found:
            mine = left & self._mine[leaf]
            if mine:
                key += (leaf, mine)
                if mine & open_:
                    sure = False
        if key and self._code_set is not None:
            code_set = facts.get(self._code_set)
            key += (code_set,)
            sure = sure and code_set is not None
        if not sure:
            return self._decided(request, found)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._won(found) or self._decided(request, found)
            if len(self._answers) < MOST_ANSWERS:
                self._answers[key] = answer
        return answer

    def _won(self, found: Found) -> Result | None:
        """The answer where a winner is all there is to it, and every rule surely applies."""
        numbers = self._numbers(found)
        if self._winners is None or not numbers:
            return None
        among = sorted(self._entries[n] for n in numbers)
        return self._winners.result(self._entries[min(numbers)], among)

    def _decided(self, request: Request, found: Found) -> Result:
        among = (self._entries[n] for n in self._numbers(found))
        return decide_one(self._version, request, self._name, among=among)

    def _numbers(self, found: Found) -> set[int]:
        return {n for leaf, left, _ in found for n in leaf.numbers(left & self._mine[leaf])}


def _leaves(node: Node) -> list[Leaf]:
    if isinstance(node, Leaf):
        return [node]
    below = [leaf for branch in node.branches.values() for leaf in _leaves(branch)]
    return below + _leaves(node.rest)
