"""Judges a turn by a metric of Ragas that asks a model."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from types import ModuleType
from typing import Any

from evals.judges.endpoint import Endpoint, Malformed
from evals.score import Score, abstained, scored
from evals.traces import TurnRecord
from evals.tracking import be_quiet


class ByMetric:
    """One metric: ``claim`` is a module with ``NAME``, ``look`` and ``metric``."""

    def __init__(self, claim: ModuleType, endpoint: Endpoint) -> None:
        self.name, self.by = claim.NAME, endpoint.model
        self._claim = claim
        self._endpoint = endpoint

    @property
    def version(self) -> str:
        from importlib.metadata import version

        return f"ragas {version('ragas')}"

    def judge(self, turn: TurnRecord) -> Score:
        """Raises whatever keeps the model from answering."""
        given = self._claim.look(turn)
        if isinstance(given, str):
            return abstained(self.name, given)
        be_quiet()
        value = asyncio.run(asyncio.wait_for(self._ask(given), self._endpoint.timeout))
        if not isfinite(value) or not -1e-9 <= value <= 1 + 1e-9:
            raise Malformed(str(value))
        made = scored(
            self.name, round(min(max(value, 0.0), 1.0), 6), f"{self.name} by {self.version}"
        )
        return replace(made, by=self.by, version=self.version)

    async def _ask(self, given: Mapping[str, Any]) -> float:
        from openai import AsyncOpenAI

        logging.getLogger("instructor").setLevel(logging.CRITICAL)  # it quotes answers
        at = self._endpoint
        async with AsyncOpenAI(
            base_url=at.url, api_key=at.key or "none", timeout=at.timeout, max_retries=0
        ) as client:
            metric = self._claim.metric(_answering(at.model, client))
            return float((await metric.ascore(**given)).value)


def _answering(model: str, client: Any) -> Any:
    """Ragas' own model; an empty question is no answer, where a metric would make it a zero."""
    from ragas.llms import llm_factory

    llm: Any = llm_factory(model, client=client)
    ask = llm.agenerate

    async def agenerate(prompt: str, response_model: Any) -> Any:
        answer = await ask(prompt, response_model)
        if not str(getattr(answer, "question", "?")).strip():
            raise Malformed("an empty question")
        return answer

    llm.agenerate = agenerate
    return llm
