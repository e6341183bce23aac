"""What the author chose of the options of a question, wherever in the reading it is asked."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from graph.drafters.base import Answer, Question
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.stuck import original

_GIVEN: ContextVar[Mapping[str, str]] = ContextVar("answers given")
"""Answers of the reading under way, by the question's text."""
CERTAIN_ONLY = "A rule says what happens for sure. What is that here?"


@contextmanager
def given(answers: Sequence[Answer]) -> Generator[None]:
    """Within it, :func:`option` knows these answers."""
    before = _GIVEN.set({original(a.question): _plain(a.text) for a in answers})
    try:
        yield
    finally:
        _GIVEN.reset(before)


def option(question: Question) -> str:
    """The option that the author chose, by its words or by those that only it has.

    Raises :class:`Unclear` with the question where none was chosen yet.
    """
    said = _GIVEN.get({}).get(question.text, "")
    fitting = [o for o in question.options if said and _plain(o) == said]
    fitting = fitting or [o for o in question.options if said and f" {said} " in f" {_plain(o)} "]
    if len(fitting) != 1:
        raise Unclear(question)
    return fitting[0]


def certain(question: Question) -> None:
    """Goes on where the author says that the first option holds, and asks what does otherwise."""
    if option(question) != question.options[0]:
        raise Unclear(Question(CERTAIN_ONLY, about="missing"))


def one_is_enough() -> bool:
    """``vulnerable and Gold customers``: both at once, or each of them?"""
    text = "Must both hold at once, or is one of them enough?"
    options = ("both at once", "one is enough")
    return option(Question(text, options, about="reading")) == options[1]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .!`\"'")
