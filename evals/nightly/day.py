"""One day of one organisation as numbers: what was asked, how it went, what rules decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Opinion:
    """A judge's verdict and a person's on the same turn."""

    judge: str
    good: bool
    person_good: bool


@dataclass(frozen=True, slots=True)
class Day:
    """Counts, unless a unit is said."""

    date: str
    """``YYYY-MM-DD``, UTC."""
    turns: int = 0
    broke: int = 0
    """Turns that ended in an error of ours."""
    outside: int = 0
    """Messages that were not about rules, or named nothing of the organisation's."""
    drafts: int = 0
    unplaced: int = 0
    """Drafts with a word that had no place."""
    words: Mapping[str, int] = field(default_factory=dict[str, int])
    """Content word → how often it was said."""
    vector: tuple[float, ...] = ()
    """Mean of the messages' vectors, made as the index makes its own; empty without any."""
    seconds: float | None = None
    """Within which 95 % of the turns were answered."""
    tokens: float | None = None
    """A turn, of those that asked a model."""
    cost: float | None = None
    """US dollars a turn, of those whose model has a price."""
    opinions: tuple[Opinion, ...] = ()
    outcomes: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """Decision → result in words → how often."""
    gaps: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """Where (a clinic, say) → decisions without a rule, and all decisions."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Day:
        whole: dict[str, Any] = dict(raw)
        whole["vector"] = tuple(raw["vector"])
        whole["opinions"] = tuple(Opinion(**o) for o in raw["opinions"])
        whole["gaps"] = {place: (g[0], g[1]) for place, g in raw["gaps"].items()}
        return cls(**whole)
