"""A question that was asked before: it is never asked again in the same words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graph.drafters.base import Answer, Question

LEAVE_OUT = "leave it out"
LEAVE_EXCEPTION = "leave the exception out"
KEEP_UNFINISHED = "keep it as unfinished"
_START = "I could not use the answer"
_LAST = "I get no further"
_ABOUT = re.compile(r"(?:to|with) “(.*)”\. (?:Choose|Say) ", re.DOTALL)
_EXCEPTION = ("Unless what", "What should happen when")


def anew(question: Question, answers: Sequence[Answer]) -> Question:
    """The question, or what to do instead where it was answered already."""
    given = [a for a in answers if original(a.question) == question.text]
    if not given:
        return question
    options = (*_ways_out(question), KEEP_UNFINISHED)
    text = (
        f"{_START} `{given[-1].text.strip()}` to “{question.text}”. Choose one of these, or say"
        " the whole rule again as a new sentence."
    )
    if any(a.question == text for a in answers):
        text = (
            f"{_LAST} with “{question.text}”. Say the whole rule again in other words, or keep it"
            " as unfinished."
        )
    return Question(text, options, question.request, question.about)


def repeated(question: Question, answers: Sequence[Answer]) -> bool:
    """Whether the author answered it already."""
    return any(original(a.question) == question.text for a in answers)


def original(question: str) -> str:
    """The question that could not be settled, where this one is about it."""
    about = _ABOUT.search(question) if question.startswith((_START, _LAST)) else None
    return about[1] if about else question


def _ways_out(question: Question) -> tuple[str, ...]:
    if question.text.startswith(_EXCEPTION):
        return (LEAVE_EXCEPTION,)
    return tuple(o for o in question.options if o != KEEP_UNFINISHED)


def concerns_exception(question: str) -> bool:
    """Whether the question is about the exception of a rule."""
    return original(question).startswith(_EXCEPTION)
