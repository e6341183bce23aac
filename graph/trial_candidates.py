"""Candidates to try a rule on: one that it speaks of, on each side of what it says, and another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from data.ontology.model import Candidates
from data.rulelang.analyse.near import beside as near_to
from data.rulelang.analyse.stated import Facts
from data.rulelang.ast import (
    Condition,
    Decide,
    Measure,
    Narrow,
    Not,
    Outcome,
    Prefer,
    Rule,
    all_of,
    attributes_of,
    where_of,
)
from data.rulelang.partition import paths_asked
from data.rulelang.plan import DecisionPlan
from data.rulelang.request import Row
from data.rulelang.version import Version
from graph.chooser import Chooser
from graph.trial_rows import TurnFact


@dataclass(frozen=True, slots=True)
class Pair:
    """Two candidates, the one the rule speaks of among them, and why they were made."""

    name: str
    """Of the list."""
    rows: tuple[Row, ...]
    told: tuple[Row, ...]
    """What of them a person needs to know."""
    why: str
    beside: tuple[str, ...]
    """Facts of the request that the rule holds against those of a candidate."""


def choice_of(version: Version, rule: Rule) -> DecisionPlan | None:
    """The plan of the choice that the rule speaks of, if it does."""
    plans = (version.plans[o.decision] for o in rule.then if o.decision in version.plans)
    return next((p for p in plans if p.decision.candidates), None)


def asked_by(plan: DecisionPlan) -> tuple[str, ...]:
    """Facts of the request that some rule on the choice looks at."""
    said = [c for e in plan.entries for c in (e.applies, *map(where_of, e.outcomes)) if c]
    paths = {p for c in said for p in (*attributes_of(c, plan.ontology), *paths_asked(c))}
    return tuple(a.path for a in plan.ontology.facts if a.path in paths)


def pairs(
    chooser: Chooser, plan: DecisionPlan, rule: Rule, facts: Facts, turn: TurnFact
) -> Iterator[Pair]:
    """Two candidates for these facts: what the rule says first, then each side of its limits."""
    entry = next(e for e in plan.entries if e.rule.title == rule.title)
    maker = _Maker(chooser, plan, entry.rule, facts)
    for outcome in entry.outcomes:
        if isinstance(outcome, Narrow | Prefer) and (where := where_of(outcome)) is not None:
            yield from maker.told_apart(outcome, where, turn)
        elif isinstance(outcome, Prefer) and isinstance(outcome.by, Measure):
            yield from maker.measured(outcome.by)
        else:
            yield from maker.named(outcome)


class _Maker:
    """Makes candidates of whom nothing but this rule has to say anything."""

    def __init__(self, chooser: Chooser, plan: DecisionPlan, rule: Rule, facts: Facts) -> None:
        self._chooser = chooser
        self._plan = plan
        self._rule = rule
        self._facts = facts
        self._list: Candidates = plan.candidates
        self._stays = [
            (outcome.where, outcome.where if outcome.keep else Not(outcome.where))
            for e in plan.entries
            if e.rule == rule or chooser.value(e.applies, facts) is not False
            for outcome in e.outcomes
            if isinstance(outcome, Narrow)
        ]

    def told_apart(
        self, outcome: Narrow | Prefer, where: Condition, turn: TurnFact
    ) -> Iterator[Pair]:
        """One of whom the condition is true and one of whom it is not; each fact turned alone."""
        true = self._row(where)
        apart = paths_asked(where)
        alike = {p: v for p, v in (true or {}).items() if p not in apart}
        false = self._row(Not(where), alike)
        if true is None or false is None:
            return
        wins = isinstance(outcome, Prefer) or outcome.keep
        stays = true if wins else false
        first = not isinstance(outcome, Prefer)
        other = stays if first else false
        told = [p for p in self._paths if p in apart]
        label = self._list.entity
        yield self._pair(
            false if first and wins else true, other, told, first, "what the rule says"
        )
        for path in told:
            for facts, why in turn(self._chooser, where, {**self._facts, **true}, path):
                row = {p: facts[p] for p in true}
                yield self._pair(row, other, told, first, f"{label} {why}")

    def measured(self, by: Measure) -> Iterator[Pair]:
        """One better by a step than another who comes first by name, and one no better."""
        row = self._row(None)
        if row is None:
            return
        here = row[by.attribute]
        attribute = self._chooser.ontology.attributes[by.attribute]
        near = sorted({*near_to(attribute, here)})  # type: ignore[type-var]
        low, high = near[-2:] if len(near) > 1 else (here, here)
        better, worse = (low, high) if by.lowest else (high, low)
        told = [by.attribute]
        for value, why in ((better, "what the rule says"), (worse, f"the same {attribute.label}")):
            yield self._pair(
                {**row, by.attribute: value}, {**row, by.attribute: worse}, told, False, why
            )

    def named(self, outcome: Outcome) -> Iterator[Pair]:
        """The one the rule names, if it names one, after another."""
        row = self._row(None)
        if row is not None:
            said = outcome.value if isinstance(outcome, Decide) else None
            name = said if isinstance(said, str) else None
            yield self._pair(row, row, [], False, "what the rule says", name)

    def _row(self, condition: Condition | None, alike: Row | None = None) -> Row | None:
        """A candidate of whom the condition is true and whom no other rule leaves out, if any."""
        start = {**self._facts, **(alike or {})}
        wanted = [] if condition is None else [condition]
        asked = condition.part if isinstance(condition, Not) else condition
        others = [stays for where, stays in self._stays if asked not in (where, stays)]
        for said in ([*wanted, *others], wanted):
            found = self._chooser.make_true(all_of(*said) if said else None, start)
            if found is not None:
                own = {p: found[p] for p in self._paths if p in found}
                return {p: self._chooser.values(p)[0] for p in self._paths} | own
        return None

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        """Facts of a candidate that some rule on the choice looks at."""
        outcomes = [o for e in self._plan.entries for o in e.outcomes]
        asked = {p for o in outcomes for p in paths_asked(where_of(o))}
        preferred = (o.by for o in outcomes if isinstance(o, Prefer))
        asked |= {by.attribute for by in preferred if isinstance(by, Measure)}
        return tuple(p for p in self._chooser.ontology.attributes
                     if p in asked and p.startswith(self._plan.own))  # fmt: skip

    def _pair(
        self,
        row: Row,
        other: Row,
        told: Sequence[str],
        first: bool,
        why: str,
        name: str | None = None,
    ) -> Pair:
        """The row the rule speaks of, before or after the other one by name."""
        key = f"{self._list.entity}.{self._list.key}"
        words = self._chooser.ontology.attributes[key].values
        names = sorted(words)[:2] if len(words) > 1 else [f"{self._list.entity}-{n}" for n in "ab"]
        mine, others = names if first else reversed(names)
        both = ({key: name or mine, **row}, {key: others, **other})
        rows = tuple(sorted(both, key=lambda r: str(r[key])))
        shown = tuple({p: r[p] for p in (key, *told)} for r in rows)
        wheres = (where_of(o) for o in self._rule.then)
        asked = {p for where in wheres for p in paths_asked(where)}
        beside = tuple(p for p in self._facts if p in asked)
        return Pair(self._list.name, rows, shown, why, beside)
