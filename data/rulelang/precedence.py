"""Which of two rules wins where their outcomes differ (design section 4, law 3)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Literal

from data.ontology.model import Ontology
from data.rulelang.ast import Rule

Reason = Literal["mandatory", "overrides", "narrower scope", "exception", "later"]


@dataclass(frozen=True, slots=True)
class Edges:
    """What containment of condition regions says, by title. Scope and dates are no part of it."""

    inside: frozenset[tuple[str, str]] = frozenset()
    """``(inner, outer)``: the first rule's region lies strictly inside the second's."""
    equal: frozenset[tuple[str, str]] = frozenset()
    """Pairs with equal regions, in both directions."""

    def among(self, titles: AbstractSet[str]) -> Edges:
        """Those between rules of these titles."""
        return Edges(_among(self.inside, titles), _among(self.equal, titles))


def _among(
    pairs: frozenset[tuple[str, str]], titles: AbstractSet[str]
) -> frozenset[tuple[str, str]]:
    """By going through the pairs or through the titles, whichever are fewer."""
    if len(titles) ** 2 < len(pairs):
        return frozenset(pairs.intersection(product(titles, titles)))
    return frozenset(p for p in pairs if p[0] in titles and p[1] in titles)


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
