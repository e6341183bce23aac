"""Finds the facts, and the rows, of a request that makes a condition true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from data.ontology.model import Attribute, Ontology, ScopeRow, Value
from data.rulelang.analyse.stated import Facts, request_of
from data.rulelang.ast import (
    Condition,
    History,
    Rule,
    Since,
    Span,
    Unit,
    attributes_of,
    tests_of,
    where_of,
)
from data.rulelang.cells import applicability, representatives
from data.rulelang.kleene import condition_value
from data.rulelang.lists import Asked, Lists, TooOpen
from data.rulelang.partition import Cells
from data.rulelang.request import Request, Row
from data.rulelang.version import Version

MOST_STEPS = 4000
MOST_LISTS = 400
PER_DAY: Mapping[Unit, int] = {"minutes": 24 * 60, "hours": 24}


class Chooser:
    """Tries facts cell by cell, and lists kind by kind, the shortest first."""

    def __init__(self, version: Version) -> None:
        self.ontology: Ontology = version.ontology
        self._scope_rows: Sequence[ScopeRow] = version.scope_rows
        self._defines = version.rule_set.defines
        rules = version.rule_set.expanded().rules
        conditions = [self.condition(r) for r in rules]
        wheres = [w for r in rules for o in r.then if (w := where_of(o)) is not None]
        self.cells = Cells(self.ontology, [*conditions, *wheres], spare=1)
        self._lists: dict[object, tuple[tuple[Row, ...], ...]] = {}

    def condition(self, rule: Rule) -> Condition | None:
        """When the rule applies: scope, dates and expanded condition."""
        return applicability(self.ontology, rule, self._defines)

    def values(self, path: str) -> tuple[Value, ...]:
        """One value of each cell of the attribute; of a place, the places there are."""
        if places := self._places(path):
            return places
        attribute = self.ontology.attributes[path]
        if attribute.type == "set":
            none: frozenset[str] = frozenset()
            singles = (frozenset([e]) for e in self.cells.elements(path))
            return (none, *singles, frozenset(self.cells.elements(path)))
        return tuple(cell.representative for cell in self.cells.cells(path))

    def make_true(self, condition: Condition | None, fixed: Facts | None = None) -> Facts | None:
        """The first request, in the order of cells, for which the condition holds."""
        start = dict(fixed or {})
        if condition is None:
            return start
        named = [p for p in attributes_of(condition, self.ontology) if p not in start]
        facts = [p for p in named if p in self.ontology.attributes]
        lists = [p for p in named if p in self.ontology.relations]
        return self._search(condition, start, [*facts, *lists], [MOST_STEPS])

    def value(self, condition: Condition | None, facts: Facts) -> bool | None:
        """What the condition answers on these facts and rows alone."""
        request = request_of(self.ontology, facts)
        return condition_value(condition, request.given, request, self.ontology)

    def fits(self, given: Facts) -> bool:
        """Whether some place has all the scope values of the request."""
        scopes = self.ontology.scopes
        if scopes is None or not self._scope_rows:
            return True
        said = {
            level: given[scopes.path(level)]
            for level in scopes.levels
            if scopes.path(level) in given
        }
        return not said or any(
            all(r.get(k) == v for k, v in said.items()) for r in self._scope_rows
        )

    def lists(
        self, relation: str, condition: Condition | None, facts: Facts
    ) -> tuple[tuple[Row, ...], ...]:
        """One list of every kind that the condition's tests tell apart, the shortest first."""
        said = (t for t in tests_of(condition) if isinstance(t, History))
        tests = tuple(t for t in said if t.rows.relation == relation)
        looked = {p for t in tests for p in attributes_of(t, self.ontology)} - {relation}
        known = {p: v for p, v in facts.items() if p in looked}
        key = (tests, tuple(sorted((p, str(v)) for p, v in known.items())))
        if key not in self._lists:
            self._lists[key] = self._kinds(relation, tests, known)
        return self._lists[key]

    def _kinds(
        self, relation: str, tests: Sequence[History], known: Facts
    ) -> tuple[tuple[Row, ...], ...]:
        asked = [Asked(tuple(map(_in_days, tests)), tuple(known.items()))]
        made = Lists(self.ontology, self.cells, relation, Request(known, {}), asked)
        try:
            return tuple(sorted(made.kinds(MOST_LISTS), key=len))
        except TooOpen:
            return ((),)

    def _tried(self, path: str, condition: Condition, facts: Facts) -> tuple[Any, ...]:
        """Values to try: of a number or a date the condition's own limits first."""
        if path in self.ontology.relations:
            return self.lists(path, condition, facts)
        attribute = self.ontology.attributes[path]
        own = representatives(attribute, [condition]) if is_ordered(attribute) else ()
        return tuple(dict.fromkeys((*own, *self.values(path))))

    def _search(
        self, condition: Condition, facts: dict[str, Any], paths: list[str], steps: list[int]
    ) -> Facts | None:
        value = self.value(condition, facts)
        if value is True:
            return dict(facts)
        if value is False or not paths:
            return None
        path, rest = paths[0], paths[1:]
        for candidate in self._tried(path, condition, facts):
            steps[0] -= 1
            if steps[0] < 0:
                return None
            tried = {**facts, path: candidate}
            if self.fits(tried) and (found := self._search(condition, tried, rest, steps)):
                return found
        return self._search(condition, facts, rest, steps)

    def _places(self, path: str) -> tuple[Value, ...]:
        scopes = self.ontology.scopes
        if scopes is None or not self._scope_rows:
            return ()
        level = next((v for v in scopes.levels if scopes.path(v) == path), None)
        if level is None:
            return ()
        return tuple(dict.fromkeys(r[level] for r in self._scope_rows if level in r))


def is_ordered(attribute: Attribute) -> bool:
    """Whether its values have limits that rules speak of."""
    return attribute.type in ("integer", "decimal", "date", "time")


def _in_days(test: History) -> History:
    """The test with minutes and hours as the whole days in them: rows know no closer time.

    Only rows to try come of it; what they are worth the test itself says.
    """
    within = test.rows.within
    if within is not None and (each := PER_DAY.get(within.unit)):
        days = Span(within.count // each, "days")
        test = replace(test, rows=replace(test.rows, within=days))
    if isinstance(test, Since) and (each := PER_DAY.get(test.unit)):
        value = test.value
        held = tuple(n // each for n in value) if isinstance(value, tuple) else value // each
        test = replace(test, unit="days", value=held)
    return test
