"""A question that was asked before: it is never asked again in the same words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graph.drafters.base import Answer, Question

MOST_QUESTIONS = 2
"""Asked about one draft; whoever answered so many is offered to put it aside."""

LEAVE_OUT = "leave it out"
LEFT_OUT = frozenset([LEAVE_OUT, "leave out", "ignore it", "ignore", "skip it", "nothing"])
"""Answers by which a word is to play no part."""
LEAVE_EXCEPTION = "leave the exception out"
KEEP_UNFINISHED = "keep it as unfinished"
WAYS_OUT = (LEAVE_OUT, LEAVE_EXCEPTION, KEEP_UNFINISHED)
"""Answers that choose nothing."""
_START = "I could not use the answer"
_OPEN = "Still open: "
_ABOUT = re.compile(r"(?:to |Still open: )“(.*)”\. (?:Choose|Answer) ", re.DOTALL)
_EXCEPTION = ("Unless what", "What should happen when")


def anew(question: Question, answers: Sequence[Answer]) -> Question:
    """The question, or what to do instead where it was answered already."""
    given = [a for a in answers if original(a.question) == question.text]
    ways = (*_ways_out(question), KEEP_UNFINISHED)
    if len(answers) >= MOST_QUESTIONS:
        text = _offer(question, given)
    elif given:
        text = (
            f"{_START} `{given[-1].text.strip()}` to “{question.text}”. Choose one of these, or"
            " say the whole rule again as a new sentence."
        )
    else:
        return question
    return Question(text, ways, question.request, question.about)


def _offer(question: Question, given: Sequence[Answer]) -> str:
    """To put the draft aside, with what is open; an answer is still welcome."""
    unused = f"I could not use `{given[-1].text.strip()}`. " if given else ""
    return (
        f"{unused}{_OPEN}“{question.text}”. Answer that, say the whole rule again in other words,"
        " or keep it as an unfinished draft."
    )


def original(question: str) -> str:
    """The question that could not be settled, where this one is about it."""
    about = _ABOUT.search(question) if question.startswith(_START) or _OPEN in question else None
    return about[1] if about else question


def _ways_out(question: Question) -> tuple[str, ...]:
    if question.text.startswith(_EXCEPTION):
        return (LEAVE_EXCEPTION,)
    return tuple(o for o in question.options if o != KEEP_UNFINISHED)


def concerns_exception(question: str) -> bool:
    """Whether the question is about the exception of a rule."""
    return original(question).startswith(_EXCEPTION)
