"""The order of a table's rows as ``overrides``: what wins names what it beats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from data.exchange.problem import NotSayable
from data.ontology.model import Ontology
from data.rulelang.ast import Outcome, Rule
from data.rulelang.cells import applicability
from data.rulelang.regions import Regions, disjoint

MOST_ORDERED = 2_000
"""Rows of a table whose order matters: each is compared with all that follow."""
Rank = tuple[int, ...]


def chained(ontology: Ontology, rules: Sequence[Rule], ranks: Sequence[Rank]) -> tuple[Rule, ...]:
    """Each rule overrides those of a later rank that it can meet with another answer."""
    beaten = {r.title: list(r.overrides) for r in rules}
    for n, m in _meeting(ontology, rules):
        if ranks[n] != ranks[m] and _rivals(rules[n].then, rules[m].then):
            first, second = (n, m) if ranks[n] < ranks[m] else (m, n)
            beaten[rules[first].title].append(rules[second].title)
    return tuple(replace(r, overrides=tuple(sorted(set(beaten[r.title])))) for r in rules)


def first_wins(ontology: Ontology, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules so that of two that meet the earlier wins. Raises :class:`NotSayable`."""
    return chained(ontology, rules, [(n,) for n in range(len(rules))])


def _meeting(ontology: Ontology, rules: Sequence[Rule]) -> Iterator[tuple[int, int]]:
    """Pairs that may both apply, as far as boxes around their conditions tell."""
    if len(rules) > MOST_ORDERED:
        raise NotSayable(f"the order of more than {MOST_ORDERED:,} rows matters")
    conditions = [applicability(ontology, r) for r in rules]
    regions = Regions(ontology, conditions)
    hulls = [regions.hull(c) for c in conditions]
    for n, m in combinations(range(len(rules)), 2):
        one, other = hulls[n], hulls[m]
        if one is not None and other is not None and not disjoint(one, other):
            yield n, m


def _rivals(one: Sequence[Outcome], other: Sequence[Outcome]) -> bool:
    """Whether the two answer some decision differently."""
    shared = {o.decision for o in one} & {o.decision for o in other}
    return any(
        [o for o in one if o.decision == d] != [o for o in other if o.decision == d] for d in shared
    )
