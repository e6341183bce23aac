"""Regions: the requests a condition is true of, as unions of boxes over cells.

A box allows, per attribute, some of its cells. Conjunctions are one box, so containment of most
conditions needs no solver; a condition of more than :data:`MOST_BOXES` boxes goes to one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from data.ontology.model import Ontology
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Condition,
    Count,
    Decide,
    Derived,
    Exists,
    History,
    Known,
    LeaveToStaff,
    Modify,
    Not,
    Or,
    Outcome,
    Prefer,
    Rule,
    Since,
    Unexpanded,
    conjuncts,
    leaves_of,
)
from data.rulelang.bits import bits_of, places_of
from data.rulelang.cells import operands
from data.rulelang.partition import Cells
from data.rulelang.precedence import Edges

if TYPE_CHECKING:
    from data.rulelang.analyse.space import Space

MOST_BOXES = 8
Dimension = tuple[str, str]
"""A path and ``""``; or a set's path and one of its elements (cell 0 without it, 1 with it)."""
Box = Mapping[Dimension, int]
"""Cells allowed, as bit masks. A dimension left out allows all of them; no mask is 0."""


class TooMany(Exception):
    """More boxes than we count by hand."""


def attributes_known(condition: Condition | None) -> frozenset[str]:
    """Paths of the facts that the condition asks ``is known`` of."""
    known: set[str] = set()
    for leaf in leaves_of(condition):
        if isinstance(leaf, Known):
            known.add(leaf.attribute)
        elif isinstance(leaf, History):
            known |= attributes_known(leaf.rows.where)
    return frozenset(known)


class Regions:
    """Turns conditions into boxes over one set of cells."""

    def __init__(self, ontology: Ontology, conditions: Iterable[Condition | None]) -> None:
        self._ontology = ontology
        self._cells = Cells(ontology, conditions)

    def full(self, dimension: Dimension) -> int:
        """All cells of a dimension."""
        path, element = dimension
        return 0b11 if element else (1 << len(self._cells.cells(path))) - 1

    def boxes(self, condition: Condition | None, wanted: bool = True) -> tuple[Box, ...]:
        """Where the condition is true, or false if so wanted.

        Raises :class:`TooMany`, also for ``is known``, which is about no cell, and for tests, which
        are about several facts at once.
        """
        match condition:
            case None:
                return ({},) if wanted else ()
            case Known() | CompareFacts() | Exists() | Count() | Since():
                raise TooMany
            case Not():
                return self.boxes(condition.part, not wanted)
            case Compare():
                return _few(self._compared(condition, wanted))
            case Derived():
                raise Unexpanded(condition)
            case And() | Or():
                parts = [self.boxes(p, wanted) for p in condition.parts]
                together = isinstance(condition, And) == wanted
                return product_of(parts) if together else self._union(parts)

    def hull(self, condition: Condition | None, wanted: bool = True) -> Box | None:
        """A box around the region; ``None`` only where the region is empty."""
        match condition:
            case None:
                return {} if wanted else None
            case Known() | CompareFacts() | Exists() | Count() | Since():
                return {}
            case Not():
                return self.hull(condition.part, not wanted)
            case Compare():
                return self.around(self._compared(condition, wanted))
            case Derived():
                raise Unexpanded(condition)
            case And() | Or():
                parts = [self.hull(p, wanted) for p in condition.parts]
                if isinstance(condition, And) == wanted:
                    return self._meet(parts)
                return self.around([p for p in parts if p is not None])

    def covered(self, box: Box, cover: Sequence[Box]) -> bool:
        """Whether every request in ``box`` lies in one of the boxes of ``cover``."""
        if not cover:
            return False
        first, rest = cover[0], cover[1:]
        if disjoint(box, first):
            return self.covered(box, rest)
        left = dict(box)
        for dimension, mask in first.items():
            have = left.get(dimension, self.full(dimension))
            if have & ~mask:
                if not self.covered({**left, dimension: have & ~mask}, rest):
                    return False
                left[dimension] = have & mask
        return True

    def contains(self, outer: Sequence[Box], inner: Sequence[Box]) -> bool:
        """Whether the union ``inner`` lies in the union ``outer``."""
        return all(self.covered(box, outer) for box in inner)

    def around(self, boxes: Sequence[Box]) -> Box | None:
        """The smallest box around all of these; ``None`` for no boxes."""
        if len(boxes) < 2:
            return boxes[0] if boxes else None
        shared = [d for d in boxes[0] if all(d in b for b in boxes)]
        masks = {d: _joined(b[d] for b in boxes) for d in shared}
        return {d: mask for d, mask in masks.items() if mask != self.full(d)}

    def _compared(self, compare: Compare, wanted: bool) -> tuple[Box, ...]:
        path = compare.attribute
        if self._ontology.attributes[path].type == "set":
            return self._included(compare, wanted)
        full = self.full((path, ""))
        mask = self._cells.mask(compare)
        mask = mask if wanted else full & ~mask
        if mask == full:
            return ({},)
        return ({(path, ""): mask},) if mask else ()

    def _included(self, compare: Compare, wanted: bool) -> tuple[Box, ...]:
        dimensions = list(dict.fromkeys((compare.attribute, str(v)) for v in operands(compare)))
        if compare.op == "include none of":
            wanted = not wanted
        bit = 0b10 if wanted else 0b01
        every = (compare.op in ("include", "include all of")) == wanted
        if every:
            return (dict.fromkeys(dimensions, bit),)
        return tuple({d: bit} for d in dimensions)

    def _union(self, parts: Sequence[tuple[Box, ...]]) -> tuple[Box, ...]:
        merged: list[Box] = []
        for box in (b for p in parts for b in p):
            self._add(merged, box)
        return _few(merged)

    def _add(self, merged: list[Box], box: Box) -> None:
        """Add a box, joined with one that differs from it in a single dimension."""
        for i, other in enumerate(merged):
            apart = [d for d in {**box, **other} if box.get(d) != other.get(d)]
            if len(apart) <= 1:
                del merged[i]
                joined = self.around([box, other])
                return self._add(merged, joined if joined is not None else box)
        merged.append(box)
        return None

    def _meet(self, parts: Sequence[Box | None]) -> Box | None:
        found: Box | None = {}
        for part in parts:
            found = None if found is None or part is None else meet(found, part)
        return found


def _joined(masks: Iterable[int]) -> int:
    joined = 0
    for mask in masks:
        joined |= mask
    return joined


def product_of(parts: Sequence[tuple[Box, ...]]) -> tuple[Box, ...]:
    """Where all of these unions are. Raises :class:`TooMany`."""
    first, *rest = parts or (({},),)
    product: tuple[Box, ...] = first
    for part in rest:
        product = _few([b for p in product for q in part if (b := meet(p, q)) is not None])
    return product


def meet(one: Box, other: Box) -> Box | None:
    """The requests in both boxes; ``None`` where there are none."""
    both = dict(one)
    for dimension, mask in other.items():
        both[dimension] = both.get(dimension, mask) & mask
        if not both[dimension]:
            return None
    return both


def disjoint(one: Box, other: Box) -> bool:
    """Whether no request lies in both boxes."""
    if len(other) < len(one):
        one, other = other, one
    return any(not mask & other.get(dimension, mask) for dimension, mask in one.items())


def _few(boxes: Sequence[Box]) -> tuple[Box, ...]:
    if len(boxes) > MOST_BOXES:
        raise TooMany
    return tuple(boxes)


def containment(ontology: Ontology, rules: Iterable[Rule]) -> Edges:
    """Which conditions lie strictly inside which, and which are equal, over complete requests.

    Only rules that precedence may ask this of are compared: of one level of scope, sharing a place,
    with outcomes on one decision that differ. A rule whose condition can never be true, or looks
    at ``is known``, has no edges.
    """
    ordered = sorted(rules, key=lambda r: r.title)
    regions = _Regions(ontology, ordered)
    within = {pair for group in _meeting(ordered) for pair in regions.nested(group)}
    equal = {(r, q) for r, q in within if (q, r) in within}
    return Edges(frozenset(within - equal), frozenset(equal))


def _meeting(rules: Sequence[Rule]) -> Iterable[Sequence[Rule]]:
    """The rules that hold everywhere, and those of each place of each level."""
    groups: dict[tuple[str, str] | None, list[Rule]] = {}
    for rule in rules:
        scope = rule.scope
        for place in [(scope.level, v) for v in scope.values] if scope else [None]:
            groups.setdefault(place, []).append(rule)
    return groups.values()


Said = Mapping[tuple[str, ...], Outcome | tuple[Outcome, ...]]
"""What a rule says where rules compete: by decision and modifier, or by the choice it orders."""


def rival_outcomes(rule: Rule) -> Said:
    """By decision and modifier (``""``: the value). Of two rules that put candidates in order, the
    exception comes first, whatever each says."""
    said: dict[tuple[str, ...], Outcome | tuple[Outcome, ...]] = {}
    for outcome in rule.then:
        match outcome:
            case Decide() | LeaveToStaff():
                said[outcome.decision, ""] = outcome
            case Modify():
                said[outcome.decision, outcome.modifier] = outcome
            case Prefer(decision):
                said[decision,] = tuple(
                    o for o in rule.then if isinstance(o, Prefer) and o.decision == decision
                )
            case _:
                pass
    return said


def compete(one: Said, other: Said) -> bool:
    """Whether two rules' outcomes differ somewhere that both speak of."""
    return any(unit in other and other[unit] != said for unit, said in one.items())


class Hulls:
    """Boxes around regions, by what they allow; a box is a bit."""

    def __init__(self, hulls: Sequence[Box]) -> None:
        self._all = (1 << len(hulls)) - 1
        allowing = defaultdict[Dimension, defaultdict[int, list[int]]](lambda: defaultdict(list))
        for place, hull in enumerate(hulls):
            for dimension, mask in hull.items():
                allowing[dimension][mask].append(place)
        self._allowing = {
            d: {mask: bits_of(places) for mask, places in by_mask.items()}
            for d, by_mask in allowing.items()
        }
        self._lying = defaultdict[Dimension, dict[int, int]](dict)
        self._meeting = defaultdict[Dimension, dict[int, int]](dict)

    def lying_in(self, outer: Box) -> int:
        """The boxes that lie in this one."""
        found = self._all
        for dimension, mask in outer.items():
            lying = self._lying[dimension].get(mask)
            found &= self._lying_along(dimension, mask) if lying is None else lying
        return found

    def meeting(self, box: Box) -> int:
        """The boxes that share some request with this one."""
        found = self._all
        for dimension, mask in box.items():
            meeting = self._meeting[dimension].get(mask)
            found &= self._meeting_along(dimension, mask) if meeting is None else meeting
        return found

    def _meeting_along(self, dimension: Dimension, mask: int) -> int:
        allowing = self._allowing.get(dimension, {})
        apart = _joined(bits for m, bits in allowing.items() if not m & mask)
        self._meeting[dimension][mask] = self._all & ~apart
        return self._all & ~apart

    def _lying_along(self, dimension: Dimension, mask: int) -> int:
        allowing = self._allowing.get(dimension, {})
        lying = _joined(bits for m, bits in allowing.items() if not m & ~mask)
        self._lying[dimension][mask] = lying
        return lying


class _Regions:
    """The regions of a rule set's conditions, and which lies in which."""

    def __init__(self, ontology: Ontology, rules: Sequence[Rule]) -> None:
        self._ontology = ontology
        number: dict[Condition, int] = {}
        asked = {
            r.title: [number.setdefault(c, len(number)) for c in conjuncts(r.when)] for r in rules
        }
        knowing = {n for c, n in number.items() if attributes_known(c)}
        told = (r for r in rules if knowing.isdisjoint(asked[r.title]))
        self._conditions = {r.title: r.when for r in told}
        self._regions = Regions(ontology, number)
        boxes = [self._boxes_of(c) for c in number]
        self._boxes = {t: self._together([boxes[n] for n in asked[t]]) for t in self._conditions}
        self._hulls = {t: self._hull_of(t) for t in self._conditions}
        self._said = {r.title: rival_outcomes(r) for r in rules}
        self._space: Space | None = None
        self._literals: dict[str, int] = {}
        self._requests = 0
        self._shown = dict.fromkeys(self._conditions, 0)
        """By title, the requests found so far that its condition is true of, as bits."""

    def nested(self, rules: Iterable[Rule]) -> Iterable[tuple[str, str]]:
        """Pairs of competing rules, the first one's region inside the second's."""
        titles = [r.title for r in rules if self._hulls.get(r.title) is not None]
        if len(titles) < 2:
            return
        within = Hulls([self._hulls[t] or {} for t in titles])
        plain = bits_of(i for i, t in enumerate(titles) if len(self._boxes[t] or ()) == 1)
        proven = bits_of(i for i, t in enumerate(titles) if self._boxes[t] is None)
        said = [self._said[t] for t in titles]
        for place, outer in enumerate(titles):
            lying = within.lying_in(self._hulls[outer] or {})
            told = lying & plain if plain >> place & 1 else 0
            for n in places_of((lying | proven) & ~(1 << place)):
                if compete(said[n], said[place]) and (
                    told >> n & 1 or self.inside(titles[n], outer)
                ):
                    yield titles[n], outer

    def inside(self, inner: str, outer: str) -> bool:
        """Whether the inner rule's region lies in the outer's, and is not empty."""
        if not self._may_lie_in(inner, outer):
            return False
        small, large = self._boxes[inner], self._boxes[outer]
        if small is None or large is None:
            return self._proven(inner, outer)
        return self._regions.contains(large, small)

    def _boxes_of(self, condition: Condition) -> tuple[Box, ...] | None:
        try:
            return self._regions.boxes(condition)
        except TooMany:
            return None

    def _together(self, parts: Sequence[tuple[Box, ...] | None]) -> tuple[Box, ...] | None:
        """Where all parts of a condition hold, as :meth:`Regions.boxes` has it."""
        known = [boxes for boxes in parts if boxes is not None]
        try:
            return product_of(known) if len(known) == len(parts) else None
        except TooMany:
            return None

    def _hull_of(self, title: str) -> Box | None:
        boxes = self._boxes[title]
        return (
            self._regions.hull(self._conditions[title])
            if boxes is None
            else self._regions.around(boxes)
        )

    def _may_lie_in(self, inner: str, outer: str) -> bool:
        small, large = self._hulls.get(inner), self._hulls.get(outer)
        if small is None or large is None:
            return False
        if self._boxes[inner] is None:
            return not disjoint(small, large)
        return all(d in small and not small[d] & ~mask for d, mask in large.items())

    def _proven(self, inner: str, outer: str) -> bool:
        if self._space is None:
            from data.rulelang.analyse.space import Space  # the solver takes a while to import

            self._space = Space(self._ontology, self._conditions.values())
            self._literals = {t: self._space.literal(c) for t, c in self._conditions.items()}
        if self._shown[inner] & ~self._shown[outer]:
            return False
        here, there = self._literals[inner], self._literals[outer]
        if self._space.solve(here, -there):
            self._remember(self._space.model())
            return False
        return self._space.solve(here)

    def _remember(self, request: frozenset[int]) -> None:
        """Which conditions a request meets: it shows what does not lie in what, for other pairs."""
        self._requests += 1
        for title, literal in self._literals.items():
            if literal in request:
                self._shown[title] |= 1 << self._requests
