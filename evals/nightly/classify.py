"""Intent routing as a classifier: precision, recall and F1 of each intent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NO_VERDICT: Mapping[str, Any] = {"zero_division": 0.0}
"""What the library gives where nothing was taken for an intent."""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """How one intent was told from the others."""

    intent: str
    precision: float | None
    """``None`` where nothing was taken for it."""
    recall: float
    f1: float
    items: int


def intent_scores(pairs: Mapping[str, tuple[str, str]]) -> list[IntentScore]:
    """Item → (expected, got); one score for each intent that was expected, by name."""
    from sklearn.metrics import precision_recall_fscore_support  # type: ignore[import-untyped]

    if not pairs:
        return []
    wanted, got = [list(side) for side in zip(*pairs.values(), strict=True)]
    labels = sorted(set(wanted))
    scores: Any = precision_recall_fscore_support(wanted, got, labels=labels, **NO_VERDICT)
    return [
        IntentScore(intent, float(p) if intent in got else None, float(r), float(f), int(n))
        for intent, p, r, f, n in zip(labels, *scores, strict=True)
    ]


def macro_f1(scores: list[IntentScore]) -> float | None:
    """The mean of the intents' F1, each counted once; ``None`` without any."""
    return sum(s.f1 for s in scores) / len(scores) if scores else None
