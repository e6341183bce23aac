"""Hides who someone is in every text of one turn."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection
from functools import lru_cache

from data.access.masking import mask
from evals.allowed import code_of

Mask = Callable[[str, Collection[str]], str]
"""The text without names, numbers and dates of people; the words of the collection stay."""

WORD = re.compile(r"\w+")
HIDDEN = "[masked]"
MOST_KNOWN = 8_192
"""Texts of the organisations' own that stay masked in memory."""

log = logging.getLogger(__name__)


def mask_kept(text: str, keep: Collection[str]) -> str:
    return mask(text, keep=keep)


@lru_cache(maxsize=MOST_KNOWN)
def _mask_known(mask: Mask, text: str, keep: frozenset[str]) -> str:
    return mask(text, keep)


class Veil:
    """Masks the texts of one turn.

    A name is easy to tell in `for Jane Smith, born …` and hard to tell alone: `what does Smith
    mean?`. So each word that masking took out of the message stays hidden in every other text.
    A text that cannot be masked is hidden whole.
    """

    def __init__(self, mask: Mask, keep: Collection[str]) -> None:
        self._mask = mask
        self._keep = keep
        self._hidden: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self._seen: dict[str, str] = {}

    def learn(self, said: str) -> None:
        """Takes note of what masking hides in something the person said."""
        left = {w.casefold() for w in WORD.findall(self._masked(said))}
        hidden = {w.casefold() for w in WORD.findall(said)} - left
        if hidden - self._hidden:
            self._hidden |= hidden
            words = "|".join(sorted(map(re.escape, self._hidden), key=len, reverse=True))
            self._pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)

    def __call__(self, text: str) -> str:
        return self._veiled(self._masked(text))

    def known(self, text: str) -> str:
        """Like a call, for a text of the organisation's own: masked once a process, not a turn."""
        if not isinstance(self._keep, frozenset):
            return self(text)
        try:
            return self._veiled(_mask_known(self._mask, text, self._keep))
        except Exception as error:
            log.error("a text could not be masked: %s", code_of(error))
            return HIDDEN

    def _veiled(self, masked: str) -> str:
        return masked if self._pattern is None else self._pattern.sub(HIDDEN, masked)

    def _masked(self, text: str) -> str:
        """Each text once: node after node hands over the same ones."""
        if text not in self._seen:
            self._seen[text] = self._mask_safely(text)
        return self._seen[text]

    def _mask_safely(self, text: str) -> str:
        try:
            return self._mask(text, self._keep)
        except Exception as error:
            log.error("a text could not be masked: %s", code_of(error))
            return HIDDEN
