"""Choosing from candidates: the meaning of a decision of type choice (law 8).

Candidates come with the request. Rules narrow them (``exclude``, ``require``) and put them in
order (``prefer``, ``<decision> is <candidate>``); the first of those left is the answer.

1. ``is left to staff`` and ``is <candidate>`` compete by law 3. Where staff win, they are the
   answer whoever the candidates are. A candidate who wins is the named one.
2. Every applicable ``exclude`` and ``require`` counts, whatever its precedence. An applicable
   rule that names another in ``overrides`` removes what that one narrows and prefers, unless
   that one is mandatory.
3. Those left stand in this order: the named one first; then by the prefer rules in precedence
   order (a rule comes before those it beats by law 3, else by title; within a rule as
   written); then by key. The first is chosen.
4. Where no rule applies there is no rule. The same, with its reason, where nobody is left.
5. Unknown facts, of the request and of each candidate, are filled in as law 6 says. An absent
   list is not filled in: what it would bring is told as unknown, and the answer as partial.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from data.ontology.model import Ontology, Value
from data.rulelang.ast import Test, attributes_of
from data.rulelang.candidates import Fillings, Missing, World
from data.rulelang.diagram import Diagram, Filling, Split, Tree, answers
from data.rulelang.memory import Memory
from data.rulelang.plan import DecisionPlan, Entry, Unknown, fact_of
from data.rulelang.request import Request
from data.rulelang.result import Result, in_order, merged
from data.rulelang.view import OPEN, View


def choose(
    plan: DecisionPlan,
    request: Request,
    facts: Mapping[str, Value],
    most: int,
    among: Iterable[int] | None = None,
    memory: Memory | None = None,
) -> Result:
    """The answer to a choice, looking at no more than ``most`` different situations.

    ``among`` holds the places, among the plan's entries, of the rules that may apply; ``memory``
    what its conditions answered before. The answer is the same without them and takes longer.
    """
    entries = plan.entries if among is None else tuple(plan.entries[i] for i in sorted(among))
    return _Choice(plan, entries, World.of(plan, request, facts, memory), most).answer()


def can_give(
    world: World, wanted: Callable[[Result], bool], candidate: int | None, most: int
) -> bool:
    """Whether some filling of what is not known gives a wanted answer, and where too much is open.

    ``candidate`` is the row of the one who must be chosen for it, if there is one.
    """
    return _Choice(world.plan, world.plan.entries, world, most).can_give(wanted, candidate)


class _TooOpen(Exception):
    """More situations than were to be looked at."""


class _Choice:
    """One choice for one request."""

    def __init__(
        self,
        plan: DecisionPlan,
        entries: tuple[Entry, ...],
        world: World,
        most: int,
    ) -> None:
        self._plan = plan
        self._entries = entries
        self._world = world
        self._most = most
        self._leaves: list[Result] = []

    def answer(self) -> Result:
        """Decided when every filling of the unknown facts gives this status and value."""
        try:
            tree = self._fill(self._world)
        except _TooOpen:
            return self._in_part(self._leaves)
        found = list(answers(tree))
        if len({r.key for r in found}) == 1 and OPEN not in found:
            return self._with_facts(merged(found))
        if OPEN in found:
            return self._in_part(found)
        unknown = Diagram(tree, self._fillings.places).needed()
        needs = self._in_order(p for u in unknown for p in looked_at(u, self._plan.ontology))
        return Result("undecided", possible=in_order(found), needs=needs)

    def can_give(self, wanted: Callable[[Result], bool], candidate: int | None) -> bool:
        """As the function of this name."""
        open_worlds = [self._world]
        for _ in range(self._most):
            if not open_worlds:
                return False
            world = open_worlds.pop()
            view = View(self._plan, self._entries, world)
            result = view.result()
            if result is not None and wanted(result):
                return True
            if result is None and (open_ := _open_for(view, candidate)):
                open_worlds += reversed(self._filled(world, open_)[1])
        return True

    @cached_property
    def _fillings(self) -> Fillings:
        close = View(self._plan, self._entries, self._world).close
        return Fillings(self._plan, self._world, close)

    def _fill(self, world: World) -> Tree:
        """Try every value of the first unknown fact that may still matter, then the next."""
        view = View(self._plan, self._entries, world)
        result = view.result()
        if result is not None:
            if len(self._leaves) >= self._most:
                raise _TooOpen
            self._leaves.append(result)
            return result
        (unknown, fillings), worlds = self._filled(world, view.open())
        return Split(unknown, fillings, tuple(self._fill(w) for w in worlds))

    def _filled(
        self, world: World, missing: Iterable[Missing]
    ) -> tuple[tuple[Unknown, tuple[Filling, ...]], list[World]]:
        """The first of the facts that are missing, its values, and the world with each."""
        open_ = sorted(set(missing), key=Missing.rank)
        unknown, fillings = self._fillings.of(open_[0], open_)
        return (unknown, fillings), [world.filled(open_[0].row, f) for f in fillings]

    def _in_part(self, seen: Iterable[Result]) -> Result:
        """Not everything was looked at: what was seen, and all that could matter."""
        view = View(self._plan, self._entries, self._world, whole=True)
        matters = {
            p
            for missing in view.open()
            for p in looked_at(fact_of(missing.unknown), self._plan.ontology)
        }
        if self._world.rows is None:
            matters.add(self._plan.candidates.name)
        possible = in_order(r for r in seen if r is not OPEN)
        needs = self._in_order(matters)
        return Result("undecided", possible=possible, needs=needs, partial=True)

    def _in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Facts as the ontology has them, those of candidates after the request's, then lists."""
        ontology, found = self._plan.ontology, set(names)
        facts = sorted(
            ontology.attributes.values(), key=lambda a: a.entity in ontology.row_entities
        )
        every = (*(a.path for a in facts), *ontology.relations, *ontology.candidates)
        return tuple(n for n in every if n in found)

    def _with_facts(self, result: Result) -> Result:
        """The facts that were given and that the rules which had a part look at."""
        aside = (*result.dropped, *result.behind)
        titles = {result.rule, *result.rules, *(b.rule for b in result.beats)}
        titles |= {a.rule for a in aside if a.rule}
        first = sorted(self._entries, key=lambda e: e.rule.title != result.rule)
        read = [p for e in first if e.rule.title in titles for p in self._plan.read_by(e)]
        lists = (self._plan.candidates.name,) if aside or result.status == "decided" else ()
        known = {*self._world.facts, *self._world.request.rows}
        return replace(result, facts=tuple(p for p in dict.fromkeys((*read, *lists)) if p in known))


def _open_for(view: View, candidate: int | None) -> Collection[Missing]:
    """What to fill in next; nothing where the candidate, if there is one, is surely not chosen."""
    if candidate is None:
        return tuple(view.open())
    if candidate not in view.left:
        return ()
    leaving = tuple(view.leaving(candidate))
    return leaving or (tuple(view.open()) if candidate in view.close else ())


def looked_at(unknown: str | Test, ontology: Ontology) -> tuple[str, ...]:
    """What to ask for: a fact, or what a test on rows looks at."""
    return (unknown,) if isinstance(unknown, str) else attributes_of(unknown, ontology)
