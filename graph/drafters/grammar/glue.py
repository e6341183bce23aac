"""The words between two conditions, and what they say about how the two are joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from graph.drafters.grammar.lexicon import NEGATED
from graph.drafters.grammar.words import Token, prefix_not

Link = Literal["tight", "and", "or", "comma"]
_MARKERS = frozenset(
    [
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "with",
        "from",
        "who",
        "whose",
        "that",
        "which",
        "having",
        "without",
        "if",
        "when",
        "whenever",
        "where",
        "while",
        "during",
        "under",
        "to",
        "as",
        "is",
        "are",
        "was",
        "has",
        "have",
        "had",
        "into",
        "than",
        "been",
        "be",
        "get",
        "gets",
        "getting",
        "after",
        "before",
        "undergoing",
        "needing",
        "whose",
    ]
)
ALL = frozenset(
    ["all", "anything", "anyone", "anybody", "everything", "everyone", "everybody", "any", "every"]
)
"""Before `but`: all except what follows."""
VERBS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "be",
        "been",
        "can",
        "may",
        "must",
    ]
)


@dataclass(frozen=True, slots=True)
class Glue:
    """The words between two conditions, and what they say about how the two are joined."""

    words: tuple[str, ...]
    link: Link
    comma: bool
    marker: bool
    """The second belongs to the first: a preposition, a relative clause, a verb."""
    verb: bool
    negations: int
    anew: bool = False
    """The second begins another noun phrase: ``Gold customers and vulnerable customers``."""


def glue_of(tokens: Sequence[Token], start: int, end: int, used: frozenset[int]) -> Glue:
    words = tuple(
        "not" if t.low == "n't" else t.low
        for i, t in enumerate(tokens[start:end], start)
        if i not in used and not prefix_not(tokens, i)
    )
    joined = set(words)
    link: Link = "tight"
    if joined & {"or", "nor", "/"}:
        link = "or"
    elif joined & {"and", "but", "plus", "&", "+"} or "as well as" in " ".join(words):
        link = "and"
    elif joined & {",", ";", "•", "*", "\n"}:
        link = "comma"
    return Glue(words, link, bool(joined & {",", ";"}), bool(joined & _MARKERS),
                bool(joined & VERBS),
                sum(1 for n in range(len(words)) if negates(words, n)))  # fmt: skip


def negates(words: Sequence[str], n: int) -> bool:
    if words[n] in ("except", "excluding", "besides", "outside"):
        return True
    if words[n] == "than":
        return n > 0 and words[n - 1] == "other"
    if words[n] == "but":
        return n > 0 and words[n - 1] in ALL
    return words[n] in NEGATED
