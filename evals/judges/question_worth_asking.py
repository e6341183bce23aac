"""Claim: the question had to be asked, and its answer settles what was open."""

from __future__ import annotations

from evals.judges.seen import Seen, question, said
from evals.traces import TurnRecord

NAME = "question_worth_asking"


def look(turn: TurnRecord) -> tuple[Seen, Seen] | str:
    """What was said and what was asked back, or why there is nothing to judge."""
    if not question(turn):
        return "no question was asked"
    told = {"question": question(turn), "options": turn.outputs.get("options", [])}
    return {"said": said(turn)}, {**told, "unplaced": turn.outputs.get("unplaced", [])}
