"""Who wins among rules that surely apply, where the winner's value is the whole answer (law 3).

That is so of decisions with one value, codes and choices excepted. Where nobody wins the reference
tells the conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from data.rulelang.ast import Decide
from data.rulelang.plan import DecisionPlan, Entry
from data.rulelang.precedence import Reason, beats
from data.rulelang.result import Beaten, Result

Lost = list[tuple[Entry, Reason]]


def is_won(plan: DecisionPlan) -> bool:
    """Whether the winner's value is the decision's whole answer."""
    return plan.decision.hit == "single" and plan.decision.type not in ("code", "choice")


def won_by(plan: DecisionPlan, first: Entry, among: Sequence[Entry]) -> Result | None:
    """The whole answer where some rule wins; ``None`` where none does.

    ``among`` is sorted by title; ``first``, one of them, is tried before the others.
    """
    told, lost = first, _beaten_by(plan, first, among)
    for other in among:
        if other is first:
            if lost is not None:
                break
        elif lost is None or _says(other) == _says(first):
            found = _beaten_by(plan, other, among)
            if found is not None:
                told, lost = other, found
                break
    return None if lost is None else _answer(plan, told, lost)


def _beaten_by(plan: DecisionPlan, one: Entry, among: Sequence[Entry]) -> Lost | None:
    """The rules that say otherwise, if all of them are beaten."""
    value, rule = _says(one), one.rule
    lost: Lost = []
    for other in among:
        if _says(other) != value:
            why = beats(plan.ontology, plan.edges, rule, other.rule)
            if why is None:
                return None
            lost.append((other, why))
    return lost


def _answer(plan: DecisionPlan, told: Entry, lost: Lost) -> Result:
    value, rule = _says(told), told.rule
    entries = (told, *(entry for entry, _ in lost))
    return Result(
        "left_to_staff" if value is None else "decided",
        value,
        rule.title,
        beats=tuple([Beaten(entry.rule.title, why) for entry, why in lost]),
        facts=tuple(dict.fromkeys(chain.from_iterable(map(plan.read_by, entries)))),
        reason=rule.because if value is None else None,
    )


def _says(entry: Entry) -> Any:
    """The value; ``None`` of a rule that leaves the decision to staff."""
    decide = entry.first(Decide)
    return None if decide is None else decide.value
