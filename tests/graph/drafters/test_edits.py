"""Changes to a waiting draft and answers to its questions, in the words of a radiology group."""

from __future__ import annotations

from functools import cache

import pytest

from data.packs.load import Pack, load_pack
from data.rulelang.ast import Rule
from data.rulelang.render import render
from graph.drafters.base import Answer, Draft, Question, Task
from graph.drafters.grammar import GrammarDrafter, drafter

DRAFTER = GrammarDrafter()


@cache
def pack() -> Pack:
    return load_pack("radiology")


def draft(message: str, current: tuple[Rule, ...] = (), *answers: Answer) -> Draft:
    task = Task(
        pack().ontology, pack().code_sets, pack().rule_set,
        current=current, answers=answers, scope_rows=pack().scope_rows,
    )  # fmt: skip
    return DRAFTER.draft(message, task)


def answered(message: str, *said: str, current: tuple[Rule, ...] = ()) -> Draft:
    """What is left after each answer was given to the question before it."""
    answers: tuple[Answer, ...] = ()
    drafted = draft(message, current)
    for text in said:
        answers = (*answers, Answer(asked(drafted).text, text))
        drafted = draft(message, current, *answers)
    return drafted


def asked(drafted: Draft) -> Question:
    assert drafted.status == "question", drafted
    assert drafted.question is not None
    return drafted.question


def text_of(drafted: Draft) -> str:
    """The drafted rules, their blanks evened out."""
    assert drafted.status == "drafted", drafted.question
    rules = drafted.readings[0].rules
    return " ".join(" ".join(render(r, pack().ontology) for r in rules).split())


def test_an_exception_with_a_comma_before_it_is_read() -> None:
    said = "Wheelchair patients at South clinics must arrive 30 minutes early for any MRI, "
    told = text_of(draft(said + "except an MRI brain."))
    assert "modality is MRI" in told
    assert "exam is not MRI brain" in told or "unless exam is MRI brain" in told


def test_a_fault_inside_the_grammar_is_a_plain_question(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ValueError("max() arg is an empty sequence")

    monkeypatch.setattr(drafter, "readings", fails)
    drafted = draft("MRI patients get 15 extra minutes")
    assert asked(drafted).text == drafter.UNREAD
