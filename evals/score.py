"""A score, and the one thing that is not a number: no verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

Verdict = Literal["scored", "abstained", "failed"]
"""``failed``: the scorer itself broke. Neither it nor ``abstained`` is ever a zero."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one scorer claims of one turn. ``value`` is ``None`` where there is no verdict."""

    name: str
    value: bool | float | None
    reason: str
    verdict: Verdict = "scored"
    by: str = ""
    """The model that judged; empty where none was asked."""
    version: str = ""
    """Of what it judged by, e.g. a rubric."""

    def masked(self, hide: Callable[[str], str]) -> Score:
        return replace(self, reason=hide(self.reason))


def scored(name: str, value: bool | float, reason: str) -> Score:
    return Score(name, value, reason)


def abstained(name: str, reason: str) -> Score:
    """There is nothing to judge, and that is said."""
    return Score(name, None, reason, "abstained")


def failed(name: str, code: str) -> Score:
    """The scorer broke; ``code`` is the kind of error."""
    return Score(name, None, code, "failed")
