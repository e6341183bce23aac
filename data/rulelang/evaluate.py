"""The meaning of a rule set, in one short evaluator (design section 4).

Every other evaluator is held to this one. A request's facts are known or unknown. Where
unknown facts matter, the answer is what all their fillings, within type and range, have in
common; so an unknown is never quietly false. The laws and the tests that hold them are
listed in this folder's README.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from data.ontology.model import Ontology, Value
from data.rulelang.ast import (
    Condition,
    Contribute,
    Decide,
    Include,
    LeaveToStaff,
    Modify,
    Rule,
    Test,
    attributes_of,
    tests_of,
)
from data.rulelang.choose import choose
from data.rulelang.codes import ResolvedCode, not_allowed, resolve, with_modifiers
from data.rulelang.contest import Said, beaten, winner
from data.rulelang.diagram import PLACE, Diagram, Filling, Split, Tree, answers
from data.rulelang.fillings import Fillings
from data.rulelang.kleene import Facts, remaining, tested
from data.rulelang.lists import Asked, TooOpen
from data.rulelang.plan import DecisionPlan, Entry, Unknown, fact_of, name_of, unknowns_of
from data.rulelang.request import Request
from data.rulelang.result import Beaten, Result, in_order, merged
from data.rulelang.version import Version

MOST_FILLINGS = 20_000
"""Beyond so many different situations an undecided answer is told in part, and says so."""


def decide(version: Version, request: Request) -> dict[str, Result]:
    """The answer to every decision of the version, by name."""
    return {name: decide_one(version, request, name) for name in version.plans}


def decide_one(
    version: Version,
    request: Request,
    decision: str,
    most: int = MOST_FILLINGS,
    among: Iterable[int] | None = None,
    *,
    brief: bool = False,
) -> Result:
    """The answer to one decision, looking at no more than ``most`` different situations.

    ``among`` holds the places, among the plan's entries, of the rules that may apply; none of the
    others may. The answer is the same without it and takes longer. ``brief``: of an undecided
    answer nothing more than that need be told.
    """
    facts = with_defaults(version, request)
    if version.plans[decision].decision.type == "choice":
        return choose(version.plans[decision], request, facts, most, among)
    return _Evaluation(version.plans[decision], facts, request, most, among, brief).answer()


def diagram(
    version: Version, request: Request, decision: str, most: int = MOST_FILLINGS
) -> Diagram | None:
    """What the answer hangs on; ``None`` of a choice, and where too many situations are open.

    A test that is not known is one question here, false or true, whatever the facts it looks at:
    more may seem to matter than does.
    """
    if version.plans[decision].decision.type == "choice":
        return None
    facts = with_defaults(version, request)
    return _Evaluation(version.plans[decision], facts, request, most).diagram()


def settling(test: Test, request: Request, facts: Facts, ontology: Ontology) -> tuple[str, ...]:
    """What would settle the test: the facts and lists that are absent, else the list's rows."""
    looked_at = attributes_of(test, ontology)
    absent = tuple(p for p in looked_at if p not in facts and p not in request.rows)
    return absent or tuple(p for p in looked_at if p in request.rows)


def with_defaults(version: Version, request: Request) -> dict[str, Value]:
    """The facts given, the ontology's defaults for those that are not (law 1), and what the
    scope entity's table then settles (law 6)."""
    facts = {**version.defaults, **request.given}
    return facts | version.places.settled(facts)


Open = tuple[tuple[int, Condition], ...]
"""Rules that may still apply: their index, and what is left of their condition."""


class _Evaluation:
    """One decision of one request."""

    def __init__(
        self,
        plan: DecisionPlan,
        facts: Facts,
        request: Request,
        most: int,
        among: Iterable[int] | None = None,
        brief: bool = False,
    ) -> None:
        self._plan = plan
        self._request = request
        places = range(len(plan.entries)) if among is None else sorted(among)
        self._maybe = [(i, plan.entries[i].applies) for i in places]
        left = (remaining(condition, facts, request.given) for _, condition in self._maybe)
        open_ = (c for c in left if not isinstance(c, bool))
        asked = dict.fromkeys(t for condition in open_ for t in tests_of(condition))
        self._facts = {**facts, **tested(asked, facts, request, plan.ontology)}
        self._most = most
        self._seen: dict[Any, Tree] = {}
        unsure = [t for t in asked if name_of(t) not in self._facts]
        self._tests = Fillings(plan, request, self._facts, unsure, most) if unsure else None
        self._brief = brief
        self._first: Result | None = None

    def answer(self) -> Result:
        """Law 6: decided when every filling of the unknown facts gives this status and value."""
        try:
            tree = self._fill(self._facts, (), self._maybe)
            tree = self._tests.aligned(tree) if self._tests else tree
        except TooOpen:
            return Result("undecided", partial=True) if self._brief else self._in_part()
        found = list(answers(tree))
        if len({r.key for r in found}) == 1:
            return self._with_facts(merged(found))
        needs = self._listed(Diagram(tree, self._places).needed())
        return Result("undecided", possible=in_order(found), needs=needs)

    def diagram(self) -> Diagram | None:
        self._tests = None
        try:
            return Diagram(self._fill(self._facts, (), self._maybe), self._places)
        except TooOpen:
            return None

    def _listed(self, unknown: Iterable[str | Test]) -> tuple[str, ...]:
        """Paths of facts in the ontology's order, then names of relations."""
        ontology = self._plan.ontology
        named = {name for u in unknown for name in ((u,) if isinstance(u, str) else self._of(u))}
        every = (*(a.path for a in ontology.facts), *ontology.relations)
        return tuple(name for name in every if name in named)

    def _of(self, test: Test) -> tuple[str, ...]:
        return settling(test, self._request, self._facts, self._plan.ontology)

    @cached_property
    def _places(self) -> tuple[Facts, ...]:
        return self._plan.places(self._facts)

    def _fill(
        self,
        facts: Facts,
        applying: tuple[int, ...],
        maybe: Iterable[tuple[int, Condition | None]],
    ) -> Tree:
        """Try every value of the first unknown fact that still matters, then the next."""
        applying, left = self._settle(facts, applying, maybe)
        matters = self._matters(facts, applying, left)
        code_set = facts.get(self._plan.decision.code_set or "")
        state = (applying, left, code_set, self._tests and self._tests.context(matters, facts))
        if state not in self._seen:
            if len(self._seen) >= self._most:
                raise TooOpen
            if not matters:
                entries = [self._plan.entries[i] for i in applying]
                found: Tree = self._answered(Applying(self._plan, facts, entries).result())
            else:
                unknown, fillings, asked = self._fillings(matters, facts)
                more = self._tests.told if self._tests else _told
                branches = (self._fill(more(facts, f), applying, left) for f in fillings)
                found = Split(unknown, fillings, tuple(branches), asked)
            self._seen[state] = found
        return self._seen[state]

    def _answered(self, result: Result) -> Result:
        """The result; raises :class:`TooOpen` where another one before it settles the matter.

        Not so with tests open: not every combination of them is one that rows can show.
        """
        self._first = self._first or result
        if self._brief and not self._tests and result.key != self._first.key:
            raise TooOpen
        return result

    def _settle(
        self,
        facts: Facts,
        applying: tuple[int, ...],
        maybe: Iterable[tuple[int, Condition | None]],
    ) -> tuple[tuple[int, ...], Open]:
        """Which rules apply by now, and which may still."""
        left: list[tuple[int, Condition]] = []
        more: list[int] = []
        for index, condition in maybe:
            value = remaining(condition, facts, self._request.given)
            if value is True:
                more.append(index)
            elif value is not False:
                left.append((index, value))
        return tuple(sorted((*applying, *more))), tuple(left)

    def _matters(self, facts: Facts, applying: tuple[int, ...], left: Open) -> set[Unknown]:
        """The unknown facts, and tests, that still matter."""
        matters = {u for _, condition in left for u in unknowns_of(condition)}
        names_code_set = self._plan.decision.code_set
        if names_code_set and (applying or left) and names_code_set not in facts:
            matters.add((names_code_set, None))
        return matters

    def _fillings(
        self, matters: set[Unknown], facts: Facts
    ) -> tuple[Unknown, tuple[Filling, ...], Asked | None]:
        """Every value of the first unknown fact; all levels of a place are filled at once."""
        tests, table = self._tests, self._plan.table.paths
        order = tests.order(matters, facts) if tests else self._plan.order
        open_ = tuple(u for u in order if tests or u in matters)
        first = open_[0]
        if tests and (asked := tests.lists(first, matters, facts)):
            return first, tests.answers(asked), asked
        if fact_of(first) not in table or not self._places:
            values = tests.values(first) if tests else self._plan.fillings[first]
            return first, tuple({name_of(first): v} for v in values), None
        levels = [path for u in open_ if isinstance(path := fact_of(u), str) and path in table]
        seen = ({p: place[p] for p in levels} for place in self._places)
        return PLACE, tuple({tuple(f.values()): f for f in seen}.values()), None

    def _in_part(self) -> Result:
        """Too much is open to look at everything: what was seen, and all that could matter."""
        _, left = self._settle(self._facts, (), self._maybe)
        matters = (u for _, condition in left for u in unknowns_of(condition))
        seen = [r for r in self._seen.values() if isinstance(r, Result)]
        needs = self._listed(fact_of(u) for u in matters)
        return Result("undecided", possible=in_order(seen), needs=needs, partial=True)

    def _with_facts(self, result: Result) -> Result:
        titles = {result.rule, *result.rules, *(b.rule for b in result.beats)}
        entries = [self._plan.entries[i] for i, _ in self._maybe]
        read = (
            path
            for e in sorted(entries, key=lambda e: e.rule.title != result.rule)
            if e.rule.title in titles
            for path in self._plan.read_by(e)
        )
        known = {*self._facts, *self._request.rows}
        return replace(result, facts=tuple(p for p in dict.fromkeys(read) if p in known))


def _told(facts: Facts, filling: Filling) -> Facts:
    return {**facts, **filling}


class Applying:
    """What follows from the rules that apply, all facts that matter being known."""

    def __init__(self, plan: DecisionPlan, facts: Facts, entries: list[Entry]) -> None:
        self._plan = plan
        self._decision = plan.decision
        self._entries = entries
        self._codes = plan.code_set(facts)

    def result(self) -> Result:
        match self._decision.hit:
            case "single":
                return self._single()
            case "collect":
                return self._collected()
            case "sum" | "min" | "max":
                return self._counted()

    def _single(self) -> Result:
        """Law 3: the winner beats every other applicable rule with a different outcome."""
        said = [(e.rule, self.outcome(e)) for e in self._entries if _says_value(e)]
        if not said:
            return Result("no_rule")
        won = winner(self._plan, said)
        if won is None:
            return self._conflict(said)
        rule, outcome = won
        beats = beaten(self._plan, won, said)
        if isinstance(outcome, LeaveToStaff):
            return Result("left_to_staff", rule=rule.title, beats=beats, reason=rule.because)
        if self._decision.type == "code":
            return self._modified(rule, outcome, beats)
        return Result("decided", outcome, rule.title, beats)

    def outcome(self, entry: Entry) -> Any:
        """What the rule says, in a form that is equal exactly when it means the same (law 4)."""
        decide = entry.first(Decide)
        if decide is None:
            return LeaveToStaff(self._decision.name)
        if self._decision.type != "code":
            return decide.value
        value: Any = decide.value
        code = resolve(self._decision, value, self._codes) if self._codes else None
        return code or decide

    def _conflict(self, said: Said) -> Result:
        possible = in_order(_as_result(outcome) for _, outcome in said)
        return Result("conflict", rules=tuple(r.title for r, _ in said), possible=possible)

    def _modified(self, rule: Rule, outcome: Any, beats: tuple[Beaten, ...]) -> Result:
        """Law 4: each modifier is a decision of its own, off by default."""
        if not isinstance(outcome, ResolvedCode) or self._codes is None:
            return self._error(rule, _no_such_code(outcome, self._codes))
        modifiers, chosen_by = set(outcome.modifiers), dict[str, str]()
        for modifier in self._decision.modifiers:
            said = [
                (e.rule, on) for e in self._entries if (on := _modifies(e, modifier)) is not None
            ]
            chosen = winner(self._plan, said)
            if said and chosen is None:
                sides = [(r, _switched(outcome, modifier, on, self._decision)) for r, on in said]
                return self._conflict(sides)
            if chosen is not None:
                (modifiers.add if chosen[1] else modifiers.discard)(modifier)
                chosen_by[modifier] = chosen[0].title
        code = with_modifiers(outcome, frozenset(modifiers), self._decision)
        wrong = not_allowed(code, self._codes)
        if wrong:
            return self._error(
                rule, f"`{self._codes.name}` does not allow {wrong[0]} on code {code.base}"
            )
        rules = tuple(sorted(set(chosen_by.values())))
        spoken = tuple(chosen_by.items())
        return Result("decided", code.text, rule.title, beats, rules, modifiers=spoken)

    def _error(self, rule: Rule, message: str) -> Result:
        return Result("error", rule=rule.title, message=message)

    def _collected(self) -> Result:
        """Law 5: every applicable rule contributes; ``overrides`` removes a contribution."""
        kept = self._kept()
        values = {o.value for e in kept for o in e.outcomes if isinstance(o, Include)}
        ordered = tuple(r.value for r in in_order(Result("decided", v) for v in values))
        return Result("decided", ordered, rules=tuple(e.rule.title for e in kept))  # type: ignore[arg-type]

    def _counted(self) -> Result:
        kept = self._kept()
        amounts = [o.amount for e in kept for o in e.outcomes if isinstance(o, Contribute)]
        rules = tuple(e.rule.title for e in kept)
        if self._decision.hit == "sum":
            zero = Decimal(0) if self._decision.type == "decimal" else 0
            return Result("decided", sum(amounts, zero), rules=rules)
        if not amounts:
            return Result("no_rule")
        best = min(amounts) if self._decision.hit == "min" else max(amounts)
        return Result("decided", best, rules=rules)

    def _kept(self) -> list[Entry]:
        removed = {title for e in self._entries for title in e.rule.overrides}
        return [e for e in self._entries if e.rule.title not in removed]


def _says_value(entry: Entry) -> bool:
    return any(isinstance(o, Decide | LeaveToStaff) for o in entry.outcomes)


def _modifies(entry: Entry, modifier: str) -> bool | None:
    """Whether the rule adds the modifier (true), drops it (false) or says nothing of it."""
    found = (o for o in entry.outcomes if isinstance(o, Modify) and o.modifier == modifier)
    return next((o.adds for o in found), None)


def _switched(code: ResolvedCode, modifier: str, on: bool, decision: Any) -> ResolvedCode:
    kept = set(code.modifiers) - {modifier} | ({modifier} if on else set[str]())
    return with_modifiers(code, frozenset(kept), decision)


def _as_result(outcome: Any) -> Result:
    match outcome:
        case LeaveToStaff():
            return Result("left_to_staff")
        case ResolvedCode():
            return Result("decided", outcome.text)
        case Decide():
            return Result("error")
        case _:
            return Result("decided", outcome)


def _no_such_code(outcome: Any, code_set: Any) -> str:
    said = getattr(outcome.value, "name", outcome.value)
    if code_set is None:
        return f"there is no code set to look `{said}` up in"
    return f"`{said}` stands for no code in the code set `{code_set.name}`"
