"""Finding what has a shape: mail addresses, phone and record numbers, birth dates, streets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain

from data.access.vocabulary import COMMON

OLDEST_RULE_YEAR = 2020
"""A full date before this year is someone's birth date, unless the sentence makes it a limit."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text and what stands there instead."""

    start: int
    end: int
    what: str


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    r"(?:(?P<y1>\d{4})[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?P<y2>\d{4}|\d{2})(?!\d)"
    rf"|{_DAY}(?:\s+of)?[\s-]*{_MONTH},?[\s-]*(?P<y3>\d{{4}})"
    rf"|{_MONTH}\s+{_DAY},?\s+(?P<y4>\d{{4}}))"
)
_BORN = (
    r"\b(?:born|dob|d\.o\.b\.?|date\s+of\s+birth|birth\s*-?\s*date|birthday|b-?day|birth|"
    r"nacid[oa]|geboren|geb\.?|née?)\b"
)
_FILLER = r"(?:[\s:=,(#-]|\b(?:is|was|on|in|the|of|at|el|am)\b)*"
_MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_SSN = re.compile(
    r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"
    r"|\b(?:ssn|social\s+security(?:\s+(?:number|no\.?|#))?)" + _FILLER + r"(?P<v>\d[\d -]{7,}\d)",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    _BORN
    + _FILLER
    + rf"(?P<v>{_DATE}|\d{{8}}(?!\d)|{_MONTH},?\s+\d{{4}}|{_DAY}(?:\s+of)?\s+{_MONTH}(?!\w)"
    + rf"|{_MONTH}\s+{_DAY}(?!\w))",
    re.IGNORECASE,
)
_ANY_DATE = re.compile(r"(?<![\w./-])" + _DATE, re.IGNORECASE)
_BRACKETED = re.compile(r"\(\s*(?P<v>" + _DATE + r")\s*\)", re.IGNORECASE)
_LIMIT = re.compile(
    r"\b(?:before|after|since|from|until|till|through|thru|by|starting|start|starts|effective|"
    r"between|to|than|as\s+of|valid|expires?|ending|ends?|begins?|beginning|on\s+or|"
    r"between\s+\S+(?:\s+\S+){0,2}\s+and)\s*(?:on|the)?\s*$",
    re.IGNORECASE,
)
_LIMIT_BEHIND = re.compile(
    r"\s*(?:(?:or|and)\s+(?:later|earlier|after|before|newer|older)|onwards?)\b", re.IGNORECASE
)
_STREET = re.compile(
    r"(?<![\w-])\d{1,5}[A-Za-z]?\s+(?:(?:north|south|east|west|[nsew])\.?\s+)?"
    r"(?:[^\W\d_][\w'.-]*\s+){1,3}?"
    r"(?:(?:street|avenue|boulevard|road|lane|drive|court|terrace|parkway|highway)\b"
    r"|(?-i:St|Ave|Blvd|Rd|Ln|Dr|Ct|Pl|Way|Pkwy|Hwy|Circle|Place)\b\.?)"
    r"(?:,?\s*(?:apt|apartment|unit|suite|#)\.?\s*\w+)?",
    re.IGNORECASE,
)
_ZIP = re.compile(r"(?<![\w-])\d{5}-\d{4}(?![\w-])")
_EXTENSION = r"(?:\s*(?:x|ext\.?|extension)\s*\d{1,6})?"
_PHONE = re.compile(
    r"(?<![\w.-])(?:"
    r"\+\d{1,3}(?:[\s.()/-]*\d{1,4}){2,6}"
    r"|(?:\+?1[\s.-]?)?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[\s./-])\d{3}[\s.-]?\d{4}"
    r"|1?[2-9]\d{9}"
    r"|\d{3}-\d{4}"
    r")(?![\w-]|\.\d)" + _EXTENSION,
    re.IGNORECASE,
)
_PHONE_BY_CUE = re.compile(
    r"\b(?:phone|tel|telephone|cell|cellphone|mobile|fax|call(?:\s+(?:him|her|them|me|back))?|"
    r"callback|text|whatsapp|reach(?:able)?(?:\s+(?:him|her|them|me))?|number)\b"
    r"(?:\s+(?:number|no\.?))?(?:[\s:=#.]|\b(?:is|at|on|under|back)\b)*"
    r"(?P<v>[+(]?\d[\d\s().-]{5,}\d)(?!\w)" + _EXTENSION,
    re.IGNORECASE,
)
_NUMBER_WORD = r"(?:id|number|no|num|nr|card|identifier)\b\.?"
_STRONG = (
    r"(?:mrn|mr\s?\#|medical\s+record|(?:patient|health|hospital)\s+record|chart|accession|"
    r"account|acct|subscriber|beneficiary|nhs)"
)
_WEAK = (
    r"(?:record|patient|pt|member|policy|insurance|group|case|encounter|file|visit|claim|"
    r"medicare|medicaid|passport|license|licence)"
)
_IS = r"(?:[\s:=#(-]|\b(?:is|was)\b)*"
_RECORD = re.compile(
    rf"\b{_STRONG}(?:\s*(?:{_NUMBER_WORD}|\#))*{_IS}(?P<v>[A-Za-z]{{0,4}}-?\d[\dA-Za-z-]{{2,}})"
    rf"|\b{_WEAK}\s*(?:{_NUMBER_WORD}|\#)(?:\s*(?:{_NUMBER_WORD}|\#))*{_IS}"
    r"(?P<w>[A-Za-z]{0,4}-?\d[\dA-Za-z-]{2,})"
    rf"|\b{_WEAK}\s+(?P<x>[A-Za-z]{{0,3}}\d{{5,}}|\d{{3,}}-\d{{2,}})"
    r"|(?<!\w)\#(?P<y>[A-Za-z]{1,3}-?\d{4,}|\d{6,})",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"(?<![\w.-])[A-Za-z]{0,3}\d{7,}(?![\w-]|\.\d)")
_UNIT = re.compile(r"\s*-?(?:years?|months?|weeks?|days?|hours?|minutes?|mins?|%|percent)\b", re.I)


def find_phrases(text: str, known: Iterable[str]) -> list[Span]:
    """Where the text says what is known to identify someone, whole or one word of it.

    A word of it that is an ordinary word too (``Will`` of ``Will Smith``) does not count alone.
    """
    found: list[Span] = []
    for phrase in sorted({k.strip() for k in known if len(k.strip()) > 1}, key=len, reverse=True):
        what = "record number" if any(c.isdigit() for c in phrase) else "name"
        parts = re.findall(r"\w{3,}", phrase) if what == "name" else []
        for part in (phrase, *(p for p in parts if p.lower() not in COMMON)):
            whole = re.compile(rf"(?<!\w){re.escape(part)}(?!\w)", re.IGNORECASE)
            found.extend(Span(m.start(), m.end(), what) for m in whole.finditer(text))
    return found


def find_numbers(text: str, kept: Callable[[str], bool]) -> list[Span]:
    """Everything identifying that has a shape, the surest first; nothing that is ``kept``."""
    finders = (
        partial(_spans, _MAIL, "email"),
        partial(_spans, _SSN, "social security number"),
        partial(_spans, _BIRTH, "date of birth"),
        partial(_spans, _BRACKETED, "date of birth"),
        _old_dates,
        partial(_spans, _STREET, "address"),
        partial(_spans, _ZIP, "address"),
        partial(_spans, _PHONE, "phone"),
        partial(_spans, _RECORD, "record number"),
        partial(_spans, _PHONE_BY_CUE, "phone"),
        partial(_spans, _LONG_NUMBER, "record number"),
    )
    spans = chain.from_iterable(find(text) for find in finders)
    return [s for s in spans if not kept(text[s.start : s.end]) and not _is_amount(text, s)]


def _spans(pattern: re.Pattern[str], what: str, text: str) -> list[Span]:
    return [Span(*_value(match), what) for match in pattern.finditer(text)]


def _value(match: re.Match[str]) -> tuple[int, int]:
    """The named part that says it, or all of what was found."""
    for name in "vwxy":
        if match.groupdict().get(name) is not None:
            return match.span(name)
    return match.span()


def _old_dates(text: str) -> list[Span]:
    return [
        Span(match.start(), match.end(), "date of birth")
        for match in _ANY_DATE.finditer(text)
        if _year(match) < OLDEST_RULE_YEAR and not _is_limit(text, match)
    ]


def _is_limit(text: str, match: re.Match[str]) -> bool:
    """``since 2014-01-03``, ``on 3/1/2014 or later``: it says when, not who."""
    before, behind = _LIMIT.search(text[: match.start()]), _LIMIT_BEHIND.match(text, match.end())
    return before is not None or behind is not None


def _year(match: re.Match[str]) -> int:
    """Of two digits, those from 30 on are of the last century."""
    year = int(next(y for y in match.group("y1", "y2", "y3", "y4") if y is not None))
    return year if year > 99 else year + (1900 if year >= 30 else 2000)


def _is_amount(text: str, span: Span) -> bool:
    return span.what == "record number" and _UNIT.match(text, span.end) is not None
