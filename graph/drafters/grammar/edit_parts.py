"""The parts of a change: ``make it 45 and only for women`` asks for two things.

Each part is applied by itself, and every word of it must have a place: what has none is asked
about, so that nothing of a change is lost in silence.
"""

from __future__ import annotations

import re

from data.rulelang.ast import Rule
from graph.drafters.base import Question, Task
from graph.drafters.grammar.account import account, unplaced
from graph.drafters.grammar.answers import LEAVE_OUT
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.lexicon import NEGATED, Lexicon, Ref
from graph.drafters.grammar.words import tokenise

Rules = tuple[Rule, ...]
"""The rules of a draft."""
OPENER = (
    r"(?:please\s+)?(?:(?:the\s+)?same\s+(?:for|at|in|on|with|goes|holds|applies)|(?:they|he|she)\s+(?:also\s+)?(?:must|have\s+to|has\s+to|needs?\s+to)|"
    r"make|let|change|set|raise|lower|increase|reduce|call|rename|name\s+it|"
    r"remove|drop|delete|forget|take\s+out|leave\s+out|omit|strike|get\s+rid\s+of|only|just|"
    r"limit|restrict|narrow|also|include|not(?!\s+\d)|except|unless|excluding|until|starting|effective|"
    r"use|reverse|the\s+(?:\w+\s+){1,3}to\s+\d+|it\s+should|ignore|from\s+(?:\d|january|february|march|april|may|june|july|"
    r"august|september|october|november|december))\b"
)
"""How a part of a change begins."""
_JOINT = re.compile(
    rf"(?:\s*;\s*|\s*[.,]\s+(?:and\s+|but\s+|then\s+)*|\s+(?:and|but|then)\s+)(?={OPENER})"
    r"|\s*;\s*"
    r"|\s+(?=(?:only\s+(?:for|at|in|on|if|when|with)|but\s+not|except|unless"
    r"|not\s+(?:for|at|in|on|if|when))\b)",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"(?:no|ok|okay|please|yes|well|oh|sorry|actually|and|but|also|then|only|just|,|\s)*"
    r"(?:(?:make|let)\s+(?:it|this|that|the\s+rule)|it|this|that|the\s+rule|(?:it\s+)?should)?"
    r"\s*(?:should|is|be|apply|applies|hold|holds|count|counts|,|\s)*",
    re.IGNORECASE,
)
"""What begins a part and is none by itself: ``make it hold`` (only for women)."""
_QUOTES = re.compile(r"[\"“”][^\"“”]*[\"“”]")
_NEUTRAL = frozenset(
    ["number", "limit", "value", "amount", "threshold", "figure", "instead", "rather", "minimum",
     "maximum", "rule", "draft", "again", "actually", "change"]
)  # fmt: skip


def parts_of(text: str) -> tuple[str, ...]:
    """What a change asks for, one by one; words in quotation marks are never taken apart."""
    quoted = [m.span() for m in _QUOTES.finditer(text)]
    cuts = [m.span() for m in _JOINT.finditer(text) if not any(a < m.end() < b for a, b in quoted)]
    pieces: list[str] = []
    begin, held = 0, ""
    for start, end in [*cuts, (len(text), len(text))]:
        piece = f"{held}{text[begin:start]}"
        held = f"{piece} " if _OPEN.fullmatch(piece) else ""
        if not held:
            pieces.append(piece)
        begin = end
    told = (p.strip(" ,").rstrip(".!") for p in [*pieces, held])
    return tuple(p for p in told if p)


def refuse_rest(words: str, used: frozenset[int], lexicon: Lexicon) -> None:
    """Asks about the first word that the change leaves without a place.

    ``used`` are the places of words that were understood, counted in ``tokenise(words)``.
    """
    tokens = tokenise(words)
    refs: list[tuple[frozenset[int], Ref]] = []
    placed = dict.fromkeys(used, "change")
    lost = list(unplaced(account(tokens, placed, set(), lexicon, refs)))
    lost += [t.text for i, t in enumerate(tokens) if t.low in NEGATED and i not in used]
    lost = [w for w in lost if w.lower() not in _NEUTRAL]
    if lost:
        question = f"What do you mean by `{lost[0]}` in “{words.strip()}”?"
        raise Unclear(Question(question, (LEAVE_OUT,), about="unplaced"), tuple(lost))


def told(question: str, task: Task) -> str:
    """What the author answered to this question; empty where it was not asked."""
    return next((a.text.strip() for a in task.answers if a.question == question), "")
