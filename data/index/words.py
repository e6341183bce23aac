"""Words of a text as the index compares them: folded, split, plural and singular alike."""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"[^\W_]+(?:/[^\W_]+)?")
"""Letters and digits; ``w/c`` stays one word."""

_COMMON = (
    "a an and are as at be but by can do does for from had has have he her his if in is it its me "
    "must no not of on or our she should so than that the their them then there they this to use "
    "was we were what when where which who why will with would you your"
)
SEVERAL = re.compile(r"\b([A-Z]{2,})s\b")
"""An abbreviation in the plural."""
COMMON: frozenset[str] = frozenset(_COMMON.split())
"""Words that carry no term of any organisation."""


def folded(text: str) -> str:
    """Compatibility form, without accents, without case."""
    wide = unicodedata.normalize("NFKD", text)
    return "".join(c for c in wide if not unicodedata.combining(c)).casefold()


def stem(word: str) -> str:
    """The word without a plural ending, so that `mammograms` meets `mammogram`."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def words_of(text: str) -> tuple[str, ...]:
    """The stems of a text, in its order; `MRIs` are `mri` each."""
    return tuple(stem(w) for w in WORD.findall(folded(SEVERAL.sub(r"\1", text))))


def content_words(text: str) -> tuple[str, ...]:
    """The stems that may name something."""
    return tuple(w for w in words_of(text) if w not in COMMON)
