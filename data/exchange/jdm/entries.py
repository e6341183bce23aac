"""What a cell asks, and values, in the ZEN expression language.

A cell speaks of its fact as ``$``. Days and times of day come as text and are compared as such
only after ``date`` and ``time``; two of them are never ``==``, so a single one is a range.
https://docs.gorules.io/docs/expression-language
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

from data.exchange import literals
from data.exchange.decision_table import Among, Asked, Stretch
from data.exchange.problem import NotSayable
from data.ontology.model import Value


def test_of(asked: Asked) -> str:
    """The input entry of a cell; empty where it asks nothing. Raises :class:`NotSayable`."""
    match asked:
        case None:
            return ""
        case Among(values, outside=True):
            return " and ".join(["$ != null", *(f"$ != {literal(v)}" for v in values)])
        case Among(values):
            return " or ".join(map(_is, values))
        case stretches:
            return " or ".join(" and ".join(_ends(s)) or "$ != null" for s in stretches)


def _is(value: Value) -> str:
    if isinstance(value, date | time):
        return " and ".join(_ends(Stretch(value, True, value, True)))
    return f"$ == {literal(value)}"


def _ends(said: Stretch) -> Iterator[str]:
    for value, sign, included in ((said.low, ">", said.low_in), (said.high, "<", said.high_in)):
        if value is not None:
            yield f"{_fact(value)} {sign}{'=' if included else ''} {literal(value)}"


def _fact(beside: Value) -> str:
    match beside:
        case time():
            return "time($)"
        case date():
            return "date($)"
        case _:
            return "$"


def literal(value: Value | None) -> str:
    """The value; nothing is ``null``. Raises :class:`NotSayable`."""
    return literals.literal(value, text)


def answer_of(value: Value | None) -> str:
    """What a row answers; days and times of day as text. Raises :class:`NotSayable`."""
    match value:
        case time():
            return text(value.isoformat("seconds"))
        case date():
            return text(value.isoformat())
        case _:
            return literal(value)


def text(said: str) -> str:
    """A text in quotes: the language knows two kinds of them, and no way to write one inside."""
    quote = next((q for q in "\"'" if q not in said), None)
    if quote is None or "\\" in said or "\n" in said:
        raise NotSayable(f"the text {said!r} cannot be quoted")
    return f"{quote}{said}{quote}"
