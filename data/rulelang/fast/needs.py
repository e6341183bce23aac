"""What a condition asks of each fact on its own: the part of a rule that an index can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.rulelang.ast import And, Compare, Condition, Not, Or, all_of, any_of


@dataclass(frozen=True, slots=True)
class Needs:
    """What must hold of single facts for a condition to be true."""

    by_path: Mapping[str, Condition]
    """Path → a condition on that fact alone; the whole is false wherever one of them is."""
    exact: bool
    """Whether that is all there is: the whole is true wherever each of them is."""


NOTHING = Needs({}, exact=True)
UNTOLD = Needs({}, exact=False)


def needs_of(condition: Condition | None, wanted: bool = True) -> Needs:
    """What the condition needs of single facts to be true, or to be false where so wanted."""
    match condition:
        case None:
            return NOTHING
        case Compare():
            return Needs({condition.attribute: condition if wanted else Not(condition)}, exact=True)
        case Not():
            return needs_of(condition.part, not wanted)
        case And() | Or():
            parts = [needs_of(p, wanted) for p in condition.parts]
            return _each(parts) if isinstance(condition, And) == wanted else _some(parts)
        case _:
            return UNTOLD


def _each(parts: list[Needs]) -> Needs:
    """Each part is to hold."""
    joined: dict[str, Condition] = {}
    for part in parts:
        for path, asked in part.by_path.items():
            joined[path] = all_of(joined[path], asked) if path in joined else asked
    return Needs(joined, all(p.exact for p in parts))


def _some(parts: list[Needs]) -> Needs:
    """Some part is to hold: a fact matters on its own only where every part asks of it."""
    shared = [p for p in parts[0].by_path if all(p in other.by_path for other in parts)]
    joined = {path: any_of(*(p.by_path[path] for p in parts)) for path in shared}
    alone = len({path for p in parts for path in p.by_path}) == 1
    return Needs(joined, alone and all(p.exact for p in parts))
