"""Conditions of the draft added, removed, exchanged or given one more value: ``only for women``."""

from __future__ import annotations

import re
from dataclasses import replace

from data.ontology import Value
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Condition,
    Count,
    Derived,
    Exists,
    Known,
    Not,
    Or,
    Rule,
    Scope,
    Since,
    all_of,
    any_of,
    conjuncts,
)
from graph.drafters.base import Question, Task
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.edit_parts import Rules, refuse_rest
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.logic import negation, split_scope
from graph.drafters.grammar.message import mentions_in
from graph.drafters.grammar.quantities import find_quantities
from graph.drafters.grammar.reader import condition_of
from graph.drafters.grammar.words import tokenise


def dropped(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``remove the part about age``: the draft without its conditions on the facts named."""
    words = match["rest"]
    paths = _paths(words, task, lexicon)
    named = (m.tokens for m in mentions_in(words, lexicon) if m.ref.path in paths)
    amounts = (q.tokens for q in find_quantities(tokenise(words)))
    used = frozenset[int]().union(*named, *amounts, *_in_full(words, task).values())
    refuse_rest(words, used, lexicon)
    changed = tuple(_without(r, paths, task) for r in task.current)
    if changed == task.current:
        raise Unclear(_which_part(words, task))
    return changed


def _which_part(words: str, task: Task) -> Question:
    text = f"The draft says nothing about `{words.strip()}`. Which part do you mean?"
    return Question(text, labels_of(task), about="value")


def _paths(words: str, task: Task, lexicon: Lexicon) -> frozenset[str]:
    """What words name of the draft's facts, rows and derived facts, directly or by a value."""
    full = _in_full(words, task)
    taken = frozenset[int]().union(*full.values())
    inside = {p for r in task.current for p in attributes_of(r, task)}
    found = (m for m in mentions_in(words, lexicon) if not m.tokens <= taken)
    paths = frozenset(m.ref.path for m in found if m.ref.in_condition) & inside | full.keys()
    if not paths:
        amounts = find_quantities(tokenise(words))
        facts = (a for p in inside if (a := task.ontology.attributes.get(p)) is not None)
        numbers = {a.path for a in facts if a.type in ("integer", "decimal")}
        if (amounts or words.strip().lower() in ("age", "number", "limit")) and len(numbers) == 1:
            return frozenset(numbers)
        raise Unclear(_which_part(words, task))
    return paths


def _in_full(words: str, task: Task) -> dict[str, frozenset[int]]:
    """Rows and derived facts of the draft that the words name in full, with the words' places."""
    said = [t.root for t in tokenise(words)]
    found: dict[str, frozenset[int]] = {}
    for path in {p for r in task.current for p in attributes_of(r, task)}:
        if path not in task.ontology.attributes:
            name = [t.root for t in tokenise(_label(path, task))]
            starts = range(len(said) - len(name) + 1)
            at = next((n for n in starts if said[n : n + len(name)] == name), None)
            if at is not None:
                found[path] = frozenset(range(at, at + len(name)))
    return found


def labels_of(task: Task) -> tuple[str, ...]:
    """What the draft asks for, in words, each once."""
    paths = (p for r in task.current for p in attributes_of(r, task))
    return tuple(dict.fromkeys(_label(p, task) for p in paths))


def _label(path: str, task: Task) -> str:
    """A fact's label, the rows of a relation, or a derived fact's own name."""
    if path in task.ontology.attributes:
        return task.ontology.attributes[path].label
    relation = task.ontology.relations.get(path)
    return relation.many if relation else path


def attributes_of(rule: Rule, task: Task) -> tuple[str, ...]:
    """Paths of the facts, relations and derived facts that a rule asks for, its scope first."""
    scopes = task.ontology.scopes
    scope = (scopes.path(rule.scope.level),) if rule.scope and scopes else ()
    return (*scope, *_facts_of(rule.when))


def _facts_of(condition: Condition | None) -> tuple[str, ...]:
    match condition:
        case None:
            return ()
        case Compare(path) | Known(path):
            return (path,)
        case CompareFacts(path, _, other):
            return (path, other)
        case Exists(rows) | Count(rows) | Since(rows):
            return (rows.relation,)
        case Derived(name):
            return (name,)
        case Not(part):
            return _facts_of(part)
        case And(parts) | Or(parts):
            return tuple(p for part in parts for p in _facts_of(part))


def _without(rule: Rule, paths: frozenset[str], task: Task) -> Rule:
    scopes = task.ontology.scopes
    in_scope = (
        rule.scope is not None and scopes is not None and scopes.path(rule.scope.level) in paths
    )
    return replace(rule, scope=None if in_scope else rule.scope, when=_pruned(rule.when, paths))


def _pruned(condition: Condition | None, paths: frozenset[str]) -> Condition | None:
    match condition:
        case None:
            return None
        case Compare(path) | Known(path):
            return None if path in paths else condition
        case CompareFacts() | Exists() | Count() | Since() | Derived():
            return None if paths.intersection(_facts_of(condition)) else condition
        case Not(part):
            inner = _pruned(part, paths)
            return Not(inner) if inner is not None else None
        case And(parts) | Or(parts):
            kept = [k for p in parts if (k := _pruned(p, paths)) is not None]
            if not kept:
                return None
            return all_of(*kept) if isinstance(condition, And) else any_of(*kept)


def narrowed(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``only for women``: the draft under one more condition."""
    condition = condition_of(match["rest"], task, lexicon)
    return tuple(with_condition(r, condition, lexicon) for r in task.current)


def with_condition(rule: Rule, condition: Condition, lexicon: Lexicon) -> Rule:
    """The rule under one more condition; a new value of a fact it asks for already takes its
    place.
    """
    scope, rest = split_scope(condition, lexicon)
    when = rule.when
    if rest is not None:
        for part in conjuncts(rest):
            replaced = exchanged(when, part)
            when = replaced if replaced is not None else all_of(*([when] if when else []), part)
    return replace(rule, when=when, scope=scope or rule.scope)


def exchanged(when: Condition | None, part: Condition) -> Condition | None:
    """``when`` with its one demand on the same fact exchanged; ``None`` where it has none."""
    if not isinstance(part, Compare) or when is None:
        return None
    parts = conjuncts(when)
    kind = _KINDS.get(part.op)
    same = [
        p
        for p in parts
        if isinstance(p, Compare) and p.attribute == part.attribute and _KINDS.get(p.op) == kind
    ]
    if len(same) != 1 or kind is None:
        return None
    return all_of(*(part if p is same[0] else p for p in parts))


_KINDS: dict[str, str] = {
    "is": "is", "is one of": "is", "is at least": "from", "is more than": "from",
    "is at most": "to", "is less than": "to",
}  # fmt: skip
"""Demands of which a rule has one for each fact; a new one takes the place of the old one."""


def excepted(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``not for children``: the draft where that does not hold."""
    condition = negation(condition_of(match["rest"], task, lexicon))
    return tuple(
        replace(r, when=all_of(*([r.when] if r.when else []), condition)) for r in task.current
    )


def widened(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``also for men``: one more value of a fact the draft asks for."""
    condition = condition_of(match["rest"], task, lexicon)
    if not isinstance(condition, Compare) or condition.op not in ("is", "is one of"):
        raise Unclear(
            Question(
                "Should that be one more condition, or another case in which the rule holds? "
                "Say the whole rule again.",
                about="reading",
            )
        )
    changed = tuple(_with_value(r, condition, task) for r in task.current)
    if changed == task.current:
        label = task.ontology.attributes[condition.attribute].label
        raise Unclear(
            Question(
                f"The rule holds for every {label} already. What should change?", about="reading"
            )
        )
    return changed


def _with_value(rule: Rule, more: Compare, task: Task) -> Rule:
    values = more.value if isinstance(more.value, tuple) else (more.value,)
    scopes = task.ontology.scopes
    if rule.scope and scopes and scopes.path(rule.scope.level) == more.attribute:
        joined = tuple(dict.fromkeys((*rule.scope.values, *map(str, values))))
        return replace(rule, scope=Scope(rule.scope.level, joined))
    return replace(rule, when=_joined(rule.when, more.attribute, values))


def _joined(condition: Condition | None, path: str, values: tuple[Value, ...]) -> Condition | None:
    match condition:
        case Compare(attribute, "is" | "is one of", value) if attribute == path and not isinstance(
            value, bool
        ):
            before = value if isinstance(value, tuple) else (value,)
            every = tuple(dict.fromkeys((*before, *values)))
            return Compare(path, "is one of", every) if len(every) > 1 else condition
        case And(parts):
            return all_of(*(j for p in parts if (j := _joined(p, path, values)) is not None))
        case Or(parts):
            return any_of(*(j for p in parts if (j := _joined(p, path, values)) is not None))
        case _:
            return condition
