"""How well the words of a rule were found, once its author confirmed it. Ragas, without a model.

Runs in the sender only: importing Ragas takes seconds.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from importlib import import_module
from math import isnan
from typing import Any

from evals.score import Score, abstained, scored
from evals.tracking import be_quiet

PRECISION, RECALL = "retrieval_precision", "retrieval_recall"
NOT_YET = "the author has not confirmed a rule yet"
NOT_TERMS = ("rule:", "example:")
"""Kinds of retrieved items that are no terms, so that no rule could prove them right."""


def before_confirmation() -> tuple[Score, ...]:
    """What can be said before: nothing."""
    return abstained(PRECISION, NOT_YET), abstained(RECALL, NOT_YET)


def retrieval_scores(retrieved: Sequence[str], reference: Collection[str]) -> tuple[Score, ...]:
    """Precision and recall of the retrieved ids against the terms of the confirmed rule."""
    found = list(dict.fromkeys(i for i in retrieved if not i.startswith(NOT_TERMS)))
    if not reference or not found:
        why = "nothing was retrieved" if reference else "the rule names no term"
        return abstained(PRECISION, why), abstained(RECALL, why)
    hits = len(set(found) & set(reference))
    precision, recall = _ragas(found, sorted(reference))
    return (
        _number(PRECISION, precision, f"{hits} of {len(found)} found were needed"),
        _number(RECALL, recall, f"{hits} of {len(reference)} needed were found"),
    )


def _ragas(found: list[str], reference: list[str]) -> tuple[float, float]:
    be_quiet()
    from ragas import SingleTurnSample

    sample = SingleTurnSample(retrieved_context_ids=[*found], reference_context_ids=[*reference])
    return (
        float(_metric("IDBasedContextPrecision").single_turn_score(sample)),
        float(_metric("IDBasedContextRecall").single_turn_score(sample)),
    )


def _metric(name: str) -> Any:
    """A metric that Ragas 0.4 has under its older name space only, and warns about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return getattr(import_module("ragas.metrics"), name)()


def _number(name: str, value: float, reason: str) -> Score:
    return abstained(name, "not a number") if isnan(value) else scored(name, value, reason)
