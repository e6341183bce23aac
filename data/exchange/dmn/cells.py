"""An input cell of a decision table → a condition on the fact of its column."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

from data.exchange.dmn.feel import Between, Cell, Endpoint, Named, Sign, Test, Than, read_cell
from data.exchange.meaning import any_test, between, compared, no_test, two_facts, whole
from data.exchange.problem import NotSayable
from data.ontology.model import Attribute, TypeName, Value
from data.rulelang.ast import Condition, Known, Not, all_of

_FITS: dict[TypeName, type | tuple[type, ...]] = {
    "boolean": bool,
    "integer": Decimal,
    "decimal": Decimal,
    "enum": str,
    "text": str,
    "date": date,
    "time": time,
}


def condition_of(
    text: str, attribute: Attribute, known: Mapping[str, Attribute]
) -> Condition | None:
    """What the cell says; ``None`` for a dash. Raises :class:`NotSayable` with the reason.

    ``known`` holds the facts by the names that other cells may compare with.
    """
    cell = read_cell(text)
    if not cell.tests:
        return None
    equal = [t for t in cell.tests if isinstance(t, Than) and _is_value(t)]
    values = [fitting(attribute, t.value) for t in equal]
    others = [_other(attribute, t, known) for t in cell.tests if t not in equal]
    return (no_test if cell.negated else any_test)(attribute, values, others)


def values_of(cell: Cell) -> tuple[Value, ...]:
    """The plain values among the tests."""
    return tuple(
        t.value
        for t in cell.tests
        if isinstance(t, Than) and t.value is not None and not isinstance(t.value, Named)
    )


def fitting(attribute: Attribute, value: Endpoint) -> Value:
    """The value as the fact's type holds it. Raises :class:`NotSayable`."""
    if isinstance(value, Named):
        raise NotSayable(f"`{value.name}` is not a value but a name")
    if value is None:
        raise NotSayable("`null` has no place in a range")
    if not isinstance(value, _FITS.get(attribute.type, ())):
        raise NotSayable(f"`{value}` does not fit `{attribute.label}`, a {attribute.type}")
    return whole(value) if attribute.type == "integer" else value


def _is_value(test: Than) -> bool:
    return test.sign == "=" and test.value is not None and not isinstance(test.value, Named)


def _other(attribute: Attribute, test: Test, known: Mapping[str, Attribute]) -> Condition:
    match test:
        case Than(sign, None):
            asked = Known(attribute.path)
            return asked if sign == "!=" else Not(asked)
        case Than(sign, value):
            return _than(attribute, sign, value, known)
        case Between(Named(), _) | Between(_, Named()):
            low = _than(attribute, ">=" if test.low_in else ">", test.low, known)
            return all_of(low, _than(attribute, "<=" if test.high_in else "<", test.high, known))
        case Between():
            low_end, high_end = fitting(attribute, test.low), fitting(attribute, test.high)
            return between(attribute, low_end, high_end, test.low_in, test.high_in)


def _than(
    attribute: Attribute, sign: Sign, value: Endpoint, known: Mapping[str, Attribute]
) -> Condition:
    """Compared with a value, or with another fact of the same kind."""
    if not isinstance(value, Named):
        return compared(attribute, sign, fitting(attribute, value))
    other = known.get(value.name)
    if other is None:
        raise NotSayable(f"`{value.name}` is not a value but a name")
    if _FITS.get(other.type) != _FITS.get(attribute.type):
        raise NotSayable(f"`{attribute.label}` cannot be compared with `{other.label}`")
    return two_facts(attribute, sign, other)
