"""A judge on localhost that scatters its verdicts, its silences and its time raises no alarm."""

from __future__ import annotations

import random

from evals.judges import model_judges
from evals.judges.endpoint import Endpoint
from evals.nightly.compare import compare
from evals.nightly.judged import by_judges
from evals.nightly.results import Run
from evals.nightly.sets import Item
from tests.evals.judge_server import malformed, verdict
from tests.graph.model_server import Answer, Model, serving

ITEMS = [Item(f"item-{n}", f"Sentence number {n} about wheelchairs.") for n in range(26)]
CLAIM = "safe_and_in_scope"


class Noisy:
    """Says yes to most, anew each night; one in twenty answers is none; late by up to 10 ms."""

    def __init__(self) -> None:
        self.night = 0
        self.share = 0.8

    def __call__(self, prompt: str) -> Answer:
        said = next(i.id for i in reversed(ITEMS) if i.sentence in prompt)
        draw = random.Random(f"{self.night} {said}")
        late = draw.random() / 100
        if draw.random() < 1 / 20:
            return malformed(prompt)
        made = verdict("yes" if draw.random() < self.share else "no")
        return Answer(made.content, seconds=late)


def a_night(model: Model, noisy: Noisy, night: int) -> Run:
    noisy.night = night
    (judge,) = [j for j in model_judges(Endpoint(model.base_url, "judge")) if j.name == CLAIM]
    judging = by_judges([judge], 30.0)
    outcome = {
        "status": "waiting", "intent": "draft", "rules": ["rule"], "steps": [], "seconds": 0.1,
    }  # fmt: skip
    values = [v for item in ITEMS for v in judging(item, outcome, "one")]
    return Run(f"night {night}", {}, tuple(values))


def test_ten_nights_without_a_change_raise_no_alarm_and_a_judge_that_turns_is_seen() -> None:
    noisy = Noisy()
    said: set[float | None] = set()
    with serving() as model:
        model.will(noisy)
        accepted = a_night(model, noisy, 0)
        for night in range(1, 11):
            run = a_night(model, noisy, night)
            (cell,) = compare(accepted, run).cells
            assert cell.verdict == "no change", (night, cell)
            said |= {v.value for v in run.values}
        noisy.share = 0.1
        assert compare(accepted, a_night(model, noisy, 11)).alarm
    assert said == {0.0, 1.0, None}
