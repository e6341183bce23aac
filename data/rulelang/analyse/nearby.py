"""Which rules may apply to the same request, and groups of rules that can be looked at alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from data.rulelang.ast import Condition, conjuncts
from data.rulelang.bits import places_of
from data.rulelang.regions import Box, Hulls, Regions, meet

FEW = 200
"""Rule sets of up to so many rules are looked at in one piece."""
MOST_TIMES = 2
"""So many neighbourhoods a rule stands in on average, at most; else fewer, larger ones are made."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Some rules, and all that may apply where one of them does."""

    inner: tuple[str, ...]
    """Each rule is inner to one neighbourhood."""
    titles: tuple[str, ...]
    """These and the others; sorted."""


class Nearby:
    """The rules by the boxes around their conditions: two whose boxes are apart never meet."""

    def __init__(self, regions: Regions, conditions: Mapping[str, Condition | None]) -> None:
        hulls = zip(conditions, _hulls(regions, conditions.values()), strict=True)
        self._hulls: dict[str, Box] = {t: hull for t, hull in hulls if hull is not None}
        self._titles = tuple(self._hulls)
        """By place in the index; a rule that never applies has none."""
        self._every = tuple(conditions)
        self._index = Hulls(tuple(self._hulls.values()))
        self._met: dict[str, int] = {}
        self._near: dict[str, tuple[str, ...]] = {}

    def near(self, title: str) -> tuple[str, ...]:
        """The rules that may apply where this one does, itself among them, by title."""
        if title not in self._near:
            self._near[title] = self._named(self._meeting(title))
        return self._near[title]

    def neighbourhoods(self) -> tuple[Neighbourhood, ...]:
        """Every rule in the midst of those it may meet; all rules together where they are few."""
        most, count = FEW, len(self._every)
        while most < count:
            found = tuple(self._of_at_most(most))
            if sum(len(n.titles) for n in found if n.titles != self._every) <= MOST_TIMES * count:
                return found
            most *= 2
        return (Neighbourhood(self._every, self._every),)

    def _of_at_most(self, most: int) -> Iterator[Neighbourhood]:
        """Neighbourhoods of so many rules, and one of all rules for those that meet more."""
        far = [t for t in self._every if t not in self._hulls]
        left = (1 << len(self._titles)) - 1
        for place, title in enumerate(self._titles):
            if not left >> place & 1:
                continue
            inner, reach = self._around(place, left, most)
            left &= ~inner
            if reach.bit_count() <= most:
                yield Neighbourhood(self._named(inner), self._named(reach))
            else:
                far.append(title)
        if far:
            yield Neighbourhood(tuple(sorted(far)), self._every)

    def _around(self, first: int, left: int, most: int) -> tuple[int, int]:
        """The rule and those left that are reached from it, as long as all they meet is few."""
        inner, reach = 1 << first, self._meeting(self._titles[first])
        left &= ~inner
        while open_ := reach & left:
            place = next(places_of(open_))
            left ^= 1 << place
            more = reach | self._meeting(self._titles[place])
            if more.bit_count() <= most:
                inner, reach = inner | 1 << place, more
        return inner, reach

    def _meeting(self, title: str) -> int:
        """By place among those that apply at all; none for a rule that never does."""
        if title not in self._met:
            hull = self._hulls.get(title)
            self._met[title] = 0 if hull is None else self._index.meeting(hull)
        return self._met[title]

    def _named(self, bits: int) -> tuple[str, ...]:
        return tuple(self._titles[i] for i in places_of(bits))


def _hulls(regions: Regions, conditions: Iterable[Condition | None]) -> Iterator[Box | None]:
    """A box around each; what many of them ask alike is worked out once."""
    around: dict[Condition, Box | None] = {}
    for condition in conditions:
        found: Box | None = {}
        for part in conjuncts(condition):
            if part not in around:
                around[part] = regions.hull(part)
            box = around[part]
            found = None if found is None or box is None else meet(found, box)
        yield found
