"""What rules say where they compete, and what it means: the units that precedence decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from data.ontology.model import CodeSet, Decision, Number, Value
from data.rulelang.ast import Contribute, Decide, Include, LeaveToStaff, Modify, Outcome, Rule
from data.rulelang.codes import ResolvedCode, resolve

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


def contenders_of(
    decision: Decision, modifier: str, rules: Iterable[Rule], sets: Sequence[CodeSet | None]
) -> Iterable[Contender]:
    """What each of the rules says of a decision's value, or of one modifier of it."""
    for rule in rules:
        for outcome in rule.then:
            match outcome:
                case Modify() if modifier == outcome.modifier and outcome.decision == decision.name:
                    yield Contender(rule.title, outcome, (outcome.adds,) * len(sets))
                case Decide() | LeaveToStaff() if (
                    not modifier and outcome.decision == decision.name
                ):
                    meanings = tuple(_meaning(decision, outcome, s) for s in sets)
                    yield Contender(rule.title, outcome, meanings)
                case _:
                    pass


def codes_of(contender: Contender) -> int:
    """The cells of the code set's attribute in which the outcome is a code."""
    return sum(1 << i for i, m in enumerate(contender.meanings) if isinstance(m, ResolvedCode))


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
