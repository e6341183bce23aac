"""Several rules in one message: where each stands by itself, each becomes a draft of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from data.exchange.policy.read import statements
from data.rulelang.ast import Rule
from graph.drafters.base import Draft, Drafter, Task
from graph.drafters.grammar.whole import names_a_fact, names_nothing, states_a_rule

_LEANING = re.compile(
    r"\b(?:it|they|them|their|its|this|that|these|those|such|same|otherwise|else|others?|instead|"
    r"also|too|rest|either|neither|both|latter|former|above|below|except|unless|exceptions?|"
    r"if not|then)\b",
    re.IGNORECASE,
)
"""Words that may lean on the sentence before."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a message states: its rules in their order, and words that are no rule."""

    rules: tuple[str, ...]
    aside: tuple[str, ...] = ()
    """A heading, a greeting: they name nothing of the organisation's."""


def may_state_several(message: str) -> bool:
    """Whether the message has more than one sentence or line, which costs nothing to see."""
    return len(statements(message)) > 1


def stated(message: str, drafter: Drafter, task: Task) -> Stated:
    """The rules of a message, one where its sentences lean on each other in any way.

    They stand apart where the whole is read as the same rules as its sentences each by itself.
    Where the whole is no rule yet because one sentence is asked about, each must say by itself
    whom it is about, with no word that points back.
    """
    one = Stated((message,))
    pieces = {p: drafter.draft(p, task) for p in _under_headings(statements(message), task)}
    aside = tuple(p for p, draft in pieces.items() if _is_said_aside(p, draft, task))
    rules = tuple(p for p in pieces if p not in aside)
    if len(rules) < 2:
        return one
    alone = [pieces[p] for p in rules]
    whole = drafter.draft("\n".join(rules), task)
    if whole.status == "drafted" and _are_alike(whole, alone):
        return Stated(rules, aside)
    apart = whole.status != "drafted" and _stand_alone(rules, alone, whole, task)
    return Stated(rules, aside) if apart else one


def _under_headings(pieces: Sequence[str], task: Task) -> Iterator[str]:
    """`At North:` goes before each line below it, until the next heading."""
    heading = ""
    for piece in pieces:
        if piece.endswith(":") and names_a_fact(piece, task):
            heading = piece.rstrip(": ")
        else:
            yield f"{heading}, {piece}" if heading else piece


def _is_said_aside(piece: str, alone: Draft, task: Task) -> bool:
    """A heading or a greeting: `Here are our rules:`, `Thanks!`"""
    return (piece.endswith(":") or not alone.unplaced) and names_nothing(piece, task)


def _are_alike(whole: Draft, alone: Sequence[Draft]) -> bool:
    """Whether the sentences one by one are the very rules of the whole."""
    each = [r for a in alone if a.status == "drafted" for r in a.readings[0].rules]
    drafted = all(a.status == "drafted" for a in alone)
    return drafted and _untitled(each) == _untitled(whole.readings[0].rules)


def _untitled(rules: Iterable[Rule]) -> Counter[Rule]:
    return Counter(replace(r, title="") for r in rules)


def _stand_alone(rules: Sequence[str], alone: Sequence[Draft], whole: Draft, task: Task) -> bool:
    """Whether what is asked is asked of one sentence, and none needs another to be understood."""
    if whole.status == "question" and all(a.status == "drafted" for a in alone):
        return False
    leaning = any(_LEANING.search(p) for p in rules[1:]) or any(map(_lacks_something, alone))
    return not leaning and all(names_a_fact(p, task) or states_a_rule(p, task) for p in rules)


def _lacks_something(alone: Draft) -> bool:
    """Whether more is asked than what a word means: what is not said may stand before it."""
    return alone.status == "question" and not alone.unplaced
