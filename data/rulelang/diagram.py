"""Decision diagrams: what an undecided result hangs on, fact by fact.

The evaluator asks unknown facts in one fixed order and makes equal situations one. Here the
tree it made is read: which answers are possible, and which facts they need.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from data.ontology.model import Value
from data.rulelang.ast import Test
from data.rulelang.places import Place, tied
from data.rulelang.plan import Unknown, fact_of
from data.rulelang.result import Result

PLACE: Unknown = ("", None)
"""All unknown levels of a request's place at once."""
Filling = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Split:
    """An unknown fact, element of a set, or place, and what follows from each of its values."""

    unknown: Unknown
    fillings: tuple[Filling, ...]
    branches: tuple[Tree, ...]


Tree = Split | Result


def answers(tree: Tree) -> Iterable[Result]:
    """Every answer of the tree, each part of it visited once."""
    seen: set[int] = set()
    open_ = [tree]
    while open_:
        node = open_.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Result):
            yield node
        else:
            open_ += node.branches


def needed(tree: Tree, places: Sequence[Place]) -> set[str | Test]:
    """Law 6: facts (and tests as a whole) in which two fillings differ whose results differ, where
    no fewer do.

    Once equal parts are made one and questions without effect are left out, a tree that asks
    in one fixed order is a reduced decision diagram (Bryant 1986): the facts still asked in it
    are exactly those that change the result on their own. A place is one question of the
    diagram; which of its levels tell results apart is then worked out.
    """
    known: dict[int, int] = {}
    unique: dict[Hashable, int] = {}
    asked: set[tuple[Unknown, tuple[int, ...]]] = set()

    def reduced(node: Tree) -> int:
        if id(node) not in known:
            known[id(node)] = of_answer(node) if isinstance(node, Result) else of_split(node)
        return known[id(node)]

    def of_answer(answer: Result) -> int:
        return unique.setdefault(answer.key, len(unique))

    def of_split(node: Split) -> int:
        branches = tuple(reduced(b) for b in node.branches)
        if len(set(branches)) == 1:
            return branches[0]
        form = (
            node.unknown,
            _by_place(node, branches, places) if node.unknown == PLACE else branches,
        )
        asked.add(form)
        return unique.setdefault(form, len(unique))

    reduced(tree)
    alone = {fact_of(unknown) for unknown, _ in asked if unknown != PLACE}
    return alone | tied(places, [column for unknown, column in asked if unknown == PLACE])


def _by_place(split: Split, branches: tuple[int, ...], places: Sequence[Place]) -> tuple[int, ...]:
    """The branch of each place, in order; the split may look at some levels only."""
    levels = tuple(split.fillings[0])
    at = dict(zip((tuple(f.values()) for f in split.fillings), branches, strict=True))
    return tuple(at[tuple(place[p] for p in levels)] for place in places)
