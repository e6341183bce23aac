"""Lists on each side of what a rule says of a history, with the fewest rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from data.rulelang.analyse.stated import Facts
from data.rulelang.ast import (
    Condition,
    Exists,
    History,
    RuleSet,
    Since,
    leaves_of,
)
from data.rulelang.history import IN_BASE, day_of, runs
from data.rulelang.partition import paths_asked
from data.rulelang.request import Row
from data.rulelang.truth import back
from graph.chooser import Chooser

Turned = tuple[Facts, str]
"""Facts, and why they were made."""
TurnFact = Callable[[Chooser, Condition | None, Facts, str], Iterator[Turned]]


def turned_rows(
    chooser: Chooser, condition: Condition | None, base: Facts, relation: str, turn: TurnFact
) -> Iterator[Turned]:
    """The base request with one row of the list gone, added, turned or on another day."""
    label = chooser.ontology.relations[relation].label
    for test in leaves_of(condition):
        if not isinstance(test, History) or test.rows.relation != relation:
            continue
        rows, at = _with_row(chooser, condition, test, base)
        if at is None:
            continue
        row, rest = rows[at], (*rows[:at], *rows[at + 1 :])
        yield {**base, relation: rest}, f"one {label} fewer" if rest else f"without any {label}"
        yield {**base, relation: rows}, f"with such a {label}"
        for moved, why in _days(chooser, test, base):
            path = day_of(relation, chooser.ontology) or ""
            yield {**base, relation: (*rest, {**row, path: moved})}, f"{label} {why}"
        for other, why in _facts(chooser, test, base, row, turn):
            yield {**base, relation: (*rest, other)}, f"{label} {why}"
        yield {**base, relation: (*rows, row)}, f"one {label} more"


def _with_row(
    chooser: Chooser, condition: Condition | None, test: History, base: Facts
) -> tuple[tuple[Row, ...], int | None]:
    """The list with a row that the test counts, and which; the base's own where it has one."""
    relation = test.rows.relation
    rows: tuple[Row, ...] = base[relation]
    singles = [one for one in chooser.lists(relation, condition, base) if len(one) == 1]
    for listed in (rows, *((*rows, *one) for one in singles)):
        for at, row in enumerate(listed):
            if chooser.value(Exists(test.rows), {**base, relation: (row,)}) is True:
                return listed, at
    return rows, None


def _days(chooser: Chooser, test: History, base: Facts) -> Iterator[tuple[date, str]]:
    """The days on each side of where a span begins or a number of full units is reached."""
    today = base.get(chooser.ontology.date or "")
    if not isinstance(today, date) or day_of(test.rows.relation, chooser.ontology) is None:
        return
    within, day = test.rows.within, timedelta(days=1)
    if within is not None and within.unit in IN_BASE:
        first = back(today, within.count, within.unit)
        yield first, f"on the first day of the last {within}"
        if first > date.min:
            yield first - day, f"the day before the last {within}"
    if isinstance(test, Since) and test.unit in IN_BASE:
        limits = {n for run in runs(test.op, test.value) for n in run if n}
        for count in sorted(limits):
            reached = back(today, count, test.unit)
            yield reached, f"{count} {test.unit} ago to the day"
            yield reached + day, f"a day less than {count} {test.unit} ago"


def _facts(
    chooser: Chooser, test: History, base: Facts, row: Row, turn: TurnFact
) -> Iterator[tuple[Row, str]]:
    """The row with another value of one of its facts."""
    known = {p: v for p, v in base.items() if p in chooser.ontology.attributes}
    asked = paths_asked(test.rows.where)
    for path in (p for p in row if p in asked):
        for facts, why in turn(chooser, test.rows.where, {**known, **row}, path):
            yield {p: facts[p] for p in row}, why


def completed(
    chooser: Chooser, relation: str, rows: Iterable[Row], rule_set: RuleSet
) -> tuple[Row, ...]:
    """The rows with a plain value of every fact that some rule looks at."""
    own, day = (
        f"{chooser.ontology.relations[relation].entity}.",
        day_of(relation, chooser.ontology),
    )
    said = (chooser.condition(r) for r in rule_set.rules)
    asked = sorted({p for condition in said for p in paths_asked(condition)})
    more = {p: chooser.values(p)[0] for p in asked if p.startswith(own) and p != day}
    return tuple({**more, **row} for row in rows)
