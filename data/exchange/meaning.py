"""What a cell of any table means as a condition on one fact.

Tables come in many writings; their cells say few things: a value or several, a comparison, a
range, and none of these. :class:`NotSayable` tells where the fact's type does not allow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import cast

from data.exchange.problem import NotSayable
from data.ontology.model import Attribute, Number, Value
from data.rulelang.ast import Compare, CompareFacts, Condition, Not, Op, all_of, any_of

Sign = str
"""One of ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``."""
_NUMBERS: Mapping[Sign, Op] = {
    "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least",
}  # fmt: skip
_DAYS: Mapping[Sign, Op] = {
    "<": "is before", "<=": "is on or before", ">": "is after", ">=": "is on or after",
}  # fmt: skip
_ORDERS = {"integer": _NUMBERS, "decimal": _NUMBERS, "date": _DAYS, "time": _DAYS}


def is_value(attribute: Attribute, value: Value, equal: bool = True) -> Condition:
    """The fact has this value, or another; of a set, it holds the value."""
    if attribute.type == "set":
        held = Compare(attribute.path, "include", value)
        return held if equal else Not(held)
    if attribute.type == "boolean" and not equal:
        return Compare(attribute.path, "is", value is not True)
    return Compare(attribute.path, "is" if equal else "is not", value)


def compared(attribute: Attribute, sign: Sign, value: Value) -> Condition:
    """The fact compared with a value. Raises :class:`NotSayable`."""
    if sign in ("=", "!="):
        return is_value(attribute, value, sign == "=")
    return Compare(attribute.path, _order(attribute, sign), value)


def _order(attribute: Attribute, sign: Sign) -> Op:
    order = _ORDERS.get(attribute.type)
    if order is None:
        raise NotSayable(f"`{attribute.label}` has no order, so nothing is `{sign}` than it")
    return order[sign]


def two_facts(attribute: Attribute, sign: Sign, other: Attribute) -> Condition:
    """The fact compared with another. Raises :class:`NotSayable`."""
    if sign in ("=", "!="):
        return CompareFacts(attribute.path, "is" if sign == "=" else "is not", other.path)
    return CompareFacts(attribute.path, _order(attribute, sign), other.path)


def between(
    attribute: Attribute, low: Value, high: Value, low_in: bool = True, high_in: bool = True
) -> Condition:
    """The fact lies in a range. Raises :class:`NotSayable`, also where the range is empty."""
    if attribute.type not in _ORDERS:
        raise NotSayable(f"`{attribute.label}` has no order, so it has no ranges")
    if low > high:  # type: ignore[operator]
        raise NotSayable(f"nothing lies between {low} and {high}")
    if low_in and high_in:
        return Compare(attribute.path, "is between", cast("tuple[Number, Number]", (low, high)))
    above = compared(attribute, ">=" if low_in else ">", low)
    return all_of(above, compared(attribute, "<=" if high_in else "<", high))


def any_test(
    attribute: Attribute, values: Sequence[Value], others: Iterable[Condition]
) -> Condition:
    """One of the values, or one of the other conditions; never empty."""
    parts = [*_one_of(attribute, tuple(dict.fromkeys(values))), *others]
    return any_of(*parts)


def no_test(
    attribute: Attribute, values: Sequence[Value], others: Iterable[Condition]
) -> Condition:
    """None of them."""
    unique, rest = tuple(dict.fromkeys(values)), [Not(o) for o in others]
    if len(unique) == 1:
        return all_of(is_value(attribute, unique[0], equal=False), *rest)
    if unique and attribute.type == "set":
        return all_of(Compare(attribute.path, "include none of", unique), *rest)
    if unique and attribute.type == "boolean":
        return all_of(*(is_value(attribute, v, equal=False) for v in unique), *rest)
    said = [Compare(attribute.path, "is none of", unique)] if unique else []
    return all_of(*said, *rest)


def _one_of(attribute: Attribute, values: tuple[Value, ...]) -> list[Condition]:
    if len(values) < 2 or attribute.type == "boolean":
        return [is_value(attribute, v) for v in values]
    several = "include any of" if attribute.type == "set" else "is one of"
    return [Compare(attribute.path, several, values)]


def whole(value: Value) -> Value:
    """A decimal without a fraction as a whole number; anything else as it is."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value
