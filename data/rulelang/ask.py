"""Law 7: which unknown fact to ask for next.

The one that leaves the fewest expected further questions, over the possibilities still open. How
likely these are is frozen into the version (:mod:`data.rulelang.weights`); facts count as
independent of each other, and a request's place is one row of the table of places.

Finding the best order of questions is NP-hard (Hyafil and Rivest 1976), so the work is bounded:

1. up to :data:`MOST_STEPS` every order of questions is gone through, which is exact;
2. beyond that each question is judged by one look ahead, what follows being asked in the
   diagram's order: never worse than that order (a rollout: Bertsekas and Castanon 1999);
3. a diagram too large even for that asks what its own order is most likely to come to.

The same version, request and skipped facts give the same question on every machine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from data.ontology.model import Value
from data.rulelang.ast import attributes_of, tests_of
from data.rulelang.diagram import CLOSED, PLACE, Diagram
from data.rulelang.evaluate import decide_one, diagram, with_defaults
from data.rulelang.plan import Unknown, fact_of
from data.rulelang.replies import Replies, Reply
from data.rulelang.request import Request
from data.rulelang.result import Result
from data.rulelang.version import Version

MOST_STEPS = 2_000
"""Parts of diagrams that may be looked at while going through every order, or ahead."""
MOST_REMEMBERED = 10_000
"""Questions that a version remembers."""
A_PLACE = str(fact_of(PLACE))


@dataclass(frozen=True, slots=True)
class _State:
    """What is still open: a part of each diagram, and the rows where the request may be."""

    parts: tuple[int, ...]
    rows: frozenset[int]


Cost = Callable[[_State], float]


def ask(
    version: Version,
    request: Request,
    decisions: Iterable[str] | None = None,
    skip: Collection[str] = (),
) -> str | None:
    """The path of the fact to ask for next, so that these decisions (or all) are settled soonest.

    ``skip`` holds facts that nobody can tell. ``None`` where nothing that may be asked changes
    any of the results.
    """
    names = tuple(version.plans if decisions is None else decisions)
    key = (names, tuple(sorted(skip)), *_looked_at(version, request, names))
    if key not in version.asked:
        if len(version.asked) >= MOST_REMEMBERED:
            version.asked.clear()
        version.asked[key] = _ask(version, request, names, skip)
    return version.asked[key]


def _looked_at(
    version: Version, request: Request, names: Iterable[str]
) -> Iterator[tuple[str, Value | None, bool]]:
    """All of a request that can make a difference to which question is the best."""
    facts = with_defaults(version, request)
    entries = (e for name in names for e in version.plans[name].entries)
    paths = {p for e in entries for p in attributes_of(e.applies, version.ontology)}
    codes = {version.plans[name].decision.code_set or "" for name in names}
    for path in sorted(paths.union(codes, version.places.paths)):
        yield path, facts.get(path), path in request.given
        if path in request.rows:
            yield path, str(request.rows[path]), True
    for name in sorted({version.plans[n].decision.candidates or "" for n in names}):
        if name in request.rows:
            yield name, str(request.rows[name]), True


def _ask(
    version: Version, request: Request, names: Sequence[str], skip: Collection[str]
) -> str | None:
    diagrams: list[Diagram] = []
    for name in names:
        found = diagram(version, request, name)
        if found is None:
            return _most_looked_at(version, request, name, skip)
        diagrams.append(found)
    plans = [version.plans[n] for n in names]
    questions = _Questions(Replies(version, request, plans, diagrams), diagrams, skip)
    if any(tests_of(e.applies) for plan in plans for e in plan.entries):
        needs = frozenset(p for n in names for p in decide_one(version, request, n).needs)
        return questions.best(needs) if needs else None
    return questions.best()


def _most_looked_at(
    version: Version, request: Request, name: str, skip: Collection[str]
) -> str | None:
    """Of a decision too open to look at in full: what most of its rules look at."""
    needs = decide_one(version, request, name).needs
    facts = (fact_of(unknown) for unknown in version.plans[name].order)
    order = (fact for fact in facts if isinstance(fact, str))
    return next((p for p in (*order, *needs) if p in needs and p not in skip), None)


class _TooMuch(Exception):
    """More work than is allowed."""


class _Questions:
    """What each question costs, in expected further questions."""

    def __init__(
        self,
        replies: Replies,
        diagrams: Sequence[Diagram],
        skip: Collection[str],
    ) -> None:
        self._diagrams = diagrams
        self._replies = replies
        self._askable = [name for name in replies.names if name not in skip]
        self._needed = {replies.name(fact) for d in diagrams for fact in d.needed()}
        self._left = 0
        self._narrowed: dict[tuple[int, int, int], int] = {}
        self._asks: dict[tuple[int, int], frozenset[str]] = {}
        self._costs: dict[_State, float] = {}
        self._in_order: dict[tuple[int, int], float] = {}

    def best(self, needs: frozenset[str] | None = None) -> str | None:
        """The best question, of what the results need if that is told apart from what tests look
        at; of equals the first in the ontology's order.
        """
        start = _State(tuple(d.root for d in self._diagrams), frozenset(self._replies.rows))
        needed = self._needed if needs is None else self._needed & needs or needs
        questions = [p for p in self._askable if p in needed]
        # Where none of these may be asked, another level may still tell where the request is.
        questions = questions or self._questions(start)
        if len(questions) < 2:
            return questions[0] if questions else None
        for cost in (self._least, self._as_ordered):
            self._left = MOST_STEPS
            try:
                costs = {q: self._after(start, q, cost) for q in questions}
                break
            except _TooMuch:
                continue
        else:
            chances = self._chances(start)
            costs = {q: -chances.get(q, 0.0) for q in questions}
        return min(questions, key=lambda q: round(costs[q], 9))

    def _least(self, state: _State) -> float:
        """Expected further questions when the best one is asked every time."""
        if state not in self._costs:
            costs = (self._after(state, q, self._least) for q in self._questions(state))
            self._costs[state] = min(costs, default=0.0)
        return self._costs[state]

    def _as_ordered(self, state: _State) -> float:
        """Expected further questions when each diagram's own order is kept to."""
        return sum(self._ordered(d, part) for d, part in enumerate(state.parts))

    def _ordered(self, d: int, part: int) -> float:
        form = self._diagrams[d].forms[part]
        if isinstance(form, Result):
            return 0.0
        if (d, part) not in self._in_order:
            after = (share * self._ordered(d, b) for b, share in self._branches(d, *form))
            self._in_order[d, part] = 1 + sum(after)
        return self._in_order[d, part]

    def _branches(
        self, d: int, unknown: Unknown, branches: tuple[int, ...]
    ) -> list[tuple[int, float]]:
        """The open branches of a question, each with how likely it is."""
        weights = self._replies.shares(d, unknown)
        open_ = [(b, w) for b, w in zip(branches, weights, strict=True) if b != CLOSED]
        total = sum(w for _, w in open_)
        return [(b, w / total) for b, w in open_]

    def _chances(self, start: _State) -> Mapping[str, float]:
        """How often each question is come to, in the diagrams' own order."""
        found: defaultdict[str, float] = defaultdict(float)
        for d, root in enumerate(start.parts):
            chance = {root: 1.0}
            for part in self._downwards(d, root):
                form = self._diagrams[d].forms[part]
                if isinstance(form, Result):
                    continue
                for name in self._replies.levels if form[0] == PLACE else (self._name(form[0]),):
                    found[name] += chance[part]
                for branch, share in self._branches(d, *form):
                    chance[branch] = chance.get(branch, 0.0) + chance[part] * share
        return found

    def _downwards(self, d: int, root: int) -> list[int]:
        """Every part from the root on, each before those behind it."""
        seen: dict[int, None] = {}

        def visit(part: int) -> None:
            form = self._diagrams[d].forms[part]
            if part not in seen and not isinstance(form, Result):
                for branch in form[1]:
                    if branch != CLOSED:
                        visit(branch)
            seen.setdefault(part)

        visit(root)
        return [*reversed(seen)]

    # What an answer leaves.

    def _questions(self, state: _State) -> list[str]:
        """What may be asked and is not settled; of a place, levels that leave fewer rows."""
        asked = frozenset[str]().union(*(self._asked(d, p) for d, p in enumerate(state.parts)))
        levels = self._replies.levels if A_PLACE in asked else ()
        return [
            p
            for p in self._askable
            if p in asked or (p in levels and len(self._replies.to(p, state.rows)) > 1)
        ]

    def _asked(self, d: int, part: int) -> frozenset[str]:
        """What this part of a diagram asks for."""
        form = self._diagrams[d].forms[part]
        if isinstance(form, Result):
            return frozenset()
        if (d, part) not in self._asks:
            below = (self._asked(d, b) for b in form[1] if b != CLOSED)
            self._asks[d, part] = frozenset([self._name(form[0])]).union(*below)
        return self._asks[d, part]

    def _name(self, unknown: Unknown) -> str:
        return self._replies.name(fact_of(unknown))

    def _after(self, state: _State, question: str, cost: Cost) -> float:
        answers = self._replies.to(question, state.rows)
        return 1 + sum(a.share * cost(self._left_by(state, a)) for a in answers)

    def _left_by(self, state: _State, answer: Reply) -> _State:
        parts = (self._narrow(d, part, answer) for d, part in enumerate(state.parts))
        return _State(tuple(parts), state.rows if answer.rows is None else answer.rows)

    def _narrow(self, d: int, part: int, answer: Reply) -> int:
        """The part of a diagram that is left when this is known."""
        self._left -= 1
        if self._left < 0:
            raise _TooMuch
        form, open_ = self._diagrams[d].forms[part], answer.open[d]
        if isinstance(form, Result) or not open_:
            return part
        key = (d, part, answer.number)
        if key not in self._narrowed:
            unknown, branches = form
            kept = open_.get(unknown)
            left = (
                self._narrow(d, b, answer)
                if b != CLOSED and (kept is None or i in kept)
                else CLOSED
                for i, b in enumerate(branches)
            )
            self._narrowed[key] = self._diagrams[d].split(unknown, tuple(left))
        return self._narrowed[key]
