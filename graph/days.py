"""Days as people say them: `tomorrow`, `next Monday`, `in two weeks`, `20 November`.

A phrase that two days fit gives both: nobody guesses which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from data.rulelang.truth import back
from graph.drafters.grammar.english import MONTHS, NUMBER_WORDS

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK = len(WEEKDAYS)
NEAR: Mapping[str, int] = {"today": 0, "tomorrow": 1, "the day after tomorrow": 2, "yesterday": -1}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = "|".join(f"{d}|{d[:3]}|{d[:4]}" for d in WEEKDAYS)
_COUNT = r"\d{1,3}|" + "|".join(NUMBER_WORDS)

_NEAR = "|".join(sorted(NEAR, key=len, reverse=True))
_ISO = r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
_SLASHED = r"(?P<a>\d{1,2})[/.](?P<b>\d{1,2})(?:[/.](?P<y>\d{4}))?"
_NAMED = rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?(?: of)? (?P<m>{_MONTH})\.?(?:,? (?P<y>\d{{4}}))?"
_MONTH_FIRST = rf"(?P<m>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>\d{{4}}))?"
_WEEKDAY = rf"(?:(?P<which>this|next|coming|this coming) )?(?P<day>{_DAY})"
_AHEAD = rf"(?:in )?(?P<n>an?|{_COUNT}) (?P<unit>day|week|month)s?(?: from (?:now|today))?"


def days_said(text: str, today: date) -> tuple[date, ...]:
    """The day that a phrase names; several where it can mean several, none where it names none."""
    said = re.sub(r"^(?:on )?(?:the (?!day))?", "", " ".join(text.casefold().split()).strip(" .!,"))
    for pattern, days in _FORMS:
        if found := pattern.fullmatch(said):
            return tuple(dict.fromkeys(days(found, today)))
    return ()


def take_day(text: str, today: date) -> tuple[str, date | None]:
    """The text without the first day in it that can mean only one, and that day."""
    for found in _ON.finditer(text):
        days = days_said(found["day"], today)
        if len(days) == 1:
            return " ".join(f"{text[: found.start()]} {text[found.end() :]}".split()), days[0]
    return text, None


def _iso(found: re.Match[str], today: date) -> list[date]:
    return _on(int(found["y"]), int(found["m"]), int(found["d"]))


def _near(found: re.Match[str], today: date) -> list[date]:
    return [today + timedelta(NEAR[found[0]])]


def _named(found: re.Match[str], today: date) -> list[date]:
    return _dated(found["y"], MONTHS[found["m"]], int(found["d"]), today)


def _slashed(found: re.Match[str], today: date) -> list[date]:
    """Day and month in either order, where both can be."""
    a, b = int(found["a"]), int(found["b"])
    return _dated(found["y"], b, a, today) + _dated(found["y"], a, b, today)


def _weekday(found: re.Match[str], today: date) -> list[date]:
    """The next such day after today. `Next Friday` said on a Monday can be that of either week."""
    wanted = next(i for i, d in enumerate(WEEKDAYS) if d.startswith(found["day"]))
    first = today + timedelta((wanted - today.weekday() - 1) % WEEK + 1)
    this_week = first.isocalendar()[:2] == today.isocalendar()[:2]
    later = [first + timedelta(WEEK)] if found["which"] == "next" and this_week else []
    return [first, *later]


def _ahead(found: re.Match[str], today: date) -> list[date]:
    said = found["n"]
    count = 1 if said in ("a", "an") else int(said) if said.isdigit() else NUMBER_WORDS[said]
    if found["unit"] == "month":
        return [back(today, -count, "months")]
    return [today + timedelta(count * (WEEK if found["unit"] == "week" else 1))]


def _dated(year: str | None, month: int, day: int, today: date) -> list[date]:
    """The day of that year; without one, the next such day from today on."""
    if year:
        return _on(int(year), month, day)
    ahead = (d for y in (today.year, today.year + 1) for d in _on(y, month, day) if d >= today)
    return [d for d, _ in zip(ahead, range(1), strict=False)]


def _on(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)]
    except ValueError:
        return []


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], list[date]]], ...] = tuple(
    (re.compile(source), days)
    for source, days in (
        (_ISO, _iso), (_NEAR, _near), (_NAMED, _named), (_MONTH_FIRST, _named),
        (_SLASHED, _slashed), (_WEEKDAY, _weekday), (_AHEAD, _ahead),
    )
)  # fmt: skip
_ANY = "|".join(
    re.sub(r"\?P<\w+>", "?:", s)
    for s in (_ISO, _NEAR, _NAMED, _MONTH_FIRST, f"next (?:{_DAY})", f"in {_AHEAD[7:]}")
)
"""In a longer text: not a bare weekday, which may be a fact, and not a bare span."""
_ON = re.compile(rf",? ?(?:\b(?:on|for) )?(?:\bthe )?(?<!\w)(?P<day>{_ANY})(?!\w)", re.IGNORECASE)
