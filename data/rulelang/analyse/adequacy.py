"""Test adequacy: the slips in a rule set that its cases would not notice.

A mutant that no case notices is either equal in meaning, proven by the solver on the rules it
meets, or there is a request that tells the two apart: the smallest becomes one question to the
author. Few requests are asked about: those that would notice most (greedy set cover).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from data.rulelang.analyse.answers import Answers, TooManySums, apart
from data.rulelang.analyse.encoding import Encoding, conditions_of
from data.rulelang.analyse.mutants import Mutant, mutants
from data.rulelang.analyse.space import Space
from data.rulelang.analyse.stated import Facts
from data.rulelang.analyse.witness import MOST_SITUATIONS, less
from data.rulelang.ast import Rule
from data.rulelang.cells import applicability
from data.rulelang.evaluate import decide_one, with_defaults
from data.rulelang.kleene import condition_value
from data.rulelang.regions import Regions, containment, disjoint
from data.rulelang.request import Request
from data.rulelang.result import Result
from data.rulelang.version import Version

GoOn = Callable[[float], bool]
"""Told how much is done, from 0 to 1; false to stop there."""


@dataclass(frozen=True, slots=True)
class Case:
    """A saved request and the decisions of which it says what must come out."""

    name: str
    request: Request
    decisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A request that no case is like: is what it gets today right?"""

    request: Request
    decision: str
    result: Result
    """What it gets today."""
    notices: tuple[Mutant, ...]
    """The slips that a case made of it would notice."""


@dataclass(frozen=True, slots=True)
class Adequacy:
    """How much the cases notice, and what to ask to make them notice more."""

    killed: int
    """Mutants that some case notices."""
    survivors: tuple[Mutant, ...]
    """Mutants that differ in meaning and that no case notices."""
    equivalent: int
    """Mutants that change no answer; they do not count."""
    unsettled: int
    """Mutants of which neither was shown."""
    questions: tuple[Question, ...]
    """What notices most first; together they notice every survivor."""
    unlooked: int = 0
    """Mutants that time did not allow to look at."""

    @property
    def score(self) -> float | None:
        """The share that is noticed, of those that differ; ``None`` where there are none."""
        counted = self.killed + len(self.survivors)
        return self.killed / counted if counted else None


def adequacy(
    version: Version,
    cases: Sequence[Case],
    titles: Iterable[str] | None = None,
    go_on: GoOn = lambda done: True,
) -> Adequacy:
    """How well the cases hold the named rules in place, or all of them."""
    rules = sorted(version.rule_set.rules, key=lambda r: r.title)
    wanted = {r.title for r in rules} if titles is None else {*titles}
    made = [
        m
        for r in rules
        if r.title in wanted
        for m in mutants(version.ontology, version.rule_set, r)
    ]
    known = [_Known(version, case.request, case.decisions) for case in cases]
    killed = equivalent = unsettled = looked = 0
    left: list[tuple[_Trial, _Shown]] = []
    for looked, mutant in enumerate(made):
        if not go_on(looked / max(1, len(made))):
            break
        trial = _Trial(version, mutant)
        if any(trial.noticed_by(case) for case in known):
            killed += 1
            continue
        shown = trial.shown()
        if isinstance(shown, _Shown):
            left.append((trial, shown))
        else:
            equivalent += shown == "equivalent"
            unsettled += shown == "unsettled"
    else:
        looked = len(made)
    survivors = tuple(trial.mutant for trial, _ in left)
    questions = tuple(_questions(version, left))
    return Adequacy(killed, survivors, equivalent, unsettled, questions, len(made) - looked)


class _Known:
    """A request with what it gets today, worked out once."""

    def __init__(self, version: Version, request: Request, decisions: tuple[str, ...]) -> None:
        self._version = version
        self.request = request
        self.decisions = tuple(d for d in decisions if d in version.ontology.decisions)
        self._facts = with_defaults(version, request)
        self._results: dict[str, Result] = {}

    def result(self, decision: str) -> Result:
        if decision not in self._results:
            found = decide_one(self._version, self.request, decision)
            self._results[decision] = found
        return self._results[decision]

    def may_meet(self, rule: Rule | None) -> bool:
        """Whether the rule applies, or might."""
        if rule is None:
            return False
        ontology, defines = self._version.ontology, self._version.rule_set.defines
        condition = applicability(ontology, rule, defines)
        return condition_value(condition, self._facts, self.request, ontology) is not False


@dataclass(frozen=True, slots=True)
class _Shown:
    """A request that gets another answer from the mutant."""

    case: _Known
    decision: str


class _Trial:
    """One mutant beside the rule set it comes from."""

    def __init__(self, version: Version, mutant: Mutant) -> None:
        self.mutant = mutant
        self._version = version
        rule = version.rule_set.rule(mutant.rule)
        self._sides = tuple(r for r in (rule, mutant.mutated) if r is not None)
        said = {o.decision for r in self._sides for o in r.then}
        self.decisions = tuple(d for d in version.plans if d in said)

    def noticed_by(self, case: _Known, decision: str | None = None) -> bool:
        """Whether the case would come out otherwise; on this decision, where one is named."""
        asked = [d for d in (case.decisions if decision is None else (decision,))
                 if d in self.decisions]  # fmt: skip
        if not asked or not any(map(case.may_meet, self._sides)):
            return False
        return any(
            decide_one(self._after, case.request, d).key != case.result(d).key for d in asked
        )

    def shown(self) -> _Shown | Literal["equivalent", "unsettled"]:
        """A request that tells the two apart, or ``equivalent``, or ``unsettled``."""
        settled = True
        for decision in self.decisions:
            found = self._differing(decision)
            if isinstance(found, _Shown):
                return found
            settled = settled and found
        return "equivalent" if settled else "unsettled"

    @cached_property
    def _after(self) -> Version:
        return self._with(self._version.rule_set.rules)

    def _with(self, rules: Iterable[Rule]) -> Version:
        """The mutant among these rules, for the decisions that it bears on."""
        speaking = [
            r for r in rules
            if r.title != self.mutant.rule and any(o.decision in self.decisions for o in r.then)
        ]  # fmt: skip
        mutated = (self.mutant.mutated,) if self.mutant.mutated else ()
        return self._narrowed((*speaking, *mutated), anew=True)

    def _narrowed(self, rules: tuple[Rule, ...], *, anew: bool) -> Version:
        version = self._version
        rule_set = replace(version.rule_set, rules=rules, gaps=())
        edges = containment(version.ontology, rule_set.expanded().rules) if anew else version.edges
        decisions = {d: version.ontology.decisions[d] for d in self.decisions}
        ontology = replace(version.ontology, decisions=decisions)
        return replace(version, ontology=ontology, rule_set=rule_set, edges=edges)

    @cached_property
    def _near(self) -> tuple[Rule, ...]:
        """The rules that may apply to a request together with the rule, or with the mutant."""
        version = self._version
        conditions = {r: applicability(version.ontology, r, version.rule_set.defines)
                      for r in (*version.rule_set.rules, *self._sides)}  # fmt: skip
        regions = Regions(version.ontology, conditions.values())
        own = [h for r in self._sides if (h := regions.hull(conditions[r])) is not None]
        near = ((r, regions.hull(conditions[r])) for r in version.rule_set.rules)
        return tuple(r for r, h in near if h is not None and any(not disjoint(h, o) for o in own))

    @cached_property
    def _encodings(self) -> tuple[Encoding, Encoding]:
        """Before and after, over one solver, with no more rules than can matter."""
        before = self._narrowed(
            tuple(r for r in self._near if any(o.decision in self.decisions for o in r.then)),
            anew=False,
        )
        after = self._with(self._near)
        said = [*conditions_of(before), *conditions_of(after)]
        space = Space(before.ontology, said, before.scope_rows)
        return Encoding(before, space), Encoding(after, space)

    def _differing(self, decision: str) -> _Shown | bool:
        """A request of which the answers differ; else whether there is proven to be none."""
        one, other = (Answers(e, e.ontology.decisions[decision]) for e in self._encodings)
        space = one.encoding.space
        try:
            where = apart(space, one, other)
        except TooManySums:
            return False
        if not space.solve(where):
            return True
        definite = [a.encoding.definite(a.decision) for a in (one, other)]
        paths = {p for a in (one, other) for p in _looked_at(a)}
        ordered = [p for p in (*space.ontology.attributes, *space.ontology.relations) if p in paths]
        facts = space.plainest([where, *definite], ordered)
        return False if facts is None else self._smallest(facts, decision)

    def _smallest(self, facts: Facts, decision: str) -> _Shown | bool:
        """As few of the facts as still get the two answers; re-run on the whole rule set."""
        whole = self._answers(facts, decision)
        if whole[0] == whole[1] or "undecided" in (whole[0][0], whole[1][0]):
            return False
        fewer = less(facts, lambda f: self._answers(f, decision) == whole)
        request = _request(self._version, fewer)
        return _Shown(_Known(self._version, request, (decision,)), decision)

    def _answers(self, facts: Facts, decision: str) -> tuple[tuple[str, object], ...]:
        request = _request(self._version, facts)
        return tuple(
            decide_one(v, request, decision, MOST_SITUATIONS).key
            for v in (self._version, self._after)
        )


def _looked_at(answers: Answers) -> Iterator[str]:
    """Facts and lists that bear on the decision."""
    encoding, decision = answers.encoding, answers.decision
    yield from encoding.paths(decision)
    yield from encoding.named(r.title for r in encoding.says(decision))


def _request(version: Version, facts: Facts) -> Request:
    """Facts as a witness tells them, with their lists apart."""
    lists = version.ontology.relations
    given = {p: v for p, v in facts.items() if p not in lists}
    return Request(given, {p: v for p, v in facts.items() if p in lists})


def _questions(version: Version, left: Sequence[tuple[_Trial, _Shown]]) -> Iterator[Question]:
    """The requests to ask about, those that notice most first, until every survivor is noticed."""
    noticing = {
        at: {i for i, (trial, _) in enumerate(left) if trial.noticed_by(shown.case, shown.decision)}
        | {at}
        for at, (_, shown) in enumerate(left)
    }
    open_ = set(range(len(left)))
    while open_:
        best = max(noticing, key=lambda at: (len(noticing[at] & open_), -at))
        _, shown = left[best]
        notices = tuple(left[i][0].mutant for i in sorted(noticing[best] & open_))
        yield Question(
            shown.case.request, shown.decision, shown.case.result(shown.decision), notices
        )
        open_ -= noticing[best]
