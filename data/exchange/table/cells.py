"""A cell under a fact → a condition, and back: ``>= 40``, ``40..60``, ``not MRI``, ``a, b``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from data.exchange.meaning import any_test, between, compared, no_test
from data.exchange.problem import NotSayable
from data.ontology.model import Attribute, Decision, Value
from data.ontology.plain_yaml import Text
from data.ontology.values import BadValue, converter, plain_value
from data.rulelang.ast import And, Compare, Condition, Known, Not, Op, Or, all_of
from data.rulelang.render import render_value

NOTHING = frozenset(["", "-", "–", "—", "*", "any"])
"""Cells that say nothing."""
_SIGNS: Mapping[str, str] = {
    ">=": ">=", "=>": ">=", "≥": ">=", "at least": ">=", "on or after": ">=", "from": ">=",
    "<=": "<=", "=<": "<=", "≤": "<=", "at most": "<=", "on or before": "<=", "up to": "<=",
    "<>": "!=", "!=": "!=", "≠": "!=", ">": ">", "more than": ">", "over": ">", "after": ">",
    "<": "<", "less than": "<", "under": "<", "before": "<", "=": "=",
}  # fmt: skip
_ALL_SIGNS = sorted(_SIGNS, key=len, reverse=True)
_WORDS = "|".join(s for s in _ALL_SIGNS if s[0].isalpha())
_MARKS = "|".join(s for s in _ALL_SIGNS if not s[0].isalpha())
_SIGN = re.compile(rf"(?:({_MARKS})|({_WORDS})\b)\s*(?=\S)", re.IGNORECASE)
_MARK = re.compile(rf"({_MARKS})\s*(?=\S)")
_RANGES = (
    re.compile(r"between\s+(.+?)\s+and\s+(.+)", re.IGNORECASE),
    re.compile(r"(.+?)\s*(?:\.\.\.?|–|—|\s+to\s+)\s*(.+)", re.IGNORECASE),
    re.compile(r"(\d[\d.]*)\s*-\s*(\d[\d.]*\D*)"),
)
_ITEM = re.compile(r'\s*("(?:\\.|[^"\\])*"|[^,;\n"]+)\s*(?:[,;\n]|$)')
_COMMA_NUMBER = re.compile(r"-?\d+,\d+")
_ORDERED = frozenset(["integer", "decimal", "date", "time"])
_SERIALS = range(20_000, 80_000)
"""Day numbers of Excel that people mean as dates: 1954 to 2119."""
_FIRST_DAY = date(1899, 12, 30)
_WRITTEN: Mapping[Op, str] = {
    "is": "", "include": "", "is one of": "", "include any of": "", "is not": "not ",
    "is none of": "not ", "include none of": "not ", "include all of": "all of ",
    "is at least": ">= ", "is on or after": ">= ", "is at most": "<= ", "is on or before": "<= ",
    "is more than": "> ", "is after": "> ", "is less than": "< ", "is before": "< ",
}  # fmt: skip


def condition_in(text: str, fact: Attribute) -> Condition | None:
    """What the cell says of the fact; ``None`` for nothing. Raises ``BadValue``."""
    if text.casefold() in NOTHING:
        return None
    match text.casefold():
        case "known":
            return Known(fact.path)
        case "unknown" | "not known":
            return Not(Known(fact.path))
        case _:
            try:
                return _said(text, fact)
            except NotSayable as reason:
                raise BadValue("type", str(reason), _HELP[fact.type in _ORDERED]) from None


_HELP = {
    True: "write a value, several with commas between, `>= 40`, `40..60`, or `-` for any",
    False: "write a value, several with commas between, `not` before them, or `-` for any",
}


def _said(text: str, fact: Attribute) -> Condition:
    if (value := _known_value(text, fact)) is not None:
        return any_test(fact, [value], [])
    if fact.type == "set" and (rest := _after(text, "all of")):
        return Compare(fact.path, "include all of", tuple(map(str, _values(rest, fact))))
    negated = _after(text, "not") or _after(text, "none of")
    return _tests(negated or _after(text, "one of") or text, fact, negated=bool(negated))


def _known_value(text: str, fact: Attribute) -> Value | None:
    """The value whose whole name the cell is, such as ``MRI brain, two phases``."""
    if not fact.values or text.startswith('"'):
        return None
    try:
        found = converter(fact)([text] if fact.type == "set" else text)
    except BadValue:
        return None
    if _after(text, "not").casefold() in (v.casefold() for v in fact.values):
        message = f"`{text}` is a value, and could mean every value but `{_after(text, 'not')}`"
        raise BadValue("ambiguous", message, f'write "{text}" in quotes for the value')
    return next(iter(found)) if isinstance(found, frozenset) else found


def _after(text: str, word: str) -> str:
    """What follows the word; nothing where the text does not begin with it."""
    match = re.match(rf"{word}\b\s*[:(]?\s*(.+?)\)?$", text, re.IGNORECASE | re.DOTALL)
    return match.group(1) if match else ""


def _tests(text: str, fact: Attribute, *, negated: bool) -> Condition:
    values: list[Value] = []
    others: list[Condition] = []
    for item in items(text, fact):
        found = None if item.startswith('"') else _ordered(item, fact)
        if found is None:
            values.append(value_in(item, fact))
        else:
            others.append(found)
    return (no_test if negated else any_test)(fact, values, others)


def items(text: str, word: Attribute | Decision) -> list[str]:
    """The parts between commas, semicolons and line breaks; none inside quotes. Raises."""
    if word.type in ("integer", "decimal") and _COMMA_NUMBER.fullmatch(text):
        first, _, second = text.partition(",")
        message = f"`{text}` can be one number or two"
        raise BadValue("ambiguous", message, f"write `{first}.{second}`, or `{first}, {second}`")
    found: list[str] = []
    at = 0
    while at < len(text):
        match = _ITEM.match(text, at)
        if match is None:
            message = f"`{text}` has an empty part or a quote too many"
            raise BadValue("parse", message, "put one comma between two values")
        found.append(match.group(1).strip())
        at = match.end()
    return found


def _values(text: str, fact: Attribute) -> list[Value]:
    return [value_in(item, fact) for item in items(text, fact)]


def _ordered(item: str, fact: Attribute) -> Condition | None:
    """A comparison or a range, or several that hold together; ``None`` for a plain value."""
    for form in _RANGES if fact.type in _ORDERED else ():
        if match := form.fullmatch(item):
            low, high = (value_in(end, fact) for end in match.groups())
            return between(fact, low, high)
    sign = _SIGN if fact.type in _ORDERED else _MARK
    parts = re.split(r"\s+and\s+", item, flags=re.IGNORECASE)
    if all(sign.match(p) for p in parts):
        return all_of(*(_signed(p, fact) for p in parts))
    if fact.type in _ORDERED and item.endswith("+"):
        return compared(fact, ">=", value_in(item[:-1], fact))
    return None


def _signed(item: str, fact: Attribute) -> Condition:
    match = _SIGN.match(item)
    assert match is not None  # asked for by the caller
    sign = _SIGNS[(match.group(1) or match.group(2)).casefold()]
    return compared(fact, sign, value_in(item[match.end() :], fact))


def value_in(text: str, word: Attribute | Decision) -> Value:
    """One value of the fact or decision. Raises ``BadValue``."""
    plain = unquoted(text)
    if word.type in ("integer", "decimal") and word.unit:
        plain = re.sub(rf"\s*{re.escape(word.unit)}$", "", plain, flags=re.IGNORECASE)
    if word.type == "date" and plain.isdigit() and int(plain) in _SERIALS:
        day = _FIRST_DAY + timedelta(days=int(plain))
        message = f"`{plain}` is a day number of the spreadsheet, perhaps {day.isoformat()}"
        raise BadValue("type", message, "format the column as dates")
    if word.type == "set":
        return next(iter(_as_set([plain], word)))
    return converter(word)(plain_value(word, Text(plain, 1, "'" if plain in ("", "~") else "")))


def _as_set(texts: Sequence[str], word: Attribute | Decision) -> frozenset[str]:
    found = converter(word)(list(texts))
    assert isinstance(found, frozenset)
    return found


def unquoted(text: str) -> str:
    """The text without the quotes around it, if it has any."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def cell_of(conditions: Iterable[Condition], fact: Attribute) -> str:
    """The cell that says these conditions on one fact. Raises :class:`NotSayable`."""
    texts = [_text_of(c, fact) for c in conditions]
    if len(texts) > 1 and not all(_SIGN.match(t) for t in texts):
        raise NotSayable(f"it says several things of `{fact.label}` that one cell cannot hold")
    return " and ".join(texts)


def _text_of(condition: Condition, fact: Attribute) -> str:
    match condition:
        case Known():
            return "known"
        case Not(Known()):
            return "unknown"
        case Not(inner) if text := _positive(inner, fact):
            return f"not {text}"
        case Or(parts) if all(texts := [_positive(p, fact) for p in parts]):
            return ", ".join(texts)
        case Compare(_, "is between", (low, high)):
            return f"{_quoted(low, fact)}..{_quoted(high, fact)}"
        case Compare(_, op, value):
            values = value if isinstance(value, tuple) else (value,)
            return _WRITTEN[op] + ", ".join(_quoted(v, fact) for v in values)
        case _:
            pass
    raise NotSayable(f"what it says of `{fact.label}` does not fit into one cell")


def _positive(condition: Condition, fact: Attribute) -> str:
    """The cell of a condition that another cell may hold as a part; nothing where it may not."""
    match condition:
        case Compare() if _WRITTEN.get(condition.op, "") not in ("not ", "all of "):
            return _text_of(condition, fact)
        case Or():
            return _text_of(condition, fact)
        case _:
            return ""


def guarded(text: str) -> str:
    """In quotes where a spreadsheet would take the text for a formula, or we for a quoted one."""
    return in_quotes(text) if text[:1] in ("=", "+", "-", "@", '"') else text


def in_quotes(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quoted(value: Value, fact: Attribute) -> str:
    """The value as a cell holds it, in quotes where it could be read as something else."""
    text = render_value(value)
    if not isinstance(value, str):
        return text
    plain = re.fullmatch(r"[\w./&' +-]+", text) and " ".join(text.split()) == text
    said = text.casefold() in (*NOTHING, "known", "unknown", "not known")
    spoken = _SIGN.match(text) or any(
        _after(text, w) for w in ("not", "none of", "one of", "all of")
    )
    if plain and not said and not spoken and text[0] not in "+-":
        return text
    return in_quotes(text)


def conjuncts(condition: Condition | None) -> tuple[Condition, ...]:
    """The parts that hold together."""
    match condition:
        case None:
            return ()
        case And(parts):
            return parts
        case _:
            return (condition,)
