"""What the rules of a changed draft are called: as the author says, or as the change makes them."""

from __future__ import annotations

import re
from dataclasses import replace

from data.rulelang.ast import Rule
from graph.drafters.base import Question, Task
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.edit_parts import Rules
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.titles import title_of


def titled(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``call it X``: the draft under a title that no other rule has."""
    title = match["rest"].strip().strip("\"“”'")
    taken = {r.title for r in task.rule_set.rules} - {r.title for r in task.current}
    if title in taken:
        raise Unclear(
            Question(
                f"There is a rule `{title}` already. What should this one be called?", about="value"
            )
        )
    if len(task.current) > 1:
        raise Unclear(
            Question(
                "Which of the rules should have that name?",
                tuple(r.title for r in task.current),
                about="reading",
            )
        )
    return tuple(replace(r, title=title) for r in task.current)


def retitled(rules: Rules, task: Task) -> Rules:
    """A title made from the rule's words follows the change; one the author gave stays."""
    if len(rules) != len(task.current):
        return rules
    out: list[Rule] = []
    for before, after in zip(task.current, rules, strict=True):
        taken = {r.title for r in task.rule_set.rules} | {r.title for r in out}
        made = title_of(before.then, before.when, before.scope, task.ontology, ())
        own = before.title == after.title and re.sub(r" \(\d+\)$", "", before.title) == made
        if own and before.title not in {r.title for r in task.rule_set.rules}:
            after = replace(
                after, title=title_of(after.then, after.when, after.scope, task.ontology, taken)
            )
        out.append(after)
    return tuple(out)


def newly_titled(copies: Rules, task: Task) -> Rules:
    """The copies under titles made from their words, that neither they nor others have yet."""
    taken = {r.title for r in (*task.rule_set.rules, *task.current)}
    named: list[Rule] = []
    for rule in copies:
        title = title_of(rule.then, rule.when, rule.scope, task.ontology, taken)
        taken.add(title)
        named.append(replace(rule, title=title))
    return tuple(named)
