"""Who wins among rules that surely apply, where the winner's value is the whole answer (law 3).

That is so of decisions with one value, codes and choices excepted. Where nobody wins the reference
tells the conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from data.rulelang.ast import Decide
from data.rulelang.plan import DecisionPlan
from data.rulelang.precedence import naming, standing
from data.rulelang.result import Beaten, Result

Places = Sequence[int]
"""Rules by their place among the plan's entries, so in the order of their titles."""


def is_won(plan: DecisionPlan) -> bool:
    """Whether the winner's value is the decision's whole answer."""
    return plan.decision.hit == "single" and plan.decision.type not in ("code", "choice")


class Contest:
    """The rules of one such decision, and who of them beats whom."""

    def __init__(self, plan: DecisionPlan) -> None:
        self.plan = plan
        rules = [e.rule for e in plan.entries]
        decides = [e.first(Decide) for e in plan.entries]
        self.said = [None if decide is None else decide.value for decide in decides]
        """By place the value; ``None`` of a rule that leaves the decision to staff."""
        self._standing = [standing(plan.ontology, rule) for rule in rules]
        named = naming(rules)
        self._named = [rule.title in named for rule in rules]

    def won(self, places: Places) -> Result | None:
        """The whole answer where some of these rules wins, the likely one being the first of them;
        ``None`` where none does."""
        one = self._winner(places)
        return None if one is None else Won(self, one, places)

    def _winner(self, places: Places) -> int | None:
        guess, said = places[0], self.said
        if not self._wins(guess, places):
            return next((one for one in sorted(places) if self._wins(one, places)), None)
        for one in places:
            if one < guess and said[one] == said[guess] and self._wins(one, places):
                guess = one
        return guess

    def _wins(self, one: int, places: Places) -> bool:
        said, stand, named = self.said, self._standing, self._named
        value, high = said[one], stand[one]
        for other in places:
            if said[other] != value and (stand[other] <= high or named[other]):
                entries = self.plan.entries
                if self.plan.beats(entries[one].rule, entries[other].rule) is None:
                    return False
        return True


class Won(Result):
    """An answer of which the reasons are worked out when somebody looks at them."""

    _contest: Contest
    _one: int
    _places: Places

    def __init__(self, contest: Contest, one: int, places: Places) -> None:
        rule, value = contest.plan.entries[one].rule, contest.said[one]
        told: dict[str, Any] = {"status": "decided", "value": value, "rule": rule.title}
        if value is None:
            told |= {"status": "left_to_staff", "reason": rule.because}
        vars(self).update(told, _contest=contest, _one=one, _places=places)

    @cached_property
    def _lost(self) -> list[int]:
        said = self._contest.said
        return sorted(place for place in self._places if said[place] != said[self._one])

    @cached_property
    def beats(self) -> tuple[Beaten, ...]:  # type: ignore[override]
        plan, won = self._contest.plan, self._contest.plan.entries[self._one].rule
        lost = (plan.entries[place].rule for place in self._lost)
        return tuple([Beaten(rule.title, str(plan.beats(won, rule))) for rule in lost])

    @cached_property
    def facts(self) -> tuple[str, ...]:  # type: ignore[override]
        plan = self._contest.plan
        entries = [plan.entries[place] for place in (self._one, *self._lost)]
        return tuple(dict.fromkeys(chain.from_iterable(map(plan.read_by, entries))))
