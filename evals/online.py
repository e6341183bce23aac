"""Scores a draft while its author waits: deterministic scorers only, ten milliseconds at most."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from data.access.masking import ontology_words
from data.ontology.plain import ontology_to_json
from data.rulelang.version import Version
from evals.facts import draft_facts
from evals.rerun import rerun
from evals.retrieval import before_confirmation
from evals.score import Score
from evals.scorers import accounted, grounded, nothing_identifying, parses, score_draft


def score_told(told: Mapping[str, Any], version: Version) -> tuple[Score, ...]:
    """Every score of the draft that :func:`graph.told.facts` tells of; none without a draft.

    ``version`` is the one the draft would follow.
    """
    if not told.get("rules"):
        return ()
    shown = rerun(told.get("generated", ()), told["rules"], version)
    words, defines = own_words(version), version.rule_set.defines
    facts = draft_facts(told, version.ontology, version.code_sets, words, defines)
    return score_draft(replace(facts, witnesses=shown)) + before_confirmation()


OF_THE_DRAFT = frozenset(m.NAME for m in (parses, grounded, accounted, nothing_identifying))
"""Claims that drafting again can mend."""


def faults(told: Mapping[str, Any], version: Version) -> tuple[str, ...]:
    """What the scorers hold against the draft that :func:`graph.told.facts` tells of."""
    scores = score_told(told, version)
    return tuple(s.reason for s in scores if s.name in OF_THE_DRAFT and s.value is False)


def ontology_id(version: Version) -> str:
    """The hash of the version's ontology: which words its rules may use."""
    return _ontology_id(_ById(version))


def own_words(version: Version) -> frozenset[str]:
    """The words of the version's organisation, which are nobody's name."""
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
def _ontology_id(of: _ById) -> str:
    whole = json.dumps(ontology_to_json(of.version.ontology), sort_keys=True)
    return f"sha256:{hashlib.sha256(whole.encode()).hexdigest()}"


@lru_cache(maxsize=32)
def _own_words(of: _ById) -> frozenset[str]:
    version = of.version
    return ontology_words(version.ontology, version.code_sets, version.scope_rows)
