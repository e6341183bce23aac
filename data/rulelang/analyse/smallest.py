"""What answers to "why not" have in common: a change, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.ontology.model import Value
from data.rulelang.ast import Test
from data.rulelang.request import Row
from data.rulelang.result import Result
from data.rulelang.wish import Wish

Facts = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class RowChange:
    """Rows that one list would have more, and those it would lack."""

    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    known: bool
    """Whether the list was given: rows of an unknown one are learnt, not added."""


@dataclass(frozen=True, slots=True)
class Change:
    """Facts by path with the values that give the wish, and the answer they give."""

    facts: Facts
    """Of a choice, facts of the wished candidate too."""
    result: Result
    """By the rules that bear on the wish: of a collected list, those that give this member."""
    rows: Mapping[str, RowChange] = field(default_factory=dict[str, RowChange])
    """By relation. A list counts as one fact; of it the fewest rows are added or removed."""


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What would have had to be different."""

    wish: Wish
    now: Result
    change: Change | None
    """The smallest; no facts where the wish is granted as it is; ``None`` where nothing does."""
    complete: bool = True
    """False where the search stopped: there may be a change, or a smaller one."""
    tests: tuple[Test, ...] = ()
    """Tests that bear on it. Where there are any, of facts that they hold against each other or
    against rows only those values were tried that lie beside them or that rules mention."""
    fixed: tuple[str, ...] = ()
    """Relations whose rows were left as they are."""


class Stopped(Exception):
    """More attempts than were to be made."""
