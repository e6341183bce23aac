"""What one night found, item by item: plain data that is kept, compared and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Step = Literal["route", "retrieve", "draft", "validate", "test", "answer"]
STEPS: tuple[Step, ...] = ("route", "retrieve", "draft", "validate", "test", "answer")
"""In the order of the pipeline: what goes wrong in one step is felt in those after it."""


@dataclass(frozen=True, slots=True)
class Value:
    """What one measure says of one step on one item. More is better, from 0 to 1."""

    item: str
    organisation: str
    step: Step
    measure: str
    value: float | None
    """``None`` is no verdict, never a zero."""
    exact: bool = True
    """Nothing in it is chance: the same code and data give it again, as no model's answer is."""
    detail: str = ""
    """What it got, or why it is not 1, in words."""
    expected: str = ""
    """What it should have got, where that is a word."""

    @property
    def key(self) -> tuple[str, str, Step, str]:
        return self.organisation, self.item, self.step, self.measure


@dataclass(frozen=True, slots=True)
class Run:
    """One night's values, and what they were made with."""

    id: str
    made_with: Mapping[str, str]
    """Code, data, model, prompt and judge versions, by name."""
    values: tuple[Value, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Run:
        return cls(raw["id"], dict(raw["made_with"]), tuple(Value(**v) for v in raw["values"]))
