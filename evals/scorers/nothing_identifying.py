"""Claim: nothing that identifies a person is in the rule or in what is said about it."""

from __future__ import annotations

from data.access.masking import mask
from evals.facts import DraftFacts
from evals.score import Score, abstained, scored

NAME = "nothing_identifying"


def score(facts: DraftFacts) -> Score:
    texts = (*(r.text for r in facts.rules), *facts.sentences)
    if not texts:
        return abstained(NAME, "nothing was drafted or said")
    found = sum(mask(text, keep=facts.own_words) != text for text in texts)
    reason = f"{found} of {len(texts)} texts hold something that masking would hide"
    return scored(NAME, found == 0, reason)
