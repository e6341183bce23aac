"""What words are while a question waits: its answer, a rule of its own, or a question back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from data.index.words import content_words
from graph.drafters.base import Drafter, Task
from graph.drafters.grammar.edits import opens_change
from graph.drafters.grammar.whole import states_a_rule
from graph.drafters.guard import is_change
from graph.state import Json

Meant = Literal["answer", "change", "rule", "asks", "unsure"]
FEWEST = 3
"""Words. A shorter answer is never taken for a sentence of its own."""
ALIKE = 0.5
"""Share of the words of two sentences, from which the later one says the same rule anew."""
UNSURE = re.compile(
    r"(?:i|we)?\s*(?:really\s+)?(?:do not|don'?t|dont)\s+know(?:\s+(?:that|yet|it))?"
    r"|(?:i am |i'm |im )?not (?:known|sure)(?:\s+yet)?|no idea|unknown|\?+",
    re.I,
)
_CORRECTS = re.compile(r"(?:no|not|sorry|actually|i mean|i meant)\b[\s,]*\S", re.I)
NOT_UNDERSTOOD = "What should change in the draft?"
"""How a question begins about a change of which nothing was understood."""
_ASKS = re.compile(
    r"(?:and |but |so |ok |please )?(?:what|which|who|whom|whose|where|how|why|when|is|are|was|do|"
    r"does|did|can|could|may|should|would|will|have|has|tell me|explain)\b.*",
    re.I | re.S,
)


def meant(text: str, card: Json, drafter: Drafter, task: Task) -> Meant:
    """What was said to the question on the card; ``task`` is one without answers."""
    said = " ".join(text.replace("’", "'").split())
    if said.casefold() in {str(o).casefold() for o in card.get("options", ())}:
        return "answer"
    if UNSURE.fullmatch(said.rstrip(" .!")):
        return "unsure"
    if task.current and _is_a_change(said, card, drafter, task):
        return "change"
    alone = replace(task, current=())
    if len(said.split()) >= FEWEST and _is_a_rule(said, card, drafter, alone):
        return "rule"
    return "asks" if said.endswith("?") and _ASKS.fullmatch(said) else "answer"


def _is_a_change(text: str, card: Json, drafter: Drafter, task: Task) -> bool:
    """Another change of the draft than the one that is asked about, and a clear one.

    Where nothing of the last one was understood, whatever says a change is one.
    """
    opens = opens_change(text) or _CORRECTS.match(text) is not None
    nothing = NOT_UNDERSTOOD in str(card.get("text", ""))
    if opens == nothing:
        return opens
    found = drafter.draft(text, task)
    return found.status == "drafted" and is_change(found.readings[0].placed)


def _is_a_rule(text: str, card: Json, drafter: Drafter, task: Task) -> bool:
    """A sentence that can be read by itself, or says of someone what is to happen."""
    found = drafter.draft(text, task)
    if found.status == "drafted":
        rules = found.readings[0].rules
        return any(r.when is not None or r.scope is not None for r in rules)
    outcome_asked = str(card.get("text", "")).startswith("What should happen")
    return found.status == "question" and not outcome_asked and states_a_rule(text, task)


def says_it_anew(text: str, before: str) -> bool:
    """Whether a sentence takes another one's place: half of all their words stand in both."""
    old, new = set(content_words(before)), set(content_words(text))
    return len(old & new) >= ALIKE * len(old | new)
