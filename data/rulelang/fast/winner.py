"""Who wins among rules that surely apply, where the winner's value is the whole answer (law 3).

That is so of decisions with one value, codes and choices excepted. What is not plain here (no
winner, or one that an agreeing rule of an earlier title stands before) is left to the reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from data.rulelang.ast import Decide
from data.rulelang.plan import DecisionPlan, Entry
from data.rulelang.precedence import beats
from data.rulelang.result import Beaten, Result


def is_won(plan: DecisionPlan) -> bool:
    """Whether the winner's value is the decision's whole answer."""
    return plan.decision.hit == "single" and plan.decision.type not in ("code", "choice")


def outcome_of(entry: Entry) -> Result:
    """What a request gets where this rule wins: status, value and rule."""
    value, rule = _says(entry), entry.rule
    if value is None:
        return Result("left_to_staff", rule=rule.title, reason=rule.because)
    return Result("decided", value, rule.title)


def won_by(plan: DecisionPlan, first: Entry, among: Sequence[Entry]) -> Result | None:
    """The whole answer if ``first`` wins; ``among`` holds it too, sorted by title."""
    value, rule = _says(first), first.rule
    lost: list[Entry] = []
    beaten: list[Beaten] = []
    for other in among:
        if _says(other) == value:
            if other.rule.title < rule.title:
                return None
        else:
            why = beats(plan.ontology, plan.edges, rule, other.rule)
            if why is None:
                return None
            lost.append(other)
            beaten.append(Beaten(other.rule.title, why))
    facts = dict.fromkeys(chain.from_iterable(map(plan.read_by, (first, *lost))))
    return Result(
        "left_to_staff" if value is None else "decided",
        value,
        rule.title,
        beats=tuple(beaten),
        facts=tuple(facts),
        reason=rule.because if value is None else None,
    )


def _says(entry: Entry) -> Any:
    """The value; ``None`` of a rule that leaves the decision to staff."""
    decide = entry.first(Decide)
    return None if decide is None else decide.value
