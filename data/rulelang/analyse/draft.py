"""What a change of rules brings: the findings that were not there before, and no others.

Only what the changed rules can touch is asked. Of requests: those to which one of them applies,
among the rules that may apply there too; on all others nothing changes. Of rules that did not
change: whether they are now shadowed or redundant, unless a request shows that they are missed as
before. Where that does not settle it the whole is checked, so that the answer is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property
from itertools import chain, islice

from data.rulelang.analyse.alive import Alive
from data.rulelang.analyse.code_sets import code_sets
from data.rulelang.analyse.conflicts import conflicts
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.gaps import gaps
from data.rulelang.analyse.invariants import invariants
from data.rulelang.analyse.mandatory import mandatory_escapes
from data.rulelang.analyse.never_applies import never_applies
from data.rulelang.analyse.overrides import overriding_nothing
from data.rulelang.analyse.pipeline import DEAD
from data.rulelang.analyse.redundant import redundant
from data.rulelang.analyse.shadowed import shadowed
from data.rulelang.ast import (
    AcceptedGap,
    Condition,
    History,
    Known,
    Not,
    Rule,
    RuleSet,
    all_of,
    any_of,
    leaves_of,
)
from data.rulelang.cells import applicability
from data.rulelang.change import Change, change_of, narrowed, same_words
from data.rulelang.findings import Finding
from data.rulelang.precedence import beats
from data.rulelang.regions import compete, rival_outcomes
from data.rulelang.version import Version

MOST_ASKED = 40
"""Rules that are asked about one by one; beyond, the whole is checked."""
EFFECTS = ("shadowed", "redundant")
NOBODY = frozenset[str]()


def brought(
    before: Version, after: Version, known: Sequence[Finding], alive: Alive
) -> list[Finding] | None:
    """Findings of the version after, all those among them that the version before had not.

    ``known`` are all findings of the version before, ``alive`` is of it. ``None`` where the whole
    has to be checked.
    """
    change = change_of(before.rule_set, after.rule_set)
    if not _is_told_alone(before, after, change, known):
        return None
    draft = _Draft(before, after, change)
    if _ask_more_than_values((*draft.touched, *change.rules)):
        return None
    doubtful = [*islice(draft.doubtful(known, alive), MOST_ASKED + 1)]
    around = [draft.around(rule) for rule in doubtful]
    if len(doubtful) > MOST_ASKED or any(_ask_more_than_values(v.rule_set.rules) for v in around):
        return None
    effects = (_effects_of(rule, v) for rule, v in zip(doubtful, around, strict=True))
    return [*draft.findings(), *chain.from_iterable(effects)]


def _is_told_alone(
    before: Version, after: Version, change: Change, known: Sequence[Finding]
) -> bool:
    """Whether nothing bears on more than the requests to which a changed rule applies.

    A mandatory rule is told with all others that it meets, a gap and a conflict by what is known
    of others; who is preferred hangs on all rules.
    """
    old, new = before.rule_set, after.rule_set
    return (
        same_words(before, after)
        and (old.gaps, old.defines, old.invariants) == (new.gaps, new.defines, new.invariants)
        and not any(rule.mandatory for rule in change.rules)
        and not any(d.type == "choice" for d in after.ontology.decisions.values())
        and {f.code for f in known}.isdisjoint(["gap", "conflict", "code-set"])
    )


def _ask_more_than_values(rules: Iterable[Rule]) -> bool:
    """Whether a rule asks what is known, or of rows: of these the less is said the more is asked,
    so that a part of the rules is told more than the whole."""
    asked = (leaf for r in rules for leaf in leaves_of(r.when))
    return any(isinstance(leaf, Known | History) for leaf in asked)


class _InOnePiece(Encoding):
    """Rules around one, which therefore are looked at together."""

    @cached_property
    def parts(self) -> Mapping[Encoding, tuple[str, ...]]:
        return {self: tuple(self.rules)}

    def around(self, title: str) -> Encoding:
        return self


class _Draft:
    """A change, and the part of the version after that it reaches."""

    def __init__(self, before: Version, after: Version, change: Change) -> None:
        self._before, self._after, self._change = before, after, change
        self._come = {r.title for r in change.come}
        self._gone = {r.title for r in change.gone}
        met = {t for r in change.rules for t in before.meeting.titles(r)}
        named = {t for r in change.come for t in r.overrides}
        near = narrowed(after, met | named | self._come)
        about = {o.decision for r in change.rules for o in r.then}
        self.touched = [
            r
            for r in near.rule_set.rules
            if r.title in met - self._come and any(o.decision in about for o in r.then)
        ]
        """The rules that did not change, and may apply and compete where a changed one does."""
        conditions = (applicability(after.ontology, r) for r in change.rules)
        self._applying = tuple(dict.fromkeys(conditions))
        """When a changed rule applies."""
        self._near = _as_far_as(self._applying, _about(about, near))

    def doubtful(self, known: Sequence[Finding], alive: Alive) -> Iterator[Rule]:
        """Rules that did not change, and may be shadowed or redundant now though they were not.

        One that was shadowed is still so unless it has its way where a changed rule applies.
        """
        of = {code: {f.rules[0] for f in known if f.code == code and f.rules} for code in EFFECTS}
        errors = {f.rules[0] for f in known if f.code in DEAD and f.severity == "error"}
        shadowed_still = self._shadowed_still(errors & of["shadowed"])
        for rule in self.touched:
            if rule.title in errors:
                if rule.title in of["shadowed"] - shadowed_still:
                    yield rule
            elif rule.title in of["redundant"]:
                if alive.winning(rule, self._applying) is None:
                    yield rule
            elif alive.missed(rule, self._applying) is None:
                yield rule

    def findings(self) -> Iterator[Finding]:
        """What is found of changed rules, and of requests to which they apply."""
        encoding = self._encoding
        yield from self._of_overrides()
        never = [*never_applies(Encoding(narrowed(self._after, self._come)), NOBODY)]
        yield from never
        yield from code_sets(encoding, NOBODY)
        if self._may_conflict():
            yield from conflicts(encoding, NOBODY)
        yield from self._of_the_whole(encoding)
        others = encoding.rules.keys() - self._come | {f.rules[0] for f in never}
        escapes = [*mandatory_escapes(encoding, frozenset(others))]
        yield from escapes
        others |= {f.rules[0] for f in escapes if f.severity == "error"}
        yield from _effects(encoding, others)

    def around(self, rule: Rule) -> Version:
        """The version after with the rules that may apply where this one does."""
        return narrowed(self._after, self._before.meeting.titles(rule) | self._come)

    @cached_property
    def _encoding(self) -> Encoding:
        """As far as the change reaches."""
        return _InOnePiece(self._near)

    def _shadowed_still(self, titles: AbstractSet[str]) -> set[str]:
        """Those of these rules that do not have their way where a changed rule applies."""
        others = self._encoding.rules.keys() - titles
        return (
            {f.rules[0] for f in shadowed(self._encoding, frozenset(others))} if titles else set()
        )

    def _may_conflict(self) -> bool:
        """Whether a request may have lost its winner; with no ``overrides``, law 3 is an order.

        Then it has not where each rule that came beats or is beaten by all that say otherwise, and
        each that went has another with all of its precedence in its place.
        """
        come, rules = self._change.come, (*self.touched, *self._change.come)
        if any(r.overrides for r in (*rules, *self._change.gone)):
            return True
        instead = {r.title: r for r in come}
        for gone in self._change.gone:
            new = instead.get(gone.title)
            if new is None or replace(gone, then=new.then, because=new.because) != new:
                return True
        said = {r.title: rival_outcomes(r) for r in rules}
        return any(
            compete(said[new.title], said[rule.title])
            and not self._beats(new, rule)
            and not self._beats(rule, new)
            for new in come
            for rule in rules
        )

    def _beats(self, one: Rule, other: Rule) -> bool:
        return beats(self._after.ontology, self._near.edges, one, other) is not None

    def _of_overrides(self) -> Iterable[Finding]:
        left = self._gone - self._come
        old = self._after.rule_set.rules if left else ()
        some = (*self._change.come, *(r for r in old if not left.isdisjoint(r.overrides)))
        return overriding_nothing(dict.fromkeys(some), self._after.digests.rules.keys())

    def _of_the_whole(self, encoding: Encoding) -> Iterator[Finding]:
        """Gaps and invariants are told in words about all requests: where there is one, all
        rules are asked."""
        for look in (gaps, invariants):
            if any(f.severity != "warning" for f in look(encoding, NOBODY)):
                yield from look(Encoding(self._after), NOBODY)


def _effects_of(rule: Rule, around: Version) -> Iterator[Finding]:
    """Whether a rule is shadowed or redundant among those around it."""
    encoding = _InOnePiece(around)
    yield from _effects(encoding, encoding.rules.keys() - {rule.title})


def _effects(encoding: Encoding, others: AbstractSet[str]) -> Iterator[Finding]:
    """What is said of the effect of all but the others."""
    found = [*shadowed(encoding, frozenset(others))]
    yield from found
    yield from redundant(encoding, frozenset(others | {f.rules[0] for f in found}))


def _about(decisions: AbstractSet[str], version: Version) -> Version:
    """The version, of which no other decisions are asked."""
    whole, ontology = version.rule_set, version.ontology
    rules = (_saying(r, decisions) for r in whole.rules)
    kept = (i for i in whole.invariants if i.outcome.decision in decisions)
    asked = {n: d for n, d in ontology.decisions.items() if n in decisions}
    return replace(
        version,
        ontology=replace(ontology, decisions=asked),
        rule_set=replace(whole, rules=tuple(rules), invariants=tuple(kept)),
    )


def _saying(rule: Rule, decisions: AbstractSet[str]) -> Rule:
    """The rule with what it says of these decisions."""
    said = tuple(o for o in rule.then if o.decision in decisions)
    return rule if said == rule.then else replace(rule, then=said)


def _as_far_as(conditions: Sequence[Condition | None], version: Version) -> Version:
    """The version with rules that apply where one of these is true, and nothing asked beyond."""
    said = [c for c in conditions if c is not None]
    if not said or len(said) < len(conditions):
        return version
    whole, reach = version.rule_set, any_of(*said)

    def within(condition: Condition | None) -> Condition:
        return reach if condition is None else all_of(reach, condition)

    rules = (replace(r, when=within(r.when)) for r in whole.rules)
    kept = (replace(i, when=within(i.when)) for i in whole.invariants)
    beyond = AcceptedGap("beyond reach", Not(reach), "a change is looked at")
    gaps_meant = (*whole.gaps, beyond)
    return replace(version, rule_set=RuleSet(tuple(rules), gaps_meant, (), tuple(kept)))
