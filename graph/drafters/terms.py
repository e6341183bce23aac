"""What a rule names, each with the ways in which people say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from data.ontology.model import Attribute, CodeSets, Decision, Ontology, Synonyms
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Concept,
    Condition,
    Contribute,
    Count,
    Decide,
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
    Rows,
    Rule,
    Since,
)
from data.rulelang.cells import operands
from data.rulelang.grammar import called
from graph.describe import is_age

STAFF = (
    "left to staff", "left to the staff", "to staff", "to the staff", "staff", "by hand",
    "manually", "a person", "a human",
)  # fmt: skip
DROPS = ("drop", "drops", "remove", "removes", "without", "lose", "loses", "omit", "no")
MANDATORY = ("mandatory", "law", "legally")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a rule names."""

    name: str
    texts: tuple[str, ...]
    """The ways to say it; none where saying something else says it too."""
    place: str
    required: bool = True
    rivals: tuple[str, ...] = ()
    """Ways to say another value of the same attribute: `without contrast` is not `contrast`.

    And to leave something to staff: the `left` of `left to staff` is no side.
    """
    literal: bool = False
    """A text, a reason or a title: what authors put in quotation marks."""


def terms_of(rule: Rule, ontology: Ontology, code_sets: CodeSets) -> Iterator[Term]:
    """All that the rule names."""
    yield from _of_scope(rule, ontology)
    yield from _of_condition(rule.when, ontology)
    for outcome in rule.then:
        yield from _of_outcome(outcome, ontology, code_sets)
    if rule.mandatory:
        yield Term("mandatory", MANDATORY, "mandatory")
    if rule.because:
        yield Term(rule.because, (rule.because,), "because", literal=True)
    for day, place in ((rule.start, "from"), (rule.until, "until")):
        if day is not None:
            yield _of_value(day, None, place)
    for title in rule.overrides:
        yield Term(title, (title,), "overrides", literal=True)


def _of_scope(rule: Rule, ontology: Ontology) -> Iterator[Term]:
    if rule.scope is None or ontology.scopes is None:
        return
    attribute = ontology.attributes[ontology.scopes.path(rule.scope.level)]
    yield Term(attribute.label, names_of(attribute), "scope", required=False)
    for value in rule.scope.values:
        yield _of_value(value, attribute, "scope")


def _of_condition(condition: Condition | None, ontology: Ontology) -> Iterator[Term]:
    match condition:
        case None:
            return
        case Compare():
            yield from _of_compare(condition, ontology.attributes[condition.attribute])
        case Known(path):
            attribute = ontology.attributes[path]
            yield Term(attribute.label, names_of(attribute), "when")
            yield Term("known", ("known", "unknown"), "when", required=False)
        case CompareFacts(path, _, other):
            for named in (ontology.attributes[path], ontology.attributes[other]):
                yield Term(named.label, names_of(named), "when")
        case Exists(rows) | Count(rows) | Since(rows):
            yield from _of_rows(rows, ontology)
        case Derived(name):
            yield Term(name, (name,), "when")
        case Not(part):
            yield from _of_condition(part, ontology)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _of_condition(part, ontology)


def _of_rows(rows: Rows, ontology: Ontology) -> Iterator[Term]:
    relation = ontology.relations[rows.relation]
    yield Term(relation.label, (relation.label, relation.many), "when")
    yield from _of_condition(rows.where, ontology)
    if rows.within is not None:
        yield Term(str(rows.within), (str(rows.within),), "when")


def _of_compare(compare: Compare, attribute: Attribute) -> Iterator[Term]:
    named_by_value = attribute.type in ("enum", "code", "set") or is_age(attribute)
    yield Term(attribute.label, names_of(attribute), "when", required=not named_by_value)
    if attribute.type != "boolean":
        yield from (_of_value(v, attribute, "when") for v in operands(compare))


def names_of(word: Attribute | Decision) -> tuple[str, ...]:
    """Label, synonyms, name and unit."""
    units = (word.unit,) if word.unit else ()
    return (word.label, *word.synonyms, word.name.replace("_", " "), *units)


def _of_value(value: object, word: Attribute | Decision | None, place: str) -> Term:
    match value:
        case date():
            return Term(value.isoformat(), _day(value), place)
        case time():
            return Term(f"{value:%H:%M}", (f"{value:%H:%M}", f"{value.hour}:{value:%M}"), place)
        case _:
            known: Synonyms = word.values if word else {}
            texts = (str(value), *known.get(str(value), ()))
            others = [t for v, also in known.items() if v != value for t in (v, *also)]
            return Term(str(value), texts, place, rivals=(*others, *STAFF))


def _of_candidates(
    outcome: Narrow | Prefer, decision: Decision, ontology: Ontology
) -> Iterator[Term]:
    """Whoever may be chosen, and what is asked of them; the verb has many ways to be said."""
    them = called(decision.candidates or "")
    texts = (them, them.removesuffix("s"), *names_of(decision))
    yield Term(them, texts, "then", required=False)
    match outcome:
        case Narrow(_, where):
            yield from _of_condition(where, ontology)
        case Prefer(_, by):
            if isinstance(by, Measure):
                attribute = ontology.attributes[by.attribute]
                yield Term(attribute.label, names_of(attribute), "then")
            else:
                yield from _of_condition(by, ontology)


def _day(day: date) -> tuple[str, ...]:
    month = f"{day:%B}"
    return (
        day.isoformat(), f"{month} {day.day} {day.year}", f"{day.day} {month} {day.year}",
        f"{day.day} of {month} {day.year}", f"{day:%m/%d/%Y}", f"{day.month}/{day.day}/{day.year}",
    )  # fmt: skip


def _of_outcome(outcome: Outcome, ontology: Ontology, code_sets: CodeSets) -> Iterator[Term]:
    decision = ontology.decisions[outcome.decision]
    if isinstance(outcome, Narrow | Prefer):
        yield from _of_candidates(outcome, decision, ontology)
        return
    only_name = isinstance(outcome, Decide) and isinstance(outcome.value, bool)
    yield Term(decision.label, names_of(decision), "then", required=only_name)
    match outcome:
        case Decide(_, bool()):
            return
        case Decide(_, Concept(name)):
            codes = (c for s in code_sets.values() if (c := s.for_concept(name)))
            texts = (name, *(t for c in codes for t in (c.code, c.title)))
            yield Term(name, texts, "then", literal=True)
        case Include(_, str() as text):
            yield Term(text, (text,), "then", literal=True)
        case Decide(_, value) | Include(_, value):
            yield _of_value(value, decision, "then")
        case Modify(_, modifier, adds):
            yield Term(modifier, (modifier,), "then")
            if not adds:
                yield Term(f"drops {modifier}", DROPS, "then")
        case Contribute(_, amount):
            yield Term(str(amount), (str(amount),), "then")
        case LeaveToStaff():
            yield Term("left to staff", STAFF, "then")
