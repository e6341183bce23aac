"""Plain JSON or written text to typed facts, and back, by the declared type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from math import ceil, floor
from typing import Any, NoReturn

from data.ontology.model import Attribute, Decision, Number, Synonyms, Value
from data.ontology.nearest import did_you_mean, listed, shown
from data.ontology.plain_yaml import Fields, Items, Node, Text
from data.rulelang.findings import FindingCode

Word = Attribute | Decision
Converter = Callable[[object], Value]

LARGEST = 10**18
"""Numbers beyond this are refused where no narrower range is declared."""
MOST_LISTED = 1000
"""So many whole numbers of a range, from 0 on, are known by looking them up."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,30}\.[0-9]{1,30}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


class BadValue(ValueError):
    """A value that does not fit its word: what is wrong, and what to try."""

    def __init__(self, code: FindingCode, message: str, help: str) -> None:
        super().__init__(message)
        self.code: FindingCode = code
        self.message = message
        self.help = help


def converter(word: Word) -> Converter:
    """The function from a plain JSON value to this word's typed value.

    It raises :class:`BadValue`. ``true`` is not 1, NaN is not a number, ``52.0`` is a whole
    number, and an enum's value or synonym is taken whatever its case.
    """
    match word.type:
        case "boolean":
            return _boolean(word)
        case "integer":
            return _integer(word)
        case "decimal":
            return _decimal(word)
        case "enum":
            return _enum(word, word.values)
        case "date":
            return _date(word)
        case "time":
            return _time(word)
        case "text" | "code" | "choice":
            return _text(word)
        case "set":
            return _set(word)


def unchanged(word: Word) -> tuple[type, Mapping[object, Value]]:
    """Some values that the word's converter gives back as they are: their type, and they."""
    kind, values = _unchanged(word)
    return kind, {value: value for value in values}


def _unchanged(word: Word) -> tuple[type, Iterable[Value]]:
    match word.type:
        case "boolean":
            return bool, (False, True)
        case "integer":
            low, high = _bounds(word)
            return int, range(max(0, ceil(low)), floor(high) + 1)[:MOST_LISTED]
        case "enum":
            return str, word.values
        case _:
            return str, ()


def plain_value(word: Word, node: Node) -> object:
    """Written text as the plain JSON value the declared type calls for.

    Text that does not fit the type stays text, for :func:`converter` to refuse.
    """
    if isinstance(node, Items):
        return [plain_value(word, item) for item in node.items]
    if isinstance(node, Fields):
        return {name: plain_value(word, entry) for name, entry in node.entries.items()}
    return _plain_text(word, node)


def json_value(value: Value) -> Any:
    """A typed value as plain JSON: ISO dates and times, sorted lists for sets."""
    match value:
        case Decimal():
            whole = value.to_integral_value()
            return int(whole) if value == whole else float(value)
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case date():
            return value.isoformat()
        case frozenset():
            return sorted(value)
        case _:
            return value


def _plain_text(word: Word, node: Text) -> object:
    if node.is_null:
        return None
    text = node.value
    match word.type:
        case "boolean":
            return _YES_NO.get(text.casefold(), text)
        case "integer" | "decimal" if _WHOLE.fullmatch(text):
            return int(text)
        case "integer" | "decimal" if _DECIMAL.fullmatch(text):
            return float(text)
        case _:
            return text


def _refuse(word: Word, value: object, wanted: str, help: str) -> NoReturn:
    raise BadValue("type", f"`{_name(word)}` must be {wanted}{_not_this(word, value)}", help)


def _name(word: Word) -> str:
    return word.path if isinstance(word, Attribute) else word.name


def _is_sensitive(word: Word) -> bool:
    return isinstance(word, Attribute) and word.sensitive is not None


def _not_this(word: Word, value: object) -> str:
    """The value itself, unless it may identify somebody."""
    if _is_sensitive(word):
        return ""
    kind = "the text " if isinstance(value, str) else ""
    return f", not {kind}`{shown(value)}`"


def _boolean(word: Word) -> Converter:
    def convert(value: object) -> Value:
        if value is True or value is False:
            return value
        _refuse(word, value, "true or false", "write true or false, without quotes")

    return convert


def _integer(word: Word) -> Converter:
    low, high = _bounds(word)

    def convert(value: object) -> Value:
        whole = value if type(value) is int else _whole(word, value)
        if low <= whole <= high:
            return whole
        _out_of_range(word, whole)

    return convert


def _whole(word: Word, value: object) -> int:
    number = Decimal(value) if isinstance(value, (float, Decimal)) else None
    if number is not None and number.is_finite() and abs(number) <= LARGEST:
        whole = int(number)
        if whole == number:
            return whole
    _refuse(word, value, "a whole number", "write a number such as 52, without quotes")


def _decimal(word: Word) -> Converter:
    low, high = _bounds(word)

    def convert(value: object) -> Value:
        if type(value) is int:
            number = Decimal(value)
        elif type(value) is float:
            number = Decimal(str(value))
        elif isinstance(value, Decimal):
            number = value
        else:
            _refuse(word, value, "a number", "write a number such as 52.5, without quotes")
        if not number.is_finite():
            _refuse(word, value, "a number", "leave the fact out where it is unknown")
        if low <= number <= high:
            return number
        _out_of_range(word, number)

    return convert


def _bounds(word: Word) -> tuple[Number, Number]:
    low = -LARGEST if word.min is None else word.min
    return low, LARGEST if word.max is None else word.max


def _out_of_range(word: Word, value: Number) -> NoReturn:
    low, high = _bounds(word)
    unit = f" {word.unit}" if word.unit else ""
    message = f"`{_name(word)}` must be from {low} to {high}{unit}{_not_this(word, value)}"
    raise BadValue("range", message, "check the number and its unit")


def _enum(word: Word, values: Synonyms) -> Converter:
    exact = {value: value for value in values}
    folded = _folded(values)

    def convert(value: object) -> Value:
        if not isinstance(value, str):
            _refuse(word, value, "a text", f"write one of its values: {listed(values)}")
        known = exact.get(value)
        if known is not None:
            return known
        meant = folded.get(" ".join(value.casefold().split()), ())
        if len(meant) == 1:
            return meant[0]
        _unknown_value(word, value, meant or tuple(values))

    return convert


def _folded(values: Synonyms) -> dict[str, tuple[str, ...]]:
    """Folded text → the values it may mean; a value's own text means that value alone."""
    found: dict[str, tuple[str, ...]] = {}
    for value, synonyms in values.items():
        for synonym in {s.casefold() for s in synonyms}:
            found[synonym] = (*found.get(synonym, ()), value)
    return found | {value.casefold(): (value,) for value in values}


def _unknown_value(word: Word, value: str, offered: tuple[str, ...]) -> NoReturn:
    what = "such value" if _is_sensitive(word) else f"value `{shown(value)}`"
    message = f"`{_name(word)}` has no {what}"
    raise BadValue("unknown-term", message, did_you_mean(value, offered))


def _date(word: Word) -> Converter:
    def convert(value: object) -> Value:
        if type(value) is date:
            return value
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                _refuse(word, value, "a day of the calendar", "check the day and the month")
        _refuse(word, value, "a date", "write year-month-day, such as 2026-11-20")

    return convert


def _time(word: Word) -> Converter:
    def convert(value: object) -> Value:
        if type(value) is time and value.tzinfo is None and not value.microsecond:
            return value
        if isinstance(value, str) and _CLOCK.fullmatch(value):
            try:
                return time.fromisoformat(value)
            except ValueError:
                _refuse(word, value, "a time of day", "write from 00:00 to 23:59")
        _refuse(word, value, "a time of day", "write hours and minutes, such as 14:30")

    return convert


def _text(word: Word) -> Converter:
    def convert(value: object) -> Value:
        if not isinstance(value, str):
            _refuse(word, value, "a text", "put it in quotes")
        if value.isascii() or _writable(value):
            return value
        _refuse(word, value, "a text", "remove the half characters (lone surrogates)")

    return convert


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _set(word: Word) -> Converter:
    item = _enum(word, word.values) if word.values else _text(word)

    def convert(value: object) -> Value:
        if not isinstance(value, (list, tuple, frozenset, set)):
            _refuse(word, value, "a list", "write a list, such as [] for none")
        return frozenset[str](item(v) for v in value)  # type: ignore[arg-type]

    return convert
