"""Requests made from a rule itself: its limits, each condition turned over, the rules it meets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.ontology.model import Attribute, Ontology, ScopeRow, Value
from data.rulelang.ast import Condition, Outcome, Rule, all_of, attributes_of
from data.rulelang.cells import applicability, representatives
from data.rulelang.evaluate import decide_one
from data.rulelang.kleene import condition_value
from data.rulelang.partition import Cells
from data.rulelang.precedence import beats
from data.rulelang.request import Request, nested
from data.rulelang.version import Version
from graph.describe import describe
from graph.words import because_words, label, result_words

MOST_TESTS = 24
MOST_MEETINGS = 6
MOST_VALUES = 4
MOST_FILLED = 12
MOST_STEPS = 4000
Given = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Trial:
    """A made-up request with its results before and after, and why it was made."""

    given: Given
    words: str
    why: str
    before: str
    after: str

    def to_json(self) -> dict[str, Any]:
        return {
            "given": nested(self.given),
            "words": self.words,
            "why": self.why,
            "before": self.before,
            "after": self.after,
        }


class Chooser:
    """Finds the facts of a request that makes a condition true, by trying cell by cell."""

    def __init__(self, version: Version) -> None:
        self.ontology: Ontology = version.ontology
        self._rows: Sequence[ScopeRow] = version.scope_rows
        self._defines = version.rule_set.defines
        conditions = [self.condition(r) for r in version.rule_set.rules]
        self._cells = Cells(self.ontology, conditions)

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
            singles = (frozenset([e]) for e in self._cells.elements(path))
            return (none, *singles, frozenset(self._cells.elements(path)))
        return tuple(cell.representative for cell in self._cells.cells(path))

    def make_true(self, condition: Condition | None, fixed: Given | None = None) -> Given | None:
        """The first request, in the order of cells, for which the condition holds."""
        start = dict(fixed or {})
        if condition is None:
            return start
        named = attributes_of(condition, self.ontology)
        open_paths = [p for p in named if p in self.ontology.attributes and p not in start]
        return self._search(condition, start, open_paths, [MOST_STEPS])

    def value(self, condition: Condition, given: Given) -> bool | None:
        """What the condition answers on these facts alone."""
        return condition_value(condition, given, Request(given, {}), self.ontology)

    def fits(self, given: Given) -> bool:
        """Whether some place has all the scope values of the request."""
        scopes = self.ontology.scopes
        if scopes is None or not self._rows:
            return True
        said = {
            level: given[scopes.path(level)]
            for level in scopes.levels
            if scopes.path(level) in given
        }
        return not said or any(all(r.get(k) == v for k, v in said.items()) for r in self._rows)

    def _tried(self, path: str, condition: Condition) -> tuple[Value, ...]:
        """Values to try: of a number or a date the condition's own limits first."""
        attribute = self.ontology.attributes[path]
        own = representatives(attribute, [condition]) if _ordered(attribute) else ()
        return tuple(dict.fromkeys((*own, *self.values(path))))

    def _search(
        self, condition: Condition, given: dict[str, Value], paths: list[str], steps: list[int]
    ) -> Given | None:
        value = self.value(condition, given)
        if value is True:
            return dict(given)
        if value is False or not paths:
            return None
        path, rest = paths[0], paths[1:]
        for candidate in self._tried(path, condition):
            steps[0] -= 1
            if steps[0] < 0:
                return None
            tried = {**given, path: candidate}
            if self.fits(tried) and (found := self._search(condition, tried, rest, steps)):
                return found
        return self._search(condition, given, rest, steps)

    def _places(self, path: str) -> tuple[Value, ...]:
        scopes = self.ontology.scopes
        if scopes is None or not self._rows:
            return ()
        level = next((v for v in scopes.levels if scopes.path(v) == path), None)
        return tuple(dict.fromkeys(r[level] for r in self._rows if level in r)) if level else ()


def trials(before: Version, after: Version, drafted: Sequence[Rule]) -> tuple[Trial, ...]:
    """The generated tests of the drafted rules; each request once."""
    chooser = Chooser(after)
    seen: set[str] = set()
    found: list[Trial] = []
    for rule in drafted:
        for given, why, told in _requests(chooser, after, rule):
            key = repr(sorted((p, str(v)) for p, v in given.items()))
            if key not in seen and len(found) < MOST_TESTS:
                seen.add(key)
                found.append(_trial(before, after, rule, given, why, told))
    return tuple(found)


def meetings(after: Version, drafted: Sequence[Rule]) -> list[dict[str, Any]]:
    """Whom the drafted rules beat and who beats them, where both can apply to one request."""
    chooser = Chooser(after)
    found: list[dict[str, Any]] = []
    for rule in drafted:
        condition = chooser.condition(rule)
        for other in _rivals(after, rule):
            both = _both(condition, chooser.condition(other))
            if chooser.make_true(both) is not None:
                found += _beaten(after, rule, other)
    return found


def _beaten(after: Version, rule: Rule, other: Rule) -> Iterator[dict[str, Any]]:
    for winner, loser in ((rule, other), (other, rule)):
        reason = beats(after.ontology, after.edges, winner, loser)
        if reason is not None:
            words = because_words(reason)
            yield {"rule": winner.title, "beats": loser.title, "because": words, "reason": reason}


def _requests(
    chooser: Chooser, after: Version, rule: Rule
) -> Iterator[tuple[Given, str, frozenset[str]]]:
    """Facts, the reason for them, and which of them a person needs to be told."""
    condition = chooser.condition(rule)
    base = chooser.make_true(condition)
    if base is None:
        return
    filler: Given = {}
    for given, why, told in _bare(chooser, after, rule, condition, base):
        more = _filler(chooser, after, rule, _filled(chooser, given, filler))
        filler = {**more, **filler}
        yield _filled(chooser, given, filler), why, told


def _bare(
    chooser: Chooser, after: Version, rule: Rule, condition: Condition | None, base: Given
) -> Iterator[tuple[Given, str, frozenset[str]]]:
    """The requests with no more facts than the rules in question look at."""
    told = frozenset(base)
    yield base, "what the rule says", told
    for path in base:
        for given, why in _turned(chooser, condition, base, path):
            yield given, why, told
    met = 0
    for other in _rivals(after, rule):
        meeting = chooser.make_true(_both(condition, chooser.condition(other)))
        if meeting is not None and met < MOST_MEETINGS:
            met += 1
            yield meeting, f"“{other.title}” applies as well", frozenset(meeting)


def _both(left: Condition | None, right: Condition | None) -> Condition | None:
    parts = [c for c in (left, right) if c is not None]
    return all_of(*parts) if parts else None


def _turned(
    chooser: Chooser, condition: Condition | None, base: Given, path: str
) -> Iterator[tuple[Given, str]]:
    """The base request with another value of one attribute: inside a limit and outside."""
    attribute = chooser.ontology.attributes[path]
    kept = 0
    for value in chooser.values(path) if not _ordered(attribute) else _limits(condition, attribute):
        given = {**base, path: value}
        if value == base[path] or not chooser.fits(given):
            continue
        holds = condition is None or chooser.value(condition, given) is True
        if kept < MOST_VALUES and (not holds or _ordered(attribute)):
            kept += 1
            yield given, _why(attribute, value, holds)
            if not _ordered(attribute):
                return


def _limits(condition: Condition | None, attribute: Attribute) -> tuple[Value, ...]:
    """The values at the rule's own limits of the attribute, inside and outside."""
    return representatives(attribute, [condition])


def _ordered(attribute: Attribute) -> bool:
    return attribute.type in ("integer", "decimal", "date", "time")


def _why(attribute: Attribute, value: Value, holds: bool) -> str:
    if _ordered(attribute):
        return f"{'at' if holds else 'beyond'} the limit of {attribute.label}"
    if isinstance(value, bool):
        return f"{'with' if value else 'without'} {attribute.label}"
    return f"with another {attribute.label}"


def _rivals(version: Version, rule: Rule) -> list[Rule]:
    """Other rules that give one of its decisions another value; contributions do not compete."""
    decisions = version.ontology.decisions
    named = {o.decision: o for o in rule.then if decisions[o.decision].hit == "single"}
    return [
        r
        for r in version.rule_set.rules
        if r.title != rule.title and any(_differs(o, named.get(o.decision)) for o in r.then)
    ]


def _differs(outcome: Outcome, other: Outcome | None) -> bool:
    return other is not None and type(outcome) is type(other) and outcome != other


def _filler(chooser: Chooser, version: Version, rule: Rule, base: Given) -> Given:
    """Values for the facts that the base request lacks before it is decided, plainest first."""
    given = dict(base)
    for _ in range(MOST_FILLED):
        needs = [n for o in rule.then for n in _needs(version, o.decision, given)]
        path = next((n for n in needs if n in chooser.ontology.attributes), None)
        if path is None:
            break
        options = [v for v in chooser.values(path) if chooser.fits({**given, path: v})]
        if not options:
            break
        given[path] = options[0]
    return {p: v for p, v in given.items() if p not in base}


def _needs(version: Version, decision: str, given: Given) -> Iterable[str]:
    return decide_one(version, Request(given, {}), decision).needs


def _filled(chooser: Chooser, given: Given, filler: Given) -> Given:
    whole = dict(given)
    for path, value in filler.items():
        if path not in whole and chooser.fits({**whole, path: value}):
            whole[path] = value
    return whole


def _trial(
    before: Version, after: Version, rule: Rule, given: Given, why: str, told: frozenset[str]
) -> Trial:
    shown = {p: v for p, v in given.items() if p in told}
    request = Request(given, {})
    return Trial(
        given=given,
        words=describe(after.ontology, shown),
        why=why,
        before=_results(before, rule, request),
        after=_results(after, rule, request),
    )


def _results(version: Version, rule: Rule, request: Request) -> str:
    """The rule's decisions for a request; more than one are named."""
    decisions = dict.fromkeys(o.decision for o in rule.then)
    said = {d: result_words(decide_one(version, request, d).to_json()) for d in decisions}
    if len(said) == 1:
        return next(iter(said.values()))
    return "; ".join(f"{label(d, version.ontology)} {words}" for d, words in said.items())
