"""Amounts of a total to which several rules add: is one of them a part, or the whole?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from data.rulelang.ast import Contribute, Rule
from graph.drafters.base import Question, Reading, Task
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.words import tokenise
from graph.drafters.stuck import KEEP_UNFINISHED

ADDED = "added to what other rules give"
WHOLE = "the whole"
_ADDS = re.compile(
    r"(?i)\b(?:add(?:s|ed|ing|ition|itional|itionally)?|extra|more|longer|plus|another|further"
    r"|increase[sd]?|extend(?:s|ed)?|prolong(?:s|ed)?|lengthen(?:s|ed)?|surcharge|on top|top up"
    r"|early|earlier|ahead|beforehand|contribute[sd]?)\b|\+"
)
"""Words with which an amount is a part of a total."""
MOST_NAMED = 4


def adds(message: str) -> bool:
    """Whether the words speak of amounts on top of others."""
    return bool(_ADDS.search(message))


def settled(message: str, reading: Reading, task: Task) -> Reading:
    """The reading once it is clear that its amounts are parts of their totals.

    Raises :class:`Unclear` where nothing says so and other rules add to the same total.
    """
    if adds(message):
        return reading
    for outcome in dict.fromkeys(o for r in reading.rules for o in r.then):
        hit = task.ontology.decisions[outcome.decision].hit
        if isinstance(outcome, Contribute) and hit == "sum":
            reading = _asked(outcome, reading, task)
    return reading


def _asked(outcome: Contribute, reading: Reading, task: Task) -> Reading:
    others = _others(outcome, reading, task)
    if not others:
        return reading
    decision = task.ontology.decisions[outcome.decision]
    amount = f"{outcome.amount} {decision.unit or ''}".strip()
    text = f"Should {amount} be added to what other rules give, or is {amount} the whole?"
    said = _answer(text, task)
    if not said:
        raise Unclear(Question(text, (ADDED, WHOLE), about="reading"))
    if _is_added(said):
        return reading
    titles = ", ".join(f"“{r.title}”" for r in others[:MOST_NAMED])
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    whole = (
        f"The {decision.label} is a sum of parts here, so a rule cannot say the whole by itself."
        f" Name the rules that this one should override ({titles}{more}), or have {amount} added."
    )
    return _overriding(whole, outcome, others, reading, task)


def _overriding(
    question: str, outcome: Contribute, others: Sequence[Rule], reading: Reading, task: Task
) -> Reading:
    said = _answer(question, task)
    named = tuple(r.title for r in others if r.title.casefold() in said.casefold())
    if named:
        rules = tuple(
            replace(r, overrides=tuple(dict.fromkeys((*r.overrides, *named))))
            if outcome in r.then else r
            for r in reading.rules
        )  # fmt: skip
        return replace(reading, rules=rules)
    if said and _is_added(said):
        return reading
    options = (*(r.title for r in others[:MOST_NAMED]), ADDED, KEEP_UNFINISHED)
    raise Unclear(Question(question, options, about="reading"))


def _others(outcome: Contribute, reading: Reading, task: Task) -> list[Rule]:
    """Standing rules that add to the same total."""
    own = {r.title for r in (*reading.rules, *task.current)}
    return [
        r
        for r in task.rule_set.rules
        if r.title not in own
        and any(isinstance(o, Contribute) and o.decision == outcome.decision for o in r.then)
    ]


def _answer(question: str, task: Task) -> str:
    return next((a.text.strip() for a in task.answers if a.question == question), "")


def _is_added(said: str) -> bool:
    words = {t.stem for t in tokenise(said)}
    return bool(words & {t.stem for t in tokenise("added add extra top more")})
