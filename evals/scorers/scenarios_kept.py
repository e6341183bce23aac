"""Claim: the draft leaves every saved scenario as it was."""

from __future__ import annotations

from evals.facts import DraftFacts
from evals.score import Score, abstained, scored

NAME = "scenarios_kept"


def score(facts: DraftFacts) -> Score:
    tested = facts.scenarios
    if tested is None or tested.run == 0:
        return abstained(NAME, "no scenario was run")
    reason = f"{tested.kept} of {tested.run} scenarios are as before"
    return scored(NAME, tested.kept == tested.run, reason)
