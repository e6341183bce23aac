"""What conditions answered before: for the many requests and candidates that one plan meets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from data.rulelang.ast import Compare, CompareFacts, Condition, leaves_of
from data.rulelang.kleene import Facts
from data.rulelang.partition import paths_asked

Answer = Callable[[Condition], bool | None]
MOST_REMEMBERED = 20_000
"""Answers of one condition that are kept."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """What one condition answered, by the values of the facts that it looks at."""

    condition: Condition
    look: Callable[[Facts], Any] | None
    """Those values; raises :class:`KeyError` where one is not known. ``None``: it looks at more."""
    known: dict[Any, bool | None]


class Memory:
    """Answers are the same without it and take longer.

    Only comparisons of known facts are kept: tests of rows and ``is known`` look at more.
    """

    def __init__(self) -> None:
        self._answers: dict[int, _Answers] = {}

    def value(self, condition: Condition, facts: Facts, answer: Answer) -> bool | None:
        """What the condition answered for these facts before, else its ``answer`` now."""
        found = self._answers.get(id(condition)) or self._made(condition)
        if found.look is None:
            return answer(condition)
        try:
            seen = found.look(facts)
        except KeyError:
            return answer(condition)
        known = found.known
        if seen not in known:
            if len(known) >= MOST_REMEMBERED:
                known.clear()
            known[seen] = answer(condition)
        return known[seen]

    def _made(self, condition: Condition) -> _Answers:
        """Room for the answers of this very condition: kept alive, so that its id is its own."""
        leaves = leaves_of(condition)
        plain = all(isinstance(leaf, Compare | CompareFacts) for leaf in leaves)
        look = itemgetter(*sorted(paths_asked(condition))) if plain else None
        made = self._answers[id(condition)] = _Answers(condition, look, {})
        return made
