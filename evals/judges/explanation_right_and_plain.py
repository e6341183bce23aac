"""Claim: what the card says of the rule in words is right and plain."""

from __future__ import annotations

from evals.judges.seen import Seen, rules, sentences
from evals.traces import TurnRecord

NAME = "explanation_right_and_plain"


def look(turn: TurnRecord) -> tuple[Seen, Seen] | str:
    """The rule text and its words, or why there is nothing to judge."""
    if not rules(turn) or not sentences(turn):
        return "no rule was put into words"
    findings = turn.outputs.get("findings", [])
    return {"rules": rules(turn), "findings": findings}, {"sentences": sentences(turn)}
