"""The account of every word: placed in a clause, set aside by name, or without a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.index.words import COMMON
from graph.drafters.base import Placed
from graph.drafters.grammar import english as en
from graph.drafters.grammar.lexicon import DENYING, PARTICLES, Lexicon, Ref, content_root
from graph.drafters.grammar.words import Token, root, stem

KNOWN: frozenset[str] = frozenset[str]().union(
    en.DETERMINERS, en.PRONOUNS, en.PERSONS, en.AUXILIARIES, en.PREPOSITIONS, en.MODALS_STRONG,
    en.LIGHT,
    en.FILLER, en.POLITE, en.CONNECTIVES, en.REQUIRE, en.ALLOW, en.REFUSALS, en.WEAK, en.OPERATORS,
    en.IMPERATIVES, en.NEGATIONS, en.UNITS, en.NUMBER_WORDS, en.ORDINALS, en.MONTHS,
    en.FREQUENCY_ADVERBS,
    en.PREDICATE_WORDS, en.IRREGULAR, (w for ws,
    _ in en.BEFORE_NUMBER + en.AFTER_NUMBER for w in ws),
    (w for ws in en.COND_OPENERS + en.UNLESS_OPENERS + en.OTHERWISE for w in ws),
)  # fmt: skip
"""English words that are never taken for a misspelt term."""
PRIOR = root("prior")
_SMALL = (
    en.DETERMINERS
    | en.PRONOUNS
    | en.AUXILIARIES
    | en.PREPOSITIONS
    | en.CONNECTIVES
    | en.MODALS_STRONG
) - en.OPERATORS
_LIGHT = frozenset(stem(w) for w in en.LIGHT)
_PERSONS = en.PERSONS | frozenset(stem(w) for w in en.PERSONS)
_REFUSED = frozenset(stem(w) for w in en.REFUSALS)
_LINKS = frozenset(stem(w) for w in en.LINKS)
_PREDICATES = frozenset(stem(w) for w in en.REQUIRE | en.ALLOW | en.PREDICATE_WORDS | en.WEAK)
_ORDERS = frozenset(stem(w) for w in en.IMPERATIVES)


_SUMS = frozenset(["total", "sum", "count"])
"""Nouns for an amount: ``a total of at least 100``."""
_APART = frozenset(["leaving", "leaves", "leave", "left", "quitting", "exiting"])
"""Verbs that take one out of what is named: no fact is said to hold with them."""
_BEFORE_GIVEN = frozenset(["a", "an", "the", "any", "every", "each", "this"])


def account(
    tokens: Sequence[Token], placed: Mapping[int, str], asides: set[int], lexicon: Lexicon,
    refs: Sequence[tuple[frozenset[int], Ref]],
) -> tuple[Placed, ...]:  # fmt: skip
    """What became of each word; a word without a place has the place ``unplaced``."""
    words = _own_words(lexicon, refs)
    placed = {**phrases(tokens), **placed}
    out: list[Placed] = []
    for i, token in enumerate(tokens):
        if not token.is_word and token.low not in "$%":
            continue
        out.append(
            Placed(
                token.start,
                token.end,
                token.text,
                _place(i, token, tokens, placed, asides, lexicon, words),
            )
        )
    return tuple(out)


def _counted(tokens: Sequence[Token], i: int) -> bool:
    """``40 and over``, ``3 days back``: the word bears on an amount."""
    return any(t.low[0].isdigit() for t in tokens[max(0, i - 2) : i + 2])


_WHICH = frozenset(["any", "all", "every", "each", "other", "the", "this", "that", "same"])


def _singular(low: str) -> str:
    return low[:-3] + "y" if low.endswith("ies") else low.removesuffix("s")


NEAR = 5
"""How far from its clause a word of the same name may stand."""


def _own_words(
    lexicon: Lexicon, refs: Sequence[tuple[frozenset[int], Ref]]
) -> dict[int, frozenset[str]]:
    """For each place, the words that belong to a term said close by."""
    out: dict[int, frozenset[str]] = {}
    for tokens, ref in refs:
        words = lexicon.words_of([ref])
        for i in range(min(tokens, default=0) - NEAR, max(tokens, default=-NEAR) + NEAR + 1):
            out[i] = out.get(i, frozenset()) | words
    return out


def _short_for(word: str, entities: frozenset[str]) -> bool:
    """``pt`` for `patient`: the first and the last letter of what requests are about."""
    return any(len(e) > 4 and word in (e[0] + e[-1], e[0] + e[-1] + "s") for e in entities)


def phrases(tokens: Sequence[Token]) -> dict[int, str]:
    """Tokens of turns of phrase that mean nothing of their own."""
    out: dict[int, str] = {}
    for i in range(len(tokens)):
        for words in en.PHRASES:
            if tuple(t.low for t in tokens[i : i + len(words)]) == words:
                out.update(dict.fromkeys(range(i, i + len(words)), "set aside: turn of phrase"))
        if tokens[i].stem in ("pass", "elapse", "elaps", "apart") and any(
            t.stem in _TIMES for t in tokens[max(0, i - 5) : i]
        ):
            out[i] = "set aside: turn of phrase"
    return out


def openers(tokens: Sequence[Token]) -> frozenset[int]:
    """Tokens of openers of several words: the `long` of ``as long as`` names nothing."""
    return frozenset(
        k
        for i in range(len(tokens))
        for words in _OPENERS
        if tuple(t.low for t in tokens[i : i + len(words)]) == words
        for k in range(i, i + len(words))
    )


_OPENERS = tuple(
    words for words in en.COND_OPENERS + en.UNLESS_OPENERS + en.OTHERWISE if len(words) > 1
)
_TIMES = frozenset(stem(w) for w in ("years", "months", "weeks", "days", "hours", "minutes"))


def _place(
    i: int,
    token: Token,
    tokens: Sequence[Token],
    placed: Mapping[int, str],
    asides: set[int],
    lexicon: Lexicon,
    words: Mapping[int, frozenset[str]],
) -> str:
    if i in placed:
        return placed[i]
    if i in asides:
        return "set aside: said not to matter"
    if token.low in en.POLITE:
        return "set aside: politeness"
    if content_root(token) in words.get(i, frozenset[str]()):
        return "goes with its clause"
    if token.low == "past" and PRIOR in words.get(i, frozenset[str]()):
        return "goes with its clause"
    if token.low in DENYING:
        return "unplaced"
    if token.low in _SMALL or token.stem in _SMALL or token.text.lower() in ("it", "them"):
        return "set aside: function word"
    if token.low in _PERSONS or token.stem in _PERSONS or token.root in lexicon.entity_roots:
        return "set aside: whom or what it is about"
    if token.root in lexicon.given_roots and i and tokens[i - 1].low in _BEFORE_GIVEN:
        return "set aside: what every request has"
    if token.low == "first" and i and (i + 1 >= len(tokens) or not tokens[i + 1].is_word):
        return "set aside: filler"
    if token.low in en.CATEGORIES and i and placed.get(i - 1, "").startswith("condition"):
        return "goes with its clause"
    if token.low in _SUMS and placed.get(i + 2, "").startswith("condition"):
        return "goes with its clause"
    if token.low in PARTICLES and i and tokens[i - 1].is_word and not _counted(tokens, i):
        return "set aside: function word"
    if token.low in _APART and i + 2 < len(tokens) and tokens[i + 1].low in en.DETERMINERS:
        about = placed.get(i + 2, placed.get(i + 3, ""))
        if about.startswith("condition"):
            return "unplaced"
    if token.low == "beforehand" and placed.get(i - 1, "").startswith("outcome"):
        return "goes with its clause"
    if token.low == "longer" and i and tokens[i - 1].low == "no":
        return "sign: negation"
    if token.low == "both" and any(t.low == "and" for t in tokens[i : i + 12]):
        return "set aside: function word"
    thing = token.low in lexicon.thing_words or _singular(token.low) in lexicon.thing_words
    if thing and i and tokens[i - 1].low in _WHICH:
        return "set aside: names a thing, not which"
    if _short_for(token.low, lexicon.entity_words):
        return "set aside: whom or what it is about"
    if token.low in en.OPERATORS or token.stem in _REFUSED:
        return "unplaced"
    if (
        token.low in en.FILLER
        or token.stem in _LIGHT
        or (token.stem in _LINKS and token.low not in en.OPERATORS)
        or token.stem in _PREDICATES
        or token.stem in _ORDERS
    ):
        return "set aside: filler"
    return "unplaced"


def unplaced(placed: Sequence[Placed]) -> tuple[str, ...]:
    """The words without a place, in order, neighbours joined."""
    return tuple(p.text for p in placed if p.place == "unplaced")


_FUNCTION = COMMON | _SMALL | en.NEGATIONS | {w for ws in en.UNLESS_OPENERS for w in ws}


def content_of(words: Sequence[str]) -> tuple[str, ...]:
    """The words that may name something; all of them where none may."""
    content = tuple(w for w in words if w.lower() not in _FUNCTION)
    return content or tuple(w for w in words if w.lower() != "n't") or tuple(words)


def has_content(words: Sequence[str]) -> bool:
    """Whether one of the words may name something."""
    return any(w.lower() not in _FUNCTION for w in words)
