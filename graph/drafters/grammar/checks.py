"""Codes of a drafted rule: does each clinic it holds for, or whatever decides the set, have the
code?
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rapidfuzz import process

from data.ontology import CodeSet, CodeSets, Decision, Ontology
from data.rulelang.ast import And, Compare, Condition, Decide, Rule
from data.rulelang.codes import not_allowed, resolve
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear


def refuse_foreign_codes(rule: Rule, ontology: Ontology, code_sets: CodeSets) -> None:
    """Raises :class:`Unclear` where a code is not one of the sets the rule holds for."""
    for outcome in rule.then:
        if isinstance(outcome, Decide) and isinstance(outcome.value, str):
            decision = ontology.decisions[outcome.decision]
            if decision.type == "code" and code_sets:
                _check(outcome.value, decision, rule, ontology, code_sets)


def _check(
    code: str, decision: Decision, rule: Rule, ontology: Ontology, code_sets: CodeSets
) -> None:
    named = _named(decision.code_set or "", rule, ontology)
    missing = [n for n in named if n in code_sets and not _has(code, decision, code_sets[n])]
    if missing:
        near = _nearest(code, code_sets[missing[0]])
        text = f"`{code}` is not a code of {missing[0]}. Which code should it be?"
        raise Unclear(Question(text, near, about="value"))
    having = tuple(n for n, s in code_sets.items() if _has(code, decision, s))
    if not named and len(having) < len(code_sets):
        label = ontology.attributes[decision.code_set].label if decision.code_set else "place"
        text = f"`{code}` is a code of {_and(having)} only. For which {label} does this rule hold?"
        raise Unclear(Question(text, having, about="scope"))


def _has(code: str, decision: Decision, code_set: CodeSet) -> bool:
    found = resolve(decision, code, code_set)
    return found is not None and not not_allowed(found, code_set)


def _named(path: str, rule: Rule, ontology: Ontology) -> tuple[str, ...]:
    scopes = ontology.scopes
    if rule.scope and scopes and scopes.path(rule.scope.level) == path:
        return rule.scope.values
    return tuple(_values(rule.when, path))


def _values(condition: Condition | None, path: str) -> Iterator[str]:
    match condition:
        case Compare(attribute, "is", str(value)) if attribute == path:
            yield value
        case Compare(attribute, "is one of", tuple(values)) if attribute == path:
            yield from map(str, values)
        case And(parts):
            for part in parts:
                yield from _values(part, path)
        case _:
            return


def _nearest(code: str, code_set: CodeSet) -> tuple[str, ...]:
    return tuple(c for c, _, _ in process.extract(code, list(code_set.codes), limit=4))


def nearest_codes(word: str, code_sets: Mapping[str, CodeSet]) -> tuple[str, ...]:
    """The real codes that look most like ``word``."""
    every = list(dict.fromkeys(c for s in code_sets.values() for c in s.codes))
    return tuple(c for c, _, _ in process.extract(word.upper(), every, limit=4, score_cutoff=40))


def looks_like_code(word: str) -> bool:
    """Letters and digits mixed, or at least four digits."""
    if not re.fullmatch(r"[A-Za-z]*\d\w*", word) or re.fullmatch(r"\d+(?:st|nd|rd|th)", word):
        return False
    digits = sum(c.isdigit() for c in word)
    return digits >= 4 or (digits >= 2 and any(c.isalpha() for c in word))


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "none"
