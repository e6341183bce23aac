"""What the judges of turns say of a sentence of a set: the same judges, the same rubrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import BoundedSemaphore
from time import time_ns
from typing import Any

from evals.judges import Judge, model_judges, plain_judges
from evals.judges.endpoint import Endpoint
from evals.judges.judging import GRACE, judged
from evals.nightly.results import Step, Value
from evals.nightly.sets import Item
from evals.score import Score
from evals.traces import SpanRecord, TurnRecord

Json = Mapping[str, Any]
Judging = Callable[[Item, Json, str], Sequence[Value]]
"""An item, what came of it, whose it is → one value a judge."""
AT_ONCE = 4
STEP_OF: Mapping[str, Step] = {
    "precise": "retrieve",
    "says_what_was_said": "draft",
    "question_worth_asking": "draft",
    "plain_question": "draft",
}
"""Claims that are not about the answer → the step whose work they judge."""


def judging(endpoint: Endpoint | None) -> Judging:
    """Every judge that can be asked: without an endpoint those that need no model."""
    judges: tuple[Judge, ...] = plain_judges() + (model_judges(endpoint) if endpoint else ())
    return by_judges(judges, (endpoint.timeout if endpoint else 0.0) + GRACE)


def by_judges(judges: Sequence[Judge], seconds: float) -> Judging:
    """These judges, each with so many seconds for an answer."""
    room = BoundedSemaphore(AT_ONCE)

    def judge(item: Item, outcome: Json, organisation: str) -> list[Value]:
        scores = judged(turn_of(item, outcome, organisation), judges, seconds, room)
        return [_value(s, item, organisation) for s in scores]

    return judge


def judge_versions() -> str:
    """Changes with the wording of any rubric."""
    from hashlib import sha256

    from evals.judges import RUBRICS
    from evals.judges.rubric import rubric

    every = " ".join(f"{r.NAME} {rubric(r.NAME).version}" for r in RUBRICS)
    return "judges-" + sha256(every.encode()).hexdigest()[:12]


def turn_of(item: Item, outcome: Json, organisation: str) -> TurnRecord:
    """The outcome as the record of a turn that is over, which is what judges look at."""
    now = time_ns()
    status = "drafted" if outcome.get("status") == "waiting" else outcome.get("status", "answered")
    outputs = {k: outcome[k] for k in OUTPUTS if outcome.get(k) is not None}
    spans = (SpanRecord(s["name"], now, now, {}, s["outputs"]) for s in outcome["steps"])
    return TurnRecord(
        turn_id=item.id,
        org_id=organisation,
        session="",
        user="",
        version=None,
        started=now - int(outcome["seconds"] * 1e9),
        ended=now,
        inputs={"message": item.sentence},
        outputs={**outputs, "status": status},
        spans=tuple(spans),
        scores=(),
    )


OUTPUTS = ("intent", "rules", "question", "sentences", "unplaced", "drafter")


def _value(score: Score, item: Item, organisation: str) -> Value:
    step = STEP_OF.get(score.name, "answer")
    value = None if score.value is None else float(score.value)
    name = f"judge: {score.name.replace('_', ' ')}"
    return Value(item.id, organisation, step, name, value, not score.by, score.reason)
