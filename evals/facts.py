"""What the scorers look at: one draft as plain data, and how it is read from the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from data.ontology import CodeSets, Decision, Ontology, Value
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Concept,
    Condition,
    Contribute,
    Count,
    Decide,
    Define,
    Derived,
    Exists,
    Include,
    Known,
    LeaveToStaff,
    Measure,
    Modify,
    Narrow,
    Not,
    Or,
    Outcome,
    Prefer,
    Rule,
    Scope,
    Since,
)
from data.rulelang.codes import resolve
from data.rulelang.parse import parse
from data.rulelang.render import render


@dataclass(frozen=True, slots=True)
class Term:
    """Something a rule names. Finding any of ``ids``, or saying any of ``names``, grounds it."""

    ids: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def word(self) -> str:
        return (self.names or self.ids)[0]


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """One rule of the draft."""

    text: str
    reads_back: bool | None = None
    """Whether the text parses to the very rule; ``None`` where nobody tried."""
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """Saved scenarios under the draft."""

    run: int
    kept: int


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """One draft as the author is about to see it. ``None`` means nobody looked."""

    message: str
    """The message of this turn, masked."""
    said: tuple[str, ...] = ()
    """Earlier messages and answers about this draft, masked."""
    rules: tuple[RuleFacts, ...] = ()
    retrieved: tuple[str, ...] | None = None
    carried: tuple[str, ...] = ()
    """Texts of the rules that the message edits: what they name was said before."""
    placed: tuple[str, ...] | None = None
    """Stretches of the message that have a place in the draft."""
    unplaced: tuple[str, ...] = ()
    witnesses: tuple[bool, ...] | None = None
    """For each request shown, whether running it again gives what is shown."""
    scenarios: Kept | None = None
    sentences: tuple[str, ...] = ()
    """What the card says in words."""
    own_words: frozenset[str] = frozenset()
    """The organisation's words: never jargon, never somebody's name."""


def rule_facts(
    text: str, ontology: Ontology, code_sets: CodeSets, defines: Sequence[Define]
) -> RuleFacts:
    """Whether a rule's text reads back, and what the rule names."""
    rules = parse(text, ontology, code_sets, "", defines).rule_set.rules
    same = [render(r, ontology) for r in rules] == [text.strip()]
    terms = [term for rule in rules for term in terms_of(rule, ontology, code_sets)]
    return RuleFacts(text, same, tuple(terms))


def draft_facts(
    told: Mapping[str, Any],
    ontology: Ontology,
    code_sets: CodeSets,
    words: frozenset[str],
    defines: Sequence[Define] = (),
) -> DraftFacts:
    """The facts of a draft from what the pipeline tells of it (:func:`graph.told.facts`).

    ``words`` are the organisation's own. Every key may be absent.
    """
    findings = told.get("findings", ())
    retrieved = told.get("retrieved")
    return DraftFacts(
        message=str(told.get("message", "")),
        said=tuple(told.get("said", ())),
        rules=tuple(rule_facts(t, ontology, code_sets, defines) for t in told.get("rules", ())),
        retrieved=None if retrieved is None else tuple(retrieved),
        carried=tuple(told.get("carried", ())),
        placed=tuple(told["placed"]) if told.get("placed") else None,
        unplaced=tuple(told.get("unplaced", ())),
        scenarios=_kept(told.get("scenarios")),
        sentences=(*told.get("sentences", ()), *(f["message"] for f in findings)),
        own_words=words,
    )


def _kept(scenarios: Mapping[str, Any] | None) -> Kept | None:
    return None if scenarios is None else Kept(int(scenarios["run"]), int(scenarios["kept"]))


def reference_of(rules: Sequence[Rule], ontology: Ontology, code_sets: CodeSets) -> frozenset[str]:
    """Ids that retrieval should have found for these rules: what confirming them proves."""
    named = {id for r in rules for term in terms_of(r, ontology, code_sets) for id in term.ids}
    return frozenset(named | {o.decision for r in rules for o in r.then})


def terms_of(rule: Rule, ontology: Ontology, code_sets: CodeSets) -> Iterator[Term]:
    """What the rule names. An enum value stands for its attribute too, a code for its decision."""
    if rule.scope is not None and ontology.scopes is not None:
        yield from _scope(rule.scope, ontology.scopes.path(rule.scope.level), ontology)
    yield from _condition(rule.when, ontology)
    for outcome in rule.then:
        yield from _outcome(outcome, ontology, _in_scope(rule, outcome, ontology, code_sets))


def _in_scope(rule: Rule, outcome: Outcome, ontology: Ontology, code_sets: CodeSets) -> CodeSets:
    """The code sets that hold where the rule does."""
    if rule.scope is None or ontology.scopes is None:
        return code_sets
    decided_by = ontology.decisions[outcome.decision].code_set
    if decided_by != ontology.scopes.path(rule.scope.level):
        return code_sets
    return {name: code_sets[name] for name in rule.scope.values if name in code_sets}


def _scope(scope: Scope, path: str, ontology: Ontology) -> Iterator[Term]:
    for value in scope.values:
        yield _value(path, value, ontology)


def _condition(condition: Condition | None, ontology: Ontology) -> Iterator[Term]:
    match condition:
        case None:
            return
        case Compare(path, _, value):
            yield from _compare(path, value, ontology)
        case Known(path):
            yield _attribute(path, ontology)
        case CompareFacts(path, _, other):
            yield from (_attribute(path, ontology), _attribute(other, ontology))
        case Exists(rows) | Count(rows) | Since(rows):
            yield from _condition(rows.where, ontology)
        case Derived():
            return
        case Not(part):
            yield from _condition(part, ontology)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _condition(part, ontology)


def _compare(path: str, value: Value | tuple[Value, ...], ontology: Ontology) -> Iterator[Term]:
    held = tuple(_each(value))
    if not held or not all(isinstance(v, str) for v in held):
        yield _attribute(path, ontology)
    for one in held:
        if isinstance(one, str):
            yield _value(path, one, ontology)
        elif isinstance(one, int | Decimal) and not isinstance(one, bool):
            yield _number(one)


def _each(value: Value | tuple[Value, ...]) -> Iterator[Value]:
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, frozenset):
            yield from sorted(one)
        elif not isinstance(one, date | time):
            yield one


def _attribute(path: str, ontology: Ontology) -> Term:
    attribute = ontology.attributes.get(path)
    names = (attribute.label, *attribute.synonyms) if attribute else (path,)
    return Term((path,), names)


def _value(path: str, value: str, ontology: Ontology) -> Term:
    attribute = ontology.attributes.get(path)
    synonyms = attribute.values.get(value, ()) if attribute else ()
    return Term((f"{path}={value}",), (value, *synonyms))


def _number(value: int | Decimal) -> Term:
    return Term((), (str(value), *number_words(value)))


def _outcome(outcome: Outcome, ontology: Ontology, code_sets: CodeSets) -> Iterator[Term]:
    match outcome:
        case Decide(name, value):
            yield _decided(ontology.decisions[name], value, ontology, code_sets)
        case Modify(_, modifier, _):
            yield Term((), (modifier,))
        case Include(_, value):
            yield Term((), (str(value),))
        case Contribute(name, amount):
            yield _decision(name, ontology)
            yield _number(amount)
        case LeaveToStaff(name):
            yield _decision(name, ontology)
        case Narrow(_, where):
            yield from _condition(where, ontology)
        case Prefer(_, by):
            if isinstance(by, Measure):
                yield _attribute(by.attribute, ontology)
            else:
                yield from _condition(by, ontology)


def _decision(name: str, ontology: Ontology) -> Term:
    decision = ontology.decisions[name]
    return Term((name,), (decision.label, *decision.synonyms))


def _decided(
    decision: Decision, value: Value | Concept, ontology: Ontology, code_sets: CodeSets
) -> Term:
    if isinstance(value, Concept):
        return Term(_codes_of(decision, value, code_sets), (value.name,))
    if decision.type == "code":
        return Term(_codes_of(decision, str(value), code_sets), (str(value),))
    if isinstance(value, bool):
        return _decision(decision.name, ontology)
    if isinstance(value, int | Decimal):
        return _number(value)
    text = str(value)
    return Term((f"{decision.name}={text}",), (text, *decision.values.get(text, ())))


def _codes_of(decision: Decision, value: str | Concept, code_sets: CodeSets) -> tuple[str, ...]:
    """Ids of the codes that the value stands for, modifiers aside."""
    found = ((name, resolve(decision, value, code_set)) for name, code_set in code_sets.items())
    return tuple(f"code:{name}/{code.base}" for name, code in found if code is not None)


ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def number_words(value: int | Decimal) -> Collection[str]:
    """How people write a whole number below a hundred."""
    if value != int(value) or not 0 <= value < 100:
        return ()
    whole = int(value)
    if whole < 20:
        return (ONES[whole],)
    tens, ones = TENS[whole // 10 - 2], whole % 10
    return (f"{tens} {ONES[ones]}",) if ones else (tens,)


def all_said(facts: DraftFacts) -> Iterable[str]:
    """Everything the author said about this draft, and the rules it began from."""
    return (*facts.said, facts.message, *facts.carried)
