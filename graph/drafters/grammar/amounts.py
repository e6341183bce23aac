"""Single numbers, times of day and dates in a message, and the unit said after them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from graph.drafters.grammar.english import (
    CURRENCIES,
    MONTHS,
    NUMBER_WORDS,
    ORDINALS,
    SQUARE,
    UNITS,
)
from graph.drafters.grammar.words import Token, stem

QuantKind = Literal["number", "ordinal", "clock", "date", "often", "vague"]
Amount = Decimal | date


@dataclass(frozen=True, slots=True)
class Single:
    amount: Amount
    end: int
    unit: str | None
    kind: QuantKind
    last: date | None = None
    """End of the month or year that a short date names."""


WORKING = ("working", "business")
WORKING_DAYS = "working days"
"""A unit of its own: days that a calendar of the organisation counts."""
_BY_STEM = {stem(word): unit for word, unit in UNITS.items()}


def unit_of(token: Token) -> str | None:
    """The unit a word names: ``yrs`` → ``years``."""
    return _BY_STEM.get(token.stem)


def lows(tokens: Sequence[Token], start: int, count: int) -> tuple[str, ...]:
    return tuple("not" if t.low == "n't" else t.low for t in tokens[start : start + count])


def matches(tokens: Sequence[Token], i: int, words: tuple[str, ...]) -> bool:
    return i >= 0 and lows(tokens, i, len(words)) == words


_NUMBER = re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^\d+(?:\.\d+)?$")
_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")


def single_at(tokens: Sequence[Token], i: int) -> Single | None:
    if i >= len(tokens):
        return None
    return _date(tokens, i) or _clock(tokens, i) or number_at(tokens, i)


def number_at(tokens: Sequence[Token], i: int) -> Single | None:
    low = tokens[i].low
    if low in CURRENCIES and i + 1 < len(tokens):
        inner = number_at(tokens, i + 1)
        return Single(inner.amount, inner.end, UNITS[low], "number") if inner else None
    ordinal = ORDINALS.get(low) or (int(m[1]) if (m := _ORDINAL.match(low)) else None)
    if ordinal is not None:
        return Single(Decimal(ordinal), i + 1, None, "ordinal")
    if _NUMBER.match(low):
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if after and after.glued and after.low.isalpha() and not unit_of(after):
            return None
        digits, end = _grouped(tokens, i)
        unit = "percent" if end < len(tokens) and tokens[end].low == "%" else None
        return Single(Decimal(digits), end + bool(unit), unit, "number")
    if low in TIMES and i and tokens[i - 1].low in ("than", "least", "most", "exactly", "just"):
        return Single(Decimal(TIMES[low]), i + 1, None, "number")
    return _number_words(tokens, i)


TIMES = {"once": 1, "twice": 2, "thrice": 3}
"""How often, after a comparison: ``more than twice``."""


def _grouped(tokens: Sequence[Token], i: int) -> tuple[str, int]:
    """The digits of a number and its end: ``10,000`` and ``10 000`` are one number each."""
    digits, end = tokens[i].low.replace(",", ""), i + 1
    if not re.match(r"^[1-9]\d{0,2}$", tokens[i].low):
        return digits, end
    while end < len(tokens) and re.match(r"^\d{3}$", tokens[end].low) and not tokens[end].glued:
        digits, end = digits + tokens[end].low, end + 1
    return digits, end


def _number_words(tokens: Sequence[Token], i: int) -> Single | None:
    total, group, j = 0, 0, i
    while j < len(tokens):
        value = NUMBER_WORDS.get(tokens[j].low)
        if value is None:
            if not _goes_on(tokens, i, j):
                break
        elif value >= 1000:
            total, group = (total + group or 1) * value, 0
        else:
            group = group * value if value == 100 and group else group + value
        j += 1
    total += group
    if j == i:
        return None
    follows_one = tokens[i].low == "one" and j == i + 1
    if follows_one and not unit_after(tokens, j)[0] and not _counts(tokens, i):
        return None
    return Single(Decimal(total), j, None, "number")


def _goes_on(tokens: Sequence[Token], i: int, j: int) -> bool:
    """Whether what is at ``j`` is inside a number: ``fifty-five``, ``a hundred and ten``."""
    after = NUMBER_WORDS.get(tokens[j + 1].low) if i < j < len(tokens) - 1 else None
    if after is None:
        return False
    if tokens[j].low == "-":
        return tokens[j].glued
    wider = j + 2 < len(tokens) and NUMBER_WORDS.get(tokens[j + 2].low, 0) >= 100
    whole = NUMBER_WORDS.get(tokens[j - 1].low, 0) >= 100
    ranged = i > 0 and tokens[i - 1].low == "between"
    return tokens[j].low == "and" and whole and after < 100 and not (wider or ranged)


def _counts(tokens: Sequence[Token], i: int) -> bool:
    """``one`` after a comparison is a number; elsewhere it is a pronoun."""
    before = {t.low for t in tokens[max(0, i - 2) : i]}
    after = {t.low for t in tokens[i + 1 : i + 3]}
    listed = any(_NUMBER.match(t.low) or t.low in NUMBER_WORDS for t in tokens[:i])
    joined = listed and bool(before & {"and", ","}) and bool(after & {"for", "if", "when"})
    return joined or bool(before & {"least", "most", "than", "exactly", "even"} or after & {"more"})


_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})$")


def _clock(tokens: Sequence[Token], i: int) -> Single | None:
    low = tokens[i].low
    if low in ("noon", "midday", "midnight"):
        return Single(Decimal(0 if low == "midnight" else 12), i + 1, "hour of day", "clock")
    match = _CLOCK.match(low)
    whole = match or (re.match(r"^(\d{1,2})$", low) and _half(tokens, i + 1)[0])
    if not whole:
        return None
    hours, minutes = (int(match[1]), int(match[2])) if match else (int(low), 0)
    half, end = _half(tokens, i + 1)
    if half == "pm" and hours < 12:
        hours += 12
    if half == "am" and hours == 12:
        hours = 0
    if hours > 24 or minutes > 59:
        return None
    return Single(Decimal(hours) + Decimal(minutes) / 60, end, "hour of day", "clock")


def _half(tokens: Sequence[Token], i: int) -> tuple[str | None, int]:
    if i < len(tokens) and tokens[i].low in ("am", "pm"):
        return tokens[i].low, i + 1
    if lows(tokens, i, 3) in (("a", ".", "m"), ("p", ".", "m")):
        end = i + 4 if matches(tokens, i + 3, (".",)) and tokens[i + 3].glued else i + 3
        return tokens[i].low + "m", end
    return None, i


def _date(tokens: Sequence[Token], i: int) -> Single | None:
    low = tokens[i].low
    if m := re.match(r"^(\d{4})-(\d{2})-(\d{2})$", low):
        return _on(int(m[1]), int(m[2]), int(m[3]), i + 1)
    if m := re.match(r"^(\d{1,2})/(\d{1,2})/(\d{4})$", low):
        return _on(int(m[3]), int(m[1]), int(m[2]), i + 1)
    if low in MONTHS:
        return _named_month(tokens, i)
    day = re.match(r"^(\d{1,2})(?:st|nd|rd|th)?$", low)
    if day and i + 2 < len(tokens) and tokens[i + 1].low in MONTHS and _year(tokens[i + 2]):
        return _on(int(tokens[i + 2].low), MONTHS[tokens[i + 1].low], int(day[1]), i + 3)
    return None


def _named_month(tokens: Sequence[Token], i: int) -> Single | None:
    month = MONTHS[tokens[i].low]
    j = i + 1
    day = re.match(r"^(\d{1,2})(?:st|nd|rd|th)?$", tokens[j].low) if j < len(tokens) else None
    if day:
        k = j + 2 if matches(tokens, j + 1, (",",)) else j + 1
        if k < len(tokens) and _year(tokens[k]):
            return _on(int(tokens[k].low), month, int(day[1]), k + 1)
        return None
    if j < len(tokens) and _year(tokens[j]):
        year = int(tokens[j].low)
        following = date(year + (month == 12), month % 12 + 1, 1)
        last = date.fromordinal(following.toordinal() - 1)
        return Single(date(year, month, 1), j + 1, "date", "date", last)
    return None


def _year(token: Token) -> bool:
    return bool(re.match(r"^(?:19|20)\d\d$", token.low))


def _on(year: int, month: int, day: int, end: int) -> Single | None:
    try:
        return Single(date(year, month, day), end, "date", "date")
    except ValueError:
        return None


def unit_after(tokens: Sequence[Token], i: int) -> tuple[str | None, set[int]]:
    """The unit within the next words (``years``, ``full calendar months``) and its token."""
    for j in range(i, min(i + 3, len(tokens))):
        unit = unit_of(tokens[j])
        if unit and unit == "days" and j and tokens[j - 1].low in WORKING:
            return WORKING_DAYS, {j - 1, j}
        if tokens[j].low in SQUARE and j + 1 < len(tokens) and (side := unit_of(tokens[j + 1])):
            return f"square {side}", {j, j + 1}
        if unit:
            return unit, {j}
        if tokens[j].low not in (
            "-",
            *WORKING,
            "full",
            "calendar",
            "whole",
            "complete",
            "consecutive",
            "or",
            "more",
            "extra",
            "additional",
        ):
            break
    return None, set()
