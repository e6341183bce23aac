"""Claim: every rule's text parses back to the rule itself."""

from __future__ import annotations

from evals.facts import DraftFacts
from evals.score import Score, abstained, scored

NAME = "parses"


def score(facts: DraftFacts) -> Score:
    tried = [r.reads_back for r in facts.rules if r.reads_back is not None]
    if not tried:
        return abstained(NAME, "no rule was drafted")
    good = sum(tried)
    return scored(NAME, good == len(tried), f"{good} of {len(tried)} rules read back as written")
