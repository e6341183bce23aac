"""Section 4 as literals: who applies, who wins, what follows, for every request at once.

Where rules compete they form a :class:`Unit`: the value of a single decision, or one modifier
of a code decision. Literals are built when asked for and shared where they are equal, so what
the removal of a rule leaves alone is the very same literal before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from data.ontology.model import CodeSet, Decision
from data.rulelang.analyse.nearby import Nearby, Neighbourhood
from data.rulelang.analyse.space import Space
from data.rulelang.analyse.units import Contender, Unit, codes_of, contenders_of
from data.rulelang.ast import Compare, Condition, Invariant, Rule, attributes_of, where_of
from data.rulelang.cells import applicability
from data.rulelang.precedence import beats
from data.rulelang.regions import Regions
from data.rulelang.version import Version

if TYPE_CHECKING:
    from data.rulelang.analyse.answers import Answers

T = TypeVar("T")


class Encoding:
    """One version over one solver; over a space given, it shares that with another version."""

    def __init__(self, version: Version, space: Space | None = None) -> None:
        self.version = version
        self.ontology = version.ontology
        rules = sorted(version.rule_set.expanded().rules, key=lambda r: r.title)
        self.rules = {r.title: r for r in rules}
        self.conditions = {t: applicability(self.ontology, r) for t, r in self.rules.items()}
        self.lock = Lock()
        """Held by whoever asks a solver after the findings are out."""
        self.hears: Callable[[float], None] | None = None
        """Is told how much of what :meth:`counted` goes through is done: 0 to 1."""
        self._beats: dict[tuple[str, str], bool] = {}
        self._narrow: dict[str, Version] = {}
        self._encode(space or Space(self.ontology, conditions_of(version), version.scope_rows))

    def _encode(self, space: Space) -> None:
        self.space = space
        self.applies = {t: space.literal(c) for t, c in self.conditions.items()}
        self._blockers: dict[Contender, tuple[tuple[Contender, int], ...]] = {}
        self._wins: dict[tuple[Contender, str | None], int] = {}
        self._sets: dict[str, tuple[CodeSet | None, ...]] = {}
        self._definite: dict[str, int] = {}
        self._answers: dict[str, Answers] = {}
        self._said: dict[str, Mapping[str, Rule]] = {}
        self._bearing: dict[str, frozenset[str]] = {}

    # Rules that can be looked at alone.

    @cached_property
    def nearby(self) -> Nearby:
        """Which rules may meet."""
        return Nearby(Regions(self.ontology, conditions_of(self.version)), self.conditions)

    def near(self, title: str) -> tuple[str, ...]:
        """The rules that may apply where this one does, itself among them, by title.

        None of the others ever does; of these some may not.
        """
        return self.nearby.near(title)

    @cached_property
    def parts(self) -> Mapping[Encoding, tuple[str, ...]]:
        """Encodings of some of the rules, each with the titles that it is asked about.

        What is true of the requests to which one of these rules applies is true in its part.
        """
        every = tuple(self.rules)
        groups = self.nearby.neighbourhoods()
        return {self if n.titles == every else _Part(self, n): n.inner for n in groups}

    def counted(self, items: Collection[T]) -> Iterator[T]:
        """The items, telling whoever :attr:`hears` how far it is."""
        for done, item in enumerate(items):
            if self.hears is not None:
                self.hears(done / len(items))
            yield item

    def around(self, title: str) -> Encoding:
        """The part that is asked about this rule."""
        return self._part_of[title]

    @cached_property
    def _part_of(self) -> Mapping[str, Encoding]:
        return {title: part for part, titles in self.parts.items() for title in titles}

    # What there is.

    @cached_property
    def units(self) -> Mapping[tuple[str, str], Unit]:
        """By decision and modifier, in the ontology's order; those that some rule speaks of."""
        found: dict[tuple[str, str], Unit] = {}
        for decision in self.decisions:
            if decision.hit == "single":
                rules, sets = self.says(decision), self.code_sets(decision)
                for modifier in ("", *decision.modifiers):
                    if found_here := tuple(contenders_of(decision, modifier, rules, sets)):
                        found[decision.name, modifier] = Unit(decision, modifier, found_here)
        return found

    @cached_property
    def accepted(self) -> tuple[Condition | None, ...]:
        """Gaps that are meant."""
        return tuple(g.when for g in self.version.rule_set.expanded().gaps)

    @cached_property
    def invariants(self) -> tuple[Invariant, ...]:
        """What the version has to hold to."""
        return self.version.rule_set.expanded().invariants

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
                t: r
                for t, r in self.rules.items()
                if any(o.decision == decision.name for o in r.then)
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

    def beats(self, one: str, other: str) -> bool:
        """Whether one rule beats the other where their outcomes differ."""
        key = (one, other)
        if key not in self._beats:
            r, q = self.rules[one], self.rules[other]
            self._beats[key] = beats(self.ontology, self.version.edges, r, q) is not None
        return self._beats[key]

    def differ(self, unit: Unit, one: Contender, other: Contender) -> int:
        """Where the two outcomes are not the same: everywhere, nowhere, or in some code sets."""
        if one.meanings == other.meanings:
            return -self.space.TRUE
        pairs = enumerate(zip(one.meanings, other.meanings, strict=True))
        return self.among(unit.decision, sum(1 << i for i, (a, b) in pairs if a != b))

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
        """Rivals that it does not beat, and where they apply and say otherwise."""
        if one not in self._blockers:
            stopping = (
                (other, self.applies[other.title], where)
                for other, where in self.rivals(unit, one)
                if not self.beats(one.title, other.title)
            )
            true, both = self.space.TRUE, self.space.all
            self._blockers[one] = tuple(
                (other, here if where == true else both((here, where)))
                for other, here, where in stopping
            )
        return self._blockers[one]

    def wins(self, unit: Unit, one: Contender, without: str | None = None) -> int:
        """It applies and beats all that say otherwise; ``without`` names a rule left out."""
        blockers = self.blockers(unit, one)
        if without is not None and all(other.title != without for other, _ in blockers):
            without = None
        key = (one, without)
        if key not in self._wins:
            free = [-stopped for other, stopped in blockers if other.title != without]
            self._wins[key] = self.space.all((self.applies[one.title], *free))
        return self._wins[key]

    def unbeaten(self, unit: Unit, one: Contender) -> int:
        """It applies and nothing that applies beats it."""
        blockers = self.blockers(unit, one)
        free = [-stopped for other, stopped in blockers if self.beats(other.title, one.title)]
        return self.space.all((self.applies[one.title], *free))

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
            self.space.all((self.wins(unit, c, without), self.among(decision, codes_of(c))))
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

    def answers(self, decision: Decision) -> Answers:
        """The answer to the decision as literals, kept."""
        from data.rulelang.analyse.answers import Answers  # it stands on this module

        if decision.name not in self._answers:
            self._answers[decision.name] = Answers(self, decision)
        return self._answers[decision.name]

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


class _Part(Encoding):
    """Some rules of a version, over a solver of their own."""

    def __init__(self, whole: Encoding, some: Neighbourhood) -> None:
        self.version, self.ontology, self.lock = whole.version, whole.ontology, whole.lock
        self.nearby, self._beats, self._narrow = whole.nearby, whole._beats, whole._narrow
        self.rules = {t: whole.rules[t] for t in some.titles}
        self.conditions = {t: whole.conditions[t] for t in some.titles}
        invariants = (i.when for i in whole.invariants)
        self._encode(whole.space.part([*self.conditions.values(), *invariants]))


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
