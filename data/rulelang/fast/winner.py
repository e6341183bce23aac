"""Who wins among rules that surely apply, where the winner's value is the whole answer (law 3).

That is so of decisions with one value, codes and choices excepted. What is not plain here (no
winner, or one that an agreeing rule of an earlier title stands before) is left to the reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data.rulelang.ast import Decide
from data.rulelang.plan import DecisionPlan, Entry
from data.rulelang.result import Beaten, Result


def is_won(plan: DecisionPlan) -> bool:
    """Whether the winner's value is the decision's whole answer."""
    return plan.decision.hit == "single" and plan.decision.type not in ("code", "choice")


class Winners:
    """The rules of one decision, two by two; a rule is its place among the plan's entries."""

    def __init__(self, plan: DecisionPlan) -> None:
        self._plan = plan
        self.outcomes = [_outcome(e) for e in plan.entries]
        """What a request gets where this rule wins: status, value and rule."""
        self._stands: dict[tuple[int, int], bool] = {}

    def stands(self, one: int, other: int) -> bool:
        """Whether ``one`` can be told as the winner though ``other`` applies too."""
        pair = (one, other)
        known = self._stands.get(pair)
        if known is None:
            known = self._stands[pair] = one == other or self._tell(one, other)
        return known

    def result(self, first: int, among: Sequence[int]) -> Result | None:
        """The whole answer if ``first`` wins; ``among`` is sorted and holds it too."""
        for other in among:
            if not self.stands(first, other):
                return None
        outcome, entries = self.outcomes[first], self._plan.entries
        lost = [i for i in among if self.outcomes[i].key != outcome.key]
        rule = entries[first].rule
        beats = (Beaten(q.title, str(self._plan.beats(rule, q))) for q in self._rules(lost))
        told = [entries[i] for i in (first, *lost)]
        facts = dict.fromkeys(path for e in told for path in self._plan.read_by(e))
        return Result(
            outcome.status,
            outcome.value,
            outcome.rule,
            beats=tuple(beats),
            facts=tuple(facts),
            reason=outcome.reason,
        )

    def _tell(self, one: int, other: int) -> bool:
        if self.outcomes[one].key == self.outcomes[other].key:
            return one < other
        return self._plan.beats(*self._rules((one, other))) is not None

    def _rules(self, places: Sequence[int]) -> list[Any]:
        return [self._plan.entries[i].rule for i in places]


def _outcome(entry: Entry) -> Result:
    decide, rule = entry.first(Decide), entry.rule
    if decide is None:
        return Result("left_to_staff", rule=rule.title, reason=rule.because)
    value: Any = decide.value
    return Result("decided", value, rule.title)
