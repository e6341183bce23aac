"""Deterministic scorers, one claim a file: ``score(facts) -> Score``, pure and quick.

They run before the author sees a draft, all of them within ten milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from evals.allowed import code_of
from evals.facts import DraftFacts
from evals.score import Score, failed
from evals.scorers import (
    accounted,
    grounded,
    nothing_identifying,
    parses,
    plain_language,
    reproduced,
    scenarios_kept,
)

Scorer = Callable[[DraftFacts], Score]

SCORERS: tuple[ModuleType, ...] = (
    parses,
    grounded,
    accounted,
    reproduced,
    nothing_identifying,
    scenarios_kept,
    plain_language,
)


def score_draft(facts: DraftFacts) -> tuple[Score, ...]:
    """One score of each scorer. A scorer that breaks is ``failed``, and the others still run."""
    return tuple(_run(s.NAME, s.score, facts) for s in SCORERS)


def _run(name: str, scorer: Scorer, facts: DraftFacts) -> Score:
    try:
        return scorer(facts)
    except Exception as error:
        return failed(name, code_of(error))
