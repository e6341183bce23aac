"""Codes of a drafted rule: does each clinic it holds for, or whatever decides the set, have the
code?
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import process

from data.ontology import CodeSet, CodeSets, Decision, Ontology
from data.ontology.model import ScopeRow
from data.rulelang.ast import And, Compare, Condition, Decide, Rule
from data.rulelang.codes import not_allowed, resolve
from graph.drafters.base import Question
from graph.drafters.grammar.atoms import Unclear


def refuse_foreign_codes(
    rule: Rule, ontology: Ontology, code_sets: CodeSets, scope_rows: Sequence[ScopeRow] = ()
) -> None:
    """Raises :class:`Unclear` where a code is not one of the sets the rule holds for.

    A place that ``scope_rows`` has settles the set.
    """
    for outcome in rule.then:
        if isinstance(outcome, Decide) and isinstance(outcome.value, str):
            decision = ontology.decisions[outcome.decision]
            if decision.type == "code" and code_sets:
                path = decision.code_set or ""
                named = _named(path, rule, ontology) or _at(path, rule, ontology, scope_rows)
                _check(outcome.value, decision, named, ontology, code_sets)


def _check(
    code: str, decision: Decision, named: tuple[str, ...], ontology: Ontology, code_sets: CodeSets
) -> None:
    missing = [n for n in named if n in code_sets and not _has(code, decision, code_sets[n])]
    if missing:
        near = _nearest(code, code_sets[missing[0]])
        text = f"`{code}` is not a code of {missing[0]}. Which code should it be?"
        if len(named) > 1:
            text += f" Each has codes of its own: say one rule for {_and(named)} each."
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


def _at(
    path: str, rule: Rule, ontology: Ontology, scope_rows: Sequence[ScopeRow]
) -> tuple[str, ...]:
    """The sets of the narrowest places that the rule names, by the organisation's own table."""
    scopes = ontology.scopes
    if scopes is None or path not in (own := {scopes.path(n): n for n in scopes.levels}):
        return ()
    narrower = scopes.levels[scopes.breadth(own[path]) :]
    at = {n: _named(scopes.path(n), rule, ontology) for n in narrower}
    rows = [r for n, places in at.items() for r in scope_rows if str(r.get(n)) in places]
    return tuple(dict.fromkeys(str(r[own[path]]) for r in rows if own[path] in r))


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
