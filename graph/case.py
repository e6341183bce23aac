"""A case said in words, as facts: `a 39-year-old woman in a wheelchair at North 3 tomorrow`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from data.ontology.model import Value
from data.rulelang.ast import Compare, Concept, Contribute, Decide, LeaveToStaff, Rule, conjuncts
from data.rulelang.version import Version
from graph.days import take_day
from graph.describe import describe
from graph.drafters.base import Answer, Drafter, Task
from graph.state import Json


@dataclass(frozen=True, slots=True)
class Case:
    """One exact request, and what it should get."""

    given: dict[str, Value]
    expect: Json
    note: str = ""
    """What was taken from the code and not said."""


def read_facts(
    drafter: Drafter, version: Version, said: str, today: date
) -> dict[str, Value] | None:
    """The facts of a description, by path; ``None`` where it leaves anything open.

    It is read as a rule's condition is.
    """
    decision = next((d for d in version.ontology.decisions.values() if d.hit == "single"), None)
    if decision is None:
        return None
    text, day = dated(version, said, today)
    if not text:
        return day
    found = drafter.draft(f"if {text}, {decision.label} is left to staff", task_of(version))
    if found.status != "drafted" or len(found.readings) != 1:
        return None
    rules = found.readings[0].rules
    facts = facts_of(rules[0], version, whole_sets=True) if len(rules) == 1 else None
    return None if facts is None else {**facts, **day} or None


def read_example(drafter: Drafter, version: Version, said: str, today: date) -> Case | str:
    """A case with its outcome, read as the sentence of a rule; else what is not clear of it.

    Where only the code tells the place, it is at the one place whose code that is.
    """
    text, day = dated(version, said, today)
    task = replace(task_of(version), rule_set=replace(version.rule_set, rules=()))
    found = drafter.draft(text, task)
    asked, note = found.question, ""
    if asked is not None and asked.about == "scope" and len(asked.options) == 1:
        (place,) = asked.options
        found = drafter.draft(text, replace(task, answers=(Answer(asked.text, place),)))
        note = f"Only {place} has that code, so it is a case of {place}."
    if found.status != "drafted":
        return found.question.text if found.question else found.message
    if len(found.readings[0].rules) != 1:
        return "Say one case at a time."
    rule = found.readings[0].rules[0]
    given, expect = facts_of(rule, version), expected(rule)
    if given is None or not expect:
        return "A scenario is one exact case: say each fact as it is, not a range."
    if version.places.rows and not version.places.agreeing(given):
        return f"There is no such place: {describe(version.ontology, given)}."
    return Case({**given, **day}, expect, note)


def dated(version: Version, said: str, today: date) -> tuple[str, dict[str, Value]]:
    """The words without the request's day, and that day as a fact; places as the table has them."""
    text = places_as_written(version, said.strip(" .!?\n"))
    if version.ontology.date is None:
        return text, {}
    rest, day = take_day(text, today)
    return rest, {} if day is None else {version.ontology.date: day}


def places_as_written(version: Version, text: str) -> str:
    """`North 3` as the table of places writes it: `north-3`."""
    for name in sorted({str(v) for row in version.places.rows for v in row.values()}, key=len):
        words = [re.escape(w) for w in re.split(r"[^0-9A-Za-z]+", name) if w]
        if len(words) > 1:
            text = re.sub(rf"\b{r'[ _-]*'.join(words)}\b", name, text, flags=re.I)
    return text


def task_of(version: Version) -> Task:
    """What a drafter may look at to read a case."""
    return Task(
        version.ontology, version.code_sets, version.rule_set, scope_rows=version.scope_rows
    )


def facts_of(rule: Rule, version: Version, whole_sets: bool = False) -> dict[str, Value] | None:
    """The facts a rule names exactly, or ``None`` where it leaves something open.

    ``whole_sets``: the one element that is said of a set is all that it holds.
    """
    given: dict[str, Value] = {}
    for part in conjuncts(rule.when):
        if not isinstance(part, Compare) or isinstance(part.value, tuple):
            return None
        if part.op == "include" and whole_sets:
            given[part.attribute] = frozenset([str(part.value)])
        elif part.op == "is":
            given[part.attribute] = part.value
        else:
            return None
    if rule.scope is not None and version.ontology.scopes is not None:
        if len(rule.scope.values) != 1:
            return None
        given[version.ontology.scopes.path(rule.scope.level)] = rule.scope.values[0]
    return given


def expected(rule: Rule) -> Json:
    """What the rule gives, as a scenario expects it; of a sum or a limit, the whole amount."""
    expect: Json = {}
    for outcome in rule.then:
        match outcome:
            case Decide(decision, value) if not isinstance(value, Concept):
                expect[decision] = value if isinstance(value, bool | int | str) else str(value)
            case Contribute(decision, amount):
                expect[decision] = amount if isinstance(amount, int) else str(amount)
            case LeaveToStaff(decision):
                expect[decision] = {"status": "left_to_staff"}
            case _:
                return {}
    return expect
