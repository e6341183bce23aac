"""Layer two: character trigrams weighted by rarity (tf-idf), for misspellings and word parts.

Each run of one to four words of the message is compared with each phrase by cosine; an item
keeps its best. Runs make a short term findable inside a long sentence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from data.index.items import Item
from data.index.words import content_words

LONGEST_RUN = 4
MOST_WORDS = 400
"""Words of a message that are looked at; later ones are still matched word for word."""


def trigrams(text: str) -> Iterator[str]:
    """The trigrams of a text with its word ends marked."""
    for word in text.split():
        marked = f" {word} "
        for at in range(len(marked) - 2):
            yield marked[at : at + 3]


class TrigramIndex:
    """Postings of trigram → phrases, each phrase a unit vector."""

    def __init__(self, items: Sequence[Item]) -> None:
        owners, texts = _phrases(items)
        self._owners: NDArray[np.intp] = np.array(owners, dtype=np.intp)
        self._ids = tuple(item.id for item in items)
        counts = [Counter(trigrams(t)) for t in texts]
        seen = Counter(g for c in counts for g in c)
        self._idf = {g: log((1 + len(texts)) / (1 + n)) + 1 for g, n in seen.items()}
        self._postings = self._post(counts)
        self._phrase_count = len(texts)

    def _post(
        self, counts: Sequence[Counter[str]]
    ) -> dict[str, tuple[NDArray[np.intp], NDArray[np.float64]]]:
        gathered: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for phrase, count in enumerate(counts):
            weights = {g: n * self._idf[g] for g, n in count.items()}
            size = sqrt(sum(w * w for w in weights.values())) or 1.0
            for gram, weight in weights.items():
                gathered[gram][0].append(phrase)
                gathered[gram][1].append(weight / size)
        return {g: (np.array(p, dtype=np.intp), np.array(w)) for g, (p, w) in gathered.items()}

    def find(self, message: str) -> dict[str, float]:
        """Cosine (0 to 1) of the best run of words with the best phrase, by item id."""
        best = np.zeros(self._phrase_count)
        for run in _runs(content_words(message)[:MOST_WORDS]):
            np.maximum(best, self._cosine(run), out=best)
        scores = np.zeros(len(self._ids))
        np.maximum.at(scores, self._owners, best)
        return {self._ids[i]: float(scores[i]) for i in np.flatnonzero(scores > 0.2)}

    def _cosine(self, run: str) -> NDArray[np.float64]:
        count = Counter(trigrams(run))
        weights = {g: n * self._idf.get(g, 1.0) for g, n in count.items()}
        size = sqrt(sum(w * w for w in weights.values())) or 1.0
        total = np.zeros(self._phrase_count)
        for gram, weight in weights.items():
            if gram in self._postings:
                phrases, values = self._postings[gram]
                total[phrases] += values * (weight / size)
        return total


def _phrases(items: Sequence[Item]) -> tuple[list[int], list[str]]:
    owners: list[int] = []
    texts: list[str] = []
    for at, item in enumerate(items):
        for phrase in item.phrases:
            owners.append(at)
            texts.append(" ".join(content_words(phrase)) or phrase.casefold())
    return owners, texts


def _runs(words: tuple[str, ...]) -> Iterator[str]:
    runs = (
        " ".join(words[start : start + length])
        for length in range(1, LONGEST_RUN + 1)
        for start in range(len(words) - length + 1)
    )
    yield from dict.fromkeys(runs)
