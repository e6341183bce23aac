"""Values in rule text: what the words from here on can be a value of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import cast

from data.ontology.model import Attribute, Decision, Ontology, Value
from data.rulelang.grammar import KEYWORDS, TOLD_BY_PLACE
from data.rulelang.lexicon import Phrases, Word, key_of

Subject = Attribute | Decision | str | None
"""What the next value is a value of: a fact, a decision or a scope level."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_OWN_WORDS = frozenset(
    word
    for terminal, ways in KEYWORDS.items()
    if terminal not in TOLD_BY_PLACE
    for way in ways
    for word in key_of(way)
)


class Values:
    """Finds the values of one organisation's facts and decisions in rule text."""

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology
        self._listed: dict[str, Phrases[Value]] = {}

    def at(
        self, terminal: str, words: list[Word], position: int, subject: Subject
    ) -> Iterable[tuple[int, Value]]:
        """``(end, value)`` of each value that starts at a word, as the terminal asks for one."""
        word = words[position]
        if word.kind == "mark":
            return
        if terminal == "DAY":
            yield from _day(word, position)
        elif terminal == "COUNT_VALUE":
            yield from _number(words, position, None)
        elif terminal == "LEVEL_VALUE" and isinstance(subject, str):
            yield from self._level_value(words, position, subject)
        elif terminal == "ADDED" and isinstance(subject, Decision):
            if subject.type == "code":
                yield from _listed(self._modifiers(subject), words, position)
            else:
                yield from _number(words, position, subject.unit)
        elif isinstance(subject, Attribute | Decision):
            yield from self._typed(words, position, subject)

    def _typed(
        self, words: list[Word], position: int, subject: Attribute | Decision
    ) -> Iterable[tuple[int, Value]]:
        word = words[position]
        match subject.type:
            case "boolean":
                if word.key in ("yes", "no", "true", "false"):
                    yield position + 1, word.key in ("yes", "true")
            case "integer" | "decimal":
                yield from _number(words, position, subject.unit)
            case "date":
                yield from _day(word, position)
            case "time":
                yield from _clock(word, position)
            case "enum":
                yield from _listed(self._listed_values(subject), words, position)
            case "set":
                if subject.values:
                    yield from _listed(self._listed_values(subject), words, position)
                else:
                    yield from _free(word, position)
            case "text" | "code" | "choice":
                if subject.values:
                    yield from _listed(self._listed_values(subject), words, position)
                else:
                    yield from _free(word, position)

    def _level_value(
        self, words: list[Word], position: int, level: str
    ) -> Iterable[tuple[int, Value]]:
        scopes = self._ontology.scopes
        attribute = self._ontology.attributes.get(scopes.path(level)) if scopes else None
        if attribute and attribute.values:
            yield from _listed(self._listed_values(attribute), words, position)
        else:
            yield from _free(words[position], position)

    def _listed_values(self, subject: Attribute | Decision) -> Phrases[Value]:
        name = subject.path if isinstance(subject, Attribute) else f"decision {subject.name}"
        return self._phrases(name, subject.values)

    def _modifiers(self, decision: Decision) -> Phrases[Value]:
        return self._phrases(f"modifiers {decision.name}", decision.modifiers)

    def _phrases(self, name: str, values: Iterable[str]) -> Phrases[Value]:
        if name not in self._listed:
            self._listed[name] = Phrases.of((v, cast("Value", v)) for v in values)
        return self._listed[name]


def _free(word: Word, position: int) -> Iterable[tuple[int, Value]]:
    """Free text: quoted, or one bare word that the language does not use itself."""
    if word.kind == "string" or word.key not in _OWN_WORDS:
        yield position + 1, word.text


def _day(word: Word, position: int) -> Iterable[tuple[int, Value]]:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", word.text):
        try:
            yield position + 1, date.fromisoformat(word.text)
        except ValueError:
            return


def _clock(word: Word, position: int) -> Iterable[tuple[int, Value]]:
    if re.fullmatch(r"\d\d:\d\d", word.text):
        try:
            yield position + 1, time.fromisoformat(word.text)
        except ValueError:
            return


def _number(words: list[Word], position: int, unit: str | None) -> Iterable[tuple[int, Value]]:
    if not _NUMBER.fullmatch(words[position].text):
        return
    number = Decimal(words[position].text)
    value = int(number) if "." not in words[position].text else number
    units: Phrases[bool] = Phrases()
    for name in _unit_names(unit):
        units.add(name, True)
    with_unit = [end for end, _ in units.at(words, position + 1)]
    yield (max(with_unit) if with_unit else position + 1), value


def _unit_names(unit: str | None) -> tuple[str, ...]:
    if unit is None:
        return ()
    return (unit, unit[:-1]) if unit.endswith("s") and len(unit) > 2 else (unit,)


def _listed(
    phrases: Phrases[Value], words: list[Word], position: int
) -> Iterable[tuple[int, Value]]:
    word = words[position]
    if word.kind == "string":
        yield from ((position + 1, v) for v in phrases.exactly(word.text))
    else:
        yield from phrases.at(words, position)
