"""The part of a call that is about who can be chosen: what is known of candidates, and asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from data.ontology.model import Value
from data.rulelang.evaluate import MOST_FILLINGS
from data.rulelang.plan import fact_of
from data.rulelang.request import Request, nested, read_request
from data.rulelang.result import Result
from data.rulelang.version import Version
from graph.call_candidates import (
    EVERYBODY,
    Noted,
    as_noted,
    corrected,
    key_of,
    lacking,
    list_of,
    named,
    unsaid,
)
from graph.state import Json
from graph.words import joined

FEW = 500
"""Situations of a choice that are looked at while an operator waits."""


def request_of(version: Version, known: Json) -> Request:
    """What is known so far."""
    return read_request(version.ontology, {**known["facts"], **known.get("rows", {})})


def list_to_ask(version: Version, known: Json, open_: Iterable[str]) -> str | None:
    """The list of candidates that an open choice has to be told first."""
    plans = (version.plans[name].decision for name in open_)
    lists = (d.candidates for d in plans if d.candidates)
    told = (*known["unknown"], *request_of(version, known).rows)
    return next((name for name in lists if name not in told), None)


def open_among(version: Version, known: Json, names: Iterable[str]) -> dict[str, Result]:
    """The decisions of these that are not settled yet."""
    results = decided(version, known, names)
    return {name: result for name, result in results.items() if result.status == "undecided"}


def decided(version: Version, known: Json, names: Iterable[str]) -> dict[str, Result]:
    """The answers; of choices no more is looked at than an operator waits for."""
    request, plans = request_of(version, known), version.plans
    most = {n: MOST_FILLINGS if plans[n].decision.candidates is None else FEW for n in names}
    return {n: version.compiled.decide_one(request, n, most[n]) for n in names}


def fact_to_ask(
    version: Version, known: Json, open_: Mapping[str, Result], skip: Collection[str]
) -> str | None:
    """What an open choice hangs on: a fact of the request, then one of a candidate."""
    request, ontology = request_of(version, known), version.ontology
    for name, result in open_.items():
        order = (fact_of(unknown) for unknown in version.plans[name].order)
        for path in (*(p for p in order if isinstance(p, str)), *result.needs):
            if path not in result.needs or path in skip or path in request.given:
                continue
            rows = request.rows.get(list_of(ontology, path) or "")
            if rows is None or lacking(ontology, rows, path, known["unknown"]):
                return path
    return None


def asked_of(version: Version, known: Json) -> str | None:
    """The candidate of whom the fact is asked; ``None`` of a fact of the request."""
    name = list_of(version.ontology, known["asked"])
    rows = request_of(version, known).rows.get(name or "", ())
    return lacking(version.ontology, rows, known["asked"], known["unknown"]) if rows else None


def nobody_knows(version: Version, known: Json) -> str:
    """What is noted where nobody can tell what was asked."""
    who = asked_of(version, known)
    return unsaid(who, known["asked"]) if who else known["asked"]


def those_named(version: Version, known: Json, past: Noted, text: str) -> tuple[Json, str]:
    """What is known with the candidates that the answer names."""
    asked = known["asked"]
    found = named(version.ontology, asked, past, text)
    if not found.rows:
        return known, "Write their names, with commas between them."
    names = joined([f"“{name}”" for name in found.unknown])
    notice = f"Nothing was noted of {names} so far." if names else ""
    rows = {**known.get("rows", {}), **nested({}, {asked: found.rows})}
    return {**known, "rows": rows, "asked": None}, notice


def told_of(version: Version, known: Json, value: Value) -> Json:
    """What is known once the candidate who was asked about has this value."""
    ontology, path, who = version.ontology, known["asked"], asked_of(version, known)
    name = list_of(ontology, path) or ""
    key = key_of(ontology.candidates[name])
    rows = request_of(version, known).rows[name]
    told = tuple({**row, path: value} if str(row[key]) == who else row for row in rows)
    return {**known, "rows": {**known["rows"], **nested({}, {name: told})}, "asked": None}


def put_right(version: Version, known: Json, text: str, today: date) -> Json | None:
    """What is known after `bob: open issues is 4`, or with a list to be named anew; ``None`` where
    the words are neither."""
    if (name := text.partition(":")[0]) in version.ontology.candidates:
        left = {n: rows for n, rows in known.get("rows", {}).items() if n != name}
        unknown = [u for u in known["unknown"] if u != name]
        return {**known, "rows": left, "unknown": unknown, "asked": name}
    for name, rows in request_of(version, known).rows.items():
        found = corrected(version, name, rows, text, today)
        if found is not None:
            return {**known, "rows": {**known["rows"], **nested({}, {name: found})}, "asked": None}
    return None


def who_there_is(past: Noted) -> list[str]:
    """Answers to the question who can be chosen."""
    return [EVERYBODY, *past.rows] if past.rows else []


def lists_said(version: Version, known: Json) -> list[str]:
    """Each list with whom it holds, to be read back."""
    ontology = version.ontology
    return [
        f"{name}: {joined([str(row[key_of(ontology.candidates[name])]) for row in rows])}"
        for name, rows in request_of(version, known).rows.items()
    ]


def stands_on(version: Version, name: str, known: Json, past: Noted) -> str:
    """Whom the answer was chosen among, and how fresh what is known of them is."""
    return as_noted(version.ontology, name, past, request_of(version, known).rows[name])
