"""Words of a message: where they stand, and the forms under which they are compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from graph.drafters.grammar.english import DETERMINERS, IRREGULAR, NEAR

_TOKEN = re.compile(
    r"""
      w/o\b | w/(?=\s)                                  # abbreviations with a slash
    | [$€£]
    | \d{1,2}/\d{1,2}/\d{4}                             # 3/1/2014
    | \d{4}-\d{2}-\d{2}                                 # 2014-03-01
    | \d{1,2}:\d{2}
    | \d+(?:st|nd|rd|th)\b
    | \d{1,3}(?:,\d{3})+(?:\.\d+)? | \d+(?:\.\d+)?(?![\w.]*\d[A-Za-z])
    | n't\b | '(?:s|re|ve|ll|d|m)\b
    | [^\W_]+(?:_[^\W_]+)*
    | -> | => | <= | >= | [<>=+%&]
    | \.\.\. | [.,;:?!()\[\]"“”/\n—–|*•-]
    | \S
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONTRACTED = re.compile(r"^(ca|wo|sha|[a-z]+)n['’]t$", re.IGNORECASE)
_WORDLIKE = re.compile(r"^[^\W_]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or mark of the message."""

    start: int
    end: int
    text: str
    low: str
    stem: str
    """Without plural, -ing and -ed."""
    root: str
    """Without the endings that turn a verb into a noun or an adjective as well."""
    glued: bool
    """Nothing stands between this and the token before."""

    @property
    def is_word(self) -> bool:
        return bool(_WORDLIKE.match(self.text))


def tokenise(text: str) -> tuple[Token, ...]:
    """Words, numbers and marks in order; contractions become two tokens (``is`` and ``n't``)."""
    plain = text.replace("’", "'").replace("‘", "'")
    tokens: list[Token] = []
    last = -1
    for start, end in _pieces(plain):
        piece = plain[start:end]
        low = piece.lower()
        low = (
            {"ca": "can", "wo": "will", "sha": "shall"}.get(low, low)
            if _negated(plain, end)
            else low
        )
        word = NEAR.get(low, low) if low.startswith("w/") else low
        word = word[:-1] if _PLURAL.match(piece) else word
        tokens.append(
            Token(start, end, text[start:end], word, stem(word), root(word), start == last)
        )
        last = end
    return _permits(tokens)


def _permits(tokens: list[Token]) -> tuple[Token, ...]:
    """``a permit``: a paper, which is not what ``we permit`` and ``permits the use`` say."""
    out = list(tokens)
    for i, t in enumerate(tokens):
        before = tokens[i - 1].low if i else ""
        after = tokens[i + 1].low if i + 1 < len(tokens) else ""
        if t.low in ("permit", "permits") and before not in _DOERS and after not in _OBJECTS:
            out[i] = replace(t, stem="permit", root="permit")
    return tuple(out)


_DOERS = frozenset(
    ["to", "not", "n't", "never", "do", "does", "will", "can", "could", "may", "might", "must",
     "should", "shall", "we", "they", "you", "i", "who", "which", "that"]
)  # fmt: skip
_OBJECTS = DETERMINERS | {"it", "them", "him", "her", "us", "you", "no", "only", "to"}


def _negated(plain: str, end: int) -> bool:
    return plain[end : end + 3].lower() == "n't"


def _pieces(plain: str) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    pos = 0
    while match := _TOKEN.search(plain, pos):
        start, end = match.span()
        word = (
            _CONTRACTED.match(plain[start : end + 2])
            if plain[end : end + 2].lower() == "'t"
            else None
        )
        if word and plain[end - 1].lower() == "n" and end - 1 > start:
            out += [(start, end - 1), (end - 1, end + 2)]
            pos = end + 2
        elif plain[start:end].lower() == "cannot":
            out += [(start, start + 3), (start + 3, end)]
            pos = end
        else:
            out.append((start, end))
            pos = end
    return out


_PLURAL = re.compile(r"^[A-Z]{2,}s$")
"""Abbreviations in the plural: ``CTs``, ``MRIs``."""
PREFIXES = ("non", "un", "in", "im")


def prefix_not(tokens: Sequence[Token], i: int) -> bool:
    """Whether token ``i`` is the `un` of `uninsured` or the `non` of `non-domestic`."""
    if not 0 <= i < len(tokens) or tokens[i].low not in ("not", "non"):
        return False
    return tokens[i].text.lower() in PREFIXES


def prefix_of(tokens: Sequence[Token], start: int) -> int | None:
    """The place of the `un` or `non` that belongs to the word at ``start``."""
    hyphen = 0 < start < len(tokens) and tokens[start - 1].low == "-"
    at = start - 2 if hyphen else start - 1
    return at if prefix_not(tokens, at) else None


_PAST_OF_EE = ("agreed", "guaranteed", "freed", "decreed", "refereed")
"""Pasts in -eed; other words in -eed (`proceed`) are no pasts."""
_VOWEL = re.compile(r"[aeiouy]")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """``word`` without plural, -ing and -ed, and without a last e.

    >>> stem("scheduling"), stem("scheduled"), stem("clinics"), stem("planned")
    ('schedul', 'schedul', 'clinic', 'plan')
    """
    if word in IRREGULAR:
        return _drop_e(IRREGULAR[word])
    if len(word) <= 3 or not word.isalpha():
        return word
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        base = word[: -len(ending)]
        if (
            word.endswith(ending)
            and len(base) >= 3
            and _VOWEL.search(base)
            and not (base.endswith("e") and len(base) < 6)
            and not (word.endswith("eed") and not word.endswith(_PAST_OF_EE))
        ):
            return _single(base)
    return _drop_e(word)


def _drop_e(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _single(base: str) -> str:
    doubled = len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz"
    return _drop_e(base[:-1] if doubled else base if not base.endswith("i") else base[:-1] + "y")


_ENDINGS = (
    ("ibility", "ibl"), ("ability", "abl"), ("ization", "iz"), ("isation", "is"), ("ication", "ic"),
    ("ation", ""), ("ition", ""), ("ement", ""), ("ment", ""), ("ance", ""), ("ence", ""),
    ("ancy", ""), ("ency", ""), ("ature", ""), ("ant", ""), ("ent", ""), ("sion", "s"), ("tion",
    "t"),
    ("ally", ""), ("ical", ""), ("ivity", ""), ("ility", "il"), ("ness", ""), ("ful", ""),
    ("less", "less"),
    ("ive", ""), ("al", ""), ("ly", ""), ("er", ""), ("or", ""),
    ("ic", ""), ("es", ""), ("at", ""),
)  # fmt: skip


@lru_cache(maxsize=20_000)
def root(word: str) -> str:
    """What verb, noun and adjective share: ``removal``, ``removing`` → ``remov``.

    >>> root("removal") == root("removing"), root("approval") == root("approved")
    (True, True)
    """
    near = NEAR.get(word)
    base = stem(near or word)
    for _ in range(2):
        base = _shorter(base)
    return base


def _shorter(base: str) -> str:
    for ending, instead in _ENDINGS:
        if base.endswith(ending) and len(base) - len(ending) >= 4:
            base = base[: -len(ending)] + instead
            break
    return base[:-1] if len(base) > 4 and base[-1] in "ey" else base
