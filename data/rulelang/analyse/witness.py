"""Witnesses: the smallest concrete request that shows a finding, re-run through the evaluator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from data.ontology.model import Decision, Value
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.ast import Condition
from data.rulelang.evaluate import condition_value, decide, with_defaults
from data.rulelang.request import Request, nested
from data.rulelang.result import Result

Facts = Mapping[str, Value]


class NotReproduced(AssertionError):
    """The evaluator does not show what the analysis found: one of the two is wrong."""


def witness(
    encoding: Encoding,
    assumed: Sequence[int],
    paths: Iterable[str],
    shows: Callable[[Facts], bool],
    avoid: Iterable[int] = (),
) -> dict[str, Any] | None:
    """The plainest request with all that is assumed, less every fact it does not need.

    ``avoid`` holds literals better left false. ``None`` when no request has all that is assumed.
    Raises :class:`NotReproduced` when the evaluator does not show the finding on it.
    """
    fixed = list(assumed)
    if not encoding.space.solve(*fixed):
        return None
    for literal in avoid:
        if encoding.space.solve(*fixed, -literal):
            fixed.append(-literal)
    facts = encoding.space.plainest(fixed, paths)
    if facts is None or not shows(facts):
        raise NotReproduced(f"{facts}")
    for path in reversed(tuple(facts)):
        fewer = {p: v for p, v in facts.items() if p != path}
        if shows(fewer):
            facts = fewer
    return nested(facts)


def answer(encoding: Encoding, decision: Decision, facts: Facts) -> Result:
    """What the evaluator says on one decision."""
    return decide(encoding.alone(decision), Request(facts, {}))[decision.name]


def applies(encoding: Encoding, title: str, facts: Facts) -> bool:
    """Whether the rule applies for sure, some facts being unknown."""
    return value(encoding, encoding.conditions[title], facts) is True


def value(encoding: Encoding, condition: Condition | None, facts: Facts) -> bool | None:
    """The condition's value on these facts, in the evaluator's logic."""
    filled = with_defaults(encoding.version, Request(facts, {}))
    return condition_value(condition, filled, facts)
