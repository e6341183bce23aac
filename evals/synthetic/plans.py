"""Well-formed rules drawn at random from an organisation's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Literal, get_args

from data.ontology import Attribute, CodeSets, Ontology, Value
from data.ontology import Decision as Question
from data.ontology.model import ScopeRow
from data.rulelang.ast import (
    Compare,
    Condition,
    Contribute,
    Decide,
    Include,
    LeaveToStaff,
    Modify,
    Not,
    Op,
    Outcome,
    Rule,
    Scope,
    all_of,
    any_of,
)

Shape = Literal["plain", "either", "unless", "otherwise", "apart", "pair", "neither"]
"""How the rule is built: conditions that all hold; the last two are alternatives; an exception;
another outcome everywhere else; two values of one fact, an outcome each; two decisions at once; two
yes-or-no facts of which none holds."""
SHAPES: tuple[Shape, ...] = get_args(Shape)
_FIRST_DAY = date(2026, 1, 1)
_NUMBERS: tuple[Op, ...] = ("is at least", "is at most", "is more than", "is less than")
_DAYS: tuple[Op, ...] = ("is before", "is after", "is on or after", "is on or before")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sentence is to say."""

    shape: Shape
    outcome: Outcome
    conditions: tuple[Condition, ...]
    """They all hold; of ``either`` the last two are alternatives."""
    exception: Condition | None = None
    other: Outcome | None = None
    """Of ``otherwise`` and ``apart`` what happens in the other case, of ``pair`` as well."""
    scope: Scope | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules it means, titled by number."""
        match self.shape:
            case "plain":
                cases = [(all_of(*self.conditions), self.outcome)]
            case "either":
                *before, one, two = self.conditions
                cases = [(all_of(*before, any_of(one, two)), self.outcome)]
            case "unless":
                assert self.exception is not None
                cases = [(all_of(*self.conditions, Not(self.exception)), self.outcome)]
            case "otherwise":
                assert self.other is not None
                whole = all_of(*self.conditions)
                cases = [(whole, self.outcome), (Not(whole), self.other)]
            case "apart":
                assert self.other is not None
                one, two = self.conditions
                cases = [(one, self.outcome), (two, self.other)]
            case "pair":
                assert self.other is not None
                both = Rule("rule 1", (self.outcome, self.other), all_of(*self.conditions))
                return (replace(both, scope=self.scope),)
            case "neither":
                cases = [(all_of(*self.conditions), self.outcome)]
        return tuple(
            Rule(f"rule {n}", (outcome,), when, self.scope)
            for n, (when, outcome) in enumerate(cases, 1)
        )


class Words:
    """What rules can be drawn from: no fact that identifies a person, none of a row."""

    def __init__(
        self, ontology: Ontology, code_sets: CodeSets, scope_rows: Sequence[ScopeRow] = ()
    ) -> None:
        self.ontology, self.code_sets = ontology, code_sets
        self._levels = _places(ontology, scope_rows)
        used = {ontology.scopes.path(v) for v in ontology.scopes.levels} if ontology.scopes else ()
        self._facts = [
            a
            for a in ontology.facts
            if a.path not in used
            and not a.sensitive
            and a.label.casefold() not in ontology.shared_labels
            and (a.values or a.type in ("boolean", "integer", "decimal", "date"))
        ]
        self._questions = [d for d in ontology.decisions.values() if d.type not in ("choice",)]

    def plans(self, draw: Random, count: int) -> Iterator[Plan]:
        """``count`` plans of every shape in turn; fewer where the ontology has too few words."""
        for number in range(count):
            made = self._plan(SHAPES[number % len(SHAPES)], draw)
            if made is not None:
                yield made

    def _plan(self, shape: Shape, draw: Random) -> Plan | None:
        question = draw.choice(self._questions) if self._questions else None
        scope = self._scope(draw)
        outcome = question and self._outcome(question, scope, draw)
        if question is None or outcome is None or len(self._facts) < 3:
            return None
        facts = draw.sample(self._facts, 3)
        if shape == "apart":
            return self._apart(question, outcome, scope, draw)
        if shape == "pair":
            return self._pair(question, outcome, scope, draw)
        if shape == "neither":
            flags = [a for a in self._facts if a.type == "boolean"]
            if len(flags) < 2:
                return None
            denied = (Compare(a.path, "is", False) for a in draw.sample(flags, 2))
            return Plan(shape, outcome, tuple(denied), scope=scope)
        least = 2 if shape == "either" else 1
        most = 3 if shape == "plain" else 2
        parts = tuple(_condition(a, draw) for a in facts[: draw.randint(least, most)])
        if shape == "unless":
            return Plan(shape, outcome, parts[:1], _condition(facts[2], draw), scope=scope)
        if shape == "otherwise":
            other = self._other(question, outcome, scope, draw)
            return other and Plan(shape, outcome, parts[:1], other=other, scope=scope)
        return Plan(shape, outcome, parts, scope=scope)

    def _apart(
        self, question: Question, outcome: Outcome, scope: Scope | None, draw: Random
    ) -> Plan | None:
        lists = [a for a in self._facts if a.type == "enum" and len(a.values) > 1]
        other = self._other(question, outcome, scope, draw)
        if not lists or other is None:
            return None
        fact = draw.choice(lists)
        one, two = draw.sample(list(fact.values), 2)
        cases = Compare(fact.path, "is", one), Compare(fact.path, "is", two)
        return Plan("apart", outcome, cases, other=other, scope=scope)

    def _pair(
        self, question: Question, outcome: Outcome, scope: Scope | None, draw: Random
    ) -> Plan | None:
        others = [d for d in self._questions if d is not question]
        second = self._outcome(draw.choice(others), scope, draw) if others else None
        if second is None:
            return None
        conditions = (_condition(draw.choice(self._facts), draw),)
        return Plan("pair", outcome, conditions, other=second, scope=scope)

    def _other(
        self, question: Question, outcome: Outcome, scope: Scope | None, draw: Random
    ) -> Outcome | None:
        """Another value of the same decision, where it has one value at a time."""
        if question.hit != "single" or not isinstance(outcome, Decide):
            return None
        tries = (self._outcome(question, scope, draw) for _ in range(8))
        return next((o for o in tries if isinstance(o, Decide) and o != outcome), None)

    def _scope(self, draw: Random) -> Scope | None:
        if not self._levels or draw.random() < 0.7:
            return None
        level = draw.choice(sorted(self._levels))
        return Scope(level, (draw.choice(self._levels[level]),))

    def _outcome(self, asked: Question, scope: Scope | None, draw: Random) -> Outcome | None:
        if asked.hit in ("sum", "min", "max"):
            return Contribute(asked.name, draw.randint(2, 60))
        value = self._value(asked, scope, draw)
        if asked.hit == "collect":
            return None if value is None else Include(asked.name, value)
        if asked.type == "code" and asked.modifiers and draw.random() < 0.3:
            return Modify(asked.name, draw.choice(asked.modifiers), True)
        if not asked.required and draw.random() < 0.05:
            return LeaveToStaff(asked.name)
        return None if value is None else Decide(asked.name, value)

    def _value(self, asked: Question, scope: Scope | None, draw: Random) -> Value | None:
        if asked.type == "boolean":
            return draw.random() < 0.6
        if asked.values:
            return draw.choice(list(asked.values))
        if asked.type in ("integer", "decimal"):
            return _number(asked, draw)
        if asked.type == "code":
            return self._code(asked, scope, draw)
        return None

    def _code(self, asked: Question, scope: Scope | None, draw: Random) -> str | None:
        """A code of the sets the rule can hold for: of all of them where it holds everywhere."""
        entity, _, level = (asked.code_set or "").partition(".")
        scopes = self.ontology.scopes
        sets = list(self.code_sets.values())
        shared: set[str] = set()
        if scope is not None and scopes and (entity, level) == (scopes.entity, scope.level):
            sets = [s for s in sets if s.name in scope.values]
        if sets:
            shared = {c for c in sets[0].codes if all(c in s.codes for s in sets)}
        return draw.choice(sorted(shared)) if shared else None


def _places(ontology: Ontology, rows: Sequence[ScopeRow]) -> dict[str, list[str]]:
    """The places a rule can be limited to, by level."""
    found: dict[str, list[str]] = {}
    scopes = ontology.scopes
    for level in scopes.levels if scopes else ():
        values = list(ontology.attributes[scopes.path(level)].values) if scopes else []
        said = values or sorted({r[level] for r in rows if level in r})
        if said:
            found[level] = said
    return found


def _condition(fact: Attribute, draw: Random) -> Condition:
    match fact.type:
        case "boolean":
            return Compare(fact.path, "is", draw.random() < 0.7)
        case "integer" | "decimal":
            number = _number(fact, draw)
            wider = number + draw.randint(2, 9)
            if draw.random() < 0.2 and (fact.max is None or wider <= fact.max):
                return Compare(fact.path, "is between", (number, wider))
            return Compare(fact.path, draw.choice(_NUMBERS), number)
        case "date":
            day = _FIRST_DAY + timedelta(days=draw.randrange(700))
            return Compare(fact.path, draw.choice(_DAYS), day)
        case "set":
            return Compare(fact.path, "include", draw.choice(list(fact.values)))
        case _:
            return _listed(fact, draw)


def _listed(fact: Attribute, draw: Random) -> Condition:
    values = list(fact.values)
    if len(values) > 2 and draw.random() < 0.35:
        return Compare(
            fact.path, "is one of", tuple(draw.sample(values, draw.randint(2, min(3, len(values)))))
        )
    op: Op = "is not" if draw.random() < 0.15 else "is"
    return Compare(fact.path, op, draw.choice(values))


def _number(word: Attribute | Question, draw: Random) -> int | Decimal:
    """An amount well inside the word's range, as people say them."""
    low = int(word.min) if word.min is not None else 1
    high = int(word.max) if word.max is not None else low + 100
    inner = [n for n in range(low + 1, min(high, low + 120)) if n % 5 == 0 or high - low < 30]
    number = draw.choice(inner or [low])
    return Decimal(number) if word.type == "decimal" else number
