"""One decision at a time, fast: an index finds the few rules that may apply, the meaning decides.

The index rules out what a request's known facts make false. What is left goes to the reference
evaluator, unknown facts and all; where every rule that is left surely applies, its answer depends
on these rules and the code set alone, and is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from data.ontology.model import Value
from data.rulelang.choose import choose
from data.rulelang.evaluate import MOST_FILLINGS, decide_one
from data.rulelang.fast.index import find, index_of
from data.rulelang.fast.winner import Contest, is_won
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
NONE_OPEN = frozenset[int]()


class Compiled:
    """A version made ready for many requests; answers as ``data.rulelang.evaluate`` does."""

    @all_kept()
    def __init__(self, version: Version) -> None:
        self.version = version
        self._defaults = dict(version.defaults)
        self._places = version.places
        self._given_alone = not (self._defaults or self._places.paths)
        self.index = index_of(version, MOST_IN_LEAF)
        self._inexact = frozenset(r.number for r in self.index.rules if not r.needs.exact)
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
        found, unknown = find(self.index.root, facts)
        code_sets = self._code_sets
        key = (*found, *map(facts.get, code_sets)) if code_sets else tuple(found)
        answers = None if unknown else self._answers.get(key)
        if answers is None:
            found = sorted(set(found)) if unknown else sorted(found)
            open_ = self._open(found, unknown, facts)
            answers = {n: d.answer(request, facts, found, open_) for n, d in self._decisions}
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
        found, unknown = find(self.index.root, facts)
        found = sorted(set(found))
        open_ = self._open(found, unknown, facts)
        return self._deciding[decision].answer(request, facts, found, open_, most, brief)

    def met(self, request: Request) -> frozenset[str]:
        """Titles of the rules that may apply; none of the others can."""
        found, _ = find(self.index.root, self._facts(request))
        return frozenset(self.index.titles[n] for n in found)

    def _facts(self, request: Request) -> Mapping[str, Value]:
        given = request.given
        facts = {**self._defaults, **given} if self._defaults else given
        settled = self._places.settled(facts) if self._places.paths else None
        return {**facts, **settled} if settled else facts

    def _open(
        self, found: Iterable[int], unknown: bool, facts: Mapping[str, Value]
    ) -> frozenset[int]:
        """Those of the rules found of which it is open whether they apply."""
        if not unknown and self._inexact.isdisjoint(found):
            return NONE_OPEN
        rules = self.index.rules
        return frozenset(
            n
            for n in found
            if n in self._inexact or any(path not in facts for path in rules[n].needs.by_path)
        )


class _Decision:
    """One decision: its part of what the index finds, and answers given before."""

    def __init__(self, version: Version, plan: DecisionPlan, titles: tuple[str, ...]) -> None:
        self._version = version
        self._plan = plan
        self._code_set = plan.decision.code_set
        self._contest = Contest(plan) if is_won(plan) else None
        self._memory = Memory() if plan.decision.type == "choice" else None
        place = {e.rule.title: i for i, e in enumerate(plan.entries)}
        self._places = [place.get(title, -1) for title in titles]
        """By a rule's number its place among the plan's entries; -1 where it says nothing here."""
        self._answers: dict[Any, Result] = {}

    def answer(
        self,
        request: Request,
        facts: Mapping[str, Value],
        found: Iterable[int],
        open_: frozenset[int],
        most: int = MOST_FILLINGS,
        brief: bool = False,
    ) -> Result:
        """The decision's answer, by the rules that the index found, likely winners first."""
        place = self._places
        places = tuple([place[n] for n in found if place[n] >= 0])
        if self._memory is not None:
            return choose(self._plan, request, facts, most, places, self._memory)
        code_set = facts.get(self._code_set) if self._code_set and places else ""
        if code_set is None or any(place[n] >= 0 for n in open_):
            return self._decided(request, places, most, brief)
        won = self._contest.won(places) if self._contest is not None and places else None
        return won or self._known(request, (places, code_set), most, brief)

    def _known(
        self, request: Request, key: tuple[tuple[int, ...], Value], most: int, brief: bool
    ) -> Result:
        """The answer to rules that surely apply, under a code set."""
        answer = self._answers.get(key)
        if answer is None:
            answer = self._decided(request, key[0], most, brief)
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[key] = answer
        return answer

    def _decided(self, request: Request, places: tuple[int, ...], most: int, brief: bool) -> Result:
        name = self._plan.decision.name
        return decide_one(self._version, request, name, most, places, brief=brief)
