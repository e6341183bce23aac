"""Claim: what was looked up and stands first is what the rule needs."""

from __future__ import annotations

from typing import Any

from evals.judges.seen import documents, rules, said
from evals.traces import TurnRecord

NAME = "context_precision"
MOST = 8
"""Documents that are judged: each one is a question to the model."""


def look(turn: TurnRecord) -> dict[str, Any] | str:
    """What the metric is given, or why there is nothing to judge."""
    if not rules(turn) or not documents(turn) or not said(turn):
        return "no rule was drafted, or nothing was looked up"
    return {
        "user_input": " ".join(said(turn)),
        "response": "\n\n".join(rules(turn)),
        "retrieved_contexts": list(documents(turn)[:MOST]),
    }


def metric(llm: Any) -> Any:
    from ragas.metrics.collections import ContextPrecisionWithoutReference

    return ContextPrecisionWithoutReference(llm=llm)
