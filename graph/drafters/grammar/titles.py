"""Short titles for drafted rules, made from their main words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from data.index.words import COMMON
from data.ontology import Ontology
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Condition,
    Contribute,
    Count,
    Decide,
    Derived,
    Exists,
    Known,
    Measure,
    Narrow,
    Not,
    Or,
    Outcome,
    Prefer,
    Scope,
    Since,
)
from data.rulelang.grammar import called
from graph.drafters.base import free_title
from graph.drafters.grammar.outcomes import value_of
from graph.words import condition_words

LONGEST = 60
HANGING = COMMON | {"least", "most", "more", "less", "between", "after", "before", "only", "other"}
"""Words with which no title ends."""


def title_of(
    outcomes: Sequence[Outcome],
    when: Condition | None,
    scope: Scope | None,
    ontology: Ontology,
    taken: Collection[str],
) -> str:
    """A title that no rule in ``taken`` has, at most 60 characters before a number."""
    decision = ontology.decisions[outcomes[0].decision]
    value = value_of(outcomes[0])
    if isinstance(outcomes[0], Contribute) or (
        value.replace(".", "").isdigit() and decision.type != "code"
    ):
        value = f"{decision.label} {value}"
    head = (
        f"{value} {decision.label}"
        if isinstance(outcomes[0], Decide) and value in ("", "no")
        else value
    )
    parts = list(dict.fromkeys([*(scope.values if scope else ()), *_words(when, ontology)]))
    if isinstance(outcomes[0], Narrow | Prefer):
        head = _of_candidates(outcomes[0], ontology)
    head = head.strip().rstrip(".")
    text = _short(head, parts).replace('"', "")
    return free_title(text[:1].upper() + text[1:], taken)


def _of_candidates(outcome: Narrow | Prefer, ontology: Ontology) -> str:
    """`No engineers: external`, `Only engineers: …`, `Fewest open issues first`."""
    them = called(ontology.decisions[outcome.decision].candidates or "")
    match outcome:
        case Narrow(_, where, keep):
            return f"{'Only' if keep else 'No'} {them}: {' and '.join(_words(where, ontology))}"
        case Prefer(_, by):
            if isinstance(by, Measure):
                label = ontology.attributes[by.attribute].label
                return f"{'lowest' if by.lowest else 'highest'} {label} first"
            return f"{' and '.join(_words(by, ontology))} first"


def _short(head: str, parts: Sequence[str]) -> str:
    """Head and as many whole parts as fit; a part is only cut where none fits."""
    text, joint = _cut(head), ": "
    for part in parts:
        if len(text) + len(joint) + len(part) <= LONGEST:
            text, joint = f"{text}{joint}{part}", ", "
    return text if joint == ", " or not parts else _cut(f"{text}: {parts[0]}")


def _cut(text: str) -> str:
    """The first words that fit, without small words at the end."""
    if len(text) <= LONGEST:
        return text
    words = text[:LONGEST].rsplit(" ", 1)[0].split()
    while words and words[-1].lower().rstrip(",:;") in HANGING:
        words.pop()
    return " ".join(words).rstrip(",:;")


def _words(condition: Condition | None, ontology: Ontology) -> list[str]:
    match condition:
        case None:
            return []
        case Known(path):
            return [f"{ontology.attributes[path].label} known"]
        case CompareFacts() | Exists() | Count() | Since() | Derived():
            return [condition_words(condition, ontology)]
        case Not(part):
            return [f"not {w}" for w in _words(part, ontology)[:1]]
        case And(parts) | Or(parts):
            return [w for p in parts for w in _words(p, ontology)]
        case Compare(path, op, value):
            label = ontology.attributes[path].label
            if isinstance(value, bool):
                return [label if value else f"no {label}"]
            if op == "is between" and isinstance(value, tuple):
                return [f"{label} {value[0]} to {value[1]}"]
            if isinstance(value, tuple):
                said = "/".join(str(v) for v in value)
                return [
                    said
                    if op in ("is one of", "include any of", "include all of")
                    else f"not {said}"
                ]
            if isinstance(value, str):
                return [value if op in ("is", "include") else f"not {value}"]
            return [f"{label} {op.removeprefix('is ')} {value}"]
