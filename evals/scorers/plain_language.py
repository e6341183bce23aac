"""Claim: what the author reads is short sentences without our jargon."""

from __future__ import annotations

import re
from functools import lru_cache

from evals.facts import DraftFacts
from evals.score import Score, abstained, scored

NAME = "plain_language"

LONGEST_SENTENCE = 35
"""Words; plain-language guides put the limit between 25 and 40 for text with figures in it."""

JARGON = frozenset([
    "json", "null", "none", "nan", "ast", "boolean", "enum", "regex", "tuple", "traceback",
    "exception", "kleene", "witness", "predicate", "token", "parser", "schema", "payload", "api",
    "uuid", "sha256", "stacktrace", "kwargs", "thread", "interrupt",
])  # fmt: skip
SHAPES = re.compile(
    r"""\b[a-z]+(?:_[a-z0-9]+)+\b            # snake_case
      | \b[a-z]+(?:[.][a-z_]+)+=             # a path with a value
      | \b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b      # CamelCase
      | \b(?:True|False|None)\b
      | [{}]                                 # a data structure
      | File\ "[^"]+",\ line""",
    re.VERBOSE,
)
WORD = re.compile(r"[\w.'-]+")
SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n+")
QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"")
"""The author's own words, or a rule's."""


def score(facts: DraftFacts) -> Score:
    if not facts.sentences:
        return abstained(NAME, "nothing was said in words")
    own = _single_words(facts.own_words)
    faults = [f for text in facts.sentences for f in _faults(text, own)]
    reason = "; ".join(dict.fromkeys(faults)) or "short sentences, no jargon"
    return scored(NAME, not faults, reason)


@lru_cache(maxsize=32)
def _single_words(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(w.casefold() for phrase in phrases for w in WORD.findall(phrase))


def _faults(text: str, own: frozenset[str]) -> list[str]:
    bare = QUOTED.sub("", text)
    words = {w.casefold().strip(".'-") for w in WORD.findall(bare)}
    faults = [f"jargon: {w}" for w in sorted((words & JARGON) - own)]
    faults += [f"not words: {m}" for m in SHAPES.findall(bare) if m.casefold() not in own]
    longest = max((len(WORD.findall(s)) for s in SENTENCE.split(bare)), default=0)
    if longest > LONGEST_SENTENCE:
        faults.append(f"a sentence of {longest} words")
    return faults
