"""Words cut short: `appt date`, `OOO`, `crit`: nobody has to write every abbreviation down.

A run of words is read against a phrase word by word. A word stands for one word of the phrase that
it begins (three letters or more), or whose first and last letter it has with others between in
their order (`wt`, `appt`); or for several by their first letters (`OOO`, `XR` for `x-ray`). All
words of both must be used up. Looked for only where a word of the message is nobody's own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from data.index.items import Item
from data.index.words import COMMON, folded

LONGEST_RUN, LONGEST_SHORT = 4, 6
"""Words of a run; letters of a word cut short."""
SHORTEST_BEGINNING = 3
SCORE = 0.85
"""Of a phrase said so: below what is said word for word, like a near misspelling."""
_PART = re.compile(r"[^\W_]+")

Words = tuple[str, ...]


class ShortForms:
    """Finds items whose phrases are said with words cut short."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._by_letter: dict[str, list[tuple[Words, str]]] = defaultdict(list)
        for item in items:
            if item.kind not in ("rule", "example", "code"):
                for phrase in item.phrases:
                    if words := _words(phrase):
                        self._by_letter[words[0][0]].append((words, item.id))
        phrases = (p for entries in self._by_letter.values() for p, _ in entries)
        self._known = frozenset(w for phrase in phrases for w in phrase) | COMMON

    def find(self, message: str) -> dict[str, float]:
        """Ids said so; each with the same score."""
        words = _words(message)
        return {i: SCORE for run in self._runs(words) for i in self._meant(run)}

    def _runs(self, words: Words) -> Iterator[Words]:
        """Runs in which some short word is in no phrase."""
        short = [len(w) <= LONGEST_SHORT and w not in self._known for w in words]
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + LONGEST_RUN) + 1):
                if any(short[start:end]):
                    yield words[start:end]

    def _meant(self, run: Words) -> Iterator[str]:
        for phrase, item_id in self._by_letter.get(run[0][0], ()):
            if _says(run, phrase):
                yield item_id


def _words(text: str) -> Words:
    return tuple(_PART.findall(folded(text)))


def _says(run: Words, phrase: Words) -> bool:
    """Whether the run uses up the phrase, word by word or by first letters."""
    if not run or not phrase:
        return not run and not phrase
    word = run[0]
    if _stands_for(word, phrase[0]) and _says(run[1:], phrase[1:]):
        return True
    count = len(word)
    initials = "".join(p[0] for p in phrase[:count])
    return 1 < count <= len(phrase) and word == initials and _says(run[1:], phrase[count:])


def _stands_for(word: str, whole: str) -> bool:
    if word == whole or (len(word) >= SHORTEST_BEGINNING and whole.startswith(word)):
        return True
    cut = 2 <= len(word) < len(whole) and (word[0], word[-1]) == (whole[0], whole[-1])
    letters = iter(whole)
    return cut and all(letter in letters for letter in word)
