"""A message as words that can be held against the ways to say a term."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from data.index.words import COMMON, SEVERAL, folded, stem
from graph.drafters.grammar import english as en
from graph.drafters.terms import Term

TOKEN = re.compile(r"[^\W_]+")
ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")
QUOTES = re.compile(r"[\"“”„]([^\"“”„]+)[\"“”„]")
NOT_ADJOINING = frozenset(["with", "without", "no", "not", "non"])
"""Small words that are never left out of a way to say something."""
Occurrence = tuple[int, ...]
"""Places of the words that say it."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word where it stands."""

    start: int
    end: int
    text: str
    root: str
    quoted: bool = False


def root(text: str) -> str:
    """The word as it is compared: `MRIs` as `mri`, `forty` as `40`, `1st` as `1`."""
    low = folded(SEVERAL.sub(r"\1", text))
    ordinal = ORDINAL.match(low)
    plain = ordinal.group(1) if ordinal else stem(low)
    return str(en.NUMBER_WORDS[plain]) if plain in en.NUMBER_WORDS else plain


@lru_cache(maxsize=20_000)
def roots(text: str) -> tuple[str, ...]:
    return tuple(root(t) for t in TOKEN.findall(text))


class Heard:
    """The words of a message, and where in it each term is said."""

    def __init__(self, message: str, more: Iterable[str] = ()) -> None:
        """``more`` was said besides: answers, and numbers that follow from those said."""
        inside = [m.span(1) for m in QUOTES.finditer(message)]
        self.words = tuple(
            Word(m.start(), m.end(), m.group(), root(m.group()), _within(m.start(), inside))
            for m in TOKEN.finditer(message)
        )
        self._texts = [[w.root for w in self.words], *(list(roots(t)) for t in more)]

    def places(self, text: str) -> list[Occurrence]:
        """Where the message itself says the text, small words left out or not."""
        return [o for n, o in self._found(text) if n == 0]

    def says(self, text: str) -> bool:
        """Whether the message, or what was said besides, says the text."""
        return any(True for _ in self._found(text))

    def _found(self, text: str) -> Iterator[tuple[int, Occurrence]]:
        whole = roots(text)
        for number, said in enumerate(self._texts):
            if not all(r in said for r in whole if r not in COMMON):
                continue
            everywhere = range(len(said))
            yield from ((number, o) for o in _runs(said, everywhere, whole))
            if not NOT_ADJOINING & set(whole):
                content = tuple(r for r in whole if r not in COMMON)
                kept = [i for i in everywhere if said[i] not in COMMON]
                yield from ((number, o) for o in _runs(said, kept, content))


def _within(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _runs(said: list[str], places: Iterable[int], wanted: tuple[str, ...]) -> Iterator[Occurrence]:
    kept = list(places)
    for i in range(len(kept) - len(wanted) + 1 if wanted else 0):
        run = tuple(kept[i : i + len(wanted)])
        if tuple(said[p] for p in run) == wanted:
            yield run


def matches(heard: Heard, terms: Iterable[Term]) -> dict[Term, list[Occurrence]]:
    """Where each term is said. A literal in quotation marks keeps its words to itself, and so
    does the longer of two values."""
    told = list(dict.fromkeys(terms))
    found = {t: [o for text in t.texts for o in heard.places(text)] for t in told}
    taken: set[int] = set()
    for term in told:
        quoted = [o for o in found[term] if all(heard.words[i].quoted for i in o)]
        if term.literal and quoted:
            found[term] = quoted
            taken.update(i for o in quoted for i in o)
    for term in told:
        if not (term.literal and taken.intersection(i for o in found[term] for i in o)):
            longer = [set(o) for text in term.rivals for o in heard.places(text)]
            found[term] = [
                o
                for o in found[term]
                if not taken.intersection(o) and not any(set(o) < other for other in longer)
            ]
    return found
