"""Semantic difference of two versions: which requests get another answer.

Both versions are encoded over one solver, so rules that are the same in both are the same
literals. Per decision the question is whether some request has different answers; where the
solver says no, all are proven equal. Changed requests are grouped by what changes, each group
told by boxes and by a witness that both evaluators were run on.

Complete for conditions without ``is known``, like ``check``: requests with unknown facts are
equal where all their fillings are. Where some condition asks ``is known``, "equal" is still
proven for every request; a change that shows only while answers hang on an absent fact is
said to be possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from data.ontology.model import Decision, Number, Ontology
from data.rulelang.analyse.answers import (
    Answers,
    Bit,
    TooManySums,
    apart,
    differing,
    paired,
    shifts,
)
from data.rulelang.analyse.common import (
    decided_alike,
    defaults_apart,
    shared_ontology,
    shared_rows,
    told_apart,
)
from data.rulelang.analyse.cover import Cover, Covered, Unshown, plainest
from data.rulelang.analyse.encoding import Encoding, conditions_of
from data.rulelang.analyse.space import Space
from data.rulelang.analyse.stated import Facts, request_of
from data.rulelang.analyse.witness import MOST_SITUATIONS, NotReproduced, less
from data.rulelang.ast import Condition, Rule, RuleSet, Test, attributes_of, tests_of
from data.rulelang.cells import applicability
from data.rulelang.evaluate import decide_one
from data.rulelang.request import Request
from data.rulelang.result import Result
from data.rulelang.version import Version

MOST_CHANGES = 20
"""So many kinds of change are told per decision; beyond, more are said to exist."""
MOST_TRIED = 20
"""So many requests are tried out on which answers hang on an absent fact."""


@dataclass(frozen=True)
class Move:
    """One way in which an answer changes."""

    was: tuple[Bit, ...] = ()
    """The status, or ``is`` and a value (of a code its base), that gives way to ``now``.

    Several values where all of them give way to, or come instead of, one status.
    """
    now: tuple[Bit, ...] = ()
    gained: Any = None
    """A modifier, or an element of a collected set, that is new in the answer."""
    lost: Any = None
    more: Number | None = None
    """By how much a sum grows."""


@dataclass(frozen=True)
class Change:
    """Requests whose answer to one decision changes in one way."""

    decision: str
    move: Move
    where: Covered
    witness: Request
    """One of them, re-run through both evaluators."""
    before: Result
    """What the witness got, and gets."""
    after: Result


@dataclass(frozen=True)
class Difference:
    """How two versions differ. Every request outside the changes is proven to be answered alike."""

    changes: tuple[Change, ...]
    unlisted: tuple[str, ...]
    """Decisions with more kinds of change than are told."""
    uncompared: tuple[str, ...]
    """What may differ and was not settled, a sentence each."""
    ontology: Ontology
    """The words of both: those of the regions and witnesses."""
    words: tuple[str, ...]
    """What was added, taken out or changed beside the rules; in itself it changes no answer."""

    @property
    def equal(self) -> bool:
        """Every request both can be given gets the same answers."""
        return not self.changes and not self.uncompared


def difference(before: Version, after: Version) -> Difference:
    """What changes from one version to the other, decision by decision."""
    words = told_apart(before, after)
    if before.id == after.id:
        return Difference((), (), (), after.ontology, words)
    decisions, uncompared = _decisions(before, after)
    ontology, lost = shared_ontology(before, after)
    blind = {d for d in decisions if _names(before, d) & lost or _names(after, d) & lost}
    uncompared += [f"`{_label(after, d)}` looks at facts of another type now" for d in blind]
    decisions = [d for d in decisions if d not in blind]
    sides = _Sides(_narrowed(before, decisions), _narrowed(after, decisions), ontology)
    changes: list[Change] = []
    unlisted: list[str] = []
    for name in decisions:
        found = sides.changes(name)
        changes += found.changes
        unlisted += [name] if found.cut else []
        uncompared += found.unsettled
        uncompared += _absent(before, after, name)
    return Difference(tuple(changes), tuple(unlisted), tuple(uncompared), ontology, words)


def _decisions(before: Version, after: Version) -> tuple[list[str], list[str]]:
    """The decisions to compare, and sentences on those that cannot be."""
    one, other = before.ontology.decisions, after.ontology.decisions
    uncompared = [f"`{other[d].label}` was not decided before" for d in other if d not in one]
    uncompared += [f"`{one[d].label}` is no longer decided" for d in one if d not in other]
    kept: list[str] = []
    for name in (d for d in one if d in other):
        if not decided_alike(one[name], other[name]):
            uncompared.append(f"`{other[name].label}` is decided in another way now")
        elif other[name].type == "choice":
            if _speakers(before, name) != _speakers(after, name):
                uncompared.append(
                    f"the rules for `{other[name].label}`, a choice, are not the same"
                )
        else:
            kept.append(name)
    return kept, uncompared


def _absent(before: Version, after: Version, name: str) -> Iterable[str]:
    looked_at = _names(before, name) | _names(after, name)
    for path in sorted(defaults_apart(before, after) & looked_at):
        label = {**before.ontology.attributes, **after.ontology.attributes}[path].label
        yield (
            f"requests that leave out `{label}` may get another `{_label(after, name)}`: "
            "what stands for it changed"
        )


def _narrowed(version: Version, decisions: Sequence[str]) -> Version:
    """Only these decisions, and the rules that speak of them."""
    expanded = version.rule_set.expanded().rules
    rules = tuple(r for r in expanded if any(o.decision in decisions for o in r.then))
    kept = {d: version.ontology.decisions[d] for d in decisions}
    ontology = replace(version.ontology, decisions=kept)
    then = (tuple(o for o in r.then if o.decision in decisions) for r in rules)
    said = tuple(replace(r, then=t) for r, t in zip(rules, then, strict=True))
    return replace(version, ontology=ontology, rule_set=RuleSet(said))


def _speakers(version: Version, decision: str) -> frozenset[Rule]:
    rules = version.rule_set.expanded().rules
    return frozenset(r for r in rules if any(o.decision == decision for o in r.then))


def _names(version: Version, decision: str) -> frozenset[str]:
    ontology = version.ontology
    rules = _speakers(version, decision)
    return frozenset(chain(*(attributes_of(applicability(ontology, r), ontology) for r in rules)))


def _label(version: Version, decision: str) -> str:
    return version.ontology.decisions[decision].label


@dataclass(frozen=True)
class _Found:
    changes: tuple[Change, ...] = ()
    cut: bool = False
    unsettled: tuple[str, ...] = ()


class _Sides:
    """Two versions over one solver."""

    def __init__(self, before: Version, after: Version, ontology: Ontology) -> None:
        said = [*conditions_of(before), *conditions_of(after)]
        self._space = Space(ontology, said, shared_rows(before, after))
        self._before = Encoding(before, self._space)
        self._after = Encoding(after, self._space)
        self._keep_common_elements()
        same = set(before.rule_set.rules) & set(after.rule_set.rules)
        moved = {*before.rule_set.rules, *after.rule_set.rules} - same
        conditions = [(v, r) for v in (before, after) for r in moved if r in v.rule_set.rules]
        self._moved = {
            p
            for v, r in conditions
            for p in attributes_of(applicability(v.ontology, r), v.ontology)
        }

    def _keep_common_elements(self) -> None:
        """Sets hold values that both versions know."""
        for attribute in self._space.ontology.facts:
            path = attribute.path
            if attribute.of == "enum":
                pairs = zip(
                    self._space.cells.elements(path), self._space.variables(path), strict=True
                )
                for element, variable in pairs:
                    if element not in attribute.values:
                        self._space.require(-variable)

    def changes(self, name: str) -> _Found:
        """The ways in which the answers to one decision change."""
        one, other = (Answers(e, e.ontology.decisions[name]) for e in (self._before, self._after))
        try:
            changed = apart(self._space, one, other)
        except TooManySums:
            label = other.decision.label
            return _Found(unsettled=(f"`{label}` can be too many different sums to compare",))
        if not self._space.solve(changed):
            return _Found()
        try:
            return self._told(one, other, changed)
        except Unshown:
            label = other.decision.label
            return _Found(unsettled=(f"`{label}` may change, by tests too involved to settle",))

    def _told(self, one: Answers, other: Answers, changed: int) -> _Found:
        if self._space.rough.intersection(self._tests(one.decision.name)):
            raise Unshown
        definite = self._space.all(a.encoding.definite(a.decision) for a in (one, other))
        found = list(islice(self._definite(one, other, definite), MOST_CHANGES + 1))
        if len(found) > MOST_CHANGES:
            return _Found(tuple(found[:-1]), True)
        hanging, settled = self._hanging(other.decision, self._space.all((changed, -definite)))
        unsettled = (
            f"where facts are absent that rules ask `is known` of, `{other.decision.label}` "
            "may change for further requests"
        )
        return _Found((*found, *hanging), False, () if settled else (unsettled,))

    def _definite(self, one: Answers, other: Answers, definite: int) -> Iterable[Change]:
        """The changes on requests on which nothing hangs on an absent fact."""
        name = one.decision.name
        cover, paths = self._cover(name), self._paths(name)
        for move, where in self._moves(one, other, definite, cover, paths):
            region = self._space.all((where, definite))
            facts = plainest(self._space, [region], paths)
            if facts is not None:
                covered = cover.of(region, paths)
                yield self._change(name, covered, self._smallest(name, facts, covered.paths), move)

    def _moves(
        self, one: Answers, other: Answers, definite: int, cover: Cover, paths: Sequence[str]
    ) -> Iterable[tuple[Move, int]]:
        """Every way in which the answer changes, and where it does."""
        space = self._space
        if one.decision.hit == "sum":
            yield from ((Move(more=n), here) for n, here in shifts(space, one, other).items() if n)
            return
        bits = list(paired(space, one, other))
        states = {what: pair for what, pair in bits if what[0] != "with"}
        moved = space.any(differing(space, *pair) for pair in states.values())
        left = [moved, definite]
        while (facts := plainest(space, left, paths)) is not None:
            point = cover.literals(facts)
            was = next(w for w, (a, _) in states.items() if space.solve(*point, a))
            now = next(w for w, (_, b) in states.items() if space.solve(*point, b))
            before = {w: states[w][0] for w in _alike(was, now, states)}
            after = {w: states[w][1] for w in _alike(now, was, states)}
            here = space.all((space.any(before.values()), space.any(after.values())))
            yield (
                Move(
                    tuple(w for w, a in before.items() if space.solve(here, definite, a)),
                    tuple(w for w, b in after.items() if space.solve(here, definite, b)),
                ),
                here,
            )
            left.append(-here)
        for (_, part), (was_in, is_in) in (b for b in bits if b[0][0] == "with"):
            yield Move(gained=part), space.all((-moved, -was_in, is_in))
            yield Move(lost=part), space.all((-moved, was_in, -is_in))

    def _hanging(self, decision: Decision, region: int) -> tuple[list[Change], bool]:
        """A change found by trying one request at a time, and whether there can be no further."""
        cover, paths = self._cover(decision.name), self._paths(decision.name)
        left = [region]
        for _ in range(MOST_TRIED):
            facts = plainest(self._space, left, paths)
            if facts is None:
                return [], True
            left.append(-self._space.all(cover.literals(facts)))
            one, other = self._answers(decision.name, facts)
            if one.key != other.key:
                few = self._smallest(decision.name, facts, tuple(facts))
                covered = Covered((cover.told(few),), False, tuple(few))
                return [self._change(decision.name, covered, few, _told(one, other))], False
        return [], False

    def _change(self, name: str, covered: Covered, facts: Facts, move: Move) -> Change:
        one, other = self._answers(name, facts)
        return Change(name, move, covered, request_of(self._space.ontology, facts), one, other)

    def _smallest(self, name: str, facts: Facts, few: Sequence[str]) -> Facts:
        """As few of the facts as get both answers; of these few alone, where that will do."""
        whole = [r.key for r in self._answers(name, facts)]
        if whole[0] == whole[1]:
            raise NotReproduced(f"{name} {facts}")

        def shows(fewer: Facts) -> bool:
            return [r.key for r in self._answers(name, fewer)] == whole

        chosen = {p: v for p, v in facts.items() if p in few}
        return less(chosen if shows(chosen) else facts, shows)

    def _answers(self, name: str, facts: Facts) -> tuple[Result, Result]:
        """Both evaluators, each given the facts it knows."""
        one, other = (
            decide_one(e.version, request_of(e.ontology, facts), name, MOST_SITUATIONS)
            for e in (self._before, self._after)
        )
        return one, other

    def _conditions(self, name: str) -> Iterable[Condition | None]:
        """What rules of either version ask that speak of a decision."""
        for encoding in (self._before, self._after):
            rules = encoding.says(encoding.ontology.decisions[name])
            yield from (encoding.conditions[r.title] for r in rules)

    def _tests(self, name: str) -> tuple[Test, ...]:
        return tuple(dict.fromkeys(t for c in self._conditions(name) for t in tests_of(c)))

    def _paths(self, name: str) -> list[str]:
        """The facts and relations that bear on a decision, in the ontology's order."""
        ontology = self._space.ontology
        named = {p for c in self._conditions(name) for p in attributes_of(c, ontology)}
        for e in (self._before, self._after):
            named |= {*e.paths(e.ontology.decisions[name])}
        return [p for p in (*ontology.attributes, *ontology.relations) if p in named]

    def _cover(self, name: str) -> Cover:
        """Regions are told first by what rules look at that are not the same in both versions,
        and by broad scope levels rather than narrow ones."""
        scopes = self._space.ontology.scopes
        levels = [scopes.path(level) for level in scopes.levels] if scopes else []

        def rank(path: str) -> tuple[bool, int]:
            return path in self._moved, -levels.index(path) if path in levels else 1

        facts = [p for p in self._paths(name)[::-1] if p in self._space.ontology.attributes]
        return Cover(self._space, sorted(facts, key=rank), self._tests(name))


def _alike(bit: Bit, other: Bit, states: Iterable[Bit]) -> Iterable[Bit]:
    """What is told in one: the values, where the other side is no value."""
    if bit[0] == "is" and other[0] != "is":
        return sorted((b for b in states if b[0] == "is"), key=str)
    return [bit]


def _told(before: Result, after: Result) -> Move:
    """The move from one answer to the other, as they are printed."""
    was, now = (
        ("is", r.value) if r.status == "decided" else (r.status, None) for r in (before, after)
    )
    return Move((was,), (now,))
