"""Examples that occur: of a difference between versions, shown on past requests where there are.

A witness of the analysis has whatever facts are smallest, also such as no real request has
together. A past request that changes in the same way is one that people know.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from data.ontology.model import Value
from data.rulelang.analyse.difference import Change
from data.rulelang.ast import Rule, attributes_of
from data.rulelang.cells import applicability
from data.rulelang.change import change_of
from data.rulelang.evaluate import with_defaults
from data.rulelang.kleene import condition_value
from data.rulelang.request import Request
from data.rulelang.result import Result
from data.rulelang.version import Version
from graph.describe import describe, person_paths
from graph.state import Json
from graph.words import result_words

if TYPE_CHECKING:
    from graph.replay import History

MOST_TRIED = 200
"""Past requests looked at for one change."""


class Occurring:
    """Past requests that two versions may answer differently, and what each gives them."""

    def __init__(self, history: History, before: Version, after: Version) -> None:
        self._history, self._before, self._after = history, before, after
        self._rules: tuple[Rule, ...] = tuple(change_of(before.rule_set, after.rule_set).rules)

    def example(self, change: Change) -> Json | None:
        """A past request of this change in words, with both results; failing that the nearest
        one with no more altered than the change is about. ``None`` where none shows it.
        """
        nearest: tuple[int, Request] | None = None
        for request in self._past():
            if found := self._shown(change, request):
                return found
            alike = sum(request.given.get(p) == v for p, v in change.witness.given.items())
            if nearest is None or alike > nearest[0]:
                nearest = (alike, request)
        return self._altered(change, nearest[1]) if nearest else None

    def _past(self) -> Iterator[Request]:
        """Requests that a changed rule may apply to; where there are none, any."""
        each = MOST_TRIED // max(len(self._rules), 1)
        rows = [int(i) for rule in self._rules for i in self._history.touched(rule)[:each]]
        every = rows or range(min(len(self._history), MOST_TRIED))
        return (self._history.request(i) for i in dict.fromkeys(every))

    def _altered(self, change: Change, past: Request) -> Json | None:
        """The past request with the witness's own values of what the changed rules look at."""
        looked_at = self._named()
        own = {p: v for p, v in change.witness.given.items() if p in looked_at}
        return self._shown(change, Request({**past.given, **own}, past.rows))

    def _shown(self, change: Change, request: Request) -> Json | None:
        before, after = (
            v.compiled.decide_one(request, change.decision) for v in (self._before, self._after)
        )
        if not (_alike(change, before, after) and self._inside(change, request)):
            return None
        return {
            "example": describe(self._after.ontology, self._told(request)),
            "example_before": result_words(before.to_json()),
            "example_after": result_words(after.to_json()),
        }

    def _inside(self, change: Change, request: Request) -> bool:
        """Whether the request is one of those that the change is told of."""
        facts = with_defaults(self._after, request)
        return any(
            told is None or condition_value(told, facts, request, self._after.ontology) is True
            for told in change.where.where
        )

    def _told(self, request: Request) -> dict[str, Value]:
        """Who and where, and what the changed rules look at."""
        ontology, scopes = self._after.ontology, self._after.ontology.scopes
        places = [scopes.path(level) for level in scopes.levels[-2:]] if scopes else []
        wanted = {*person_paths(ontology), *self._named(), *places}
        wanted |= {d.gap_by for d in ontology.decisions.values() if d.gap_by}
        return {p: request.given[p] for p in ontology.attributes if p in wanted & {*request.given}}

    def _named(self) -> set[str]:
        return {p for rule in self._rules for p in _looks_at(self._after, rule)}


def _looks_at(version: Version, rule: Rule) -> Iterator[str]:
    condition = applicability(version.ontology, rule, version.rule_set.defines)
    yield from attributes_of(condition, version.ontology)


def _alike(change: Change, before: Result, after: Result) -> bool:
    """Whether two results differ as those of the change do."""
    move = change.move
    was, now = _value(before), _value(after)
    if move.more is not None:
        return was is not None and now is not None and now - was == move.more
    if move.gained is not None:
        return move.gained not in (was or ()) and move.gained in (now or ())
    if move.lost is not None:
        return move.lost in (was or ()) and move.lost not in (now or ())
    return (before.briefly(), after.briefly()) == (change.before.briefly(), change.after.briefly())


def _value(result: Result) -> Any:
    return result.value if result.status == "decided" else None
