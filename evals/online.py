"""Scores a draft while its author waits: deterministic scorers only, ten milliseconds at most."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from data.access.masking import ontology_words
from data.rulelang.version import Version
from evals.allowed import code_of
from evals.facts import draft_facts
from evals.retrieval import before_confirmation
from evals.score import Score
from evals.scorers import score_draft

log = logging.getLogger(__name__)


def score_facts(facts: Mapping[str, Any]) -> tuple[Score, ...]:
    """Every score of a draft. Never raises: facts that cannot be read give no score.

    ``facts`` holds the keys of :func:`evals.facts.draft_facts` and ``version``, the
    :class:`~data.rulelang.version.Version` the draft would join or make.
    """
    try:
        version: Version = facts["version"]
        read = draft_facts(facts, version.ontology, version.code_sets, own_words(version))
    except Exception as error:
        log.warning("a draft could not be scored: %s", code_of(error))
        return ()
    return score_draft(read) + before_confirmation()


def own_words(version: Version) -> frozenset[str]:
    """The words of the version's organisation."""
    return _own_words(_ById(version))


class _ById:
    """A version that is the same as another one of its id."""

    def __init__(self, version: Version) -> None:
        self.version = version

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and self.version.id == other.version.id

    def __hash__(self) -> int:
        return hash(self.version.id)


@lru_cache(maxsize=32)
def _own_words(of: _ById) -> frozenset[str]:
    version = of.version
    return ontology_words(version.ontology, version.code_sets, version.scope_rows)
