"""The known word nearest to one that is not known, and what to try instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

LISTED = 8
"""How many known words a suggestion lists where none is near."""

NEAR = 15
"""A word this much less alike than the best one, of 100, is no help beside it."""


def nearest(word: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Known words that look like ``word``, best first; case does not matter."""
    # Imported here: 40 ms at start that only a mistake needs.
    from rapidfuzz import fuzz, process

    found: list[tuple[str, float, Any]] = process.extract(
        word,
        list(dict.fromkeys(known)),
        scorer=fuzz.WRatio,
        processor=str.casefold,
        limit=limit,
        score_cutoff=60,
    )
    return tuple(text for text, score, _ in found if score >= found[0][1] - NEAR)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """What to try instead of ``word``: the nearest known words, else some that are known."""
    words = tuple(dict.fromkeys(known))
    near = nearest(word, words)
    if near:
        return "did you mean " + " or ".join(f"`{w}`" for w in near) + "?"
    return f"known: {listed(words)}" if words else ""


def listed(words: Iterable[str]) -> str:
    """The first words, quoted; ``...`` where there are more."""
    all_words = tuple(words)
    more = ", ..." if len(all_words) > LISTED else ""
    return ", ".join(f"`{w}`" for w in all_words[:LISTED]) + more


def shown(value: object, limit: int = 60) -> str:
    """``value`` as a message may show it: one line, printable, not endless."""
    match value:
        case bool():
            text = "true" if value else "false"
        case None:
            text = "null"
        case list() | tuple():
            text = "a list"
        case dict():
            text = "an object"
        case _:
            text = str(value)
    text = "".join(c if c.isprintable() else " " for c in text[: limit + 1])
    return text if len(text) <= limit else text[:limit] + "..."
