"""The retriever: which words, codes, rules and examples bear on a message."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from data.index.exact import PhraseBook
from data.index.items import Item, Kind, Pair, items_of
from data.index.shortened import ShortForms
from data.index.trigrams import TrigramIndex
from data.index.words import content_words
from data.ontology.model import CodeSets, Ontology, ScopeRow
from data.rulelang.ast import RuleSet

log = logging.getLogger(__name__)

FoundBy = Literal["exact", "letters", "vector"]
LETTERS, VECTOR = 0.65, 0.35
"""Shares of the two soft layers; weighted raw cosines do better than joined ranks."""
FLOOR = 0.3
CLAUSE = re.compile(r"[,;.:\n]| and | or | when | if | unless | except ", re.IGNORECASE)
MOST_CLAUSES = 24
RANKS: tuple[Kind, ...] = (
    "scope", "attribute", "value", "decision", "code", "rule", "example",
)  # fmt: skip
TELLING = 5
"""Letters from which on a single word of a term says enough."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """One item found, with what found it."""

    id: str
    """Of an attribute its path, of a value ``path=value``."""
    kind: Kind
    text: str
    score: float
    found_by: FoundBy


class Vectors(Protocol):
    """The third layer, replaceable and allowed to be absent."""

    def find(self, texts: Sequence[str], k: int) -> dict[str, float]: ...


class Retriever:
    """Three layers over one organisation's items: exact, letters, vectors.

    Without ``folder``, or where Chroma cannot be opened, the first two answer alone.
    """

    def __init__(
        self,
        ontology: Ontology,
        code_sets: CodeSets,
        rule_set: RuleSet,
        examples: Sequence[Pair],
        folder: Path | None,
        *,
        scope_rows: Sequence[ScopeRow] = (),
        organisation: str = "",
    ) -> None:
        self.items: tuple[Item, ...] = items_of(ontology, code_sets, rule_set, examples, scope_rows)
        self._by_id = {item.id: item for item in self.items}
        self._rows = ontology.row_entities
        self._book = PhraseBook(self.items)
        self._letters = TrigramIndex(self.items)
        self._short = ShortForms(self.items)
        self._vectors = _vectors(folder, organisation or ontology.name, self.items)

    @property
    def has_vectors(self) -> bool:
        """Whether Chroma answers as well; without it the lexical layers answer alone."""
        return self._vectors is not None

    def said(self, message: str) -> tuple[str, ...]:
        """Ids of the terms that stand in the message word for word."""
        return tuple(self._book.find(message))

    def names_something(self, message: str) -> bool:
        """Whether the message says a term, or a longer word of one: then it is about the rules."""
        words = (w for w in content_words(message) if len(w) >= TELLING)
        return bool(self.said(message)) or any(w in self._book.words for w in words)

    def retrieve(self, message: str, k: int = 12) -> tuple[Retrieved, ...]:
        """The ``k`` items that bear most on the message, best first.

        Everything said word for word comes first, whatever else is near. Of equal scores, words
        of the request come before words of rows, those before codes, rules and examples.
        """
        exact = self._book.find(message)
        letters = self._letters.find(message)
        for item_id, score in self._short.find(message).items():
            letters[item_id] = max(letters.get(item_id, 0.0), score)
        vectors = self._near(message, 4 * k)
        found = [
            _scored(self._by_id[i], exact, letters, vectors) for i in {*exact, *letters, *vectors}
        ]
        kept = sorted((f for f in found if f.score >= FLOOR), key=self._order)
        return tuple(kept[:k])

    def _order(self, found: Retrieved) -> tuple[float, int, bool, str]:
        of_rows = found.id.partition(".")[0] in self._rows
        return (-found.score, RANKS.index(found.kind), of_rows, found.id)

    def _near(self, message: str, k: int) -> dict[str, float]:
        if self._vectors is None or not message.strip():
            return {}
        clauses = [c.strip() for c in CLAUSE.split(message) if c.strip()][:MOST_CLAUSES]
        try:
            return self._vectors.find([message, *clauses], k)
        except Exception:  # a cache: whatever goes wrong in it, the lexical layers still answer
            log.warning("the vector index did not answer; lexical search alone", exc_info=True)
            self._vectors = None
            return {}


def _scored(
    item: Item,
    exact: Mapping[str, float],
    letters: Mapping[str, float],
    vectors: Mapping[str, float],
) -> Retrieved:
    near_letters = letters.get(item.id, 0.0)
    near_vector = vectors.get(item.id, 0.0)
    soft = LETTERS * near_letters + VECTOR * near_vector
    if item.id in exact:
        whole = exact[item.id] + LETTERS * near_letters
        return Retrieved(item.id, item.kind, item.text, round(whole, 6), "exact")
    by: FoundBy = "letters" if near_letters >= near_vector else "vector"
    return Retrieved(item.id, item.kind, item.text, round(soft, 6), by)


def _vectors(folder: Path | None, organisation: str, items: Sequence[Item]) -> Vectors | None:
    if folder is None:
        return None
    try:
        from data.index.chroma import Collection

        return Collection(folder, organisation, items)
    except Exception:  # absent, broken or locked: the index is a cache, never a reason to stop
        log.warning("the vector index cannot be opened; lexical search alone", exc_info=True)
        return None
