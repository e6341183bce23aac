"""The draft once more for another value of a fact: ``same for South``."""

from __future__ import annotations

from dataclasses import replace

from data.rulelang.ast import Compare, Condition, Rule, Scope
from graph.drafters.base import Question, Task
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.edit_conditions import exchanged
from graph.drafters.grammar.edit_parts import Rules


def copies(other: Condition, task: Task) -> Rules:
    """Each rule of the draft with the one fact that ``other`` is about exchanged.

    Raises :class:`Unclear` where a rule says nothing of that fact.
    """
    return tuple(_elsewhere(rule, other, task) for rule in task.current)


def _elsewhere(rule: Rule, other: Condition, task: Task) -> Rule:
    """The rule with the one fact that the words are about exchanged."""
    if isinstance(other, Compare):
        values = other.value if isinstance(other.value, tuple) else (other.value,)
        scopes = task.ontology.scopes
        if rule.scope and scopes and scopes.path(rule.scope.level) == other.attribute:
            return replace(rule, scope=Scope(rule.scope.level, tuple(map(str, values))))
        when = exchanged(rule.when, other)
        if when is not None:
            return replace(rule, when=when)
    text = f"“{rule.title}” says nothing of that now. Say the new rule in full."
    raise Unclear(Question(text, about="missing"))
