"""Why not, with rows that may be added or removed, against trying every list of tiny worlds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import combinations, combinations_with_replacement, product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.rulelang.analyse.why_not import why_not
from data.rulelang.ast import Compare, Count, Decide, Exists, Rows, Rule, RuleSet, Span
from data.rulelang.evaluate import with_defaults
from data.rulelang.request import Request, Row
from data.rulelang.version import Version, make_version
from data.rulelang.wish import Wish, granted
from tests.histories import DOMAIN, ONTOLOGY, ROWS, TODAY, rule_sets

VISITS = "visits"
ITEMS = (*DOMAIN, VISITS)
PAST = [row for row in ROWS if row["visit.date"] <= TODAY]
LISTS = [rows for n in range(4) for rows in combinations_with_replacement(PAST, n)]
"""Rows of the future count nowhere."""


@st.composite
def asked(draw: st.DrawFn) -> tuple[RuleSet, Request, str]:
    facts = {p: draw(st.sampled_from([None, *values, *values])) for p, values in DOMAIN.items()}
    rows = draw(st.none() | st.lists(st.sampled_from(ROWS), max_size=1).map(tuple))
    known = {"request.date": TODAY, **{p: v for p, v in facts.items() if v is not None}}
    request = Request(known, {} if rows is None else {VISITS: rows})
    return draw(rule_sets(ordered=True)), request, draw(st.sampled_from(["a", "b", "c", "no rule"]))


def gives(version: Version, request: Request, wish: Wish) -> bool:
    result = version.compiled.decide_one(request, wish.decision)
    return granted(version, wish, with_defaults(version, request), result)


def edits(request: Request, rows: tuple[Row, ...]) -> int:
    before, after = (Counter(tuple(sorted(r.items())) for r in listed)
                     for listed in (request.rows.get(VISITS, ()), rows))  # fmt: skip
    return sum(((before - after) + (after - before)).values())


def changes(request: Request, moved: tuple[str, ...]) -> Iterator[tuple[int, Request]]:
    """Every way to give these facts another value, and another list: with its number of edits."""
    facts = [p for p in moved if p != VISITS]
    for values in product(*(DOMAIN[p] for p in facts)):
        made = dict(zip(facts, values, strict=True))
        if any(request.given.get(p) == v for p, v in made.items()):
            continue
        known = {**request.given, **made}
        if VISITS not in moved:
            yield 0, Request(known, request.rows)
            continue
        for rows in LISTS:
            if rows != request.rows.get(VISITS):
                yield edits(request, rows), Request(known, {VISITS: rows})


def smallest(version: Version, request: Request, wish: Wish) -> tuple[tuple[str, ...], int] | None:
    """The first of the smallest sets of facts to change, and the fewest rows that are edited."""
    for size in range(len(ITEMS) + 1):
        for moved in combinations(ITEMS, size):
            doing = [n for n, made in changes(request, moved) if gives(version, made, wish)]
            if doing:
                return moved, min(doing)
    return None


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked())
def test_the_change_of_facts_and_rows_is_the_smallest_there_is(case: Any) -> None:
    rule_set, request, said = case
    version = make_version(ONTOLOGY, {}, (), rule_set)
    wish = Wish("room", "status", "no_rule") if said == "no rule" else Wish("room", "value", said)
    found, expected = why_not(version, request, wish), smallest(version, request, wish)
    assert found.complete and not found.fixed
    if found.change is None:
        assert expected is None
        return
    change = found.change
    assert expected is not None or "request.date" in change.facts
    changed = dict(request.rows)
    for name, moved in change.rows.items():
        kept = [*request.rows.get(name, ())]
        for row in moved.removed:
            kept.remove(row)
        changed[name] = (*kept, *moved.added)
    assert gives(version, Request({**request.given, **change.facts}, changed), wish)
    items = (*change.facts, *change.rows)
    if expected is not None and "request.date" not in items:
        rows = sum(len(r.added) + len(r.removed) for r in change.rows.values())
        assert ({*items}, rows) == ({*expected[0]}, expected[1])
    elif expected is not None:
        assert len(items) <= len(expected[0])


def test_of_an_unknown_list_rows_are_learnt_and_hours_are_left_as_they_are() -> None:
    recent = Rows(VISITS, Compare("visit.exam", "is", "mri"), Span(1, "months"))
    twice = Rule("twice", (Decide("room", "a"),), Count(recent, "is at least", 2))
    version = make_version(ONTOLOGY, {}, (), RuleSet((twice,)))
    wish = Wish("room", "value", "a")
    found = why_not(version, Request({"request.date": date(2026, 3, 10)}, {}), wish)
    assert found.change is not None and not found.change.facts
    rows = found.change.rows[VISITS]
    assert not rows.known and len(rows.added) == 2 and not rows.removed
    assert all(r["visit.exam"] == "mri" and r["visit.date"] <= date(2026, 3, 10)
               for r in rows.added)  # fmt: skip

    hours = Rule("hours", (Decide("room", "a"),), Exists(Rows(VISITS, None, Span(30, "hours"))))
    version = make_version(ONTOLOGY, {}, (), RuleSet((hours,)))
    found = why_not(version, Request({"request.date": TODAY}, {VISITS: ()}), wish)
    assert found.change is None and found.fixed == (VISITS,)
