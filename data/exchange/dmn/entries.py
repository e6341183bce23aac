"""What a cell asks, and values, as FEEL writes them."""

from __future__ import annotations

import json
from functools import partial

from data.exchange import literals
from data.exchange.decision_table import Among, Asked, Stretch
from data.ontology.model import Value


def unary_tests(asked: Asked) -> str:
    """The input entry of a cell."""
    match asked:
        case None:
            return "-"
        case Among(values, outside):
            listed = ", ".join(map(literal, values))
            return f"not({listed})" if outside else listed
        case stretches:
            return ", ".join(map(_range, stretches))


def _range(said: Stretch) -> str:
    low, high = literal(said.low), literal(said.high)
    if said.low is None:
        return f"{'<=' if said.high_in else '<'} {high}"
    if said.high is None:
        return f"{'>=' if said.low_in else '>'} {low}"
    if said.low == said.high:
        return low
    left, right = "[" if said.low_in else "(", "]" if said.high_in else ")"
    return f"{left}{low}..{high}{right}"


def literal(value: Value | None) -> str:
    """The value; nothing is ``null``."""
    return literals.literal(value, partial(json.dumps, ensure_ascii=False))
