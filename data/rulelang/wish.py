"""What a decision might have been instead: the value or status that somebody asks about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from data.ontology.model import CodeSet, Decision, Value
from data.rulelang.ast import Include, LeaveToStaff
from data.rulelang.codes import resolve
from data.rulelang.request import Request
from data.rulelang.result import Result
from data.rulelang.version import Version

Kind = Literal["value", "status", "member", "modifier"]
"""The value itself, a status in its place, one of a collected list, or a code with a modifier."""
STATUS_WORDS: Mapping[str, str] = {
    "left to staff": "left_to_staff",
    "left_to_staff": "left_to_staff",
    "staff": "left_to_staff",
    "no rule": "no_rule",
    "no_rule": "no_rule",
}

ASIDE = re.compile(r"^(?:(?:with|the|a|modifier|code)\s+)+", re.IGNORECASE)
"""What people say before a code or a modifier."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An answer to one decision that a request did not get."""

    decision: str
    kind: Kind
    said: Value
    """Status: ``left_to_staff`` or ``no_rule``. Value of a code decision: base and modifiers."""


def granted(version: Version, wish: Wish, facts: Mapping[str, Value], result: Result) -> bool:
    """Whether this answer, to a request with these facts, is what was wished for.

    Where the answer is open, whether each of the possible ones is.
    """
    if result.status == "undecided":
        return not result.partial and all(granted(version, wish, facts, p) for p in result.possible)
    match wish.kind:
        case "status":
            return result.status == wish.said
        case "value":
            return result.status == "decided" and _same(result.value, wish.said)
        case "member":
            collected = result.value if isinstance(result.value, tuple) else ()
            return result.status == "decided" and wish.said in collected
        case "modifier":
            carried = _modifiers(version, wish, facts, result)
            return result.status == "decided" and wish.said in carried


def _same(value: object, said: Value) -> bool:
    return value == said and isinstance(value, bool) == isinstance(said, bool)


def _modifiers(
    version: Version, wish: Wish, facts: Mapping[str, Value], result: Result
) -> tuple[str, ...]:
    plan = version.plans[wish.decision]
    here = plan.code_set(facts)
    sets = (here,) if here is not None else tuple(version.code_sets.values())
    read = (resolve(plan.decision, str(result.value), s) for s in sets)
    return next((code.modifiers for code in read if code is not None), ())


def wishes(version: Version, said: str, request: Request) -> tuple[Wish, ...]:
    """Every answer that the words may mean, in the order of the decisions."""
    found = (read_wish(version, name, said, request) for name in version.plans)
    return tuple(w for w in found if w is not None)


def read_wish(version: Version, decision: str, said: str, request: Request) -> Wish | None:
    """What the words mean as an answer to this decision; ``None`` where they mean nothing.

    Of a choice: one of the candidates that come with the request.
    """
    about = version.ontology.decisions[decision]
    text = _bare(said.strip(), about).strip("\"“”'`")
    status = STATUS_WORDS.get(text.casefold())
    if status is not None:
        return Wish(decision, "status", status) if _stands(version, about, status) else None
    if about.hit == "collect":
        return _member(version, about, text)
    if about.type == "code":
        return _code(version, about, text)
    if about.type == "choice":
        named = candidates_of(version, decision, request)
        found = next((key for key in named if key.casefold() == text.casefold()), None)
        return None if found is None else Wish(decision, "value", found)
    value = _value(about, text)
    return None if value is None else Wish(decision, "value", value)


def candidates_of(version: Version, decision: str, request: Request) -> tuple[str, ...]:
    """The keys of those who may be chosen; none for what is no choice."""
    plan = version.plans[decision]
    if plan.decision.type != "choice":
        return ()
    return tuple(str(row[plan.key]) for row in request.rows.get(plan.candidates.name, ()))


def _bare(text: str, about: Decision) -> str:
    """Without the decision's own name before it, as in `appointment length 30`."""
    for name in (about.label, *about.synonyms):
        if text.casefold().startswith(f"{name.casefold()} "):
            return text[len(name) + 1 :].strip()
    return text


def _stands(version: Version, about: Decision, status: str) -> bool:
    """Whether a rule hands this decision over; a decision without a rule is always thinkable."""
    outcomes = (o for r in version.rule_set.rules for o in r.then if o.decision == about.name)
    if status == "left_to_staff":
        return any(isinstance(o, LeaveToStaff) for o in outcomes)
    return about.hit not in ("collect", "sum")


def _member(version: Version, about: Decision, text: str) -> Wish | None:
    plain = text.rstrip(".").casefold()
    said = (
        o.value
        for r in version.rule_set.rules
        for o in r.then
        if isinstance(o, Include) and o.decision == about.name
    )
    found = next((v for v in said if str(v).rstrip(".").casefold() == plain), None)
    return None if found is None else Wish(about.name, "member", found)


def _code(version: Version, about: Decision, text: str) -> Wish | None:
    plain = ASIDE.sub("", text)
    for typed in (plain, plain.upper()):
        if typed in about.modifiers:
            return Wish(about.name, "modifier", typed)
        for code in _resolved(about, typed, version.code_sets.values()):
            return Wish(about.name, "value", code)
    return None


def _resolved(about: Decision, text: str, sets: Iterable[CodeSet]) -> Iterable[str]:
    return (code.text for s in sets if (code := resolve(about, text, s)) is not None)


def _value(about: Decision, text: str) -> Value | None:
    match about.type:
        case "boolean":
            return {"yes": True, "no": False, "true": True, "false": False}.get(text.casefold())
        case "enum":
            return next((v for v in about.values if v.casefold() == text.casefold()), None)
        case "integer" | "decimal":
            return _number(about, text)
        case "text":
            return text or None
        case _:
            return None


def _number(about: Decision, text: str) -> Value | None:
    """A number with or without the decision's unit."""
    plain = text.casefold()
    if about.unit:
        unit = about.unit.casefold()
        plain = plain.removesuffix(unit).removesuffix(unit.rstrip("s")).strip()
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    if about.type == "decimal":
        return number
    return int(number) if number == number.to_integral_value() else None
