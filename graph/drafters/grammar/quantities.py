"""Numbers with their comparison and unit, dates, times of day and repeats in a message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from graph.drafters.grammar.english import (
    AFTER_NUMBER,
    BEFORE_NUMBER,
    FREQUENCY_ADVERBS,
    MONTHS,
    NUMBER_WORDS,
    ORDINALS,
    UNITS,
)
from graph.drafters.grammar.words import Token, stem

QuantOp = Literal["eq", "ge", "le", "gt", "lt", "between"]
QuantKind = Literal["number", "ordinal", "clock", "date", "often", "vague"]
Amount = Decimal | date


@dataclass(frozen=True, slots=True)
class Quant:
    """One amount: ``at least 40 years``, ``between 8 am and 6 pm``, ``every two years``."""

    tokens: frozenset[int]
    start: int
    end: int
    """Tokens from ``start`` up to, not including, ``end``."""
    op: QuantOp
    amounts: tuple[Amount, ...]
    unit: str | None
    kind: QuantKind
    firm: bool = False
    """`exactly` was said."""
    of_age: bool = False
    """A birthday: it is an age."""


@dataclass(frozen=True, slots=True)
class _Single:
    amount: Amount
    end: int
    unit: str | None
    kind: QuantKind
    last: date | None = None
    """End of the month or year that a short date names."""


_BY_STEM = {stem(word): unit for word, unit in UNITS.items()}


def unit_of(token: Token) -> str | None:
    """The unit a word names: ``yrs`` → ``years``."""
    return _BY_STEM.get(token.stem)


def _birthday(tokens: Sequence[Token], i: int) -> Quant | None:
    """``from her 40th birthday on``, ``before their 18th birthday``: an age."""
    low = tokens[i].low
    at = i + 1
    while at < len(tokens) and tokens[at].low in ("the", "a", "her", "his", "their", "your"):
        at += 1
    number = _number(tokens, at) if at < len(tokens) else None
    if number is None or number.kind != "ordinal" or not _match(tokens, number.end, ("birthday",)):
        return None
    end = number.end + 1
    onward = end < len(tokens) and tokens[end].low in ("on", "onward", "onwards", "forward")
    if low == "from" or (low in ("after", "since") and onward):
        op: QuantOp = "ge"
    elif low in ("before", "until", "till") and not onward:
        op = "lt"
    else:
        return None
    used = frozenset(range(i, end + onward))
    return Quant(used, i, end + onward, op, (number.amount,), "years", "number", of_age=True)


def find_quantities(tokens: Sequence[Token]) -> tuple[Quant, ...]:
    """All amounts, left to right, none overlapping another."""
    out: list[Quant] = []
    i = 0
    while i < len(tokens):
        found = _often(tokens, i) or _birthday(tokens, i) or _quantity(tokens, i)
        if found and max(found.tokens) >= i:
            out.append(found)
            i = max(i + 1, found.end)
        else:
            i += 1
    return tuple(out)


def _lows(tokens: Sequence[Token], start: int, count: int) -> tuple[str, ...]:
    return tuple("not" if t.low == "n't" else t.low for t in tokens[start : start + count])


def _match(tokens: Sequence[Token], i: int, words: tuple[str, ...]) -> bool:
    return i >= 0 and _lows(tokens, i, len(words)) == words


def _quantity(tokens: Sequence[Token], i: int) -> Quant | None:
    before, start = _before(tokens, i)
    between = _match(tokens, i, ("between",))
    from_ = _match(tokens, i, ("from",))
    at = i + 1 if between or from_ else start
    at = (
        _skip(tokens, at, ("the", "age", "of"))
        if from_
        else _skip(tokens, at, ("the", "ages", "of"))
    )
    single = _single(tokens, at)
    if single is None:
        return None
    if before == "gt" and tokens[i].low == "after" and single.kind in ("number", "ordinal"):
        return _vague(i, single.end, single)
    pair = _range(tokens, i, at, single, between, from_, before)
    if pair:
        return pair
    if between:
        return None
    after, used, end = _after(tokens, single.end)
    if from_:
        on = _open_end(tokens, single.end)
        if on:
            return _made(tokens, i, range(i, on), on, "ge", single)
        if after or before:
            return None
        if any(t.root == "age" for t in tokens[i:at]) or (
            single.kind == "date" and not single.last
        ):
            return _made(tokens, i, range(i, single.end), single.end, "ge", single)
        return _made(tokens, at, range(at, single.end), single.end, "eq", single)
    if before and after and before != after:
        return _vague(i, end, single)
    op = before or after or ("ge" if _passed(tokens, single.end) else "eq")
    indices = set(range(i, single.end)) | used
    return _made(tokens, i, indices, max(end, single.end), op, single)


def _passed(tokens: Sequence[Token], i: int) -> bool:
    """``eight years have passed``, ``two weeks after``: no less than that."""
    words = [t.stem for t in tokens[i : i + 4]]
    return "hav" in words or "have" in words if {"pass", "elaps", "go"} & set(words) else False


def _made(
    tokens: Sequence[Token],
    start: int,
    indices: range | set[int],
    end: int,
    op: str,
    single: _Single,
) -> Quant:
    unit, used_unit = _unit_after(tokens, end)
    if op != "eq" and unit is None:
        unit, used_unit = _unit_after(tokens, single.end)
    unit = single.unit or unit
    indices = set(indices) | used_unit
    if single.last and op in ("eq", "ge", "lt", "le", "gt"):
        low, high = single.amount, single.last
        pairs: dict[str, tuple[QuantOp, tuple[Amount, ...]]] = {
            "eq": ("between", (low, high)), "ge": ("ge", (low,)), "lt": ("lt", (low,)),
            "le": ("le", (high,)), "gt": ("gt", (high,)),
        }  # fmt: skip
        real, amounts = pairs[op]
        return Quant(frozenset(indices), start, end, real, amounts, unit, "date")
    used = frozenset(indices)
    real_op: QuantOp = op  # type: ignore[assignment]
    firm = (
        op == "eq"
        and start < min(single.end, len(tokens))
        and tokens[start].low in ("exactly", "precisely", "equal", "equals")
    )
    return Quant(used, start, end, real_op, (single.amount,), unit, single.kind, firm)


def _vague(start: int, end: int, single: _Single) -> Quant:
    return Quant(
        frozenset(range(start, end)), start, end, "eq", (single.amount,), single.unit, "vague"
    )


def _before(tokens: Sequence[Token], i: int) -> tuple[str | None, int]:
    for words, op in BEFORE_NUMBER:
        if _match(tokens, i, words):
            at = i + len(words)
            for skipped in (
                ("the", "age", "of"),
                ("age",),
                ("the",),
                ("a", "total", "of"),
                ("day",),
            ):
                if _match(tokens, at, skipped):
                    at += len(skipped)
                    break
            return op, at
    return None, i


def _skip(tokens: Sequence[Token], i: int, words: tuple[str, ...]) -> int:
    for n in (words, words[1:], words[:1], words[1:2]):
        if _match(tokens, i, n):
            return i + len(n)
    return i


def _after(tokens: Sequence[Token], i: int) -> tuple[str | None, set[int], int]:
    """Comparison after a number, over at most four words of its unit."""
    for j in range(i, min(i + 5, len(tokens))):
        for words, op in AFTER_NUMBER:
            ends = j + len(words)
            if (
                _match(tokens, j, words)
                and not (words == ("plus",) and j > i)
                and not _single(tokens, ends)
            ):
                return op, set(range(j, j + len(words))), j + len(words)
        if not tokens[j].is_word and tokens[j].low not in ("-", "/", "%", "$"):
            break
        if tokens[j].low in ("or", "and", "if", "to", "is", "are", "for", "in") or _single(
            tokens, j
        ):
            break
    return None, set(), i


def _open_end(tokens: Sequence[Token], i: int) -> int:
    """End of ``… on``, ``… onwards``, ``… and up`` after ``from 14 weeks``; 0 where there is
    none.
    """
    for j in range(i, min(i + 4, len(tokens))):
        if tokens[j].low in ("on", "onward", "onwards", "upward", "upwards", "up", "forward"):
            return j + 1
        if not tokens[j].is_word or _single(tokens, j):
            break
    return 0


_RANGE_LINKS = (
    ("up", "to"),
    ("to",),
    ("through",),
    ("thru",),
    ("till",),
    ("until",),
    ("-",),
    ("–",),
    ("—",),
)


def _range(
    tokens: Sequence[Token],
    i: int,
    at: int,
    first: _Single,
    between: bool,
    from_: bool,
    before: str | None,
) -> Quant | None:
    links = (("and",), *_RANGE_LINKS) if between else _RANGE_LINKS
    for words in links:
        if not _match(tokens, first.end, words):
            continue
        second = _single(tokens, first.end + len(words))
        if second is None or type(second.amount) is not type(first.amount):
            continue
        low, high = first, second
        if high.kind == "clock" and low.kind == "number":
            low = _Single(low.amount, low.end, "hour of day", "clock")
        if low.kind == "clock" and high.kind == "number":
            return None
        end = _inclusive(tokens, second.end)
        after, used_unit = _unit_after(tokens, end)
        unit = high.unit or low.unit or after
        top = high.last or high.amount
        used = frozenset(range(i, end)) | used_unit
        kind: QuantKind = "vague" if before or not _ordered(low.amount, top) else high.kind
        return Quant(used, i, end, "between", (low.amount, top), unit, kind)
    return None


def _ordered(low: Amount, high: Amount) -> bool:
    return (
        low < high
        if isinstance(low, Decimal) and isinstance(high, Decimal)
        else str(low) < str(high)
    )


def _inclusive(tokens: Sequence[Token], i: int) -> int:
    """Skips ``inclusive`` or ``(both ages included)``."""
    for j in range(i, min(i + 7, len(tokens))):
        if tokens[j].low in ("inclusive", "included", "incl"):
            closing = j + 1 < len(tokens) and tokens[j + 1].low == ")" and tokens[i].low != ")"
            return j + 2 if closing and any(t.low == "(" for t in tokens[i:j]) else j + 1
        if tokens[j].low not in (
            "(",
            "both",
            "ages",
            "ends",
            "are",
            "years",
            "year",
            "old",
            "and",
            "values",
        ):
            break
    return i


_NUMBER = re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^\d+(?:\.\d+)?$")
_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")


def _single(tokens: Sequence[Token], i: int) -> _Single | None:
    if i >= len(tokens):
        return None
    return _date(tokens, i) or _clock(tokens, i) or _number(tokens, i)


def _number(tokens: Sequence[Token], i: int) -> _Single | None:
    low = tokens[i].low
    if low in "$€£" and i + 1 < len(tokens):
        inner = _number(tokens, i + 1)
        return _Single(inner.amount, inner.end, UNITS[low], "number") if inner else None
    ordinal = ORDINALS.get(low) or (int(m[1]) if (m := _ORDINAL.match(low)) else None)
    if ordinal is not None:
        return _Single(Decimal(ordinal), i + 1, None, "ordinal")
    if _NUMBER.match(low):
        if i + 1 < len(tokens) and tokens[i + 1].glued and tokens[i + 1].low.isalpha():
            return None
        end = i + 1
        unit = "percent" if end < len(tokens) and tokens[end].low == "%" else None
        return _Single(Decimal(low.replace(",", "")), end + bool(unit), unit, "number")
    return _number_words(tokens, i)


def _number_words(tokens: Sequence[Token], i: int) -> _Single | None:
    total, j = 0, i
    while j < len(tokens):
        low = tokens[j].low
        value = NUMBER_WORDS.get(low)
        if value is None:
            if (
                low == "-"
                and j > i
                and tokens[j].glued
                and j + 1 < len(tokens)
                and tokens[j + 1].low in NUMBER_WORDS
            ):
                j += 1
                continue
            break
        total = total * value if value >= 100 and total else total + value
        j += 1
    if j == i:
        return None
    follows_one = tokens[i].low == "one" and j == i + 1
    if follows_one and not _unit_after(tokens, j)[0] and not _counts(tokens, i):
        return None
    return _Single(Decimal(total), j, None, "number")


def _counts(tokens: Sequence[Token], i: int) -> bool:
    """``one`` after a comparison is a number; elsewhere it is a pronoun."""
    before = {t.low for t in tokens[max(0, i - 2) : i]}
    after = {t.low for t in tokens[i + 1 : i + 3]}
    return bool(before & {"least", "most", "than", "exactly", "even"} or after & {"more"})


_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})$")


def _clock(tokens: Sequence[Token], i: int) -> _Single | None:
    low = tokens[i].low
    if low in ("noon", "midday", "midnight"):
        return _Single(Decimal(0 if low == "midnight" else 12), i + 1, "hour of day", "clock")
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
    return _Single(Decimal(hours) + Decimal(minutes) / 60, end, "hour of day", "clock")


def _half(tokens: Sequence[Token], i: int) -> tuple[str | None, int]:
    if i < len(tokens) and tokens[i].low in ("am", "pm"):
        return tokens[i].low, i + 1
    if _lows(tokens, i, 3) in (("a", ".", "m"), ("p", ".", "m")):
        end = i + 4 if _match(tokens, i + 3, (".",)) and tokens[i + 3].glued else i + 3
        return tokens[i].low + "m", end
    return None, i


def _date(tokens: Sequence[Token], i: int) -> _Single | None:
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


def _named_month(tokens: Sequence[Token], i: int) -> _Single | None:
    month = MONTHS[tokens[i].low]
    j = i + 1
    day = re.match(r"^(\d{1,2})(?:st|nd|rd|th)?$", tokens[j].low) if j < len(tokens) else None
    if day:
        k = j + 2 if _match(tokens, j + 1, (",",)) else j + 1
        if k < len(tokens) and _year(tokens[k]):
            return _on(int(tokens[k].low), month, int(day[1]), k + 1)
        return None
    if j < len(tokens) and _year(tokens[j]):
        year = int(tokens[j].low)
        following = date(year + (month == 12), month % 12 + 1, 1)
        last = date.fromordinal(following.toordinal() - 1)
        return _Single(date(year, month, 1), j + 1, "date", "date", last)
    return None


def _year(token: Token) -> bool:
    return bool(re.match(r"^(?:19|20)\d\d$", token.low))


def _on(year: int, month: int, day: int, end: int) -> _Single | None:
    try:
        return _Single(date(year, month, day), end, "date", "date")
    except ValueError:
        return None


def _unit_after(tokens: Sequence[Token], i: int) -> tuple[str | None, set[int]]:
    """The unit within the next words (``years``, ``full calendar months``) and its token."""
    for j in range(i, min(i + 3, len(tokens))):
        unit = unit_of(tokens[j])
        if unit:
            return unit, {j}
        if tokens[j].low not in (
            "-",
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


def _often(tokens: Sequence[Token], i: int) -> Quant | None:
    """``every two years``, ``once a year``, ``annually``, ``at 24-month intervals``."""
    low = tokens[i].low
    if low in FREQUENCY_ADVERBS:
        count, unit = FREQUENCY_ADVERBS[low]
        return _repeat(i, i + 1, Decimal(count), unit)
    start = i
    if (
        low == "once"
        and i + 1 < len(tokens)
        and tokens[i + 1].low in ("a", "an", "every", "per", "each")
    ):
        i += 1
    elif low not in ("every", "each"):
        return _intervals(tokens, i)
    number = _number(tokens, i + 1)
    at = number.end if number and number.kind == "number" else i + 1
    at += 1 if _match(tokens, at, ("-",)) else 0
    unit = unit_of(tokens[at]) if at < len(tokens) else None
    if unit is None or (unit not in MONTH_UNITS):
        return None
    count = number.amount if number and isinstance(number.amount, Decimal) else Decimal(1)
    return _repeat(start, at + 1, count, unit)


MONTH_UNITS = frozenset(["years", "months", "weeks", "days", "hours", "minutes"])


def _intervals(tokens: Sequence[Token], i: int) -> Quant | None:
    number = _number(tokens, i)
    if not number or number.kind != "number" or not isinstance(number.amount, Decimal):
        return None
    at = number.end + (1 if _match(tokens, number.end, ("-",)) else 0)
    unit = unit_of(tokens[at]) if at < len(tokens) else None
    if unit in MONTH_UNITS and at + 1 < len(tokens) and tokens[at + 1].stem == "interval":
        return _repeat(i, at + 1, number.amount, unit)
    return None


def _repeat(start: int, end: int, count: Decimal, unit: str | None) -> Quant:
    return Quant(frozenset(range(start, end)), start, end, "eq", (count,), unit, "often")
