"""Claim: whatever the words of the card state follows from what was said or looked up."""

from __future__ import annotations

from typing import Any

from evals.judges.seen import documents, rules, said, sentences
from evals.traces import TurnRecord

NAME = "faithfulness"


def look(turn: TurnRecord) -> dict[str, Any] | str:
    """What the metric is given, or why there is nothing to judge."""
    if not rules(turn) or not sentences(turn) or not said(turn):
        return "no rule was put into words"
    return {
        "user_input": " ".join(said(turn)),
        "response": " ".join(sentences(turn)),
        "retrieved_contexts": [*said(turn), *documents(turn)],
    }


def metric(llm: Any) -> Any:
    from ragas.metrics.collections import Faithfulness

    return Faithfulness(llm=llm)
