"""Cells of a decision table: unary tests and literals of FEEL (DMN 1.5, chapters 7.3.3 and 10.3).

Comparisons, ranges, lists, ``not(…)``, the dash, ``null``, numbers, strings, truth values, dates
and times. Whatever else FEEL can say raises :class:`NotSayable`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Literal

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from data.exchange.problem import NotSayable
from data.ontology.model import Value


@dataclass(frozen=True, slots=True)
class Named:
    """The value of something with this name."""

    name: str


Endpoint = Value | Named | None
"""``None`` is FEEL's ``null``."""
Sign = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Than:
    """Compared with one value."""

    sign: Sign
    value: Endpoint


@dataclass(frozen=True, slots=True)
class Between:
    """Within a range; ``…_in`` says whether an end belongs to it."""

    low: Endpoint
    high: Endpoint
    low_in: bool
    high_in: bool


Test = Than | Between


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the tests holds, or none of them; without tests it says nothing."""

    tests: tuple[Test, ...] = ()
    negated: bool = False


_GRAMMAR = r"""
cell: DASH? | tests | "not" "(" tests ")" -> negated
tests: test ("," test)*
?test: SIGN value -> than
     | left value ".." value right -> between
     | value -> equal
!left: "[" | "(" | "]"
!right: "]" | ")" | "["
?value: NUMBER -> number
      | STRING -> string
      | "true" -> true
      | "false" -> false
      | "null" -> null
      | "date" "(" STRING ")" -> day
      | "time" "(" STRING ")" -> clock
      | "@" STRING -> at
      | NAME -> named

DASH: "-"
SIGN: "<=" | ">=" | "!=" | "<" | ">" | "="
NUMBER: /-?(\d+(\.\d+)?|\.\d+)/
STRING: /"(\\.|[^"\\])*"/
NAME: /[^\W\d]\w*(?:(?:\.|[ ]*-[ ]*|[ ]+)\w+)*/
%ignore /\s+/
"""


class _Build(Transformer[Token, Any]):
    def cell(self, parts: list[Any]) -> Cell:
        return parts[0] if parts and isinstance(parts[0], Cell) else Cell()

    def negated(self, parts: list[Any]) -> Cell:
        return Cell(parts[0].tests, negated=True)

    def tests(self, parts: list[Any]) -> Cell:
        return Cell(tuple(parts))

    def than(self, parts: list[Any]) -> Than:
        return Than(str(parts[0]), parts[1])  # type: ignore[arg-type]

    def equal(self, parts: list[Any]) -> Than:
        return Than("=", parts[0])

    def between(self, parts: list[Any]) -> Between:
        left, low, high, right = parts
        return Between(low, high, str(left.children[0]) == "[", str(right.children[0]) == "]")

    def number(self, parts: list[Any]) -> Decimal:
        return Decimal(str(parts[0]))

    def string(self, parts: list[Any]) -> str:
        return _unquoted(parts[0])

    def true(self, _: list[Any]) -> bool:
        return True

    def false(self, _: list[Any]) -> bool:
        return False

    def null(self, _: list[Any]) -> None:
        return None

    def day(self, parts: list[Any]) -> date:
        return date.fromisoformat(_unquoted(parts[0]))

    def clock(self, parts: list[Any]) -> time:
        return time.fromisoformat(_unquoted(parts[0]))

    def at(self, parts: list[Any]) -> date | time:
        text = _unquoted(parts[0])
        return time.fromisoformat(text) if ":" in text else date.fromisoformat(text)

    def named(self, parts: list[Any]) -> Named:
        return Named(" ".join(str(parts[0]).split()))


def _unquoted(token: Token) -> str:
    return str(json.loads(str(token), strict=False))


@lru_cache(maxsize=4096)
def read_cell(text: str) -> Cell:
    """The tests of an input cell. Raises :class:`NotSayable`."""
    return _read(text, "cell")


@lru_cache(maxsize=4096)
def read_literal(text: str) -> Endpoint:
    """The value of an output cell. Raises :class:`NotSayable`."""
    return _read(text, "value")


def _read(text: str, start: str) -> Any:
    try:
        return _Build().transform(_parser().parse(text.strip(), start=start))
    except (UnexpectedInput, VisitError, ValueError):
        raise NotSayable(f"`{text}` is an expression") from None


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", start=["cell", "value"], maybe_placeholders=False)
