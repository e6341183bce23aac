"""Claim: the words of the card answer the message, and not some other one."""

from __future__ import annotations

from typing import Any

from evals.judges.seen import rules, said, sentences
from evals.traces import TurnRecord

NAME = "answer_relevancy"


def look(turn: TurnRecord) -> dict[str, Any] | str:
    """What the metric is given, or why there is nothing to judge."""
    if not rules(turn) or not sentences(turn) or not said(turn):
        return "no rule was put into words"
    return {"user_input": " ".join(said(turn)), "response": " ".join(sentences(turn))}


def metric(llm: Any) -> Any:
    from ragas.metrics.collections import AnswerRelevancy

    from evals.judges.embedding import Letters

    return AnswerRelevancy(llm=llm, embeddings=Letters())
