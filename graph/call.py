"""An operator's call: what is said of an appointment as facts, and facts as questions.

Words come from the ontology alone. What does not fit is said back, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from data.ontology.model import Attribute, Ontology, Value
from data.ontology.values import BadValue, converter
from data.rulelang.version import Version
from graph.case import dated, places_as_written, read_facts
from graph.days import days_said
from graph.drafters.base import Drafter
from graph.words import joined, value_words

DONT_KNOW = "Don’t know"
YES_OR_NO: Mapping[str, bool] = {
    "yes": True, "y": True, "true": True, "yeah": True, "yep": True,
    "no": False, "n": False, "false": False, "nope": False, "none": False,
}  # fmt: skip
UNSURE = re.compile(
    r"(i )?(do not|don'?t|dont) know( that)?|unknown|not (known|sure)|no idea|skip( it)?|\?+", re.I
)
_SAID_OF = re.compile(r"(?P<name>.+?)\s*(?:\bis\b|[:=])\s*(?P<value>.+)", re.I)
_OPENING = re.compile(
    r"(?:(?:hello|hi|so|ok|okay|i have|i've got|we have|there is|there's|it is|it's|this is|book|"
    r"schedule)\b[\s,]*)*(?:(?:an?|the|new|another)\s+)*(?:appointment|booking|request|slot)?\s*"
    r"(?:for\b|:)\s*",
    re.I,
)
"""What opens a call and says nothing of it: `I have an appointment for …`."""
_PIECES = re.compile(r"[,;.]\s+|\s+and\s+|\n+")


@dataclass
class Heard:
    """What was understood, and the words that were not."""

    facts: dict[str, Value] = field(default_factory=dict[str, Value])
    unread: list[str] = field(default_factory=list[str])


def hear(drafter: Drafter, version: Version, text: str, today: date) -> Heard:
    """The facts a description states exactly; piece by piece where it cannot be read whole."""
    if opening := _OPENING.match(text):
        text = text[opening.end() :]
    named_one = _SAID_OF.fullmatch(text.strip(" .!?\n"))
    said, day = (text.strip(" .!?\n"), {}) if named_one else dated(version, text, today)
    heard = Heard(dict(day))
    if not said:
        return heard
    whole = None if named_one else read_facts(drafter, version, said, today)
    if whole is not None:
        heard.facts.update(whole)
        return heard
    for piece in (p.strip() for p in _PIECES.split(said)):
        facts = _said_of(version, piece, today) or read_facts(drafter, version, piece, today)
        if facts:
            heard.facts.update(facts)
        elif piece:
            heard.unread.append(piece)
    return heard


def _said_of(version: Version, piece: str, today: date) -> dict[str, Value] | None:
    """`pregnant is no`, `weight: 80 kg`: a fact by its name."""
    found = _SAID_OF.fullmatch(piece)
    attribute = named(version.ontology, found["name"]) if found else None
    if found is None or attribute is None:
        return None
    value = value_of(version, attribute, found["value"], today)
    return None if value is None else {attribute.path: value}


def named(ontology: Ontology, name: str) -> Attribute | None:
    """The one fact that goes by this name."""
    wanted = " ".join(name.casefold().split()).removeprefix("the ")
    meant = [
        a
        for a in askable(ontology)
        if wanted in {w.casefold() for w in (a.label, a.path, *a.synonyms)}
    ]
    return meant[0] if len(meant) == 1 else None


def askable(ontology: Ontology) -> list[Attribute]:
    return [a for a in ontology.facts if a.sensitive != "identifying"]


def value_of(version: Version, attribute: Attribute, text: str, today: date) -> Value | None:
    """What an answer says of one fact; ``None`` where it does not fit."""
    if attribute.type == "date":
        days = days_said(text, today)
        return days[0] if len(days) == 1 else None
    said = " ".join(text.strip(" .!").split())
    if attribute.type == "boolean":
        return YES_OR_NO.get(said.casefold())
    if attribute.type == "set":
        if said.casefold() in ("none", "no"):
            return frozenset()
        pieces = [_listed(attribute, p) for p in re.split(r"\s*,\s*|\s+and\s+", said)]
        return None if None in pieces else frozenset(p for p in pieces if p)
    if attribute.values:
        return _listed(attribute, said)
    if attribute.path in version.places.paths:
        there = {str(row.get(attribute.path)) for row in version.places.rows}
        said = places_as_written(version, said)
        return next((v for v in sorted(there) if v.casefold() == said.casefold()), None)
    return _typed(attribute, said)


def unclear_day(attribute: Attribute, text: str, today: date) -> str:
    """The days that an answer can mean, where it can mean several; else nothing."""
    days = days_said(text, today) if attribute.type == "date" else ()
    words = joined([value_words(d) for d in days], "or")
    return f"“{text}” can be {words}. Which one?" if len(days) > 1 else ""


def _listed(attribute: Attribute, said: str) -> str | None:
    wanted = said.casefold()
    ways = (
        (v, {v.casefold(), *(s.casefold() for s in names)}) for v, names in attribute.values.items()
    )
    return next((value for value, names in ways if wanted in names), None)


def _typed(attribute: Attribute, said: str) -> Value | None:
    if attribute.unit:
        said = re.sub(rf"\s*{re.escape(attribute.unit)}$", "", said, flags=re.I)
    plain: object = said
    if attribute.type in ("integer", "decimal") and re.fullmatch(r"-?\d{1,9}([.,]\d{1,9})?", said):
        plain = Decimal(said.replace(",", "."))
    try:
        return converter(attribute)(plain)
    except BadValue:
        return None


def question(attribute: Attribute) -> str:
    """The fact as a question, in the ontology's words."""
    label = attribute.label
    match attribute.type:
        case "boolean":
            asked = f"{label[:1].upper()}{label[1:]}?"
        case "integer" | "decimal":
            asked = f"What is the {label}{f', in {attribute.unit}' if attribute.unit else ''}?"
        case _:
            asked = f"Which {label}?"
    about = attribute.description.rstrip(".")
    return f"{asked} ({about[:1].upper()}{about[1:]}.)" if about else asked


def options(version: Version, facts: Mapping[str, Value], attribute: Attribute) -> list[str]:
    """The answers there are, where they can be listed."""
    places = version.places
    if attribute.path in places.paths:
        rows = [places.rows[i] for i in places.agreeing(facts)]
        return sorted({str(row[attribute.path]) for row in rows if attribute.path in row})
    if attribute.type == "boolean":
        return ["Yes", "No"]
    return list(attribute.values)


def fits(attribute: Attribute, listed: Sequence[str]) -> str:
    """What fits a question, for somebody whose answer did not."""
    if listed:
        shown = list(listed[:4])
        return f"It is one of {joined([*shown, 'others'] if len(listed) > 4 else shown, 'or')}."
    match attribute.type:
        case "date":
            return "Write the day like `20 November`, `next Monday` or 2026-12-03."
        case "time":
            return "Write the time like 14:30."
        case "integer" | "decimal":
            least, most = attribute.min, attribute.max
            whole = "a whole number" if attribute.type == "integer" else "a number"
            between = f" from {least} to {most}" if least is not None and most is not None else ""
            return f"Write {whole}{between}."
        case _:
            return "Write it as your organisation writes it."


def fact_words(ontology: Ontology, facts: Mapping[str, Value]) -> list[str]:
    """Each fact with its name, to be read back."""
    known = [(ontology.attributes[p], v) for p, v in facts.items()]
    return [f"{a.label}: {value_words(v, a.unit)}" for a, v in known]
