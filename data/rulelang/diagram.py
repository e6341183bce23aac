"""Decision diagrams: what an undecided result hangs on, fact by fact.

The evaluator asks unknown facts in one fixed order and makes equal situations one. Here the
tree it made is read: which answers are possible, which facts they need, and what is left once a
fact is known.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from data.ontology.model import Value
from data.rulelang.ast import Test
from data.rulelang.lists import Asked
from data.rulelang.places import Place, tied
from data.rulelang.plan import Unknown, fact_of
from data.rulelang.result import Result

PLACE: Unknown = ("", None)
"""All unknown levels of a request's place at once."""
CLOSED = -1
"""A branch that what is known by now rules out."""
Filling = Mapping[str, Value]
Form = Result | tuple[Unknown, tuple[int, ...]]
"""A part of a diagram: an answer, or a question with the number of the part behind each branch."""


@dataclass(frozen=True, slots=True)
class Split:
    """An unknown fact, element of a set, or place, and what follows from each of its values."""

    unknown: Unknown
    fillings: tuple[Filling, ...]
    branches: tuple[Tree, ...]
    asked: Asked | None = None
    """Of a list of rows: the tests whose answers the branches are for."""


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


class Diagram:
    """A tree with equal parts made one and questions without effect left out.

    A tree that asks in one fixed order is then a reduced decision diagram (Bryant 1986).
    """

    def __init__(self, tree: Tree, places: Sequence[Place]) -> None:
        self.places = places
        """The branches of a place, in order."""
        self.forms: list[Form] = []
        self._numbers: dict[Hashable, int] = {}
        self._of: dict[int, int] = {}
        self.root = self._reduced(tree)

    def split(self, unknown: Unknown, branches: tuple[int, ...]) -> int:
        """The part that asks this; where all open branches are one part, that part."""
        open_ = set(branches) - {CLOSED}
        if len(open_) == 1:
            return open_.pop()
        return self._number((unknown, branches), (unknown, branches))

    def _reduced(self, node: Tree) -> int:
        if id(node) not in self._of:
            if isinstance(node, Result):
                number = self._number(node.key, node)
            else:
                branches = tuple(self._reduced(b) for b in node.branches)
                if node.unknown == PLACE:
                    branches = self._by_place(node, branches)
                number = self.split(node.unknown, branches)
            self._of[id(node)] = number
        return self._of[id(node)]

    def _number(self, key: Hashable, form: Form) -> int:
        number = self._numbers.setdefault(key, len(self.forms))
        if number == len(self.forms):
            self.forms.append(form)
        return number

    def _by_place(self, split: Split, branches: tuple[int, ...]) -> tuple[int, ...]:
        """The branch of each place, in order; the split may look at some levels only."""
        levels = tuple(split.fillings[0])
        at = dict(zip((tuple(f.values()) for f in split.fillings), branches, strict=True))
        return tuple(at[tuple(place[p] for p in levels)] for place in self.places)

    def questions(self) -> Iterable[tuple[Unknown, tuple[int, ...]]]:
        """Every question of the diagram as it was made, with its branches."""
        return [form for form in self.forms if not isinstance(form, Result)]

    def needed(self) -> set[str | Test]:
        """Law 6: facts (and tests as a whole) in which two fillings differ whose results differ,
        where no fewer do.

        The facts a reduced diagram asks are exactly those that change the result on their own.
        A place is one question; which of its levels tell results apart is then worked out.
        """
        asked = self.questions()
        alone = {fact_of(unknown) for unknown, _ in asked if unknown != PLACE}
        return alone | tied(self.places, [column for unknown, column in asked if unknown == PLACE])
