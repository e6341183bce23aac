"""Claim: every content word of the message has a place in the draft. Nothing said is dropped."""

from __future__ import annotations

import re

from data.index.words import content_words
from evals.facts import DraftFacts
from evals.score import Score, abstained, scored

NAME = "accounted"

MASKED = re.compile(r"\[[a-z ]+\]")
"""What masking leaves in place of a name is not a word that was said."""


def score(facts: DraftFacts) -> Score:
    if not facts.rules or facts.placed is None:
        return abstained(NAME, "no rule was drafted, or its words were not followed")
    have = {w for text in (*facts.placed, *facts.unplaced) for w in content_words(text)}
    lost = [w for w in content_words(MASKED.sub(" ", facts.message)) if w not in have]
    if lost or facts.unplaced:
        missing = dict.fromkeys([*facts.unplaced, *lost])
        return scored(NAME, False, f"no place for: {', '.join(missing)}")
    return scored(NAME, True, "every word has a place")
