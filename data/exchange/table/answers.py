"""A cell under a decision → what the rule says of it, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from data.exchange.problem import NotSayable
from data.exchange.table.cells import NOTHING, guarded, in_quotes, items, unquoted, value_in
from data.ontology.model import CodeSets, Decision, Value
from data.ontology.nearest import did_you_mean
from data.ontology.values import BadValue
from data.rulelang.ast import (
    Concept,
    Contribute,
    Decide,
    Include,
    LeaveToStaff,
    Modify,
    Outcome,
)
from data.rulelang.codes import resolve
from data.rulelang.render import render_value

STAFF = "left to staff"
_CONCEPT = re.compile(r'(?:the )?code for "([^"]+)"', re.IGNORECASE)
_MODIFIER = re.compile(r"(?:^|\s)([+-]|adds?\s|drops?\s)\s*([^\s+-]+)$", re.IGNORECASE)
_QUOTED = re.compile(r'[",;\n]|^[\s+-]|\s$|^(?:any|\*)?$|^left to staff$', re.IGNORECASE)


def outcomes_in(text: str, decision: Decision, code_sets: CodeSets) -> tuple[Outcome, ...]:
    """What the cell says; nothing for an empty one. Raises ``BadValue``."""
    if text.casefold() in NOTHING:
        return ()
    match decision.hit:
        case "single" if decision.type == "code":
            return _code(text, decision, code_sets)
        case "single" if text.casefold() == STAFF:
            return (LeaveToStaff(decision.name),)
        case "single":
            return (Decide(decision.name, value_in(text, decision)),)
        case "collect":
            parts = text.splitlines() if decision.type == "text" else items(text, decision)
            return tuple(Include(decision.name, value_in(p, decision)) for p in parts)
        case "sum" | "min" | "max":
            amount = value_in(text.removeprefix("+"), decision)
            assert isinstance(amount, int | Decimal)
            return (Contribute(decision.name, amount),)


def _code(text: str, decision: Decision, code_sets: CodeSets) -> tuple[Outcome, ...]:
    """A code, ``code for "…"`` or ``left to staff``; then ``adds WA``, ``+WA``, ``drops BI``."""
    found: list[Outcome] = []
    rest = text
    while match := _MODIFIER.search(rest):
        adds = match.group(1).casefold().strip() in ("+", "adds", "add")
        found.insert(0, _modifier(match.group(2), adds, decision))
        rest = rest[: match.start()].strip()
    if not rest:
        return tuple(found)
    if rest.casefold() == STAFF:
        return (LeaveToStaff(decision.name), *found)
    if match := _CONCEPT.fullmatch(rest):
        return (Decide(decision.name, Concept(match.group(1))), *found)
    code = unquoted(rest)
    if code_sets and not any(resolve(decision, code, s) for s in code_sets.values()):
        known = [c for s in code_sets.values() for c in s.codes]
        raise BadValue("code-set", f"`{code}` stands in no code set", did_you_mean(code, known))
    return (Decide(decision.name, code), *found)


def _modifier(text: str, adds: bool, decision: Decision) -> Modify:
    known = {m.casefold(): m for m in decision.modifiers}
    if text.casefold() not in known:
        message = f"`{text}` is no modifier of `{decision.label}`"
        raise BadValue("code-set", message, did_you_mean(text, decision.modifiers))
    return Modify(decision.name, known[text.casefold()], adds)


def answer_of(outcomes: Sequence[Outcome], decision: Decision) -> str:
    """The cell that says these outcomes of one decision. Raises :class:`NotSayable`."""
    texts = [_text_of(o, decision) for o in outcomes]
    if decision.hit == "collect":
        return ("\n" if decision.type == "text" else ", ").join(texts)
    return " ".join(texts)


def _text_of(outcome: Outcome, decision: Decision) -> str:
    match outcome:
        case Decide(_, Concept(name)):
            return f'code for "{name}"'
        case Decide(value=value) | Include(value=value) if not isinstance(value, Concept):
            return _written(value)
        case Modify():
            return f"{'adds' if outcome.adds else 'drops'} {outcome.modifier}"
        case Contribute():
            return render_value(outcome.amount)
        case LeaveToStaff():
            return STAFF
        case _:
            raise NotSayable(f"what it says of `{decision.label}` does not fit into one cell")


def _written(value: Value) -> str:
    text = render_value(value)
    if isinstance(value, str) and _QUOTED.search(text):
        return in_quotes(text)
    return guarded(text) if isinstance(value, str) else text
