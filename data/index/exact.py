"""Layer one: phrases that stand in the message word for word, plural or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from data.index.items import Item
from data.index.words import COMMON, words_of


class PhraseBook:
    """Finds items by any of their phrases in time linear in the message."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._ids: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for item in items:
            if item.kind in ("rule", "example"):
                continue
            for phrase in item.phrases:
                key = words_of(phrase)
                if key and not all(w in COMMON for w in key):
                    self._ids[key].append(item.id)
        self.words: frozenset[str] = frozenset(w for key in self._ids for w in key) - COMMON
        """Every word of every phrase."""
        self._longest = max(map(len, self._ids), default=0)

    def find(self, message: str) -> dict[str, float]:
        """Ids said, each with how much was said of it: a longer phrase scores higher."""
        words = words_of(message)
        scores: dict[str, float] = {}
        for phrase in self._phrases(words):
            for item_id in self._ids.get(phrase, ()):
                scores[item_id] = max(scores.get(item_id, 0.0), 1 + len(phrase) / 100)
        return scores

    def _phrases(self, words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
        for start in range(len(words)):
            for length in range(1, min(self._longest, len(words) - start) + 1):
                yield words[start : start + length]
