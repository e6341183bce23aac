"""Judges a turn by a rubric, through MLflow's ``make_judge``.

The question is asked twice, with the scale once from each end: a model that prefers what stands
first, or tosses a coin, gives two answers, and two answers are no verdict.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, Literal

from evals.judges.endpoint import Contradiction, Endpoint, Malformed
from evals.judges.examples import Taught, nothing_taught
from evals.judges.rubric import VALUES, Rubric
from evals.judges.seen import Seen
from evals.score import Score, abstained, scored
from evals.traces import TurnRecord
from evals.tracking import be_quiet

ASKS = 2
"""How often one claim is asked."""
LONGEST_REASON = 1_000
"""Characters of what the model gives as its reason."""


class ByRubric:
    """One claim, asked of a model."""

    def __init__(
        self,
        rubric: Rubric,
        look: Callable[[TurnRecord], tuple[Seen, Seen] | str],
        endpoint: Endpoint,
        taught: Taught = nothing_taught,
    ) -> None:
        self.name, self.version, self.by = rubric.name, rubric.version, endpoint.model
        self._rubric = rubric
        self._look = look
        self._endpoint = endpoint
        self._taught = taught

    def judge(self, turn: TurnRecord) -> Score:
        """Raises whatever keeps the model from answering."""
        seen = self._look(turn)
        if isinstance(seen, str):
            return abstained(self.name, seen)
        by = self._rubric.taught(self._taught(turn.org_id, self.name))
        (first, why), (second, _) = (self._ask(by, *seen, backwards=b) for b in (False, True))
        if first != second:
            raise Contradiction(f"{first} and {second}")
        value = VALUES[first]
        made = abstained(self.name, why) if value is None else scored(self.name, value, why)
        return replace(made, by=self.by, version=by.version)

    def _ask(self, by: Rubric, inputs: Seen, outputs: Seen, backwards: bool) -> tuple[str, str]:
        asked = _made(by.name, by.prompt(backwards), self._endpoint)
        answer = asked(inputs=dict(inputs), outputs=dict(outputs))
        word = str(answer.value).strip().lower()
        if word not in VALUES:
            raise Malformed(word)
        return word, str(answer.rationale or "")[:LONGEST_REASON]


@cache
def _made(name: str, instructions: str, endpoint: Endpoint) -> Any:
    be_quiet()
    _never_wait()
    os.environ["MLFLOW_GATEWAY_ROUTE_TIMEOUT_SECONDS"] = str(max(int(endpoint.timeout / ASKS), 1))
    os.environ.setdefault("OPENAI_API_KEY", "none")
    from mlflow.genai.judges import make_judge

    return make_judge(
        name=name,
        instructions=instructions,
        model=f"openai:/{endpoint.model}",
        feedback_value_type=Literal["yes", "no", "cannot tell"],
        inference_params={"temperature": 0},
        base_url=f"{endpoint.url.rstrip('/')}/chat/completions",
        extra_headers={"Authorization": f"Bearer {endpoint.key or 'none'}"},
        generate_rationale_first=True,
    )


class NotNow(Exception):
    """The endpoint would have to be asked again."""


def _never_wait() -> None:
    """MLflow asks ten times, with waits of up to half a minute. Here the outbox asks again."""
    from mlflow.genai.judges.adapters import utils

    def stop(attempt: int) -> None:
        raise NotNow

    utils._sleep_with_backoff = stop  # pyright: ignore[reportPrivateUsage]
