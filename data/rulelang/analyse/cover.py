"""Boxes that cover a region of the space: what a formula says, in few conditions.

A box allows, per fact, some of its cells. Each box here is as large as it can be inside the
region (a prime implicant, found by leaving out and widening with the solver), and together they
are the region, or one box around it where it would take too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from data.rulelang.analyse.space import Space
from data.rulelang.analyse.stated import Facts, request_of
from data.rulelang.analyse.tell import told
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Count,
    Exists,
    Known,
    Not,
    Since,
    Test,
    all_of,
    attributes_of,
)
from data.rulelang.kleene import condition_value

MOST_BOXES = 4
"""A region that takes more boxes is told by one box around it."""


@dataclass(frozen=True)
class Side:
    """One thing that requests differ in: a fact's cells, or whether a condition is true."""

    asks: str | Known | Compare | Test
    """The path of the fact; a comparison asks for one element of a set."""
    literals: tuple[int, ...]
    """Exactly one of them holds; of two-valued sides the second is "yes"."""


Box = Mapping[Side, int]
"""Allowed values of each side, as bit masks; a side left out allows all."""


@dataclass(frozen=True)
class Covered:
    """A region in words of the language."""

    where: tuple[Condition | None, ...]
    """The region is where one of these holds; ``None`` is every request."""
    exact: bool
    """If not, they hold of all requests of the region, and of others."""
    paths: tuple[str, ...]
    """The facts and relations that the first of them looks at."""


class Unshown(Exception):
    """A region in which no request was found, and it is not proven that there is none."""


def plainest(space: Space, assumed: Sequence[int], paths: Iterable[str]) -> Facts | None:
    """As :meth:`Space.plainest`, and ``None`` only where it is proven. Raises :class:`Unshown`."""
    facts = space.plainest(assumed, paths)
    if facts is None and space.solve(*assumed):
        raise Unshown
    return facts


class Cover:
    """Covers regions with boxes over facts and tests, told where possible by the last of them."""

    def __init__(self, space: Space, paths: Sequence[str], tests: Iterable[Test]) -> None:
        self._space = space
        facts = [side for p in paths for side in self._sides_of(p)]
        self._sides = (*facts, *(self._asked(t) for t in tests))

    def of(self, region: int, paths: Sequence[str]) -> Covered:
        """The region's boxes, the first around its plainest request with these facts.

        Raises :class:`Unshown`.
        """
        boxes: list[Box] = []
        left = [region]
        while (facts := plainest(self._space, left, paths)) is not None:
            if len(boxes) == MOST_BOXES:
                around = self._around(region)
                return Covered((self._told(around),), False, self._paths(around))
            boxes.append(self._largest(self._point(facts), region))
            left.append(-self._literal(boxes[-1]))
        kept = self._needed(boxes, region)
        return Covered(tuple(self._told(b) for b in kept), True, self._paths(boxes[0]))

    def literals(self, facts: Facts) -> list[int]:
        """What holds of requests with these facts, and without the others."""
        return [self._among(side, mask) for side, mask in self._point(facts).items()]

    def told(self, facts: Facts) -> Condition | None:
        """The requests that conditions cannot tell from one with these facts."""
        return self._told(self._point(facts))

    def _sides_of(self, path: str) -> Iterable[Side]:
        space, attribute = self._space, self._space.ontology.attributes[path]
        if path in space.absentable:
            yield self._asked(Known(path))
        if attribute.type != "set":
            if len(cells := space.variables(path)) > 1:
                yield Side(path, cells)
            return
        yield from (self._asked(Compare(path, "include", e)) for e in space.cells.elements(path))

    def _asked(self, condition: Known | Compare | Test) -> Side:
        literal = self._space.literal(condition)
        return Side(condition, (-literal, literal))

    def _point(self, facts: Facts) -> dict[Side, int]:
        """The box of just the cells these facts lie in."""
        found: dict[Side, int] = {}
        request = request_of(self._space.ontology, facts)
        for side in self._sides:
            if isinstance(side.asks, str):
                if (value := facts.get(side.asks)) is not None:
                    cells = self._space.cells.cells(side.asks)
                    found[side] = next(1 << i for i, c in enumerate(cells) if c.contains(value))
                continue
            true = condition_value(side.asks, facts, request, self._space.ontology)
            if true is not None:
                found[side] = 1 << true
        return found

    def _largest(self, point: dict[Side, int], region: int) -> Box:
        """The point without every side it can do without, then with every cell it can have."""
        kept = self._dropped([*point], {}, point, region)
        box = {side: point[side] for side in kept}
        for side in kept:
            others = [self._among(s, mask) for s, mask in box.items() if s is not side]
            for i, literal in enumerate(side.literals):
                if not self._space.solve(literal, *others, -region):
                    box[side] |= 1 << i
        return box

    def _dropped(
        self, sides: list[Side], fixed: Box, point: Mapping[Side, int], region: int
    ) -> list[Side]:
        """What is left when sides go one by one, in order; halves go together where they can."""
        if not sides or not self._space.solve(self._literal(fixed), -region):
            return []
        if len(sides) == 1:
            return sides
        first, rest = sides[: len(sides) // 2], sides[len(sides) // 2 :]
        kept = self._dropped(first, {**fixed, **{s: point[s] for s in rest}}, point, region)
        mine = {**fixed, **{s: point[s] for s in kept}}
        return [*kept, *self._dropped(rest, mine, point, region)]

    def _needed(self, boxes: Sequence[Box], region: int) -> list[Box]:
        """Without the boxes that the others make up for; the first stays."""
        kept = list(boxes)
        for box in boxes[:0:-1]:
            others = [-self._literal(b) for b in kept if b is not box]
            if not self._space.solve(region, *others):
                kept.remove(box)
        return kept

    def _around(self, region: int) -> Box:
        box: dict[Side, int] = {}
        for side in self._sides:
            met = [self._space.solve(region, literal) for literal in side.literals]
            if not all(met):
                box[side] = sum(1 << i for i, here in enumerate(met) if here)
        return box

    def _among(self, side: Side, mask: int) -> int:
        return self._space.any(v for i, v in enumerate(side.literals) if mask >> i & 1)

    def _literal(self, box: Box) -> int:
        return self._space.all(self._among(side, mask) for side, mask in box.items())

    def _told(self, box: Box) -> Condition | None:
        order = list(self._space.ontology.attributes)
        first = {side: attributes_of(self._side(side, mask), self._space.ontology)[0]
                 for side, mask in box.items()}  # fmt: skip
        sides = sorted(
            box, key=lambda s: order.index(p) if (p := first[s]) in order else len(order)
        )
        parts = [self._side(s, box[s]) for s in sides]
        return all_of(*parts) if parts else None

    def _side(self, side: Side, mask: int) -> Condition:
        match side.asks:
            case str(path):
                attribute = self._space.ontology.attributes[path]
                return told(attribute, self._space.cells.cells(path), mask)
            case Known() | Compare() | CompareFacts() | Exists() | Count() | Since():
                return side.asks if mask == 0b10 else Not(side.asks)

    def _paths(self, box: Box) -> tuple[str, ...]:
        ontology = self._space.ontology
        named = (attributes_of(self._side(s, mask), ontology) for s, mask in box.items())
        return tuple(dict.fromkeys(chain(*named)))
