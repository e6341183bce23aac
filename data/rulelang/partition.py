"""The cells of every fact under one list of conditions: what those conditions can tell apart."""

from __future__ import annotations

from collections.abc import Iterable

from data.ontology.model import Ontology
from data.rulelang.ast import Compare, CompareFacts, Condition, History, leaves_of
from data.rulelang.bits import bits_of
from data.rulelang.cells import Cell, Span, cells_of, elements_of, holds
from data.rulelang.compared import groups_of, shared_cells, shared_elements
from data.rulelang.fast.kinds import Ordered


class Cells:
    """Cells by path, of the request's facts and of those in rows."""

    def __init__(
        self, ontology: Ontology, conditions: Iterable[Condition | None], spare: int = 0
    ) -> None:
        self._ontology = ontology
        self._compares: dict[str, list[Compare]] = {}
        links: list[CompareFacts] = []
        for leaf in (leaf for c in conditions for leaf in facts_asked(c)):
            if isinstance(leaf, Compare):
                self._compares.setdefault(leaf.attribute, []).append(leaf)
            else:
                links.append(leaf)
        self._groups = groups_of(ontology, links, spare)
        self._cells: dict[str, tuple[Cell, ...]] = {}
        self._masks: dict[Compare, int] = {}
        self._lines: dict[str, Ordered] = {}
        """By path, of numbers, days and times: in order, so that none of many is tried."""

    def cells(self, path: str) -> tuple[Cell, ...]:
        """The cells of an attribute, smallest or first named value first.

        A set has one cell per subset of its mentioned elements: see :meth:`elements`.
        """
        if path not in self._cells:
            attribute = self._ontology.attributes[path]
            group = self._groups.get(path)
            if group is None or attribute.type == "set":
                self._cells[path] = cells_of(attribute, self._compares.get(path, ()))
            else:
                self._cells[path] = shared_cells(group, attribute, self._compares)
        return self._cells[path]

    def elements(self, path: str) -> tuple[str, ...]:
        """The elements of a set that some condition mentions, or that it is compared with."""
        said = elements_of(self._compares.get(path, ()))
        group = self._groups.get(path)
        more = () if group is None else shared_elements(group, self._compares)
        return tuple(dict.fromkeys((*said, *more)))

    def mask(self, compare: Compare) -> int:
        """Bit ``i`` is set when the comparison is true in cell ``i`` of its attribute."""
        if compare not in self._masks:
            self._masks[compare] = self._masked(compare)
        return self._masks[compare]

    def _masked(self, compare: Compare) -> int:
        cells = self.cells(compare.attribute)
        if cells and isinstance(cells[0], Span):
            if compare.attribute not in self._lines:
                self._lines[compare.attribute] = Ordered(cells)
            return self._lines[compare.attribute].mask(compare)
        return bits_of(i for i, c in enumerate(cells) if holds(compare, c.representative))


def facts_asked(condition: Condition | None) -> Iterable[Compare | CompareFacts]:
    """Every comparison in the condition, those on rows included."""
    for leaf in leaves_of(condition):
        if isinstance(leaf, Compare | CompareFacts):
            yield leaf
        elif isinstance(leaf, History):
            yield from facts_asked(leaf.rows.where)


def paths_asked(condition: Condition | None) -> frozenset[str]:
    """Paths of the facts that comparisons in the condition look at, those on rows included."""
    asked = tuple(facts_asked(condition))
    others = (c.other for c in asked if isinstance(c, CompareFacts))
    return frozenset((*(c.attribute for c in asked), *others))
