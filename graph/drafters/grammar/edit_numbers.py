"""Which number of the draft a change speaks of, and the draft with another in its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from data.ontology import Number, Value
from data.ontology.model import Attribute, Decision
from data.rulelang.ast import (
    And,
    Compare,
    Condition,
    Contribute,
    Decide,
    Not,
    Op,
    Or,
    all_of,
    any_of,
)
from graph.drafters.base import Question, Task
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.edit_parts import Rules, refuse_rest, told
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.measures import fits, in_range, scale, typed
from graph.drafters.grammar.message import mentions_in
from graph.drafters.grammar.quantities import Quant, find_quantities
from graph.drafters.grammar.words import tokenise

Held = Compare | Contribute | Decide
_OPS: dict[str, Op] = {
    "ge": "is at least",
    "le": "is at most",
    "gt": "is more than",
    "lt": "is less than",
}


@dataclass(frozen=True)
class Slot:
    """A number of the draft that could change."""

    path: str
    target: Attribute | Decision
    held: Held
    numbers: tuple[Number, ...]

    @property
    def words(self) -> str:
        """``patient age (50 years)``."""
        said = " to ".join(str(n) for n in self.numbers)
        return f"{self.target.label} ({said} {self.target.unit or ''}".rstrip() + ")"


def set_number(quant: Quant, rest: str, what: str, task: Task, lexicon: Lexicon) -> Rules:
    """The draft with one of its numbers exchanged; asks which where several can be meant."""
    named = _named(rest, quant, lexicon) | _named(what, None, lexicon)
    old = next((q for q in find_quantities(tokenise(what)) if q.kind == "number"), None)
    slots = [s for s in _slots(task) if _said(s, quant, named, old)]
    question = f"Which number should become {_amount_words(quant)}?"
    if not slots:
        raise Unclear(_none_fits(question, quant, task))
    _refuse_unknown(rest, quant, slots, lexicon)
    _refuse_unknown(what, old, slots, lexicon)
    slot = slots[0] if len(slots) == 1 else _picked(slots, question, task, lexicon)
    first = old.amounts[0] if old else None
    number = first if isinstance(first, Decimal) else None
    return _exchanged(slot, _new(slot, quant, number, task), task.current)


def _none_fits(question: str, quant: Quant, task: Task) -> Question:
    every = _slots(task)
    if every and not any(_fitting(s, quant) for s in every):
        return Question(
            f"No number of the draft can be {_amount_words(quant)}. Which should change, and"
            " to what?",
            tuple(s.words for s in every),
            about="value",
        )
    if every:
        return Question(question, tuple(s.words for s in every), about="reading")
    text = f"The draft has no number to become {_amount_words(quant)}. What should change?"
    return Question(text, about="missing")


def _slots(task: Task) -> list[Slot]:
    """The numbers of the draft, each once."""
    found: list[Slot] = []
    for rule in task.current:
        for c in numbers_in(rule.when):
            values = c.value if isinstance(c.value, tuple) else (c.value,)
            numbers = tuple(v for v in values if isinstance(v, int | Decimal))
            found.append(Slot(c.attribute, task.ontology.attributes[c.attribute], c, numbers))
        for o in rule.then:
            if isinstance(o, Decide | Contribute) and (number := number_of(o)) is not None:
                decision = task.ontology.decisions[o.decision]
                found.append(Slot(o.decision, decision, o, (number,)))
    return [s for n, s in enumerate(found) if s not in found[:n]]


def _fitting(slot: Slot, quant: Quant) -> bool:
    if quant.unit and not slot.target.unit:
        return False
    if quant.op != "eq" and not isinstance(slot.held, Compare):
        return False
    return fits(quant, slot.target)


def _said(slot: Slot, quant: Quant, named: frozenset[str], old: Quant | None) -> bool:
    if named and slot.path not in named:
        return False
    if old is not None:
        factor = scale(old, slot.target)
        before = old.amounts[0]
        if factor is None or not isinstance(before, Decimal) or before * factor not in slot.numbers:
            return False
    return _fitting(slot, quant)


def _named(words: str, quant: Quant | None, lexicon: Lexicon) -> frozenset[str]:
    """Facts and decisions that the words name beside the amount itself."""
    used = quant.tokens if quant else frozenset(
        i for q in find_quantities(tokenise(words)) for i in q.tokens
    )  # fmt: skip
    return frozenset(m.ref.path for m in mentions_in(words, lexicon) if not m.tokens & used)


def _refuse_unknown(
    words: str, quant: Quant | None, slots: Sequence[Slot], lexicon: Lexicon
) -> None:
    paths = {s.path for s in slots}
    used = quant.tokens if quant else frozenset[int]()
    for m in mentions_in(words, lexicon):
        if m.ref.path in paths:
            used |= m.tokens
    for s in slots:
        unit = {t.root for t in tokenise(s.target.unit or "")}
        used |= frozenset(i for i, t in enumerate(tokenise(words)) if t.root in unit)
    refuse_rest(words, used, lexicon)


def _picked(slots: Sequence[Slot], question: str, task: Task, lexicon: Lexicon) -> Slot:
    """The number the author chose, by its name, its value or its unit."""
    options = tuple(s.words for s in slots)
    answer = told(question, task)
    if not answer:
        raise Unclear(Question(question, options, about="reading"))
    fitting = [s for s in slots if s.words.lower() == answer.lower()] or _answered(
        slots, answer, lexicon
    )
    if len(fitting) != 1:
        text = f"I could not tell which number `{answer}` stands for. {question}"
        again = told(text, task)
        fitting = [s for s in slots if s.words.lower() == again.lower()]
        if len(fitting) != 1:
            raise Unclear(Question(text, options, about="reading"))
    return fitting[0]


def _answered(slots: Sequence[Slot], answer: str, lexicon: Lexicon) -> list[Slot]:
    named = {m.ref.path for m in mentions_in(answer, lexicon)}
    by_name = [s for s in slots if s.path in named]
    amounts = [q for q in find_quantities(tokenise(answer)) if q.unit]
    by_unit = [s for s in slots if amounts and all(fits(q, s.target) for q in amounts)]
    roots = {t.root for t in tokenise(answer)}
    by_unit = by_unit or [
        s for s in slots if roots & {t.root for t in tokenise(s.target.unit or "")}
    ]
    said = {q.amounts[0] for q in find_quantities(tokenise(answer)) if not q.unit}
    by_value = [s for s in slots if said & set(s.numbers)]
    none: list[Slot] = []
    return next((f for f in (by_unit, by_value, by_name) if len(f) == 1), none)


def _new(slot: Slot, quant: Quant, old: Decimal | None, task: Task) -> Held:
    factor = scale(quant, slot.target) or Decimal(1)
    held = slot.held
    if not in_range(quant, slot.target):
        raise Unclear(_none_fits("", quant, task))
    if isinstance(held, Contribute):
        return replace(held, amount=_typed_number(quant, factor, slot.target))
    if isinstance(held, Decide):
        return replace(held, value=_typed_number(quant, factor, slot.target))
    values = tuple(typed(a, slot.target, factor) for a in quant.amounts)
    if slot.target.type == "decimal":
        values = tuple(Decimal(v) if isinstance(v, int) else v for v in values)
    if quant.op == "between":
        return Compare(held.attribute, "is between", values)
    if isinstance(held.value, tuple) and held.op == "is between":
        end = old if old is not None else _end(held.value, task)
        return replace(held, value=tuple(values[0] if v == end else v for v in held.value))
    return Compare(held.attribute, _OPS.get(quant.op, held.op), values[0])


def _typed_number(quant: Quant, factor: Decimal, target: Attribute | Decision) -> Number:
    value = typed(quant.amounts[0], target, factor)
    assert isinstance(value, int | Decimal)  # the slot holds a number
    return Decimal(value) if target.type == "decimal" else value


def _end(values: tuple[Value, ...], task: Task) -> Value:
    """Which end of a range the author means."""
    question = "Which end of the range should change?"
    answer = told(question, task)
    ends = {str(v): v for v in values}
    said = [e for e in ends if re.search(rf"(?<![\w.]){re.escape(e)}(?![\w.])", answer)]
    if re.search(r"(?i)\b(lower|low|first|from|bottom|minimum)\b", answer):
        said = list(ends)[:1]
    elif re.search(r"(?i)\b(upper|high|last|to|top|maximum|second)\b", answer):
        said = list(ends)[-1:]
    if len(said) != 1:
        raise Unclear(Question(question, tuple(ends), about="reading"))
    return ends[said[0]]


def _amount_words(quant: Quant) -> str:
    """``45 minutes``, ``21 to 30``."""
    said = " to ".join(str(a) for a in quant.amounts)
    return f"{said} {quant.unit}" if quant.unit else said


def _exchanged(slot: Slot, new: Held, rules: Rules) -> Rules:
    if isinstance(slot.held, Compare) and isinstance(new, Compare):
        return tuple(replace(r, when=_swapped(r.when, slot.held, new)) for r in rules)
    assert isinstance(new, Contribute | Decide)  # a number decided stays one
    return tuple(
        replace(r, then=tuple(new if o == slot.held else o for o in r.then)) for r in rules
    )


def number_of(outcome: Decide | Contribute) -> Number | None:
    """The number an outcome decides or adds."""
    value = outcome.amount if isinstance(outcome, Contribute) else outcome.value
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def numbers_in(condition: Condition | None) -> list[Compare]:
    """The comparisons with a number."""
    match condition:
        case Compare(_, _, value):
            first = value[0] if isinstance(value, tuple) and value else value
            return (
                [condition]
                if isinstance(first, int | Decimal) and not isinstance(first, bool)
                else []
            )
        case Not(part):
            return numbers_in(part)
        case And(parts) | Or(parts):
            return [n for p in parts for n in numbers_in(p)]
        case _:
            return []


def _swapped(condition: Condition | None, old: Compare, new: Compare) -> Condition | None:
    match condition:
        case Compare():
            return new if condition == old else condition
        case Not(part):
            inner = _swapped(part, old, new)
            return Not(inner) if inner is not None else None
        case And(parts):
            return all_of(*(s for p in parts if (s := _swapped(p, old, new)) is not None))
        case Or(parts):
            return any_of(*(s for p in parts if (s := _swapped(p, old, new)) is not None))
        case _:
            return condition
