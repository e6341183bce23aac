"""Why not another candidate: the fewest facts of the request and of that one which would do.

The search is that of :mod:`data.rulelang.analyse.why_not`, a minimum hitting set of what attempts
leave undone. Whether a set of facts may do at all is asked of the evaluator, their values left
open: its fillings hold every answer that some values give (law 8.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from data.ontology.model import Value
from data.rulelang.analyse.hitting import Constraint, first_hitting
from data.rulelang.analyse.near import beside, by_distance, sets
from data.rulelang.analyse.smallest import Change, Facts, Stopped, WhyNot
from data.rulelang.ast import Compare, CompareFacts, History, Known, Measure, Prefer, leaves_of
from data.rulelang.candidates import REQUEST, Fillings, World, wheres_of
from data.rulelang.cells import elements_of
from data.rulelang.choose import can_give
from data.rulelang.evaluate import decide_one, with_defaults
from data.rulelang.memory import Memory
from data.rulelang.request import Request, Row
from data.rulelang.result import Result
from data.rulelang.version import Version
from data.rulelang.wish import Wish, granted

MOST_OPEN = 20
"""Situations that are looked at before a set of facts is taken for one that may do: what is missed
costs an attempt, and no answer."""
MOST_LOOKS = 4_000
"""Sets of facts, or values of some, that are looked at so; after that the search stops."""


def why_not_chosen(version: Version, request: Request, wish: Wish, most: int) -> WhyNot:
    """The smallest change of the request's facts and the wished candidate's that gives the wish."""
    now = decide_one(version, request, wish.decision)
    if version.plans[wish.decision].candidates.name not in request.rows:
        return WhyNot(wish, now, None, complete=False)
    search = _Search(version, request, wish, most)
    try:
        change = search.smallest(away=False) or search.smallest(away=True)
    except Stopped:
        return WhyNot(wish, now, None, False, search.tests, search.fixed)
    return WhyNot(wish, now, change, tests=search.tests, fixed=search.fixed)


@dataclass(frozen=True, slots=True)
class _Start:
    """The request where it is, or at another place."""

    place: Facts
    world: World


class _Search:
    def __init__(self, version: Version, request: Request, wish: Wish, most: int) -> None:
        self._version, self._request, self._wish = version, request, wish
        self._plan = version.plans[wish.decision]
        self._memory = Memory()
        self._here = _Start({}, self._world(request))
        keys = self._here.world.keys
        self._row = keys.index(str(wish.said)) if wish.kind == "value" else None
        said = [c for e in self._plan.entries for c in (e.applies, *wheres_of(e)) if c is not None]
        self._leaves = [leaf for condition in said for leaf in leaves_of(condition)]
        self.tests = tuple(dict.fromkeys(x for x in self._leaves if isinstance(x, History)))
        self.fixed = tuple(dict.fromkeys(t.rows.relation for t in self.tests))
        self._left, self._looks = most, MOST_LOOKS

    def _world(self, request: Request) -> World:
        facts = with_defaults(self._version, request)
        return World.of(self._plan, request, facts, self._memory)

    # Which facts.

    def smallest(self, *, away: bool) -> Change | None:
        """Here, or ``away``: at another of the listed places, else with other levels too."""
        starts = (self._here,)
        if away and self._version.places.rows and self._levels:
            starts = self._places
        elif away and not self._levels:
            return None
        levels = self._levels if away and starts == (self._here,) else ()
        free = tuple(p for p in self._paths if p in levels or p not in self._levels)
        if not self._possible(starts, free):
            return None
        constraints: list[Constraint] = []
        for size in range(len(free) + 1):
            while (moved := first_hitting(free, constraints, size)) is not None:
                if self._possible(starts, moved):
                    if (change := self._change(starts, moved)) is not None:
                        return change
                    wide = moved
                else:
                    more = [p for p in free if p not in moved and p not in self._asked_known]
                    wide = self._widened(starts, moved, more)
                unless = frozenset(p for p in moved if p in self._asked_known)
                constraints.append(Constraint(frozenset(free) - frozenset(wide), unless))
        return None

    def _possible(self, starts: Iterable[_Start], moved: Sequence[str]) -> bool:
        """Whether some values of these facts, and of those that are unknown, give the wish."""
        return any(self._may_do(self._opened(s, moved)) for s in starts)

    def _opened(self, start: _Start, moved: Sequence[str]) -> World:
        return start.world.opened(moved, self._row or 0)

    def _may_do(self, world: World) -> bool:
        self._looks -= 1
        if self._looks < 0:
            raise Stopped
        return can_give(world, lambda r: self._grants(world.facts, r), self._row, MOST_OPEN)

    def _widened(
        self, starts: Sequence[_Start], moved: tuple[str, ...], more: Sequence[str]
    ) -> tuple[str, ...]:
        """With every fact more that would not help them either."""
        if not more or not self._possible(starts, (*moved, *more)):
            return (*moved, *more)
        if len(more) == 1:
            return moved
        half = len(more) // 2
        return self._widened(starts, self._widened(starts, moved, more[:half]), more[half:])

    @cached_property
    def _asked_known(self) -> frozenset[str]:
        """Facts that are not given, where a rule asks whether they are."""
        asked = {leaf.attribute for leaf in self._leaves if isinstance(leaf, Known)}
        return frozenset(asked - {*self._request.given, *self._own_given})

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        """Facts that some rule looks at: the request's, then those of the candidate."""
        plan, entries = self._plan, self._plan.entries
        asked = {p for e in entries for p in plan.read_by(e)}
        preferred = (o.by for e in entries for o in e.outcomes if isinstance(o, Prefer))
        asked |= {by.attribute for by in preferred if isinstance(by, Measure)}
        outer = [a.path for a in plan.ontology.facts]
        own = [p for p in plan.ontology.attributes if p.startswith(plan.own) and p != plan.key]
        return tuple(p for p in (*outer, *(own if self._row is not None else ())) if p in asked)

    @cached_property
    def _levels(self) -> tuple[str, ...]:
        scopes = self._version.ontology.scopes
        levels = [scopes.path(level) for level in scopes.levels] if scopes else []
        return tuple(p for p in levels if p in self._paths)

    @cached_property
    def _places(self) -> tuple[_Start, ...]:
        """The listed places as the rules tell them apart, those with most in common first."""
        facts = self._here.world.facts
        kinds: dict[tuple[Value | None, ...], Facts] = {}
        for place in sorted(
            self._version.places.rows, key=lambda r: sum(facts.get(p) != v for p, v in r.items())
        ):
            kinds.setdefault(tuple(place.get(p) for p in self._levels), place)
        return tuple(
            _Start(place, self._world(_with(self._request, place))) for place in kinds.values()
        )

    # Which values.

    def _change(self, starts: Iterable[_Start], moved: tuple[str, ...]) -> Change | None:
        for start in starts:
            world = self._opened(start, moved)
            fillings = Fillings(self._plan, world, range(len(world.keys)))
            for values in self._values(world, fillings, moved):
                self._left -= 1
                if self._left < 0:
                    raise Stopped
                if (change := self._tried({**start.place, **values})) is not None:
                    return change
        return None

    def _values(self, world: World, fillings: Fillings, moved: Sequence[str]) -> Iterator[Facts]:
        """Values that may do, nearest first, fact by fact."""
        if not moved:
            yield {}
            return
        path, rest = moved[0], moved[1:]
        row = self._row if self._row is not None and path.startswith(self._plan.own) else REQUEST
        for value in self._near(path, fillings, self._here.world.fact(path, row)):
            filled = world.filled(row, {path: value})
            if self._may_do(filled):
                for others in self._values(filled, fillings, rest):
                    yield {path: value, **others}

    def _near(self, path: str, fillings: Fillings, now: Value | None) -> Iterable[Value]:
        attribute = self._version.ontology.attributes[path]
        if attribute.type == "set":
            return sets(self._elements(path), now)
        enough = fillings.values(path)
        near = (v for value in enough for v in beside(attribute, value))
        return by_distance(enough if now is None else (*enough, *near), now)

    def _elements(self, path: str) -> tuple[str, ...]:
        """What the set is asked for, and every value of the facts it is held against."""
        asked = [x for x in self._leaves if isinstance(x, Compare) and x.attribute == path]
        links = [x for x in self._leaves if isinstance(x, CompareFacts)]
        others = [x.other for x in links if x.attribute == path]
        held = (v for o in others for v in self._version.ontology.attributes[o].values)
        known = (v for o in others for v in self._known(o))
        return tuple(dict.fromkeys((*elements_of(asked), *held, *known)))

    def _known(self, path: str) -> Iterator[str]:
        for row in (REQUEST, *([] if self._row is None else [self._row])):
            value = self._here.world.fact(path, row)
            if isinstance(value, str):
                yield value

    # The change.

    def _tried(self, values: Facts) -> Change | None:
        """The change, where the evaluator says that it gives the wish."""
        outer = {p: v for p, v in values.items() if not p.startswith(self._plan.own)}
        own = {p: v for p, v in values.items() if p not in outer}
        changed = _with(self._request, outer)
        if own:
            changed = self._with_own(changed, own)
        result = decide_one(self._version, changed, self._wish.decision)
        if result.partial:
            raise Stopped
        if not self._grants(with_defaults(self._version, changed), result):
            return None
        before = {**self._request.given, **self._own_given}
        return Change({p: v for p, v in values.items() if before.get(p) != v}, result)

    def _grants(self, facts: Facts, result: Result) -> bool:
        return granted(self._version, self._wish, facts, result)

    @cached_property
    def _own_given(self) -> Row:
        return {} if self._row is None else self._here.world.given[self._row]

    def _with_own(self, request: Request, own: Row) -> Request:
        name, key = self._plan.candidates.name, self._plan.key
        rows = tuple(
            {**row, **own} if str(row[key]) == self._wish.said else row
            for row in request.rows[name]
        )
        return Request(request.given, {**request.rows, name: rows})


def _with(request: Request, given: Facts) -> Request:
    return Request({**request.given, **given}, request.rows)
