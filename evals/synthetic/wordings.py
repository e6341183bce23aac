"""Sentences that say a plan, put together from parts in many ways. Knows English, and no pack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import assert_never

from data.ontology import Attribute, Ontology
from data.rulelang.ast import (
    Compare,
    Condition,
    Contribute,
    Decide,
    Include,
    LeaveToStaff,
    Modify,
    Outcome,
)
from evals.synthetic.plans import Plan
from graph.words import flag_words, joined, value_words

SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
WHEN = ("if", "when", "whenever", "in case", "as long as", "provided that", "where")
NEEDS = ("required", "needed", "necessary")
OPENERS = ("", "", "", "", "Please note: ", "New rule: ", "From what I know, ", "As a rule, ")


def wordings(plan: Plan, ontology: Ontology, draw: Random, count: int) -> tuple[str, ...]:
    """Up to ``count`` different sentences that say the plan."""
    tries = (_Saying(ontology, draw).sentence(plan) for _ in range(3 * count))
    return tuple(dict.fromkeys(tries))[:count]


class _Saying:
    def __init__(self, ontology: Ontology, draw: Random) -> None:
        self._ontology = ontology
        self._draw = draw

    def sentence(self, plan: Plan) -> str:
        text = self._framed(plan)
        if plan.shape in ("plain", "either") and self._draw.random() < 0.15:
            text = self._draw.choice(OPENERS) + text
        return text[:1].upper() + text[1:]

    def _framed(self, plan: Plan) -> str:
        what, place = self._outcome(plan.outcome), self._place(plan)
        match plan.shape:
            case "plain" | "either":
                return self._plain(plan, what, place)
            case "unless":
                assert plan.exception is not None
                cases, beside = self._all(plan), self._clause(plan.exception)
                return self._draw.choice(
                    [
                        f"{place}if {cases}, {what}, unless {beside}.",
                        f"{place}unless {beside}, {what} when {cases}.",
                        f"{place}when {cases}, {what}, except if {beside}.",
                        f"{place}{what} if {cases}, but not if {beside}.",
                        f"{place}if {cases}, {what}. This does not apply if {beside}.",
                        f"{place}if {cases} and unless {beside}, {what}.",
                    ]
                )
            case "otherwise":
                assert plan.other is not None
                cases, rest = self._all(plan), self._outcome(plan.other)
                return self._draw.choice(
                    [
                        f"{place}if {cases}, {what}; otherwise {rest}.",
                        f"{place}when {cases}, {what}. Otherwise {rest}.",
                        f"{place}{what} if {cases}, otherwise {rest}.",
                        f"{place}if {cases}, {what}. In all other cases {rest}.",
                    ]
                )
            case "apart":
                assert plan.other is not None
                one, two = map(self._clause, plan.conditions)
                rest = self._outcome(plan.other)
                return self._draw.choice(
                    [
                        f"{place}if {one}, {what}, and if {two}, {rest}.",
                        f"{place}if {one}, {what}. If {two}, {rest}.",
                        f"{place}{what} if {one} and {rest} if {two}.",
                        f"{place}when {one}, {what}; when {two}, {rest}.",
                    ]
                )
            case "pair":
                assert plan.other is not None
                cases, also = self._all(plan), self._outcome(plan.other)
                return self._draw.choice(
                    [
                        f"{place}if {cases}, {what} and {also}.",
                        f"{place}{what} and {also} when {cases}.",
                        f"{place}when {cases}: {what}, {also}.",
                    ]
                )
            case "neither":
                return self._plain(plan, what, place)
        assert_never(plan.shape)

    def _plain(self, plan: Plan, what: str, place: str) -> str:
        cases, when = self._all(plan), self._draw.choice(WHEN)
        frames: list[Callable[[], str]] = [
            lambda: f"{place}{when} {cases}, {what}.",
            lambda: f"{place}{what} {when} {cases}.",
            lambda: f"{place}if {cases}, then {what}.",
        ]
        if not place:
            frames.append(lambda: f"{cases} -> {what}")
        if place:
            where = place.rstrip(", ")
            frames += [
                lambda: f"{what} {where} {when} {cases}.",
                lambda: f"{when} {cases} {where}, {what}.",
            ]
        if place and plan.shape == "plain":
            frames.append(lambda: f"{what} {when} {cases}, but only {place.rstrip(', ').lower()}.")
        first = plan.conditions[0]
        if plan.shape == "plain" and (said := self._case(first)):
            rest = f" {when} {self._joined(plan.conditions[1:])}" if plan.conditions[1:] else ""
            frames += [
                lambda: f"{place}for {said}, {what}{rest}.",
                lambda: f"{place}{what} for {said}{rest}.",
            ]
        if plan.shape == "plain" and (held := self._with(first)):
            rest = f" and {self._joined(plan.conditions[1:])}" if plan.conditions[1:] else ""
            if not rest:
                frames.append(lambda: f"{place}{what} for {self._bearer(first)} {held}.")
        if plan.shape == "plain" and len(plan.conditions) == 1 and (own := self._whose(first)):
            frames.append(lambda: f"{place}{what} for {own}.")
        return self._draw.choice(frames)()

    def _place(self, plan: Plan) -> str:
        return f"at {joined(plan.scope.values, 'or')}, " if plan.scope else ""

    def _all(self, plan: Plan) -> str:
        if plan.shape == "neither" and (said := self._neither(plan)):
            return said
        if plan.shape != "either":
            return self._joined(plan.conditions)
        *before, one, two = plan.conditions
        either = f"{self._clause(one)} or {self._clause(two)}"
        if not before:
            return self._draw.choice([either, f"either {either}"])
        return f"{self._joined(before)} and either {either}"

    def _joined(self, conditions: Sequence[Condition]) -> str:
        return joined([self._clause(c) for c in conditions])

    def _neither(self, plan: Plan) -> str | None:
        facts = [
            self._ontology.attributes[c.attribute]
            for c in plan.conditions
            if isinstance(c, Compare)
        ]
        if not all(map(self._is_thing, facts)):
            return None
        one, two = (f.label for f in facts)
        return self._draw.choice(
            [
                f"there is neither {one} nor {two}",
                f"there is no {one} and no {two}",
                f"neither {one} nor {two} is present",
            ]
        )

    # Conditions.

    def _clause(self, condition: Condition) -> str:
        """A condition after `if`."""
        assert isinstance(condition, Compare)
        fact, value, draw = (
            self._ontology.attributes[condition.attribute],
            condition.value,
            self._draw,
        )
        name = self._name(fact)
        if isinstance(value, bool):
            return self._flag(fact, value)
        match condition.op:
            case "is":
                said = self._value_of(fact, str(value))
                return draw.choice(
                    [f"the {name} is {said}", f"{said} is the {name}", f"{name} is {said}"]
                )
            case "is not":
                said = self._value_of(fact, str(value))
                return draw.choice(
                    [
                        f"the {name} is not {said}",
                        f"the {name} is anything but {said}",
                        f"the {name} isn't {said}",
                        f"the {name} is other than {said}",
                    ]
                )
            case "is one of":
                assert isinstance(value, tuple)
                listed = joined([self._value_of(fact, str(v)) for v in value], "or")
                return draw.choice(
                    [
                        f"the {name} is {listed}",
                        f"the {name} is either {listed}",
                        f"the {name} is one of {joined([str(v) for v in value])}",
                    ]
                )
            case "include":
                return f"the {name} include {value}"
            case _:
                return self._measured(fact, condition)

    def _measured(self, fact: Attribute, condition: Compare) -> str:
        name, value, draw = self._name(fact), condition.value, self._draw
        if isinstance(value, tuple):
            low, high = (self._amount(v) for v in value)
            unit = f" {fact.unit}" if fact.unit else ""
            return draw.choice(
                [
                    f"the {name} is between {low} and {high}{unit}",
                    f"the {name} is from {low} to {high}{unit}",
                ]
            )
        if isinstance(value, date):
            day = draw.choice(
                [value.isoformat(), value_words(value), f"{value:%B} {value.day}, {value.year}"]
            )
            return f"the {name} {condition.op} {day}"
        much = self._amount(value) + (f" {fact.unit}" if fact.unit else "")
        said = {
            "is at least": [
                "is at least {}",
                "is {} or more",
                ">= {}",
                "is {} or higher",
                "is no less than {}",
                "is not below {}",
            ],
            "is at most": [
                "is at most {}",
                "is {} or less",
                "is no more than {}",
                "does not exceed {}",
            ],
            "is more than": [
                "> {}",
                "is over {}",
                "is more than {}",
                "exceeds {}",
                "is above {}",
                "is greater than {}",
            ],
            "is less than": [
                "is under {}",
                "< {}",
                "is less than {}",
                "is below {}",
                "is lower than {}",
            ],
        }[condition.op]
        return f"the {name} {draw.choice(said).format(much)}"

    def _amount(self, value: object) -> str:
        small = isinstance(value, int | Decimal) and 2 <= value <= 10 and self._draw.random() < 0.3
        return SMALL[int(str(value))] if small else str(value)

    def _flag(self, fact: Attribute, holds: bool) -> str:
        plain, name = flag_words(fact, holds), self._name(fact)
        said = [
            f"{name} is {'yes' if holds else 'no'}",
            f"the {fact.label} is {value_words(holds)}",
        ]
        if plain.startswith(f"the {fact.entity.replace('_', ' ')} "):
            return self._draw.choice([plain, plain, *said])
        if self._is_thing(fact):
            no = "" if holds else "no "
            said += [f"there is {no}{name}", plain]
        return self._draw.choice(said)

    def _with(self, condition: Condition) -> str | None:
        """A condition after a noun: `with a pacemaker`."""
        if not (isinstance(condition, Compare) and isinstance(condition.value, bool)):
            return None
        fact = self._ontology.attributes[condition.attribute]
        if not self._is_thing(fact):
            return None
        return f"{'with' if condition.value else 'without'} {fact.label}"

    def _whose(self, condition: Condition) -> str | None:
        """``patients whose weight is over 100 kg``."""
        clause = self._clause(condition)
        if not clause.startswith("the "):
            return None
        return f"{self._bearer(condition)} whose {clause.removeprefix('the ')}"

    def _bearer(self, condition: Condition) -> str:
        assert isinstance(condition, Compare)
        entity = self._ontology.attributes[condition.attribute].entity.replace("_", " ")
        return f"{entity}s"

    def _is_thing(self, fact: Attribute) -> bool:
        """Whether the label names something that one can have."""
        words = fact.label.casefold().split()
        flag = flag_words(fact, True)
        return flag == f"the {fact.label} is yes" and not words[-1].endswith(
            ("ed", "ing", "ant", "able")
        )

    def _case(self, condition: Condition) -> str | None:
        """A value that stands for the case: `for screening mammogram`."""
        if not (isinstance(condition, Compare) and condition.op == "is"):
            return None
        if isinstance(condition.value, bool) or not isinstance(condition.value, str):
            return None
        fact = self._ontology.attributes[condition.attribute]
        said = self._value_of(fact, condition.value)
        return self._draw.choice([said, f"the {fact.label} {said}"])

    def _name(self, fact: Attribute) -> str:
        return fact.label

    def _value_of(self, fact: Attribute, value: str) -> str:
        others = [s for s in fact.values.get(value, ()) if len(s) > 3]
        return self._draw.choice(others) if others and self._draw.random() < 0.25 else value

    # Outcomes.

    def _outcome(self, outcome: Outcome) -> str:
        asked, draw = self._ontology.decisions[outcome.decision], self._draw
        name = asked.label
        match outcome:
            case Decide(_, bool(value)):
                return self._yes_or_no(name, value)
            case Decide(_, value):
                said = value_words(value, asked.unit)
                return draw.choice(
                    [
                        f"the {name} is {said}",
                        f"the {name} should be {said}",
                        f"set the {name} to {said}",
                        f"use {said} as the {name}",
                        f"{name} {said}",
                        f"the {name} must be {said}",
                    ]
                )
            case Modify(_, modifier, _):
                return draw.choice(
                    [
                        f"add the modifier {modifier}",
                        f"the {name} gets the modifier {modifier}",
                        f"append modifier {modifier} to the {name}",
                    ]
                )
            case Include(_, value):
                return draw.choice([f"the {name} include {value}", f"add {value} to the {name}"])
            case Contribute(_, amount):
                much = value_words(amount, asked.unit)
                if asked.hit == "sum":
                    return draw.choice(
                        [f"add {much} to the {name}", f"{much} are added to the {name}"]
                    )
                bound = "at most" if asked.hit == "min" else "at least"
                return draw.choice(
                    [f"the {name} is {bound} {much}", f"the {name} must be {bound} {much}"]
                )
            case LeaveToStaff():
                return draw.choice([f"leave the {name} to staff", f"the {name} is left to staff"])
            case _:
                raise ValueError(f"no wording for {outcome}")

    def _yes_or_no(self, name: str, value: bool) -> str:
        topic, _, last = name.rpartition(" ")
        draw = self._draw
        modal = topic.split()[-1:] in (["may"], ["can"], ["must"])
        if not topic or modal or not (last in NEEDS or last.endswith("ed")):
            return f"the {name} is {'yes' if value else 'no'}"
        if value:
            return draw.choice([f"{topic} is {last}", f"the {topic} is {last}"])
        return draw.choice(
            [f"{topic} is not {last}", f"no {topic} is {last}", f"the {topic} isn't {last}"]
        )
