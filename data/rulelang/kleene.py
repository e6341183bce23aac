"""Conditions have three values: true, false and unknown (Kleene; law 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from data.ontology.model import Ontology, Value
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Condition,
    Count,
    Derived,
    Exists,
    Known,
    Not,
    Or,
    Since,
    Test,
    Unexpanded,
    all_of,
    any_of,
    tests_of,
)
from data.rulelang.cells import holds
from data.rulelang.plan import name_of
from data.rulelang.request import Request
from data.rulelang.truth import truth

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
    match condition:
        case None:
            return True
        case Compare():
            if condition.attribute in facts:
                return holds(condition, facts[condition.attribute])
            if condition.op == "include":
                member = facts.get(name_of((condition.attribute, str(condition.value))))
                return condition if member is None else member is True
            return condition
        case Known():
            return condition.attribute in given
        case CompareFacts() | Exists() | Count() | Since():
            value = facts.get(name_of(condition))
            return condition if value is None else value is True
        case Derived():
            raise Unexpanded(condition)
        case Not():
            part = remaining(condition.part, facts, given)
            return not part if isinstance(part, bool) else Not(part)
        case And():
            return _join(condition.parts, facts, given, settles=False)
        case Or():
            return _join(condition.parts, facts, given, settles=True)
        case _:
            assert_never(condition)


def _join(
    parts: Iterable[Condition], facts: Facts, given: Facts, *, settles: bool
) -> Condition | bool:
    """``and`` is settled by a false part, ``or`` by a true one; the other value adds nothing."""
    left: list[Condition] = []
    for part in parts:
        value = remaining(part, facts, given)
        if value is settles:
            return settles
        if not isinstance(value, bool):
            left.append(value)
    if not left:
        return not settles
    return any_of(*left) if settles else all_of(*left)
