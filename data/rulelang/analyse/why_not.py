"""Why not another answer: the fewest facts that, changed or learnt, would have given it.

Which facts is a minimum hitting set: each set of facts that does not do leaves a core, facts of
which one more has to move (Reiter 1987; the search for the smallest follows Moreno-Centeno and
Karp 2013). Facts that stay unknown may be filled in anyhow, so each filling that spoils an
attempt is one more request that the facts to move must do for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from data.ontology.model import ScopeRow, Value
from data.rulelang.analyse.answers import TooManySums
from data.rulelang.analyse.encoding import Encoding, conditions_of
from data.rulelang.analyse.granting import granting
from data.rulelang.analyse.hitting import Constraint, first_hitting
from data.rulelang.analyse.near import beside, nearest
from data.rulelang.analyse.near_lists import NearLists, movable, together
from data.rulelang.analyse.smallest import Change, Facts, RowChange, Stopped, WhyNot
from data.rulelang.analyse.space import Space
from data.rulelang.analyse.why_not_chosen import why_not_chosen
from data.rulelang.analyse.witness import NotReproduced
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    History,
    Include,
    RuleSet,
    Test,
    attributes_of,
    tests_of,
)
from data.rulelang.evaluate import decide_one, with_defaults
from data.rulelang.request import Request, Row
from data.rulelang.truth import truth
from data.rulelang.version import Version
from data.rulelang.wish import Wish, granted

MOST_TRIES = 20_000
"""Attempts, each decided once; after so many the answer says that it stopped."""
Filling = Mapping[str, tuple[int, ...]]
"""Where unknown facts might lie: literals by path."""
Lists = Mapping[str, tuple[Row, ...]]
"""The rows of some relations."""
Attempt = tuple[Facts, Lists]
Fixed = Mapping[int, frozenset[str]]
"""What holds as long as these facts stay as they are, by literal."""


def why_not(version: Version, request: Request, wish: Wish, most: int = MOST_TRIES) -> WhyNot:
    """The smallest change of facts that gives the wish, re-run; no other clinic if one helps here.

    Fewest facts first, then the ontology's order of the facts, then the nearest values. Where
    the organisation lists its places, going to another of them counts as one change.
    """
    if version.plans[wish.decision].decision.type == "choice":
        return why_not_chosen(version, request, wish, most)
    now = decide_one(version, request, wish.decision)
    try:
        search = _Search(version, request, wish, most)
    except TooManySums:
        return WhyNot(wish, now, None, complete=False)
    try:
        change = search.here() or search.elsewhere()
        return WhyNot(wish, now, change, tests=search.tests, fixed=search.fixed)
    except Stopped:
        return WhyNot(wish, now, None, False, search.tests, search.fixed)


class _Search:
    def __init__(self, version: Version, request: Request, wish: Wish, most: int) -> None:
        self._facts = with_defaults(version, request)
        self._table = version.places
        known = bool(self._table.agreeing(self._facts))
        self._whole = version
        self._version = _about(version, wish, version.scope_rows if known else ())
        self._request, self._wish = request, wish
        said = [*conditions_of(self._version), *_cuts(self._version, self._facts)]
        space = Space(self._version.ontology, said, self._version.scope_rows)
        self._encoding = Encoding(self._version, space)
        self._space = self._encoding.space
        self._decision = self._encoding.ontology.decisions[wish.decision]
        conditions = self._encoding.conditions.values()
        self.tests = tuple(dict.fromkeys(t for c in conditions for t in tests_of(c)))
        self._goal = granting(self._encoding, wish)
        self._paths = self._encoding.paths(self._decision)
        rows = [t for t in self.tests if isinstance(t, History)]
        self._lists = movable(rows, self._version.ontology)
        asked = dict.fromkeys(t.rows.relation for t in rows)
        self.fixed = tuple(name for name in asked if name not in self._lists)
        self._spoilers: list[Filling] = []
        self._left = most

    # Where to look.

    def here(self) -> Change | None:
        """Without going anywhere else."""
        return self._smallest(self._free, ())

    def elsewhere(self) -> Change | None:
        """At another place too; where no places are listed, any level may be another one."""
        if self._table.rows and self._levels:
            return self._smallest(self._free, self._places)
        return self._smallest(self._items, ()) if self._levels else None

    @cached_property
    def _items(self) -> tuple[str, ...]:
        """The facts that bear on the decision, and the lists: each counts as one."""
        return (*self._paths, *self._lists)

    @cached_property
    def _free(self) -> tuple[str, ...]:
        """What can change without going anywhere else."""
        return tuple(p for p in self._items if p not in self._levels)

    @cached_property
    def _levels(self) -> tuple[str, ...]:
        """The scope's facts that bear on the decision."""
        scopes = self._version.ontology.scopes
        levels = [scopes.path(level) for level in scopes.levels] if scopes else []
        return tuple(p for p in levels if p in self._paths)

    @cached_property
    def _places(self) -> tuple[tuple[int, Facts], ...]:
        """The listed places as the rules tell them apart, those with most in common first."""
        kinds: dict[int, Facts] = {}
        for place in sorted(self._table.rows, key=self._moves):
            known = [self._space.known(p) for p in self._levels if p in place]
            at = [self._space.at(p, place[p]) for p in self._levels if p in place]
            kinds.setdefault(self._space.all((*at, *known)), place)
        return tuple(kinds.items())

    def _moves(self, place: Facts) -> int:
        return sum(self._facts.get(p) != v for p, v in place.items())

    # The smallest set of facts.

    def _smallest(self, free: Sequence[str], places: Sequence[tuple[int, Facts]]) -> Change | None:
        constraints: list[Constraint] = []
        if not self._thinkable(free, places):
            return None
        for size in range(len(free) + 1):
            while (moved := first_hitting(free, constraints, size)) is not None:
                found = self._attempt(moved, places)
                if isinstance(found, Change):
                    return found
                constraints.append(found)
        return None

    def _thinkable(self, free: Sequence[str], places: Sequence[tuple[int, Facts]]) -> bool:
        """Whether some request gives the wish that differs in these facts alone."""
        stays = [p for p in self._items if p not in free and not (places and p in self._levels)]
        fixed = [a for p in stays for a in self._staying(p)]
        tested = self._tested(self._request, stays)
        return self._space.solve(self._goal, *fixed, *tested, *self._somewhere(places))

    def _somewhere(self, places: Sequence[tuple[int, Facts]]) -> Sequence[int]:
        return (self._space.any(literal for literal, _ in places),) if places else ()

    def _attempt(
        self, moved: tuple[str, ...], places: Sequence[tuple[int, Facts]]
    ) -> Change | Constraint:
        """The change of just these facts, or what another set of facts must do better."""
        away = self._levels if places else ()
        stays = [p for p in self._items if p not in moved and p not in away]
        fixed = {a: frozenset((p,)) for p in stays for a in self._staying(p)}
        fixed |= self._tested(self._request, stays)
        facts = [p for p in moved if p not in self._lists]
        begin = [self._goal, *map(self._space.known, facts), *self._somewhere(places)]
        fillings: list[Filling] = [{}, *self._spoilers]
        for filling in fillings:
            if refused := self._refusal(begin, {**fixed, **_filled(stays, filling)}, moved):
                return refused
        while True:
            open_: list[Filling] = self._spoilers or [{}]
            ways = [[*begin, *fixed, *_filled(stays, f)] for f in open_]
            found = self._tried(self._attempts(ways, moved, places), fixed, stays)
            if isinstance(found, Change):
                return found
            if found is None:
                return Constraint(frozenset(stays), self._unless(moved))
            self._spoilers.append(found)
            if refused := self._refusal(begin, {**fixed, **_filled(stays, found)}, moved):
                return refused

    def _staying(self, path: str) -> tuple[int, ...]:
        """The fact is as it is; nothing is said of the value of an unknown one, or of a list."""
        if path in self._lists:
            return ()
        maybe = path in self._space.absentable
        given = path in self._request.given
        known = self._space.known(path) if given else -self._space.known(path)
        as_it_is = (known,) if maybe else ()
        if path in self._facts:
            as_it_is = (self._space.all((self._space.at(path, self._facts[path]), *as_it_is)),)
        return tuple(a for a in as_it_is if a != self._space.TRUE)

    def _refusal(
        self, begin: Sequence[int], fixed: Fixed, moved: Sequence[str]
    ) -> Constraint | None:
        """The facts whose staying as they are rules the wish out, where they do."""
        assumed = (*begin, *fixed)
        if self._space.solve(*assumed):
            return None
        core = self._space.core(assumed)
        staying = (fixed[a] for a in core if a in fixed)
        return Constraint(frozenset[str]().union(*staying), self._unless(moved))

    def _unless(self, moved: Sequence[str]) -> frozenset[str]:
        """Facts that, left unknown, might do what knowing them undoes (``is known``)."""
        return frozenset(
            p for p in moved if p not in self._request.given and p in self._space.absentable
        )

    # Values.

    def _tried(
        self, attempts: Iterator[Attempt], fixed: Fixed, stays: Sequence[str]
    ) -> Change | Filling | None:
        """The change, where an attempt does; else how what stays unknown undoes it."""
        for values, rows in attempts:
            self._left -= 1
            if self._left < 0:
                raise Stopped
            request = self._changed(values, rows)
            point = (*self._at(values), *fixed, *self._tested(request, self._items))
            if not self._space.solve(self._goal, *point):
                continue
            open_ = [p for p in stays if p not in self._facts and p not in self._lists]
            if not self._space.solve(-self._goal, *point) or self._gives(request):
                return self._done(values, rows, request)
            spoiler = self._space.some((-self._goal, *point), open_)
            if spoiler and spoiler not in self._spoilers:
                return spoiler
        return None

    def _at(self, values: Facts) -> Iterator[int]:
        for path in (p for p in values if p in self._paths):
            yield self._space.at(path, values[path])
            yield self._space.known(path)

    def _tested(self, request: Request, stays: Sequence[str]) -> Fixed:
        """What is known of the tests that look at nothing but these facts."""
        facts, ontology = with_defaults(self._version, request), self._version.ontology
        found: dict[int, frozenset[str]] = {}
        for test in self.tests:
            looked_at = frozenset(attributes_of(test, ontology)) & {*self._items}
            value = truth(test, facts, request, ontology) if looked_at <= {*stays} else None
            if value is not None:
                literal = self._space.literal(test)
                found[literal if value else -literal] = looked_at
        return found

    def _gives(self, request: Request) -> bool:
        """Whether the evaluator sees what the solver does not: what open tests are together."""
        if len(self._tested(request, self._items)) == len(self.tests):
            return False
        facts = with_defaults(self._version, request)
        result = decide_one(self._version, request, self._wish.decision)
        return not result.partial and granted(self._whole, self._wish, facts, result)

    def _done(self, values: Facts, rows: Lists, request: Request) -> Change:
        """The change, re-run: the evaluator says that it gives the wish, with all other rules too.

        These may leave the whole answer too open to be looked at; the wish is in it all the same.
        """
        facts = with_defaults(self._version, request)
        result = decide_one(self._version, request, self._wish.decision)
        if result.partial:
            raise Stopped
        whole = decide_one(self._whole, request, self._wish.decision)
        if not all(
            r.partial or granted(self._whole, self._wish, facts, r) for r in (result, whole)
        ):
            raise NotReproduced(f"{self._wish} {values}")
        moved = {p: v for p, v in values.items() if self._request.given.get(p) != v}
        return Change(moved, whole, {name: self._edits(name, rows[name]) for name in rows})

    def _changed(self, values: Facts, rows: Lists) -> Request:
        return Request({**self._request.given, **values}, {**self._request.rows, **rows})

    def _edits(self, name: str, rows: tuple[Row, ...]) -> RowChange:
        given = self._request.rows.get(name)
        left, added = [*(given or ())], list[Row]()
        for row in rows:
            if row in left:
                left.remove(row)
            else:
                added.append(row)
        return RowChange(tuple(added), tuple(left), given is not None)

    def _attempts(
        self, ways: list[list[int]], moved: Sequence[str], places: Sequence[tuple[int, Facts]]
    ) -> Iterator[Attempt]:
        """Values of the facts, with lists that differ in ever more rows where lists move too."""
        lists = [p for p in moved if p in self._lists]
        found = self._values(ways, [p for p in moved if p not in self._lists], places)
        if not lists:
            yield from ((values, {}) for values in found)
            return
        made = [(values, self._near(lists, values)) for values in found]
        most = max((sum(n.most for n in near) for _, near in made), default=-1)
        for edits in range(most + 1):
            for values, near in made:
                yield from self._told_apart(values, lists, near, edits)

    def _near(self, lists: Sequence[str], values: Facts) -> list[NearLists]:
        request, ontology = self._changed(values, {}), self._version.ontology
        facts = with_defaults(self._version, request)
        about = ([t for t in self.tests if isinstance(t, History) and t.rows.relation == name]
                 for name in lists)  # fmt: skip
        return [NearLists(ontology, tests, facts, request) for tests in about]

    def _told_apart(
        self, values: Facts, lists: Sequence[str], near: Sequence[NearLists], edits: int
    ) -> Iterator[Attempt]:
        """One of each kind of lists that differ in so many rows, as the tests tell them apart."""
        seen: set[frozenset[int]] = set()
        for several in together(near, edits):
            rows = dict(zip(lists, several, strict=True))
            told = frozenset(self._tested(self._changed(values, rows), self._items))
            if told not in seen:
                seen.add(told)
                yield values, rows

    def _values(
        self, ways: list[list[int]], moved: Sequence[str], places: Sequence[tuple[int, Facts]]
    ) -> Iterator[Facts]:
        """Values that may do, nearest first, fact by fact, whichever of the ways things are."""
        if not moved:
            yield from self._placed(ways, places)
            return
        path, rest = moved[0], moved[1:]
        for value in self._candidates(path):
            literal = self._space.at(path, value)
            if all(self._space.solve(*way, literal) for way in ways):
                for others in self._values([[*w, literal] for w in ways], rest, places):
                    yield {path: value, **others}

    def _candidates(self, path: str) -> Iterator[Value]:
        """Values that rules tell apart, and those beside a fact that this one is compared with."""
        attribute = self._version.ontology.attributes[path]
        yield from nearest(attribute, self._space.cells, self._facts.get(path))
        for other in _compared_with(self.tests, path):
            if other in self._facts:
                yield from beside(attribute, self._facts[other])

    def _placed(
        self, ways: list[list[int]], places: Sequence[tuple[int, Facts]]
    ) -> Iterator[Facts]:
        if not places:
            yield {}
        for literal, facts in places:
            if all(self._space.solve(*way, literal) for way in ways):
                yield facts


def _filled(stays: Sequence[str], filling: Filling) -> Fixed:
    """The literals of a filling, for the facts that stay unknown."""
    return {a: frozenset((p,)) for p in stays for a in filling.get(p, ()) if a != Space.TRUE}


def _compared_with(tests: Iterable[Test], path: str) -> Iterator[str]:
    for test in tests:
        if isinstance(test, CompareFacts) and path in (test.attribute, test.other):
            yield test.other if path == test.attribute else test.attribute


def _cuts(version: Version, facts: Facts) -> Iterator[Compare]:
    """Keeps apart the values that facts compared with each other have, and those beside them."""
    ontology = version.ontology
    tests = [t for c in conditions_of(version) for t in tests_of(c)]
    for path in {p for t in tests for p in attributes_of(t, ontology)} & facts.keys():
        for other in (path, *_compared_with(tests, path)):
            if other in facts and ontology.attributes[path].type != "set":
                near = beside(ontology.attributes[path], facts[other])
                yield from (Compare(path, "is", v) for v in near)


def _about(version: Version, wish: Wish, rows: tuple[ScopeRow, ...]) -> Version:
    """The rules that bear on the wish, and the table of places where the request is in it."""
    name = wish.decision
    every = version.rule_set.expanded().rules
    speaking = [r for r in every if any(o.decision == name for o in r.then)]
    if wish.kind == "member":
        giving = {r.title for r in speaking if Include(name, wish.said) in r.then}
        speaking = [r for r in speaking if r.title in giving or giving & {*r.overrides}]
    ontology = replace(version.ontology, decisions={name: version.ontology.decisions[name]})
    return replace(version, ontology=ontology, rule_set=RuleSet(tuple(speaking)), scope_rows=rows)
