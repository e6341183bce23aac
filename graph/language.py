"""Whether a message is in a language that is not read here, told without a dictionary."""

from __future__ import annotations

import re
from collections.abc import Callable

from data.index.words import WORD

FEWEST = 4
"""Words from which on a message shows its language."""
MARKUP = re.compile(r"<\s*/?\s*[a-z!][^>]*>|https?://", re.IGNORECASE)
"""Tags and links: no words of a person."""
HOLDS_MARKUP = "That holds markup or a link. Write the rule in plain words."
LAST_LATIN = "\u024f"
_ENGLISH = (
    "about all always and any are at be before but by can does every except for from get gets "
    "has have  how if is it make may must my need needs neither never nor not one only over "
    "our please she should show tell than  that the their them then they this to under unless "
    "we what when where which who why with  without you your"
)
ENGLISH = frozenset(_ENGLISH.split())
"""Small words that English sentences have and few other languages write alike."""


def is_foreign(text: str, knows: Callable[[str], bool]) -> bool:
    """Several words, none of them a small English one, and most of them nobody's here.

    ``knows`` says whether a word is one of the organisation's.
    """
    words = [w for w in WORD.findall(text) if not w.isdigit()]
    if _mostly_other_letters(text):
        return True
    if len(words) < FEWEST or any(w.casefold() in ENGLISH for w in words):
        return False
    return sum(knows(w) for w in words) < len(words) / 2


def _mostly_other_letters(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= FEWEST and sum(c > LAST_LATIN for c in letters) > len(letters) / 2
