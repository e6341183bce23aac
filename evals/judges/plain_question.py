"""Claim: what is asked is short sentences without our jargon. No model is needed."""

from __future__ import annotations

from dataclasses import replace

from evals.facts import DraftFacts
from evals.judges.seen import question
from evals.score import Score, abstained
from evals.scorers import plain_language
from evals.traces import TurnRecord

NAME = "plain_question"


class PlainQuestion:
    """The scorer of cards, on questions."""

    name, version, by = NAME, "1", ""

    def judge(self, turn: TurnRecord) -> Score:
        asked = question(turn)
        if not asked:
            return abstained(NAME, "no question was asked")
        options = frozenset(map(str, turn.outputs.get("options", ())))
        facts = DraftFacts("", sentences=(asked,), own_words=options)
        return replace(plain_language.score(facts), name=NAME)
