"""Section 4 as literals: who applies, who wins, what follows, for every request at once.

Where rules compete they form a :class:`Unit`: the value of a single decision, or one modifier
of a code decision. Literals are built when asked for and shared where they are equal, so what
the removal of a rule leaves alone is the very same literal before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from threading import Lock

from data.ontology.model import CodeSet, Decision, Number, Value
from data.rulelang.analyse.space import Space
from data.rulelang.ast import (
    Compare,
    Condition,
    Contribute,
    Decide,
    Include,
    LeaveToStaff,
    Modify,
    Outcome,
    Rule,
    attributes_of,
    where_of,
)
from data.rulelang.bits import places_of
from data.rulelang.cells import applicability
from data.rulelang.codes import ResolvedCode, resolve
from data.rulelang.precedence import beats
from data.rulelang.regions import Box, Hulls, Regions
from data.rulelang.version import Version

Meaning = ResolvedCode | Outcome | Value
"""What an outcome means at one value of the code set's attribute; equal when it is the same."""


@dataclass(frozen=True, eq=False)
class Contender:
    """A rule with its outcome where others may say something else."""

    title: str
    outcome: Decide | LeaveToStaff | Modify
    meanings: tuple[Meaning, ...]
    """Per cell of the code set's attribute; just one where there is none."""


@dataclass(frozen=True, eq=False)
class Unit:
    """One thing decided by precedence: a decision's value, or one modifier of it."""

    decision: Decision
    modifier: str
    """Empty for the value itself."""
    contenders: tuple[Contender, ...]
    """Sorted by title."""

    @cached_property
    def by_title(self) -> Mapping[str, tuple[Contender, ...]]:
        """What each rule says."""
        found: dict[str, tuple[Contender, ...]] = {}
        for contender in self.contenders:
            found[contender.title] = (*found.get(contender.title, ()), contender)
        return found

    def of(self, titles: Iterable[str]) -> tuple[Contender, ...]:
        """What these rules say, in the order of the titles."""
        return tuple(c for t in titles for c in self.by_title.get(t, ()))


class Encoding:
    """One version over one solver; over a space given, it shares that with another version."""

    def __init__(self, version: Version, space: Space | None = None) -> None:
        self.version = version
        self.ontology = version.ontology
        rule_set = version.rule_set.expanded()
        self.rules = {r.title: r for r in sorted(rule_set.rules, key=lambda r: r.title)}
        self.conditions = {t: applicability(self.ontology, r) for t, r in self.rules.items()}
        self.accepted = tuple(g.when for g in rule_set.gaps)
        self.invariants = rule_set.invariants
        mentioned = tuple(conditions_of(version))
        self.space = space or Space(self.ontology, mentioned, version.scope_rows)
        self.applies = {t: self.space.literal(c) for t, c in self.conditions.items()}
        regions = Regions(self.ontology, mentioned)
        hulls = {t: regions.hull(c) for t, c in self.conditions.items()}
        self._hulls: dict[str, Box] = {t: hull for t, hull in hulls.items() if hull is not None}
        self.lock = Lock()
        """Held by whoever asks the solver after the findings are out."""
        self._near: dict[str, tuple[str, ...]] = {}
        self._beats: dict[tuple[str, str], bool] = {}
        self._blockers: dict[Contender, tuple[tuple[Contender, int], ...]] = {}
        self._wins: dict[tuple[Contender, str | None], int] = {}
        self._narrow: dict[str, Version] = {}
        self._sets: dict[str, tuple[CodeSet | None, ...]] = {}
        self._definite: dict[str, int] = {}
        self._said: dict[str, Mapping[str, Rule]] = {}
        self._bearing: dict[str, frozenset[str]] = {}

    # What there is.

    @cached_property
    def units(self) -> Mapping[tuple[str, str], Unit]:
        """By decision and modifier, in the ontology's order; those that some rule speaks of."""
        found: dict[tuple[str, str], Unit] = {}
        for decision in self.decisions:
            if decision.hit == "single":
                for modifier in ("", *decision.modifiers):
                    if contenders := tuple(self._contenders(decision, modifier)):
                        found[decision.name, modifier] = Unit(decision, modifier, contenders)
        return found

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions that rules answer."""
        return tuple(self.ontology.decisions.values())

    def code_sets(self, decision: Decision) -> tuple[CodeSet | None, ...]:
        """The code set in force in each cell of the attribute that names it."""
        path = decision.code_set
        if path is None:
            return (None,)
        if path not in self._sets:
            cells = self.space.cells.cells(path)
            sets = (self.version.code_sets.get(str(c.representative)) for c in cells)
            self._sets[path] = tuple(sets)
        return self._sets[path]

    def says(self, decision: Decision) -> tuple[Rule, ...]:
        """The rules that speak of a decision, by title."""
        return tuple(self.said(decision).values())

    def said(self, decision: Decision) -> Mapping[str, Rule]:
        """The same, by their titles."""
        if decision.name not in self._said:
            self._said[decision.name] = {
                t: r for t, r in self.rules.items() if any(_is_for(o, decision) for o in r.then)
            }
        return self._said[decision.name]

    def paths(self, decision: Decision) -> tuple[str, ...]:
        """The facts that bear on a decision, in the ontology's order."""
        bearing = self.bearing(decision)
        return tuple(p for p in self.ontology.attributes if p in bearing)

    def bearing(self, decision: Decision) -> frozenset[str]:
        """The facts and relations that bear on a decision."""
        if decision.name not in self._bearing:
            named = (*self.named(self.said(decision)), decision.code_set, decision.gap_by)
            self._bearing[decision.name] = frozenset(p for p in named if p is not None)
        return self._bearing[decision.name]

    def named(self, titles: Iterable[str]) -> Iterable[str]:
        """The facts that the rules look at, scope and date among them."""
        return chain.from_iterable(attributes_of(self.conditions[t], self.ontology) for t in titles)

    def alone(self, decision: Decision) -> Version:
        """The version, deciding nothing else and filling places freely.

        What every place shows is shown by those of the table; a witness so names its place in full.
        """
        if decision.name not in self._narrow:
            ontology = replace(self.ontology, decisions={decision.name: decision})
            self._narrow[decision.name] = replace(self.version, ontology=ontology, scope_rows=())
        return self._narrow[decision.name]

    # Rules that compete.

    @cached_property
    def _index(self) -> Hulls:
        return Hulls(tuple(self._hulls.values()))

    @cached_property
    def _titles(self) -> tuple[str, ...]:
        """By place in the index."""
        return tuple(self._hulls)

    def near(self, title: str) -> tuple[str, ...]:
        """The rules that may apply where this one does, itself among them, by title.

        None of the others ever does; of these some may not.
        """
        if title not in self._near:
            hull = self._hulls.get(title)
            met = 0 if hull is None else self._index.meeting(hull)
            self._near[title] = tuple(self._titles[i] for i in places_of(met))
        return self._near[title]

    def beats(self, one: str, other: str) -> bool:
        """Whether one rule beats the other where their outcomes differ."""
        key = (one, other)
        if key not in self._beats:
            r, q = self.rules[one], self.rules[other]
            self._beats[key] = beats(self.ontology, self.version.edges, r, q) is not None
        return self._beats[key]

    def differ(self, unit: Unit, one: Contender, other: Contender) -> int:
        """Where the two outcomes are not the same: everywhere, nowhere, or in some code sets."""
        mask = sum(
            1 << i
            for i, (a, b) in enumerate(zip(one.meanings, other.meanings, strict=True))
            if a != b
        )
        return self.among(unit.decision, mask)

    def among(self, decision: Decision, mask: int) -> int:
        """The code set in force is one of the mask's."""
        if decision.code_set is None:
            return self.space.TRUE if mask else -self.space.TRUE
        return self.space.among(decision.code_set, mask)

    def rivals(self, unit: Unit, one: Contender) -> tuple[tuple[Contender, int], ...]:
        """Contenders that may apply together with it and say otherwise, and where they do.

        All of them, also when ``unit`` holds only a part of its contenders.
        """
        whole = self.units[unit.decision.name, unit.modifier]
        near = whole.of(self.near(one.title))
        found = ((other, self.differ(unit, one, other)) for other in near if other is not one)
        return tuple((other, where) for other, where in found if where != -self.space.TRUE)

    def blockers(self, unit: Unit, one: Contender) -> tuple[tuple[Contender, int], ...]:
        """Rivals that it does not beat, and where their outcomes differ."""
        if one not in self._blockers:
            self._blockers[one] = tuple(
                (other, where)
                for other, where in self.rivals(unit, one)
                if not self.beats(one.title, other.title)
            )
        return self._blockers[one]

    def wins(self, unit: Unit, one: Contender, without: str | None = None) -> int:
        """It applies and beats all that say otherwise; ``without`` names a rule left out."""
        blockers = self.blockers(unit, one)
        if without is not None and all(other.title != without for other, _ in blockers):
            without = None
        key = (one, without)
        if key not in self._wins:
            space = self.space
            stopped = [
                -space.all((self.applies[other.title], where))
                for other, where in blockers
                if other.title != without
            ]
            self._wins[key] = space.all((self.applies[one.title], *stopped))
        return self._wins[key]

    def unbeaten(self, unit: Unit, one: Contender) -> int:
        """It applies and nothing that applies beats it."""
        stopped = [
            -self.space.all((self.applies[other.title], where))
            for other, where in self.blockers(unit, one)
            if self.beats(other.title, one.title)
        ]
        return self.space.all((self.applies[one.title], *stopped))

    def spoken(self, unit: Unit, without: str | None = None) -> int:
        """Some rule applies."""
        return self.space.any(self.applies[c.title] for c in unit.contenders if c.title != without)

    def won(self, unit: Unit, without: str | None = None) -> int:
        """Some rule wins."""
        return self.space.any(
            self.wins(unit, c, without) for c in unit.contenders if c.title != without
        )

    def torn(self, unit: Unit, without: str | None = None) -> int:
        """Rules apply and none of them wins."""
        return self.space.all((self.spoken(unit, without), -self.won(unit, without)))

    def coded(self, decision: Decision, without: str | None = None) -> int:
        """A rule wins the value, and it is a code of the code set in force."""
        unit = self.units.get((decision.name, ""))
        if unit is None:
            return -self.space.TRUE
        return self.space.any(
            self.space.all((self.wins(unit, c, without), self.among(decision, _codes(c))))
            for c in unit.contenders
            if c.title != without
        )

    def reached(self, unit: Unit) -> int:
        """The unit is asked: a modifier is, where the value is a code of the code set in force."""
        return self.coded(unit.decision) if unit.modifier else self.space.TRUE

    def chooses(self, rule: Rule) -> bool:
        """Whether the rule speaks of a choice: who is chosen is not known before the candidates."""
        return any(self.ontology.decisions[o.decision].type == "choice" for o in rule.then)

    # Rules that contribute.

    def kept(self, decision: Decision, rule: Rule, without: str | None = None) -> int:
        """The rule contributes: it applies and no rule that speaks of the decision removes it."""
        said = self.said(decision)
        removers = (t for t in self._overriding.get(rule.title, ()) if t in said and t != without)
        return self.space.all((self.applies[rule.title], *(-self.applies[t] for t in removers)))

    @cached_property
    def _overriding(self) -> Mapping[str, tuple[str, ...]]:
        """For each title that rules override, the rules that do."""
        found: dict[str, tuple[str, ...]] = {}
        for title, rule in self.rules.items():
            for named in rule.overrides:
                found[named] = (*found.get(named, ()), title)
        return found

    # What holds whatever is absent.

    def definite(self, decision: Decision) -> int:
        """Nothing about the decision hangs on a fact that is absent."""
        if decision.name not in self._definite:
            self._definite[decision.name] = self.space.all(self._settled(decision))
        return self._definite[decision.name]

    def _settled(self, decision: Decision) -> Iterable[int]:
        hanging = (
            self.space.any(self.space.settled(self.conditions[r.title]))
            for r in self.says(decision)
            if self.hangs(self.conditions[r.title])
        )
        path = decision.code_set
        yield from hanging
        yield self.space.TRUE if path is None else self.space.filled(path)

    def hangs(self, condition: Condition | None) -> bool:
        """Whether the condition names a fact that may be absent."""
        maybe = self.space.absentable
        return bool(maybe) and not maybe.isdisjoint(attributes_of(condition, self.ontology))

    def _contenders(self, decision: Decision, modifier: str) -> Iterable[Contender]:
        sets = self.code_sets(decision)
        for rule in self.says(decision):
            for outcome in rule.then:
                match outcome:
                    case Modify() if modifier == outcome.modifier and _is_for(outcome, decision):
                        yield Contender(rule.title, outcome, (outcome.adds,) * len(sets))
                    case Decide() | LeaveToStaff() if not modifier and _is_for(outcome, decision):
                        meanings = tuple(_meaning(decision, outcome, s) for s in sets)
                        yield Contender(rule.title, outcome, meanings)
                    case _:
                        pass


def conditions_of(version: Version) -> Iterable[Condition | None]:
    """All conditions of a version, and those that keep code sets apart where a text names them."""
    ontology, rule_set = version.ontology, version.rule_set.expanded()
    yield from (applicability(ontology, r) for r in rule_set.rules)
    yield from (where_of(o) for r in rule_set.rules for o in r.then)
    yield from (g.when for g in rule_set.gaps)
    yield from (i.when for i in rule_set.invariants)
    names = tuple(sorted(version.code_sets))
    paths = {d.code_set for d in ontology.decisions.values() if d.code_set is not None}
    for path in sorted(paths):
        if names and ontology.attributes[path].type in ("text", "code"):
            yield Compare(path, "is one of", names)


def _codes(contender: Contender) -> int:
    """The cells of the code set's attribute in which the outcome is a code."""
    return sum(1 << i for i, m in enumerate(contender.meanings) if isinstance(m, ResolvedCode))


def _is_for(outcome: Outcome, decision: Decision) -> bool:
    return outcome.decision == decision.name


def _meaning(
    decision: Decision, outcome: Decide | LeaveToStaff, code_set: CodeSet | None
) -> Meaning:
    if isinstance(outcome, LeaveToStaff):
        return outcome
    if decision.type != "code":
        return outcome.value  # type: ignore[return-value]
    return resolved(decision, outcome, code_set) or outcome


def resolved(
    decision: Decision, outcome: Decide | Include, code_set: CodeSet | None
) -> ResolvedCode | None:
    """What a code means in a code set, or ``None`` where it means nothing."""
    return None if code_set is None else resolve(decision, outcome.value, code_set)  # type: ignore[arg-type]


def amounts(rule: Rule, decision: Decision) -> tuple[Number, ...]:
    """What the rule adds to a counted decision."""
    return tuple(
        o.amount for o in rule.then if isinstance(o, Contribute) and o.decision == decision.name
    )


def included(rule: Rule, decision: Decision) -> tuple[Value, ...]:
    """What the rule adds to a collected decision."""
    return tuple(
        o.value for o in rule.then if isinstance(o, Include) and o.decision == decision.name
    )
