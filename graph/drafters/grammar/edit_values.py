"""What the draft decides, or a value of a fact it asks for, put right in a word: ``make it 45``."""

from __future__ import annotations

import re
from dataclasses import replace

from data.rulelang.ast import Compare, Decide, Rule
from graph.drafters.base import Question, Task
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.checks import looks_like_code, nearest_codes
from graph.drafters.grammar.edit_conditions import attributes_of, with_condition
from graph.drafters.grammar.edit_numbers import set_number
from graph.drafters.grammar.edit_parts import Rules, refuse_rest
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.logic import effective
from graph.drafters.grammar.message import mentions_in
from graph.drafters.grammar.quantities import find_quantities
from graph.drafters.grammar.reader import condition_of
from graph.drafters.grammar.words import tokenise


def corrected(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``no, men``, ``over 70``, ``P2``: another value of a fact or an outcome of the draft."""
    said = match["rest"]
    if any(m.ref.kind == "code" for m in mentions_in(said, lexicon)):
        return set_value(match, task, lexicon)
    amounts = find_quantities(tokenise(said))
    if len(amounts) == 1 and amounts[0].kind == "number" and amounts[0].op != "eq":
        return set_number(amounts[0], said, "", task, lexicon)
    try:
        chosen = _set_choice(said, "", task, lexicon)
        if chosen is not None:
            return chosen
        condition = condition_of(said, task, lexicon)
    except Unclear:
        return None
    inside = {p for r in task.current for p in attributes_of(r, task)}
    if not isinstance(condition, Compare) or condition.attribute not in inside:
        return None
    return tuple(with_condition(r, condition, lexicon) for r in task.current)


def set_value(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``make it 45``, ``change the age to 45``, ``use MM125 instead``."""
    words = match["rest"]
    tokens = tokenise(words)
    code = next((m for m in mentions_in(words, lexicon) if m.ref.kind == "code"), None)
    if code:
        refuse_rest(words, code.tokens, lexicon)
        return _set_code(str(code.ref.value), task)
    if any(looks_like_code(t.text) and any(c.isalpha() for c in t.text) for t in tokens):
        word = next(t.text for t in tokens if looks_like_code(t.text))
        raise Unclear(
            Question(
                f"`{word}` is not a code of any code set. Which code do you mean?",
                nearest_codes(word, task.code_sets),
                about="value",
            )
        )
    amounts = find_quantities(tokens)
    what = match.groupdict().get("what") or ""
    if len(amounts) == 1 and amounts[0].kind in ("number", "clock"):
        return set_number(amounts[0], words, what, task, lexicon)
    if len(amounts) > 1:
        text = (
            f"`{words.strip()}` holds several amounts. Say each change in a part of its own, for"
            " example `make it 45 and only for …`."
        )
        raise Unclear(Question(text, about="reading"))
    return _set_choice(words, what, task, lexicon)


def _set_code(code: str, task: Task) -> Rules:
    def changed(rule: Rule) -> Rule:
        then = tuple(
            Decide(o.decision, code)
            if isinstance(o, Decide) and task.ontology.decisions[o.decision].type == "code"
            else o
            for o in rule.then
        )
        return replace(rule, then=then)

    if (
        sum(
            isinstance(o, Decide) and task.ontology.decisions[o.decision].type == "code"
            for r in task.current
            for o in r.then
        )
        > 1
    ):
        raise Unclear(
            Question(
                "Which rule should have that code?",
                tuple(r.title for r in task.current),
                about="reading",
            )
        )
    return tuple(changed(r) for r in task.current)


def _set_choice(words: str, what: str, task: Task, lexicon: Lexicon) -> Rules | None:
    """``make it Thursday``: another value of a decision or of a fact the draft names."""
    found = mentions_in(words, lexicon)
    choices = [
        m
        for m in found
        if m.ref.kind == "choice"
        and any(o.decision == m.ref.path for r in task.current for o in r.then)
    ]
    facts = [
        m
        for m in found
        if m.ref.kind == "value" and any(m.ref.path in attributes_of(r, task) for r in task.current)
    ]
    if len({(m.ref.path, m.ref.value) for m in (*choices, *facts)}) != 1:
        return None
    path = (*choices, *facts)[0].ref.path
    for said in (words, what):
        named = (m for m in mentions_in(said, lexicon) if m.ref.path == path)
        refuse_rest(said, frozenset(i for m in named for i in m.tokens), lexicon)
    if choices:
        ref = choices[0].ref
        return tuple(
            replace(
                r,
                then=tuple(
                    replace(o, value=ref.value)
                    if isinstance(o, Decide) and o.decision == ref.path
                    else o
                    for o in r.then
                ),
            )
            for r in task.current
        )
    part = Compare(facts[0].ref.path, "is", facts[0].ref.value)
    return tuple(with_condition(r, part, lexicon) for r in task.current)


def dated(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``from 1 May 2027``: the days from and until which the draft holds."""
    amounts = [q for q in find_quantities(tokenise(match["rest"])) if q.kind == "date"]
    if not amounts:
        month = re.search(
            r"(?i)\b(january|february|march|april|may|june|july|august|september|october|november|december)\b",
            match["rest"],
        )
        if month:
            raise Unclear(
                Question(f"From which day and year do you mean: {month[0]}?", about="value")
            )
        return None
    start, until = effective(amounts)
    if start is None and until is None:
        return None
    used = frozenset(i for q in amounts for i in q.tokens)
    refuse_rest(
        re.sub(r"(?i)^(?:starting|effective|beginning)\b", _blank, match["rest"]), used, lexicon
    )
    return tuple(replace(r, start=start or r.start, until=until or r.until) for r in task.current)


def _blank(match: re.Match[str]) -> str:
    """As many blanks, so that places stay the same."""
    return " " * len(match[0])


def turned(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``the opposite``: yes where the draft decides no, and no where it decides yes."""

    def changed(rule: Rule) -> Rule:
        then = tuple(
            Decide(o.decision, not o.value)
            if isinstance(o, Decide) and isinstance(o.value, bool)
            else o
            for o in rule.then
        )
        return replace(rule, then=then)

    return tuple(changed(r) for r in task.current)
