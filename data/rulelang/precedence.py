"""Which of two rules wins where their outcomes differ (design section 4, law 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from data.ontology.model import Ontology
from data.rulelang.ast import Rule

Reason = Literal["mandatory", "overrides", "narrower scope", "exception", "later"]


Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Edges:
    """What containment of condition regions says, by title. Scope and dates are no part of it."""

    inside: Pairs = frozenset()
    """``(inner, outer)``: the first rule's region lies strictly inside the second's."""
    equal: Pairs = frozenset()
    """Pairs with equal regions, in both directions."""

    def naming(self, titles: Iterable[str]) -> Edges:
        """Those of which one side at least is among these titles."""
        return _joined(edge for title in titles for edge in self._naming.get(title, ()))

    def among(self, titles: AbstractSet[str]) -> Edges:
        """Those of which both sides are among these titles."""
        edges = (edge for title in titles for edge in self._naming.get(title, ()))
        return _joined(edge for edge in edges if titles >= {*edge[1]})

    def changed(self, titles: Iterable[str], come: Edges) -> Edges:
        """These, save that all those that name one of the titles are the given ones."""
        gone = self.naming(titles)
        made = Edges(self.inside - gone.inside | come.inside, self.equal - gone.equal | come.equal)
        naming = dict(self._naming)
        left, new = set(_each(gone)), set(_each(come))
        for title in {t for _, pair in left | new for t in pair}:
            kept = (edge for edge in self._naming.get(title, ()) if edge not in left)
            naming[title] = [*kept, *(edge for edge in new if title in edge[1])]
        vars(made)["_naming"] = naming
        return made

    @cached_property
    def _naming(self) -> dict[str, list[_Edge]]:
        found: dict[str, list[_Edge]] = {}
        for edge in _each(self):
            for title in edge[1]:
                found.setdefault(title, []).append(edge)
        return found


_Edge = tuple[bool, tuple[str, str]]
"""Whether the two regions are equal, and the pair."""


def _each(edges: Edges) -> Iterator[_Edge]:
    yield from ((False, pair) for pair in edges.inside)
    yield from ((True, pair) for pair in edges.equal)


def _joined(edges: Iterable[_Edge]) -> Edges:
    every = set(edges)
    return Edges(
        frozenset(pair for equal, pair in every if not equal),
        frozenset(pair for equal, pair in every if equal),
    )


def beats(ontology: Ontology, edges: Edges, r: Rule, q: Rule) -> Reason | None:
    """Why ``r`` beats ``q``, or ``None`` where it does not. Assumes that their outcomes differ.

    The steps are tried in order; the first that tells the two apart decides. Of two rules
    that name each other neither beats the other: a cycle, and so a conflict.
    """
    breadth_r, breadth_q = _breadth(ontology, r), _breadth(ontology, q)
    if r.mandatory or q.mandatory:
        if r.mandatory != q.mandatory:
            return "mandatory" if r.mandatory else None
        if breadth_r != breadth_q:
            return "mandatory" if breadth_r < breadth_q else None
    if q.title in r.overrides or r.title in q.overrides:
        return "overrides" if r.title not in q.overrides else None
    if breadth_r != breadth_q:
        return "narrower scope" if breadth_r > breadth_q else None
    return _by_region(edges, r, q)


def standing(ontology: Ontology, rule: Rule) -> int:
    """A rule beats those of a higher number, unless one of the two names the other.

    Mandatory rules by breadth, then the others, the narrow ones first; of two that stand alike more
    has to be asked.
    """
    breadth = _breadth(ontology, rule)
    narrowest = len(ontology.scopes.levels) if ontology.scopes else 0
    return breadth - 2 * narrowest - 1 if rule.mandatory else -breadth


def naming(rules: Iterable[Rule]) -> frozenset[str]:
    """Titles of the rules that name others in ``overrides``, and of those named."""
    naming = (r for r in rules if r.overrides)
    return frozenset(title for r in naming for title in (r.title, *r.overrides))


def _by_region(edges: Edges, r: Rule, q: Rule) -> Reason | None:
    if (r.title, q.title) in edges.inside:
        return "exception"
    if (r.title, q.title) in edges.equal and _start(r) > _start(q):
        return "later"
    return None


def _start(rule: Rule) -> date:
    return rule.start or date.min


def _breadth(ontology: Ontology, rule: Rule) -> int:
    if rule.scope is None or ontology.scopes is None:
        return 0
    return ontology.scopes.breadth(rule.scope.level)
