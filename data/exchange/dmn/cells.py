"""An input cell of a decision table → a condition on the fact of its column."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from data.exchange.dmn.feel import Cell, Endpoint, Named, Test, Than, read_cell
from data.exchange.meaning import any_test, between, compared, no_test, whole
from data.exchange.problem import NotSayable
from data.ontology.model import Attribute, TypeName, Value
from data.rulelang.ast import Condition, Known, Not

_FITS: dict[TypeName, type | tuple[type, ...]] = {
    "boolean": bool,
    "integer": Decimal,
    "decimal": Decimal,
    "enum": str,
    "text": str,
    "date": date,
    "time": time,
}


def condition_of(text: str, attribute: Attribute) -> Condition | None:
    """What the cell says; ``None`` for a dash. Raises :class:`NotSayable` with the reason."""
    cell = read_cell(text)
    if not cell.tests:
        return None
    equal = [t for t in cell.tests if isinstance(t, Than) and t.sign == "=" and t.value is not None]
    values = [fitting(attribute, t.value) for t in equal]
    others = [_other(attribute, t) for t in cell.tests if t not in equal]
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


def _other(attribute: Attribute, test: Test) -> Condition:
    if not isinstance(test, Than):
        low, high = fitting(attribute, test.low), fitting(attribute, test.high)
        return between(attribute, low, high, test.low_in, test.high_in)
    if test.value is None:
        known = Known(attribute.path)
        return known if test.sign == "!=" else Not(known)
    return compared(attribute, test.sign, fitting(attribute, test.value))
