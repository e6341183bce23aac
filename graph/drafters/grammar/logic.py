"""Conditions turned round, taken apart and compared; dates of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from data.rulelang.ast import (
    Compare,
    Condition,
    Not,
    Scope,
    all_of,
    conjuncts,
)
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import (
    Unclear,
)
from graph.drafters.grammar.given import option
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.quantities import Quant


def refuse_empty_exception(
    exception: Condition, said: Sequence[Condition], lexicon: Lexicon
) -> None:
    """``for guests, but not for students`` excepts nothing of guests: it says something of
    students.
    """
    demands = [c for s in said for c in conjuncts(s) if isinstance(c, Compare)]
    if not isinstance(exception, Compare) or exception.op not in ("is", "is one of"):
        return
    for c in demands:
        if (
            c.attribute == exception.attribute
            and c.op in ("is", "is one of")
            and not set(listed(c)) & set(listed(exception))
        ):
            values = ", ".join(
                ("yes" if v else "no") if isinstance(v, bool) else str(v) for v in listed(exception)
            )
            label = lexicon.ontology.attributes[c.attribute].label
            raise Unclear(
                Question(
                    f"What should happen when {label} is {values}? Say that in a sentence of "
                    f"its own.",
                    about="missing",
                )
            )


def listed(compare: Compare) -> tuple[object, ...]:
    """The values that a comparison names."""
    return compare.value if isinstance(compare.value, tuple) else (compare.value,)


def effective(dates: Sequence[Quant]) -> tuple[date | None, date | None]:
    """First and last day from amounts that are about no fact: ``from January 1, 2027``."""
    start: date | None = None
    until: date | None = None
    for q in dates:
        days = [a for a in q.amounts if isinstance(a, date)]
        if q.op == "between":
            start, until = days
        elif q.op in ("ge", "gt"):
            start = days[0] + timedelta(days=q.op == "gt")
        elif q.op in ("le", "lt"):
            until = days[0] - timedelta(days=q.op == "lt")
        else:
            text = f"Does {days[0].isoformat()} mean from that day on, or until that day?"
            options = ("from that day on", "until that day")
            chosen = option(Question(text, options, about="value"))
            start, until = (days[0], until) if chosen == options[0] else (start, days[0])
    return start, until


def negation(condition: Condition) -> Condition:
    match condition:
        case Not(part):
            return part
        case Compare(path, "is", bool(value)):
            return Compare(path, "is", not value)
        case Compare(path, "is", value):
            return Compare(path, "is not", value)
        case Compare(path, "is one of", value):
            return Compare(path, "is none of", value)
        case Compare(path, "is not", value):
            return Compare(path, "is", value)
        case _:
            return Not(condition)


def split_scope(
    condition: Condition | None, lexicon: Lexicon
) -> tuple[Scope | None, Condition | None]:
    """Takes one plain demand on a scope level out of the condition and makes it the rule's
    scope.
    """
    scopes = lexicon.ontology.scopes
    if scopes is None or condition is None:
        return None, condition
    levels = {scopes.path(level): level for level in scopes.levels}
    parts = conjuncts(condition)
    found = [
        p
        for p in parts
        if isinstance(p, Compare) and p.attribute in levels and p.op in ("is", "is one of")
    ]
    if len(found) != 1:
        return None, condition
    chosen = found[0]
    values = chosen.value if isinstance(chosen.value, tuple) else (chosen.value,)
    rest = [p for p in parts if p is not chosen]
    scope = Scope(levels[chosen.attribute], tuple(str(v) for v in values))
    return scope, all_of(*rest) if rest else None
