"""Answers to earlier questions of a draft, put back into the message they were asked about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from graph.drafters.base import Answer
from graph.drafters.stuck import (
    LEAVE_EXCEPTION,
    LEAVE_OUT,
    LEFT_OUT,
    concerns_exception,
    original,
)

ALWAYS = "always"
WINS = "can both hold for one request"
_OF_TOTALS = ("be added to what other rules give", "is a sum of parts here", WINS)
"""What questions say that are settled after the message is read."""
_NO_EXCEPTION = (LEAVE_EXCEPTION, LEAVE_OUT, "none", "nothing", "no exception")
_EXCEPTION = re.compile(
    r",?\s*(?:\(\s*)?\b(?:unless|except|excluding|other than|apart from|but not)\b[^.;]*",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Answered:
    """The message with its answers worked in."""

    text: str
    left_out: tuple[str, ...] = ()
    """Words the author said to leave out, lower case."""
    always: bool = False
    """The rule is meant without a condition."""
    chosen: tuple[str, ...] = ()
    """Other answers: names of decisions, titles of readings."""


def work_in(message: str, answers: Sequence[Answer]) -> Answered:
    """The message as it reads after the answers, in their order."""
    text = message.strip()
    left_out: list[str] = []
    chosen: list[str] = []
    always = False
    for given in answers:
        answer = Answer(original(given.question), given.text)
        said = answer.text.strip().strip('`"').rstrip(".")
        about = _QUOTED.findall(answer.question)
        lowered = said.lower()
        if any(t in answer.question for t in _OF_TOTALS):
            chosen.append(said)
        elif concerns_exception(answer.question) and lowered in _NO_EXCEPTION:
            text = _EXCEPTION.sub("", text)
        elif answer.question.startswith("Unless what"):
            text = _EXCEPTION.sub(lambda _, new=said: f" unless {_bare(new)}", text)
        elif _asks_word(answer.question) and about:
            if lowered in LEFT_OUT:
                left_out += about[:1]
            else:
                swapped = _replaced(text, about[0], said)
                text = swapped if swapped != text else f"{text.rstrip(' .')}; use {said} instead"
        elif answer.question.startswith("What should happen"):
            text = (
                f"{text.rstrip(' .?!')}: {said}"
                if not text.rstrip().endswith(":")
                else f"{text} {said}"
            )
        elif answer.question.startswith("When does this hold"):
            always = always or lowered in (
                ALWAYS,
                "every time",
                "in every case",
                "for everyone",
                "all",
            )
            if not always:
                joint = (
                    "" if re.match(r"(?i)(if|when|for|at|in|with|only|unless)\b", said) else "if "
                )
                text = f"{text.rstrip(' .?!')} {joint}{said}"
        elif "at least, at most or exactly" in answer.question and about:
            number = re.findall(r"[\d.]+", about[0])[-1]
            text = re.sub(rf"(?<![\w.]){re.escape(number)}(?![\w.])", said, text, count=1)
        elif "For which" in answer.question and "does this rule hold" in answer.question:
            text = f"{text.rstrip(' .?!')} at {said}"
        elif len(said.split()) > 6:
            text = said
        else:
            chosen.append(said)
    return Answered(text, tuple(w.lower() for w in left_out), always, tuple(chosen))


def _bare(said: str) -> str:
    """The exception without the word that opens it."""
    return re.sub(r"(?i)^(?:unless|except(?: if| when| for)?)\s+", "", said)


def _asks_word(question: str) -> bool:
    return (
        question.startswith("What do you mean by")
        or "is not a code" in question
        or "There is no " in question
    )


def _replaced(text: str, word: str, said: str) -> str:
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return pattern.sub(lambda _: said, text, count=1)
