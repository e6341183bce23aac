"""Kleene's strong logic over a condition, whatever its leaves look at (Kleene 1952, section 64)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from data.rulelang.ast import And, Condition, Leaf, Not, Or, all_of, any_of, is_leaf

Told = Callable[[Leaf], bool | None]
"""What is known of a leaf; ``None``: nothing."""


def left_open(condition: Condition, told: Told) -> Condition | bool:
    """True, false, or what is left of the condition to be known."""
    match condition:
        case Not(part):
            value = left_open(part, told)
            return not value if isinstance(value, bool) else Not(value)
        case And(parts):
            return _join(parts, told, settles=False)
        case Or(parts):
            return _join(parts, told, settles=True)
        case _:
            known = told(condition)
            return condition if known is None else known


def _join(parts: Iterable[Condition], told: Told, *, settles: bool) -> Condition | bool:
    """``and`` is settled by a false part, ``or`` by a true one; the other value adds nothing."""
    left: list[Condition] = []
    for part in parts:
        if is_leaf(part):
            known = told(part)
            value = part if known is None else known
        else:
            value = left_open(part, told)
        if value is settles:
            return settles
        if not isinstance(value, bool):
            left.append(value)
    if not left:
        return not settles
    return any_of(*left) if settles else all_of(*left)
