"""Claim: every request shown to the author gives, when run again, what is shown."""

from __future__ import annotations

from evals.facts import DraftFacts
from evals.score import Score, abstained, scored

NAME = "reproduced"


def score(facts: DraftFacts) -> Score:
    if not facts.witnesses:
        return abstained(NAME, "no request was shown")
    good, all_ = sum(facts.witnesses), len(facts.witnesses)
    return scored(NAME, good == all_, f"{good} of {all_} requests gave what was shown")
