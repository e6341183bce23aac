"""Choosing over tiny worlds: random rules and requests, and the law said once more, plainly."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from data.ontology.load import load_ontology
from data.ontology.model import Attribute, Value
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Decide,
    Known,
    LeaveToStaff,
    Measure,
    Narrow,
    Not,
    Outcome,
    Prefer,
    Rule,
    RuleSet,
    Scope,
    all_of,
    any_of,
)
from data.rulelang.request import Request
from data.rulelang.version import Version, make_version

ONTOLOGY, FINDINGS = load_ontology((Path(__file__).parent / "tiny_choice_pack.yaml").read_text())
assert ONTOLOGY, FINDINGS
DAYS = (date(2026, 1, 1), date(2026, 1, 2))
OUTER = ("errand.team", "errand.weight", "errand.urgent", "errand.needs", "site.region")
OWN = ("runner.team", "runner.load", "runner.external", "runner.skills")
PAIRS = (
    ("runner.team", "is", "errand.team"),
    ("runner.load", "is at most", "errand.weight"),
    ("runner.skills", "include", "errand.needs"),
    ("errand.weight", "is more than", "runner.load"),
)


def domain(attribute: Attribute) -> tuple[Value, ...]:
    """Every value of an attribute of these worlds."""
    match attribute.type:
        case "boolean":
            return (False, True)
        case "enum":
            return tuple(attribute.values)
        case "set":
            every = tuple(attribute.values)
            return tuple(
                frozenset(s)
                for n in range(len(every) + 1)
                for s in itertools.combinations(every, n)
            )
        case _:
            return tuple(range(int(attribute.min or 0), int(attribute.max or 0) + 1))


def any_comparison(luck: random.Random, paths: tuple[str, ...], inside: bool) -> Condition:
    if inside and luck.random() < 0.35:
        return CompareFacts(*luck.choice(PAIRS))  # type: ignore[arg-type]
    attribute = ONTOLOGY.attributes[luck.choice(paths)]
    if luck.random() < 0.08:
        return Known(attribute.path)
    value = luck.choice(domain(attribute))
    if attribute.type == "set":
        return Compare(attribute.path, "include", luck.choice(tuple(attribute.values)))
    op = luck.choice(("is at least", "is less than", "is")) if attribute.type == "integer" else "is"
    return Compare(attribute.path, op, value)  # type: ignore[arg-type]


def any_condition(luck: random.Random, paths: tuple[str, ...], inside: bool = False) -> Condition:
    parts = [any_comparison(luck, paths, inside) for _ in range(luck.choice((1, 1, 2)))]
    whole = luck.choice((all_of, any_of))(*parts)
    return Not(whole) if luck.random() < 0.15 else whole


def any_outcome(luck: random.Random) -> Outcome:
    kind = luck.random()
    if kind < 0.5:
        return Narrow("chosen", any_condition(luck, (*OWN, *OUTER), True), luck.random() < 0.4)
    if kind < 0.7:
        return Prefer("chosen", Measure("runner.load", luck.random() < 0.5))
    if kind < 0.85:
        return Prefer("chosen", any_condition(luck, (*OWN, *OUTER), True))
    return Decide("chosen", luck.choice("abz")) if kind < 0.95 else LeaveToStaff("chosen")


def any_rules(luck: random.Random) -> tuple[Rule, ...]:
    titles = "pqrst"[: luck.choice((1, 2, 3, 4))]
    return tuple(
        Rule(
            title,
            (any_outcome(luck),),
            any_condition(luck, OUTER) if luck.random() < 0.6 else None,
            Scope("region", ("north",)) if luck.random() < 0.2 else None,
            luck.random() < 0.15,
            overrides=tuple({luck.choice(titles)} - {title}) if luck.random() < 0.4 else (),
        )
        for title in titles
    )


def any_request(luck: random.Random, share: float) -> Request:
    """Of each fact, that share is missing."""

    def some(paths: tuple[str, ...]) -> dict[str, Value]:
        known = (p for p in paths if luck.random() > share)
        return {p: luck.choice(domain(ONTOLOGY.attributes[p])) for p in known}

    keys = "abc"[: luck.choice((0, 1, 2, 2, 3))]
    rows = [{"runner.login": key, **some(OWN)} for key in keys]
    luck.shuffle(rows)
    return Request(some(OUTER), {"runners": tuple(rows)})


def any_version(luck: random.Random) -> Version:
    return make_version(ONTOLOGY, {}, (), RuleSet(any_rules(luck)))


def missing(request: Request) -> list[tuple[int, str]]:
    """The absent facts: row (-1 for the request) and path. A default makes one known."""
    rows = request.rows["runners"]
    found = [(-1, p) for p in OUTER if p not in request.given]
    found += [(i, p) for i, row in enumerate(rows) for p in OWN if p not in row]
    return [(i, p) for i, p in found if ONTOLOGY.attributes[p].default is None]


def filled(request: Request, places: list[tuple[int, str]], values: tuple[Value, ...]) -> Request:
    given, rows = dict(request.given), [dict(r) for r in request.rows["runners"]]
    for (row, path), value in zip(places, values, strict=True):
        (given if row < 0 else rows[row])[path] = value
    return Request(given, {"runners": tuple(rows)})


def fillings(request: Request) -> Iterator[tuple[tuple[Value, ...], Request]]:
    places = missing(request)
    domains = [domain(ONTOLOGY.attributes[p]) for _, p in places]
    for values in itertools.product(*domains):
        yield values, filled(request, places, values)


# The law once more, for requests in which nothing is missing.


def holds(condition: Condition | None, facts: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    from data.rulelang.ast import And, Or

    match condition:
        case None:
            return True
        case Compare(path, op, value):
            return _compare(op, facts[path], value)
        case CompareFacts(path, op, other):
            return _compare(op, facts[path], facts[other])
        case Known(path):
            return path in given
        case Not(part):
            return not holds(part, facts, given)
        case And(parts):
            return all(holds(p, facts, given) for p in parts)
        case Or(parts):
            return any(holds(p, facts, given) for p in parts)
        case _:
            raise AssertionError(condition)


def _compare(op: str, one: Any, other: Any) -> bool:
    match op:
        case "is":
            return one == other
        case "include":
            return other in one
        case "is at least":
            return one >= other
        case "is at most":
            return one <= other
        case "is more than":
            return one > other
        case _:
            return one < other


def plainly(version: Version, full: Request, given: Request) -> tuple[str, Any]:
    """Status and value by law 8, of a request with everything filled in.

    ``given`` is the request before: `is known` looks at it.
    """
    facts = {**full.given}
    rules = [
        r for r in sorted(version.rule_set.rules, key=lambda r: r.title)
        if (r.scope is None or facts["site.region"] == "north")
        and holds(r.when, facts, given.given)
    ]  # fmt: skip
    if not rules:
        return ("no_rule", None)
    beats = version.plans["chosen"].beats
    said = [(r, o) for r in rules for o in r.then if isinstance(o, Decide | LeaveToStaff)]
    won = [
        (r, o) for r, o in said if all(o == other or beats(r, q) for q, other in said)
    ]  # fmt: skip
    if said and not won:
        return ("conflict", None)
    if won and isinstance(won[0][1], LeaveToStaff):
        return ("left_to_staff", None)
    removed = {t for r in rules for t in r.overrides}
    kept = [r for r in rules if r.mandatory or r.title not in removed]
    rows = [
        ({**facts, "runner.external": False, **row}, {**given.given, **asked})
        for row, asked in zip(full.rows["runners"], given.rows["runners"], strict=True)
    ]
    left = [
        (row, asked) for row, asked in rows
        if all(holds(o.where, row, asked) is o.keep
               for r in kept for o in r.then if isinstance(o, Narrow))
    ]  # fmt: skip
    if not left:
        return ("no_rule", None)
    named = won[0][1].value if won and isinstance(won[0][1], Decide) else None
    order = [o for r in _in_precedence(kept, beats) for o in r.then if isinstance(o, Prefer)]

    def place(one: tuple[Mapping[str, Any], Mapping[str, Any]]) -> tuple[Any, ...]:
        row, asked = one
        ranks = [_rank(o, row, asked) for o in order]
        return (row["runner.login"] != named, *ranks, row["runner.login"])

    return ("decided", min(left, key=place)[0]["runner.login"])


def _in_precedence(rules: list[Rule], beats: Any) -> list[Rule]:
    """Those that prefer; each before the ones it beats."""
    open_ = [r for r in rules if any(isinstance(o, Prefer) for o in r.then)]
    found: list[Rule] = []
    while open_:
        free = [r for r in open_ if not any(beats(q, r) for q in open_)]
        found.append((free or open_)[0])
        open_.remove(found[-1])
    return found


def _rank(prefer: Prefer, row: Mapping[str, Any], asked: Mapping[str, Any]) -> Any:
    if isinstance(prefer.by, Measure):
        value = row[prefer.by.attribute]
        return value if prefer.by.lowest else -value
    return not holds(prefer.by, row, asked)
