"""What became of a card, and which buttons a person sees."""

from __future__ import annotations

import pytest

from app import wording
from app.stage import outcome_of, usable
from app.turns import Refused, readable, said_to
from graph.events import ButtonSpec

PROMOTE = ButtonSpec("promote", "Promote to production")
SAY = ButtonSpec("say", "Show them", {"text": "show the rules"})


@pytest.mark.parametrize(
    ("action", "kind", "waits_again", "outcome"),
    [
        ("confirm", "confirm", False, "confirmed"),
        ("confirm", "confirm", True, "superseded"),
        ("confirm", "promotion", False, "answered"),
        ("change", "confirm", True, "changed"),
        ("discard", "question", False, "discarded"),
        ("discard", "question", True, "dropped"),
        ("keep", "confirm", False, "kept"),
        ("answer", "question", True, "answered"),
        ("", "confirm", True, "superseded"),
    ],
)
def test_a_card_ends_as_what_was_done_to_it(
    action: str, kind: str, waits_again: bool, outcome: str
) -> None:
    assert outcome_of(action, kind, waits_again) == outcome
    assert wording.OUTCOME[outcome]


def test_a_question_shows_what_was_answered() -> None:
    assert wording.answered("MM123WA") == "You answered: “MM123WA”"
    assert len(wording.answered("word " * 500)) < 250


@pytest.mark.parametrize(
    ("message", "acted"),
    [("the first one", "answer"), ("yes", "answer"), ("discard", ""), ("show the rules", "")],
)
def test_typed_words_answer_the_question_that_waits(message: str, acted: str) -> None:
    waits = [{"kind": "promotion", "interrupt_id": "p"}, {"kind": "question", "interrupt_id": "q"}]
    found = said_to(waits, message)
    assert {i: a.action for i, a in found.items()} == ({"q": acted} if acted else {})
    assert said_to(waits[:1], message) == {}


def test_nobody_sees_a_button_they_may_not_use() -> None:
    assert usable([PROMOTE, SAY], frozenset({"author"})) == [SAY]
    assert usable([PROMOTE, SAY], frozenset({"approver"})) == [PROMOTE, SAY]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_message_is_told_what_to_say(text: str) -> None:
    with pytest.raises(Refused, match="State a rule"):
        readable(text)


def test_an_endless_message_is_told_its_length() -> None:
    with pytest.raises(Refused, match="10,001 characters"):
        readable("x" * 10_001)
    assert readable(" " + "x" * 10_000) == "x" * 10_000
