"""Who can be chosen in an operator's call: candidates as the past last noted them, by name.

Nobody types a list of candidates with all their facts. So those of past requests stand with what
was last noted of each; the operator says who can be chosen, and what has changed since.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from data.ontology.model import Attribute, Candidates, Ontology, Value
from data.rulelang.request import Row
from data.rulelang.version import Version
from graph.call import value_of
from graph.words import joined, label, value_words

if TYPE_CHECKING:
    from graph.replay import History

EVERYBODY = "All of them"
MOST_LOOKED_AT = 500
"""So many past requests are looked through for candidates, the latest first."""
_EVERYBODY = re.compile(r"(all( of (them|these))?|everybody|everyone|any(body|one)?)", re.I)
_AND = re.compile(r"\s*[,;]\s*|\s+and\s+")


@dataclass(frozen=True, slots=True)
class Noted:
    """The candidates of one list."""

    rows: Mapping[str, Row]
    """By key in order, the facts last noted of each."""
    until: date | None
    """The day of the latest of them, where requests have a date."""


@dataclass(frozen=True, slots=True)
class Named:
    """The candidates somebody named."""

    rows: tuple[Row, ...]
    unknown: tuple[str, ...]
    """Names of which nothing was noted; they are candidates too."""


def noted(history: History | None, ontology: Ontology, name: str) -> Noted:
    """The candidates of this list in the latest past requests."""
    found: dict[str, Row] = {}
    days: list[date] = []
    key = key_of(ontology.candidates[name])
    for row in _latest(history, ontology.date):
        assert history is not None
        request = history.request(row)
        for candidate in request.rows.get(name, ()):
            found.setdefault(str(candidate[key]), candidate)
        day = request.given.get(ontology.date or "")
        if isinstance(day, date):
            days.append(day)
    return Noted(dict(sorted(found.items())), max(days, default=None))


def _latest(history: History | None, path: str | None) -> Sequence[int]:
    if history is None or not len(history):
        return ()
    if path is None:
        return range(len(history) - 1, max(-1, len(history) - 1 - MOST_LOOKED_AT), -1)
    column = history.column(path)
    ranks = np.array([-1, *(v.toordinal() for v in column.values if isinstance(v, date))])
    order = np.argsort(ranks[column.codes + 1], kind="stable")
    return order[::-1][:MOST_LOOKED_AT].tolist()


def key_of(candidates: Candidates) -> str:
    """Path of the fact that names one of them."""
    return f"{candidates.entity}.{candidates.key}"


def named(ontology: Ontology, name: str, known: Noted, text: str) -> Named:
    """The candidates that the answer names, each with what was noted."""
    if known.rows and _EVERYBODY.fullmatch(text.strip(" .!")):
        return Named(tuple(known.rows.values()), ())
    by_name = {key.casefold(): row for key, row in known.rows.items()}
    said = _names(text)
    key = key_of(ontology.candidates[name])
    rows = tuple(by_name.get(piece.casefold(), {key: piece}) for piece in said)
    return Named(rows, tuple(piece for piece in said if piece.casefold() not in by_name))


def names_said(asked: Mapping[str, str], text: str) -> dict[str, list[dict[str, str]]]:
    """Who is named in answer to a card, as a request lists candidates; ``asked``: the list, and the
    name of the fact that names them."""
    return {asked["list"]: [{asked["key"]: name} for name in _names(text)]}


def _names(text: str) -> list[str]:
    return [*dict.fromkeys(name for name in _AND.split(text.strip(" .!")) if name)]


def corrected(
    version: Version, name: str, rows: Sequence[Row], text: str, today: date
) -> tuple[Row, ...] | None:
    """The candidates once `bob: open issues is 4` is taken in; ``None`` where it says no such."""
    key = key_of(version.ontology.candidates[name])
    for place, row in enumerate(rows):
        who = str(row[key])
        if not text.casefold().startswith(who.casefold()):
            continue
        said = re.sub(r"^('s|’s|:|,|\s|has\b|is\b)*", "", text[len(who) :], flags=re.I)
        for attribute in facts_of(version.ontology, name):
            value = _value_said(version, attribute, said, today)
            if value is not None:
                return (*rows[:place], {**row, attribute.path: value}, *rows[place + 1 :])
    return None


def _value_said(version: Version, attribute: Attribute, said: str, today: date) -> Value | None:
    for called in (attribute.label, *attribute.synonyms):
        found = re.fullmatch(rf"{re.escape(called)}\s*(?:is\b|[:=])?\s*(.+)", said.strip(), re.I)
        value = value_of(version, attribute, found[1], today) if found else None
        if value is not None:
            return value
    return None


def facts_of(ontology: Ontology, name: str) -> Iterator[Attribute]:
    """What can be asked of one of these candidates, the name aside."""
    candidates = ontology.candidates[name]
    for attribute in ontology.attributes.values():
        own = attribute.entity == candidates.entity and attribute.path != key_of(candidates)
        if own and attribute.sensitive != "identifying":
            yield attribute


def question(ontology: Ontology, name: str) -> str:
    """Who can be chosen, as a question."""
    return f"Which {label(name, ontology)} can be chosen?"


def list_of(ontology: Ontology, path: str) -> str | None:
    """The list whose candidates have this fact; ``None`` of a fact of the request."""
    entity = path.partition(".")[0]
    return next((n for n, c in ontology.candidates.items() if c.entity == entity), None)


def lacking(
    ontology: Ontology, rows: Sequence[Row], path: str, unknown: Collection[str]
) -> str | None:
    """The first candidate of whom this fact is still to be asked, by name."""
    key = key_of(ontology.candidates[list_of(ontology, path) or ""])
    names = (str(row[key]) for row in rows if path not in row)
    return next((who for who in names if unsaid(who, path) not in unknown), None)


def unsaid(who: str, path: str) -> str:
    """Stands among the facts that nobody can tell for one of this candidate."""
    return f"{who} {path}"


def as_noted(ontology: Ontology, name: str, known: Noted, rows: Sequence[Row]) -> str:
    """Whom the answer was chosen among, and how fresh what is known of them is."""
    key = key_of(ontology.candidates[name])
    said = f"Chosen among {joined([str(row[key]) for row in rows])}"
    if known.until is None or not any(str(row[key]) in known.rows for row in rows):
        return f"{said}."
    example = _example(ontology, name, rows)
    return (
        f"{said}, each as last noted up to {value_words(known.until)}. Where that is no longer so, "
        f"choose “Change an answer” and write it, like “{example}”."
    )


def _example(ontology: Ontology, name: str, rows: Sequence[Row]) -> str:
    said = [a for a in facts_of(ontology, name) if a.path in rows[0]]
    fact = next((a for a in said if a.type == "integer"), said[0] if said else None)
    who = str(rows[0][key_of(ontology.candidates[name])])
    return f"{who}: {fact.label} is {value_words(rows[0][fact.path])}" if fact else who
