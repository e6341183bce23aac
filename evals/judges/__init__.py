"""Judges of a turn that is over: ``judge.judge(turn) -> Score``, one claim a file.

They see the masked record and nothing else, and run in the sender's process, never in the chat.
"""

from __future__ import annotations

from types import ModuleType
from typing import Protocol

from evals.judges import (
    explanation_right_and_plain,
    faithful,
    precise,
    question_worth_asking,
    relevant,
    safe_and_in_scope,
    says_what_was_said,
)
from evals.judges.by_metric import ByMetric
from evals.judges.by_rubric import ByRubric
from evals.judges.endpoint import Endpoint
from evals.judges.examples import Taught, nothing_taught
from evals.judges.plain_question import PlainQuestion
from evals.judges.rubric import rubric
from evals.score import Score
from evals.traces import TurnRecord

RUBRICS: tuple[ModuleType, ...] = (
    says_what_was_said,
    question_worth_asking,
    explanation_right_and_plain,
    safe_and_in_scope,
)
METRICS: tuple[ModuleType, ...] = (faithful, relevant, precise)


class Judge(Protocol):
    """One claim about a turn."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def by(self) -> str:
        """The model that is asked; empty where none is."""
        ...

    def judge(self, turn: TurnRecord) -> Score:
        """Abstains where there is nothing to judge; raises where the judge does not answer."""
        ...


def plain_judges() -> tuple[Judge, ...]:
    """Those that need no model: every turn has them."""
    return (PlainQuestion(),)


def model_judges(endpoint: Endpoint, taught: Taught = nothing_taught) -> tuple[Judge, ...]:
    """Those that ask a model: by a rubric of ours, or by a metric of Ragas."""
    by_rubric = [ByRubric(rubric(claim.NAME), claim.look, endpoint, taught) for claim in RUBRICS]
    return (*by_rubric, *(ByMetric(claim, endpoint) for claim in METRICS))
