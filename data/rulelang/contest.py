"""Who wins among rules that apply and say different things (law 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data.rulelang.ast import Decide, LeaveToStaff, Rule
from data.rulelang.plan import DecisionPlan, Entry
from data.rulelang.result import Beaten

Said = Sequence[tuple[Rule, Any]]
"""Rules that apply, each with its outcome, in the order of their titles."""


def winner(plan: DecisionPlan, said: Said) -> tuple[Rule, Any] | None:
    """The first by title of the rules that win; ``None`` where there is none."""
    return next((one for one in said if _wins(plan, one, said)), None)


def beaten(plan: DecisionPlan, won: tuple[Rule, Any], said: Said) -> tuple[Beaten, ...]:
    """The rules that say otherwise, and why they lost."""
    rule, outcome = won
    lost = (q for q, o in said if o != outcome)
    return tuple(Beaten(q.title, str(plan.beats(rule, q))) for q in lost)


def _wins(plan: DecisionPlan, one: tuple[Rule, Any], said: Said) -> bool:
    rule, outcome = one
    return all(o == outcome or plan.beats(rule, q) for q, o in said)


def said_by(entry: Entry) -> Any:
    """The candidate a rule names, or that staff choose; ``None`` where it says neither."""
    said = entry.first(Decide) or entry.first(LeaveToStaff)
    return said.value if isinstance(said, Decide) else said
