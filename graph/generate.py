"""Requests made from a rule itself: its limits, each condition turned over, the rules it meets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from data.ontology.model import Attribute, Value
from data.rulelang.analyse.near import beside
from data.rulelang.analyse.stated import Facts, request_of
from data.rulelang.ast import (
    CompareFacts,
    Condition,
    Outcome,
    Rule,
    all_of,
    attributes_of,
    leaves_of,
)
from data.rulelang.cells import representatives
from data.rulelang.plan import DecisionPlan
from data.rulelang.precedence import beats
from data.rulelang.request import Request, Row, nested
from data.rulelang.version import Version
from graph.chooser import Chooser, is_ordered
from graph.describe import describe
from graph.trial_candidates import asked_by, choice_of, pairs
from graph.trial_rows import Turned, completed, turned_rows
from graph.words import because_words, label, result_words

MOST_TESTS = 24
MOST_MEETINGS = 6
MOST_VALUES = 4
MOST_FILLED = 12
Given = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Trial:
    """A made-up request with its results before and after, and why it was made."""

    given: Given
    rows: Mapping[str, tuple[Row, ...]]
    words: str
    why: str
    before: str
    after: str

    def to_json(self) -> dict[str, Any]:
        return {
            "given": nested(self.given, self.rows),
            "words": self.words,
            "why": self.why,
            "before": self.before,
            "after": self.after,
        }


def trials(before: Version, after: Version, drafted: Sequence[Rule]) -> tuple[Trial, ...]:
    """The generated tests of the drafted rules; each request once."""
    chooser = Chooser(after)
    seen: set[str] = set()
    found: list[Trial] = []
    for rule in drafted:
        for facts, why, told in _requests(chooser, before, after, rule):
            key = repr(sorted((p, str(v)) for p, v in told.items()))
            if key not in seen and len(found) < MOST_TESTS:
                seen.add(key)
                found.append(_trial(before, after, rule, facts, why, told))
    return tuple(found)


def meetings(after: Version, drafted: Sequence[Rule]) -> list[dict[str, Any]]:
    """Whom the drafted rules beat and who beats them, where both can apply to one request."""
    chooser = Chooser(after)
    found: list[dict[str, Any]] = []
    for rule in drafted:
        condition = chooser.condition(rule)
        for other in _rivals(after, rule):
            both = _both(condition, chooser.condition(other))
            if chooser.make_true(both) is not None:
                found += _beaten(after, rule, other)
    return found


def _beaten(after: Version, rule: Rule, other: Rule) -> Iterator[dict[str, Any]]:
    for winner, loser in ((rule, other), (other, rule)):
        reason = beats(after.ontology, after.edges, winner, loser)
        if reason is not None:
            words = because_words(reason)
            yield {"rule": winner.title, "beats": loser.title, "because": words, "reason": reason}


def _requests(
    chooser: Chooser, before: Version, after: Version, rule: Rule
) -> Iterator[tuple[Facts, str, Facts]]:
    """Facts and rows, the reason for them, and what of them a person needs to be told."""
    condition = chooser.condition(rule)
    base = chooser.make_true(condition)
    if base is None:
        return
    filler: Facts = {}
    for told, why in _bare(chooser, after, rule, condition, base):
        more = _filler(chooser, (before, after), rule, _filled(chooser, after, told, filler))
        filler = {**more, **filler}
        whole = {**_filled(chooser, after, told, filler), **more}
        yield from _with_candidates(chooser, after, rule, whole, why, told, every=told == base)


def _with_candidates(
    chooser: Chooser,
    version: Version,
    rule: Rule,
    whole: Facts,
    why: str,
    told: Facts,
    *,
    every: bool,
) -> Iterator[tuple[Facts, str, Facts]]:
    """The request itself, or of a choice the same with two candidates, or ``every`` such two."""
    plan = choice_of(version, rule)
    if plan is None:
        yield whole, why, told
        return
    for pair in pairs(chooser, plan, rule, whole, _turned):
        outer = {p: whole[p] for p in pair.beside if p in whole}
        said = {**told, **outer, pair.name: pair.told}
        yield {**whole, pair.name: pair.rows}, pair.why if every else why, said
        if not every:
            return


def _bare(
    chooser: Chooser, after: Version, rule: Rule, condition: Condition | None, base: Facts
) -> Iterator[Turned]:
    """The requests with no more facts than the rules in question look at."""
    yield base, "what the rule says"
    for path in base:
        if path in chooser.ontology.relations:
            yield from turned_rows(chooser, condition, base, path, _turned)
        else:
            yield from _turned(chooser, condition, base, path)
    meeting = (
        (other, chooser.make_true(_both(condition, chooser.condition(other))))
        for other in _rivals(after, rule)
    )
    for other, given in islice(((o, g) for o, g in meeting if g is not None), MOST_MEETINGS):
        yield given, f"“{other.title}” applies as well"


def _both(left: Condition | None, right: Condition | None) -> Condition | None:
    parts = [c for c in (left, right) if c is not None]
    return all_of(*parts) if parts else None


def _turned(
    chooser: Chooser, condition: Condition | None, base: Facts, path: str
) -> Iterator[Turned]:
    """The base request with another value of one attribute: inside a limit and outside."""
    attribute = chooser.ontology.attributes[path]
    kept = 0
    for value in (
        chooser.values(path) if not is_ordered(attribute) else _limits(condition, attribute, base)
    ):
        given = {**base, path: value}
        if value == base[path] or not chooser.fits(given):
            continue
        holds = condition is None or chooser.value(condition, given) is True
        if kept < MOST_VALUES and (not holds or is_ordered(attribute)):
            kept += 1
            yield given, _why(attribute, value, holds)
            if not is_ordered(attribute):
                return


def _limits(condition: Condition | None, attribute: Attribute, base: Facts) -> tuple[Value, ...]:
    """The values at the rule's own limits of the attribute, other facts among them."""
    links = [leaf for leaf in leaves_of(condition) if isinstance(leaf, CompareFacts)]
    ends = [(c.attribute, c.other) for c in links] + [(c.other, c.attribute) for c in links]
    others = (base[other] for path, other in ends if path == attribute.path and other in base)
    near = (value for other in others for value in beside(attribute, other))
    return tuple(dict.fromkeys((*representatives(attribute, [condition]), *near)))


def _why(attribute: Attribute, value: Value, holds: bool) -> str:
    if is_ordered(attribute):
        return f"{'at' if holds else 'beyond'} the limit of {attribute.label}"
    if isinstance(value, bool):
        return f"{'with' if value else 'without'} {attribute.label}"
    return f"with another {attribute.label}"


def _rivals(version: Version, rule: Rule) -> list[Rule]:
    """Other rules that give one of its decisions another value; contributions do not compete."""
    decisions = version.ontology.decisions
    named = {o.decision: o for o in rule.then if decisions[o.decision].hit == "single"}
    return [
        r
        for r in version.rule_set.rules
        if r.title != rule.title and any(_differs(o, named.get(o.decision)) for o in r.then)
    ]


def _differs(outcome: Outcome, other: Outcome | None) -> bool:
    return other is not None and type(outcome) is type(other) and outcome != other


def _filler(chooser: Chooser, versions: tuple[Version, Version], rule: Rule, base: Facts) -> Facts:
    """What the base request lacks before both versions decide it; of lists, no rows.

    The plainest values first, and before them those with which the rule makes a difference.
    """
    facts = {**_no_rows(chooser, versions, rule, base), **base}
    for _ in range(MOST_FILLED):
        path = next((n for n in _needs(versions, rule, facts) if n not in facts), None)
        if path is None:
            break
        options = [{**facts, path: v} for v in chooser.values(path)]
        fitting = [f for f in options if chooser.fits(f)]
        if not fitting:
            break
        facts = next((f for f in fitting if _differ(versions, rule, f)), fitting[0])
    plan = choice_of(versions[1], rule)
    for path in asked_by(plan) if plan else ():
        options = [{**facts, path: v} for v in chooser.values(path)]
        fitting = [f for f in options if path not in facts and chooser.fits(f)]
        facts = min(fitting, key=lambda f: _apply(chooser, plan, f), default=facts)
    return {p: v for p, v in facts.items() if p not in base}


def _no_rows(chooser: Chooser, versions: Iterable[Version], rule: Rule, base: Facts) -> Facts:
    """No rows for each list that a rule looks at which may yet decide what the rule decides."""
    named = {o.decision for o in rule.then}
    entries = (e for v in versions for d in named for e in v.plans[d].entries)
    open_ = [e.applies for e in entries if chooser.value(e.applies, base) is None]
    looked = {path for applies in open_ for path in attributes_of(applies, chooser.ontology)}
    return {name: () for name in chooser.ontology.relations if name in looked}


def _apply(chooser: Chooser, plan: DecisionPlan | None, facts: Facts) -> int:
    """How many rules on the choice may apply: the fewer, the plainer what one of them does."""
    entries = plan.entries if plan else ()
    return sum(chooser.value(e.applies, facts) is not False for e in entries)


def _needs(versions: Iterable[Version], rule: Rule, facts: Facts) -> Iterable[str]:
    """Facts and relations that could change what the rule decides on, choices aside."""
    for version in versions:
        fillable = {*version.ontology.attributes, *version.ontology.relations}
        request = request_of(version.ontology, facts)
        named = dict.fromkeys(o.decision for o in rule.then)
        for decision in (d for d in named if not version.ontology.decisions[d].candidates):
            found = version.compiled.decide_one(request, decision).needs
            yield from (n for n in found if n in fillable)


def _differ(versions: tuple[Version, Version], rule: Rule, facts: Facts) -> bool:
    before, after = (_results(v, rule, request_of(v.ontology, facts)) for v in versions)
    return before != after


def _filled(chooser: Chooser, version: Version, told: Facts, filler: Facts) -> Facts:
    """What is told and what fills it up; rows with a value of every fact that rules look at."""
    whole = dict(told)
    for path, value in filler.items():
        if path not in whole and chooser.fits({**whole, path: value}):
            whole[path] = value
    for relation in (p for p in told if p in chooser.ontology.relations):
        whole[relation] = completed(chooser, relation, told[relation], version.rule_set)
    return whole


def _trial(
    before: Version, after: Version, rule: Rule, facts: Facts, why: str, told: Facts
) -> Trial:
    request, shown = request_of(after.ontology, facts), request_of(after.ontology, told)
    return Trial(
        given=request.given,
        rows=request.rows,
        words=describe(after.ontology, shown.given, shown.rows),
        why=why,
        before=_results(before, rule, request),
        after=_results(after, rule, request),
    )


def _results(version: Version, rule: Rule, request: Request) -> str:
    """The rule's decisions for a request; more than one are named."""
    decisions = dict.fromkeys(o.decision for o in rule.then)
    said = {d: result_words(version.compiled.decide_one(request, d).to_json()) for d in decisions}
    if len(said) == 1:
        return next(iter(said.values()))
    return "; ".join(f"{label(d, version.ontology)} {words}" for d, words in said.items())
