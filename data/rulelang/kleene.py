"""Conditions have three values: true, false and unknown (Kleene; law 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from data.ontology.model import Ontology, Value
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Count,
    Derived,
    Exists,
    Known,
    Leaf,
    Since,
    Test,
    Unexpanded,
    tests_of,
)
from data.rulelang.cells import holds
from data.rulelang.plan import name_of
from data.rulelang.request import Request
from data.rulelang.truth import truth
from data.rulelang.walk import left_open

Facts = Mapping[str, Value]


def condition_value(
    condition: Condition | None, facts: Facts, request: Request, ontology: Ontology
) -> bool | None:
    """Kleene's three values: true, false, or ``None`` for unknown (law 1).

    ``facts`` are those given and the defaults; ``request`` is as given, with its rows.
    """
    tests = tests_of(condition)
    known = {**facts, **tested(tests, facts, request, ontology)} if tests else facts
    left = remaining(condition, known, request.given)
    return left if isinstance(left, bool) else None


def tested(
    tests: Iterable[Test], facts: Facts, request: Request, ontology: Ontology
) -> dict[str, Value]:
    """What is known of the tests, under the names that stand for them among the facts."""
    known = ((t, truth(t, facts, request, ontology)) for t in tests)
    return {name_of(test): value for test, value in known if value is not None}


def remaining(condition: Condition | None, facts: Facts, given: Facts) -> Condition | bool:
    """True, false, or what is left of the condition to be known.

    What is known of its tests stands among the facts, under their names.
    """
    if condition is None:
        return True

    def told(leaf: Leaf) -> bool | None:
        match leaf:
            case Compare():
                return _compared(leaf, facts)
            case Known():
                return leaf.attribute in given
            case CompareFacts() | Exists() | Count() | Since():
                value = facts.get(name_of(leaf))
                return None if value is None else value is True
            case Derived():
                raise Unexpanded(leaf)
            case _:
                assert_never(leaf)

    return left_open(condition, told)


def _compared(compare: Compare, facts: Facts) -> bool | None:
    """Of a set that is not known, perhaps of the one element that is asked for."""
    if compare.attribute in facts:
        return holds(compare, facts[compare.attribute])
    if compare.op != "include":
        return None
    member = facts.get(name_of((compare.attribute, str(compare.value))))
    return None if member is None else member is True
