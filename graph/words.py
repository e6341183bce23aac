"""A rule in plain sentences, from the ontology's words alone; no model has a say in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, assert_never, cast

from data.ontology.model import Attribute, Decision, Ontology, Value
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
    Op,
    Or,
    Outcome,
    Prefer,
    Rows,
    Rule,
    Scope,
    Since,
)
from data.rulelang.grammar import called, name_of

OPERATORS = {
    "is": "is",
    "is not": "is not",
    "is one of": "is one of",
    "is none of": "is none of",
    "is at least": "is at least",
    "is at most": "is at most",
    "is more than": "is over",
    "is less than": "is under",
    "is before": "is before",
    "is after": "is after",
    "is on or after": "is on or after",
    "is on or before": "is on or before",
    "include": "include",
    "include any of": "include any of",
    "include all of": "include all of",
    "include none of": "include none of",
}


MOST_POSSIBLE = 4

VERBS = {
    "takes": "take", "has": "have", "needs": "need", "uses": "use", "speaks": "speak",
    "requires": "require", "wants": "want", "wears": "wear", "lives": "live", "works": "work",
    "owns": "own", "holds": "hold", "comes": "come", "knows": "know", "pays": "pay",
    "smokes": "smoke", "drives": "drive", "travels": "travel", "attends": "attend",
}  # fmt: skip
PREPOSITIONS = frozenset(
    ["in", "on", "at", "out", "off", "under", "over", "without", "with", "away"]
)
PARTICIPLES = frozenset(["met", "known", "given", "taken", "done", "paid", "sent", "held", "due"])
ADJECTIVES = frozenset(
    ["pregnant", "urgent", "absent", "present", "deaf", "blind", "diabetic", "new", "active", "ill",
     "inactive", "sick", "allergic", "claustrophobic", "asthmatic", "overweight", "elderly",
     "minor", "adult", "local", "remote", "foreign", "domestic", "public", "private", "internal",
     "external",
     "eligible", "exempt", "available", "overdue", "late", "early", "recurrent", "fragile",
     "single",
     "perishable", "hazardous", "alone", "bilingual", "independent", "confidential"]
)  # fmt: skip
"""English words by which a label says how somebody is, takes or has something."""

BOUNDS = {"min": "at most", "max": "at least"}
"""Where the smallest or the largest amount counts, a rule's own amount bounds the result."""


def value_words(value: object, unit: str | None = None) -> str:
    """A fact's value as a person writes it; the unit follows a number."""
    match value:
        case bool():
            return "yes" if value else "no"
        case date():
            return f"{value.day} {value:%B} {value.year}"
        case time():
            return value.strftime("%H:%M")
        case frozenset() | set():
            return joined(sorted(map(str, cast("frozenset[str]", value)))) or "none"
        case str():
            return value
        case _:
            one = unit.removesuffix("s") if unit and value == 1 else unit
            return f"{value} {one}" if one else str(value)


def joined(parts: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def condition_words(condition: Condition, ontology: Ontology) -> str:
    """A condition as the middle of a sentence."""
    match condition:
        case Compare():
            return _compare(condition, ontology)
        case Known(path):
            return f"the {label(path, ontology)} is known"
        case And(parts):
            return " and ".join(_inner(p, ontology) for p in parts)
        case Or(parts):
            return " or ".join(_inner(p, ontology) for p in parts)
        case CompareFacts(path, op, other):
            inside = ontology.attributes[path].entity
            apart = name_of(ontology, other, inside if inside in ontology.row_entities else None)
            return f"the {label(path, ontology)} {OPERATORS[op]} the {apart}"
        case Exists(rows):
            return f"there is any {_rows(rows, ontology)}"
        case Count(rows, op, value):
            many = _rows(rows, ontology, many=True)
            return f"the number of {many} {_compared(op, value)}"
        case Since(rows, unit, op, value):
            latest = f"the latest {_rows(rows, ontology)}"
            return f"the number of {unit} since {latest} {_compared(op, value)}"
        case Derived(name):
            return f"“{name}” is so"
        case Not(Exists(rows)):
            return f"there is no {_rows(rows, ontology)}"
        case Not(Derived(name)):
            return f"“{name}” is not so"
        case Not(part):
            return f"it is not the case that {_inner(part, ontology)}"
    assert_never(condition)


def _inner(part: Condition, ontology: Ontology) -> str:
    words = condition_words(part, ontology)
    return f"({words})" if isinstance(part, And | Or) else words


def _rows(rows: Rows, ontology: Ontology, many: bool = False) -> str:
    """Rows of a relation after `any`, `no` or `number of`."""
    relation = ontology.relations[rows.relation]
    said = [relation.many if many else relation.label]
    if rows.where is not None:
        said.append(f"where {_inner(rows.where, ontology)}")
    if rows.within is not None:
        said.append(f"within the last {rows.within}")
    return " ".join(said)


def _compare(compare: Compare, ontology: Ontology) -> str:
    attribute = ontology.attributes.get(compare.attribute)
    if attribute is not None and isinstance(compare.value, bool) and compare.op == "is":
        return flag_words(attribute, compare.value)
    unit = attribute.unit if attribute else None
    return f"the {label(compare.attribute, ontology)} {_compared(compare.op, compare.value, unit)}"


def flag_words(attribute: Attribute, holds: bool) -> str:
    """A yes-or-no fact as a sentence, as far as its label allows: `the patient is pregnant`."""
    whom, (first, *rest) = f"the {attribute.entity.replace('_', ' ')}", attribute.label.split()
    low, last = first.casefold(), attribute.label.split()[-1].casefold()
    if low in VERBS:
        verb = first if holds else f"does not {VERBS[low]}"
        return " ".join([whom, verb, *rest])
    is_ = "is" if holds else "is not"
    describes = low in PREPOSITIONS or (low.endswith(("ing", "ly")) and last.endswith("ed"))
    if describes or (not rest and (low in ADJECTIVES or low.endswith(("ed", "ing")))):
        return f"{whom} {is_} {attribute.label}"
    if rest and (last.endswith("ed") or last in PARTICIPLES):
        return f"the {' '.join(attribute.label.split()[:-1])} {is_} {last}"
    return f"the {attribute.label} is {value_words(holds)}"


def _compared(op: Op, held: Value | tuple[Value, ...], unit: str | None = None) -> str:
    """A comparison without what is compared: `is at least 40 years`."""
    if op == "is between" and isinstance(held, tuple):
        return f"is between {value_words(held[0])} and {value_words(held[1], unit)}"
    if isinstance(held, tuple):
        last = "and" if op in ("include all of", "is none of") else "or"
        return f"{OPERATORS[op]} {joined([value_words(v) for v in held], last)}"
    return f"{OPERATORS[op]} {value_words(held, unit)}"


def label(path: str, ontology: Ontology) -> str:
    """What people call an attribute, a relation's rows or a decision."""
    if path in ontology.attributes:
        return ontology.attributes[path].label
    if path in ontology.relations:
        return ontology.relations[path].many
    return ontology.decisions[path].label if path in ontology.decisions else path


def outcome_words(outcome: Outcome, ontology: Ontology) -> str:
    """An outcome as the end of a sentence."""
    name = label(outcome.decision, ontology)
    match outcome:
        case Decide(_, Concept(concept)):
            return f"the {name} is the code for {concept}"
        case Decide(_, value):
            return f"the {name} is {value_words(value, _unit(outcome.decision, ontology))}"
        case Modify(_, modifier, adds):
            return f"the {name} {'gets' if adds else 'loses'} the modifier {modifier}"
        case Include(_, value):
            return f"the {name} include “{value_words(value)}”"
        case Contribute(decision, amount):
            much = value_words(amount, _unit(decision, ontology))
            bound = BOUNDS.get(ontology.decisions[decision].hit)
            return f"the {name} is {bound} {much}" if bound else f"{much} count towards the {name}"
        case LeaveToStaff():
            return f"the {name} is left to staff"
        case Narrow(_, where, keep):
            which = _those(outcome.decision, where, ontology)
            return f"only {which} may be chosen" if keep else f"{which} are left out"
        case Prefer(_, by):
            return f"{_preferred(by, outcome.decision, ontology)} come first"
    assert_never(outcome)


def _preferred(by: Measure | Condition, decision: str, ontology: Ontology) -> str:
    if not isinstance(by, Measure):
        return _those(decision, by, ontology)
    dated = ontology.attributes[by.attribute].type in ("date", "time")
    low, high = ("earliest", "latest") if dated else ("lowest", "highest")
    who = them(decision, ontology)
    return f"{who} with the {low if by.lowest else high} {label(by.attribute, ontology)}"


def _those(decision: str, where: Condition, ontology: Ontology) -> str:
    """Candidates by a condition: `engineers whose company is external`."""
    words = condition_words(where, ontology)
    bare = words.removeprefix("the ")
    return f"{them(decision, ontology)} {'of whom ' if bare == words else 'whose '}{bare}"


def them(decision: str, ontology: Ontology) -> str:
    """What the candidates of a choice are called together."""
    return called(ontology.decisions[decision].candidates or "")


def _unit(name: str, ontology: Ontology) -> str | None:
    decision: Decision | None = ontology.decisions.get(name)
    return decision.unit if decision else None


def scope_words(scope: Scope | None, ontology: Ontology) -> str:
    """Where a rule holds, to begin a sentence with."""
    if scope is None or ontology.scopes is None:
        return "Everywhere"
    name = label(ontology.scopes.path(scope.level), ontology)
    return f"At {name} {joined(scope.values, 'or')}"


def rule_words(rule: Rule, ontology: Ontology) -> tuple[str, ...]:
    """The whole rule, one plain sentence each: what, when it holds, what it overrules, why."""
    where = scope_words(rule.scope, ontology)
    what = joined([outcome_words(o, ontology) for o in rule.then])
    if rule.when is None:
        sentences = [f"{where}, always: {what}."]
    else:
        sentences = [f"{where}: when {condition_words(rule.when, ontology)}, {what}."]
    if rule.mandatory:
        sentences.append("It is mandatory: no other rule may overrule it.")
    if rule.start or rule.until:
        sentences.append(_dates(rule))
    if rule.overrides:
        sentences.append(f"It overrules {joined([f'“{t}”' for t in rule.overrides])}.")
    if rule.because:
        sentences.append(f"Because: {rule.because.rstrip('.')}.")
    return tuple(sentences)


def _dates(rule: Rule) -> str:
    if rule.start and rule.until:
        return f"It holds from {value_words(rule.start)} until {value_words(rule.until)}."
    if rule.start:
        return f"It holds from {value_words(rule.start)} on."
    return f"It holds until {value_words(rule.until)}."


def result_words(result: Mapping[str, Any] | None) -> str:
    """A decision's result (its JSON) in a few words, the same for equal outcomes."""
    if result is None:
        return "nothing"
    match result["status"]:
        case "decided":
            return _decided(result.get("value"))
        case "no_rule":
            return "nobody left" if result.get("reason") else "no rule"
        case "left_to_staff":
            return "left to staff"
        case "conflict":
            return "a conflict"
        case "error":
            return "an error"
        case _:
            possible = [possible_words(p) for p in result.get("possible", ())]
            if len(possible) > MOST_POSSIBLE:
                return f"open: {len(possible) + result.get('more', 0)} results possible"
            return f"open: {joined(possible, 'or')}" if possible else "open"


def possible_words(possible: object) -> str:
    """One entry of ``possible``: a value, or a status in a mapping."""
    if isinstance(possible, Mapping):
        return result_words(cast("Mapping[str, Any]", possible))
    return _decided(possible)


def _decided(value: object) -> str:
    if isinstance(value, list | tuple):
        return joined([f"“{v}”" for v in cast("list[object]", value)]) or "none"
    return value_words(value)


BECAUSE = {
    "mandatory": "it is mandatory",
    "overrides": "it names that rule in its overrides",
    "narrower scope": "it is for a narrower part of the organisation",
    "exception": "it is the exception to the general case",
    "later": "it holds for the same cases from a later day",
}


def because_words(reason: str) -> str:
    """Why one rule beats another, in words."""
    return BECAUSE.get(reason, reason)
