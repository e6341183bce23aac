"""Amounts in a message: numbers with comparison and unit, ranges, ages, repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from graph.drafters.grammar.amounts import (
    Amount,
    QuantKind,
    Single,
    matches,
    number_at,
    single_at,
    unit_after,
    unit_of,
)
from graph.drafters.grammar.english import (
    AFTER_NUMBER,
    BEFORE_NUMBER,
    FREQUENCY_ADVERBS,
    MONTH_COUNT,
    PERSONS,
    SECONDS,
)
from graph.drafters.grammar.words import Token

QuantOp = Literal["eq", "ge", "le", "gt", "lt", "between"]


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


def _birthday(tokens: Sequence[Token], i: int) -> Quant | None:
    """``from her 40th birthday on``, ``before their 18th birthday``: an age."""
    low = tokens[i].low
    at = i + 1
    while at < len(tokens) and tokens[at].low in ("the", "a", "her", "his", "their", "your"):
        at += 1
    number = number_at(tokens, at) if at < len(tokens) else None
    if number is None or number.kind != "ordinal" or not matches(tokens, number.end, ("birthday",)):
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


def find_quantities(
    tokens: Sequence[Token], names: frozenset[int] = frozenset()
) -> tuple[Quant, ...]:
    """All amounts, left to right, none overlapping another.

    At ``names`` a name of several words begins: ``80 months or earlier reaction`` ends before it.
    """
    out: list[Quant] = []
    i = 0
    while i < len(tokens):
        found = (
            _often(tokens, i)
            or _birthday(tokens, i)
            or _quantity(tokens, i)
            or (_than_that(tokens, i, out[-1]) if out else None)
        )
        if found and max(found.tokens) in names and max(found.tokens) > i + 1:
            found = _quantity(tokens[: max(found.tokens) - 1], i)
        if found and max(found.tokens) >= i:
            found = _of_age(tokens, found)
            out.append(found)
            i = max(i + 1, found.end)
        else:
            i += 1
    return tuple(out)


def _than_that(tokens: Sequence[Token], i: int, said: Quant) -> Quant | None:
    """``anything earlier than that``: the limit said last."""
    op, at = comparison_at(tokens, i)
    ends = at + 1 >= len(tokens) or not tokens[at + 1].is_word
    if op is None or not matches(tokens, at, ("that",)) or not ends or len(said.amounts) > 1:
        return None
    used = frozenset(range(i, at + 1))
    real: QuantOp = op  # type: ignore[assignment]
    return Quant(used, i, at + 1, real, said.amounts, said.unit, said.kind)


def _of_age(tokens: Sequence[Token], said: Quant) -> Quant:
    """``13 to 17 year olds``: people of that age."""
    at = said.end
    while at < len(tokens) and (at in said.tokens or tokens[at].low == "-"):
        at += 1
    if said.unit != "years" or not matches(tokens, at, ("olds",)):
        return said
    used = said.tokens | frozenset(range(said.end, at + 1))
    return replace(said, tokens=used, end=at + 1, of_age=True)


def _quantity(tokens: Sequence[Token], i: int) -> Quant | None:
    before, start = comparison_at(tokens, i)
    between = matches(tokens, i, ("between",))
    from_ = matches(tokens, i, ("from",))
    at = i + 1 if between or from_ else start
    at = (
        _skip(tokens, at, ("the", "age", "of"))
        if from_
        else _skip(tokens, at, ("the", "ages", "of"))
    )
    counted = before or (i and tokens[i - 1].low in _LASTING)
    single = single_at(tokens, at) or (_one_unit(tokens, at) if counted else None)
    if single is None and before:
        return _beside_name(tokens, i, at, before)
    if single is None:
        return None
    bare = tokens[i].low == "after" and tokens[i + 1].low not in ("more", "over")
    if before == "gt" and bare and single.kind in ("number", "ordinal"):
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
        if _upwards(tokens, single):
            return _made(tokens, i, range(i, single.end), single.end, "ge", single)
        return _made(tokens, at, range(at, single.end), single.end, "eq", single)
    if before and after and before != after:
        return _vague(i, end, single)
    op = before or after or ("ge" if _passed(tokens, single.end) else "eq")
    indices = set(range(i, single.end)) | used
    return _made(tokens, i, indices, max(end, single.end), op, single)


_LASTING = frozenset(["is", "takes", "take", "lasts", "last", "within", ":"])
"""Words before ``an hour`` that say how long something takes."""
_ELSEWHERE = frozenset(
    ["ago", "away", "back", "before", "after", "earlier", "later", "prior", "to", "till", "until"]
)


def _upwards(tokens: Sequence[Token], single: Single) -> bool:
    """``from 40 kg``: that much or more; ``from 2 km away`` and ``from 3 days ago`` are places."""
    unit, used = unit_after(tokens, single.end)
    end = max(used, default=single.end - 1) + 1
    follows = tokens[end].low if end < len(tokens) else ""
    measured = (single.unit or unit) is not None and single.kind == "number"
    return measured and follows not in _ELSEWHERE


def _one_unit(tokens: Sequence[Token], i: int) -> Single | None:
    """``under a year``: one of a unit of time."""
    if i + 1 >= len(tokens) or tokens[i].low not in ("a", "an"):
        return None
    unit = unit_of(tokens[i + 1])
    timed = unit in SECONDS or unit in MONTH_COUNT
    return Single(Decimal(1), i + 2, unit, "number") if timed else None


def _beside_name(tokens: Sequence[Token], i: int, at: int, op: str) -> Quant | None:
    """``above floor 2``: the name of what is counted stands between."""
    single = single_at(tokens, at + 1) if at < len(tokens) and tokens[at].is_word else None
    if single is None or single.kind != "number" or unit_after(tokens, single.end)[0]:
        return None
    used = frozenset([*range(i, at), *range(at + 1, single.end)])
    real: QuantOp = op  # type: ignore[assignment]
    return Quant(used, i, single.end, real, (single.amount,), single.unit, "number")


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
    single: Single,
) -> Quant:
    unit, used_unit = unit_after(tokens, end)
    if op != "eq" and unit is None:
        unit, used_unit = unit_after(tokens, single.end)
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


def _vague(start: int, end: int, single: Single) -> Quant:
    return Quant(
        frozenset(range(start, end)), start, end, "eq", (single.amount,), single.unit, "vague"
    )


def comparison_at(tokens: Sequence[Token], i: int) -> tuple[str | None, int]:
    """How the words at ``i`` compare with what follows them, and where that begins."""
    for words, op in BEFORE_NUMBER:
        if matches(tokens, i, words):
            at = i + len(words)
            for skipped in (
                ("the", "age", "of"),
                ("age",),
                ("the",),
                ("a", "total", "of"),
                ("day",),
            ):
                if matches(tokens, at, skipped):
                    at += len(skipped)
                    break
            return op, at
    return None, i


def _skip(tokens: Sequence[Token], i: int, words: tuple[str, ...]) -> int:
    for n in (words, words[1:], words[:1], words[1:2]):
        if matches(tokens, i, n):
            return i + len(n)
    return i


def _after(tokens: Sequence[Token], i: int) -> tuple[str | None, set[int], int]:
    """Comparison after a number, over at most four words of its unit."""
    for j in range(i, min(i + 5, len(tokens))):
        for words, op in AFTER_NUMBER:
            ends = j + len(words)
            if (
                matches(tokens, j, words)
                and not (words == ("plus",) and j > i)
                and not single_at(tokens, ends)
                and not _of_others(tokens, words, ends)
            ):
                return op, set(range(j, j + len(words))), j + len(words)
        if not tokens[j].is_word and tokens[j].low not in ("-", "/", "%", "$"):
            break
        if tokens[j].low in ("or", "and", "if", "to", "is", "are", "for", "in") or single_at(
            tokens, j
        ):
            break
    return None, set(), i


def _of_others(tokens: Sequence[Token], words: tuple[str, ...], i: int) -> bool:
    """``12 months and younger ones 6``: the comparison is about others, not about the number."""
    after = tokens[i].low if i < len(tokens) else ""
    return words[0] == "and" and (after == "ones" or after.removesuffix("s") in PERSONS)


def _open_end(tokens: Sequence[Token], i: int) -> int:
    """End of ``… on``, ``… onwards``, ``… and up`` after ``from 14 weeks``; 0 where there is
    none.
    """
    for j in range(i, min(i + 4, len(tokens))):
        if tokens[j].low in ("on", "onward", "onwards", "upward", "upwards", "up", "forward"):
            return j + 1
        if not tokens[j].is_word or single_at(tokens, j):
            break
    return 0


_RANGE_LINKS = (
    ("up", "to", "and", "including"),
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
    first: Single,
    between: bool,
    from_: bool,
    before: str | None,
) -> Quant | None:
    links = (("and",), *_RANGE_LINKS) if between else _RANGE_LINKS
    for words in links:
        if not matches(tokens, first.end, words):
            continue
        second = single_at(tokens, first.end + len(words))
        if second is None:
            continue
        low, high = _same_month(first, second), second
        if type(low.amount) is not type(high.amount):
            continue
        if high.kind == "clock" and low.kind == "number":
            low = Single(low.amount, low.end, "hour of day", "clock")
        if low.kind == "clock" and high.kind == "number":
            return None
        end = _inclusive(tokens, second.end)
        after, used_unit = unit_after(tokens, end)
        unit = high.unit or low.unit or after
        top = high.last or high.amount
        used = frozenset(range(i, end)) | used_unit
        kind: QuantKind = "vague" if before or not _ordered(low.amount, top) else high.kind
        return Quant(used, i, end, "between", (low.amount, top), unit, kind)
    return None


def _same_month(first: Single, second: Single) -> Single:
    """``between 1 and 24 December 2026``: the first day is of the month of the second."""
    day, last = first.amount, second.amount
    if not isinstance(last, date) or not isinstance(day, Decimal) or second.last or first.unit:
        return first
    if day != day.to_integral_value() or not 1 <= day < last.day:
        return first
    return Single(last.replace(day=int(day)), first.end, "date", "date")


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
            "days",
            "dates",
            ",",
        ):
            break
    return i


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
    number = number_at(tokens, i + 1)
    at = number.end if number and number.kind == "number" else i + 1
    at += 1 if matches(tokens, at, ("-",)) else 0
    unit = unit_of(tokens[at]) if at < len(tokens) else None
    if unit is None or (unit not in MONTH_UNITS):
        return None
    count = number.amount if number and isinstance(number.amount, Decimal) else Decimal(1)
    return _repeat(start, at + 1, count, unit)


MONTH_UNITS = frozenset(["years", "months", "weeks", "days", "hours", "minutes"])


def _intervals(tokens: Sequence[Token], i: int) -> Quant | None:
    number = number_at(tokens, i)
    if not number or number.kind != "number" or not isinstance(number.amount, Decimal):
        return None
    at = number.end + (1 if matches(tokens, number.end, ("-",)) else 0)
    unit = unit_of(tokens[at]) if at < len(tokens) else None
    if unit in MONTH_UNITS and at + 1 < len(tokens) and tokens[at + 1].stem == "interval":
        return _repeat(i, at + 1, number.amount, unit)
    return None


def _repeat(start: int, end: int, count: Decimal, unit: str | None) -> Quant:
    return Quant(frozenset(range(start, end)), start, end, "eq", (count,), unit, "often")
