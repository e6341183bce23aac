"""Claim: whatever a rule names was retrieved, or said by the author. Nothing is invented."""

from __future__ import annotations

from data.index.words import words_of
from evals.facts import DraftFacts, Term, all_said
from evals.score import Score, abstained, scored

NAME = "grounded"


def score(facts: DraftFacts) -> Score:
    terms = [t for r in facts.rules for t in r.terms]
    if not terms or facts.retrieved is None:
        return abstained(NAME, "no rule was drafted, or nothing was looked up")
    found = frozenset(facts.retrieved)
    said = frozenset(w for text in all_said(facts) for w in words_of(text))
    loose = list(dict.fromkeys(t.word for t in terms if not _grounded(t, found, said)))
    reason = f"neither found nor said: {', '.join(loose)}" if loose else "all found or said"
    return scored(NAME, not loose, reason)


def _grounded(term: Term, found: frozenset[str], said: frozenset[str]) -> bool:
    return any(id in found for id in term.ids) or any(
        said.issuperset(words_of(name)) for name in term.names
    )
