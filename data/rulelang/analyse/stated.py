"""Facts as a request states them, and what conditions make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from data.ontology.model import Ontology
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.ast import Condition
from data.rulelang.kleene import condition_value
from data.rulelang.request import Request

Facts = Mapping[str, Any]
"""Values by path, and rows by the name of their relation."""
Shows = Callable[[Facts], bool]


def request_of(ontology: Ontology, facts: Facts) -> Request:
    """The request that states these facts, without those the ontology does not know."""
    lists, attributes = {*ontology.relations, *ontology.candidates}, ontology.attributes
    given = {p: v for p, v in facts.items() if p in attributes}
    return Request(given, {p: v for p, v in facts.items() if p in lists})


def reading(encoding: Encoding, facts: Facts) -> Callable[[Condition | None], bool | None]:
    """Tells the values of conditions on these facts, in the evaluator's logic.

    The table of places settles nothing here, as in :meth:`Encoding.alone`.
    """
    ontology, request = encoding.ontology, request_of(encoding.ontology, facts)
    filled = {**encoding.version.defaults, **request.given}
    return lambda condition: condition_value(condition, filled, request, ontology)


def value(encoding: Encoding, condition: Condition | None, facts: Facts) -> bool | None:
    """The condition's value on these facts."""
    return reading(encoding, facts)(condition)
