"""When something happened: ``damage done before 1 May`` is a date of the case, not of the rule."""

from __future__ import annotations

from collections.abc import Sequence

from data.ontology import Attribute
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Atom, Unclear, amount_atom
from graph.drafters.grammar.english import IRREGULAR
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.measures import fits
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.words import Token, tokenise

RULE_HOLDS = "the rule holds only then"
_PARTICLES = frozenset(["in", "out", "on", "up", "off", "over", "back", "away"])
_CLAUSE = frozenset(["who", "that", "which", "whose", "if", "when", "where"])
_HAPPENS = frozenset(["happen", "occur"])
_SPOKEN = frozenset(["be", "have", "do", "not", "will", "must", "may", "can", "should"])
_NO_PAST = frozenset(
    [
        "be",
        "have",
        "woman",
        "man",
        "child",
        "person",
        "foot",
        "tooth",
        "mouse",
        "year",
        "hour",
        "minute",
        "second",
        "week",
        "month",
    ]
)


def event_atom(
    quant: Quant, tokens: Sequence[Token], start: int, taken: frozenset[int], lexicon: Lexicon,
    chosen: Sequence[str] = (),
) -> Atom | None:  # fmt: skip
    """The date of what the words before it say happened; ``None`` where none do.

    ``start`` is where their stretch begins, ``taken`` are words of an outcome. Raises
    :class:`Unclear` where the words name no date fact.
    """
    at = _event(tokens, quant.start, start, taken)
    if at is None or quant.kind != "date" or RULE_HOLDS in chosen:
        return None
    dates = [a for a in lexicon.ontology.facts if a.type == "date" and fits(quant, a)]
    named = [a for a in dates if a.label in chosen] or [a for a in dates if _said(a, tokens[at])]
    if not dates:
        return None
    if len(named) != 1:
        said = " ".join(t.text for t in tokens[at : quant.start])
        text = f"Which date is meant by `{said}`?"
        raise Unclear(Question(text, (*(a.label for a in dates), RULE_HOLDS), about="value"))
    return amount_atom(named[0], quant, quant.tokens | frozenset(range(at, quant.start)))


def _event(tokens: Sequence[Token], before: int, start: int, taken: frozenset[int]) -> int | None:
    """The verb of what happened, right before a date: in a clause of its own, or bare after
    its noun (``parcels sent before …``); ``is due from …`` speaks of the rule.
    """
    at = before - 1
    while at > start and tokens[at].low in _PARTICLES:
        at -= 1
    by = next((k for k in range(at, max(start, at - 4), -1) if tokens[k].low == "by"), None)
    at = by - 1 if by is not None else at
    if at <= start or at in taken or not _past(tokens[at]):
        return None
    clause = any(t.low in _CLAUSE for t in tokens[max(0, start - 1) : at])
    said = {t.stem for t in tokens[max(0, at - 2) : at]} & _SPOKEN
    outcome = any(i in taken for i in range(start, at))
    return at if not outcome and (clause or not said) else None


def _past(token: Token) -> bool:
    base = IRREGULAR.get(token.low)
    if token.stem in _HAPPENS or base:
        return base not in _NO_PAST and not token.low.endswith("s")
    return token.low.endswith("ed") and token.stem != token.low


def _said(a: Attribute, verb: Token) -> bool:
    """Its names hold the verb: ``date reported``."""
    return any(t.root == verb.root for text in (a.label, *a.synonyms) for t in tokenise(text))
