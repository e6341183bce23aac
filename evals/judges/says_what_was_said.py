"""Claim: the rule says what its author said, nothing more and nothing less."""

from __future__ import annotations

from evals.judges.seen import Seen, rules, said
from evals.traces import TurnRecord

NAME = "says_what_was_said"


def look(turn: TurnRecord) -> tuple[Seen, Seen] | str:
    """What was said and what came of it, or why there is nothing to judge."""
    if not rules(turn) or not said(turn):
        return "no rule was drafted"
    return {"said": said(turn)}, {"rules": rules(turn)}
