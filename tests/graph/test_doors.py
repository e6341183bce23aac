"""What becomes of a turn's words: which waiting card they are for, or which door they begin at."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import pytest

from graph.doors import (
    ACTIONS,
    BUSY,
    DOORS,
    NOTHING_WAITS,
    Begin,
    Door,
    Pending,
    ToCard,
    refusal,
    way,
)
from graph.events import Reply
from graph.routes import Intent, Route, route

CARDS: dict[str, Pending] = {
    "call": Pending("call", "1", {"kind": "fact"}),
    "move": Pending("move", "2", {"kind": "promotion"}),
    "draft": Pending("draft", "3", {"kind": "confirm"}),
    "question": Pending("draft", "4", {"kind": "question"}),
    "word": Pending("move", "5", {"kind": "word", "word": "mammo"}),
}
AUTHOR, OPERATOR = frozenset(["author"]), frozenset(["operator"])


@pytest.mark.parametrize(
    ("intent", "waits", "card", "action"),
    [
        ("draft", ["draft"], "draft", "change"),
        ("draft", ["question"], "question", "answer"),
        ("draft", ["move", "draft"], "draft", "change"),
        ("draft", ["call", "draft"], "call", "answer"),
        ("agree", ["move", "draft"], "move", "confirm"),
        ("decline", ["draft"], "draft", "discard"),
        ("agree", ["question"], "question", "answer"),
        ("discard", ["call", "draft"], "call", "discard"),
        ("undo", ["draft"], "draft", "undo"),
    ],
)
def test_words_for_a_card_that_waits(
    intent: Intent, waits: list[str], card: str, action: str
) -> None:
    asked = way(Route(intent), "so it is", [CARDS[w] for w in waits], AUTHOR)
    assert asked == ToCard(CARDS[card], action, "so it is")


@pytest.mark.parametrize(
    ("said", "action", "text"),
    [
        ("yes", "confirm", ""),
        ("yes, remember mammo", "confirm", ""),
        ("no", "refuse", ""),
        ("no, it is a beer", "refuse", "it is a beer"),
        ("no, don't remember Mammo because it is a beer", "refuse", "it is a beer"),
        ("never mind", "discard", ""),
    ],
)
def test_words_for_a_taught_word_that_waits(said: str, action: str, text: str) -> None:
    asked = route(said, lambda text: True, "word")
    assert way(asked, said, [CARDS["word"]], AUTHOR) == ToCard(CARDS["word"], action, text)


def test_another_taught_word_gets_a_card_of_its_own() -> None:
    asked = route("yes, remember rolli", lambda text: True, "word")
    assert way(asked, "said", [CARDS["word"]], AUTHOR) == Begin("move")


@pytest.mark.parametrize(
    ("intent", "roles", "door"),
    [
        ("draft", AUTHOR, "draft"),
        ("draft", OPERATOR, "call"),
        ("call_rest", OPERATOR, "call"),
        ("edit", AUTHOR, "draft"),
        ("promote", AUTHOR, "move"),
        ("explain", AUTHOR, "talk"),
    ],
)
def test_words_that_begin_a_turn(intent: Intent, roles: frozenset[str], door: Door) -> None:
    assert way(Route(intent), "why", [], roles) == Begin(door)


def test_only_who_takes_calls_begins_a_call_anew() -> None:
    again = route("start again", lambda text: True)
    assert way(again, "start again", [], OPERATOR) == Begin("call")
    assert way(again, "start again", [], AUTHOR) == Reply(NOTHING_WAITS)


def test_a_change_of_the_rule_spoken_of_goes_to_the_draft_and_of_another_waits() -> None:
    that = Route("edit", {"which": "that rule", "rest": ": only for women, "})
    waits = [CARDS["draft"]]
    assert way(that, "said", waits, AUTHOR) == ToCard(CARDS["draft"], "change", "only for women")
    assert way(Route("edit", {"name": "Other"}), "said", waits, AUTHOR) == Reply(BUSY)


def test_whatever_is_said_goes_to_a_card_that_waits_or_begins_or_is_told_why_not() -> None:
    for intent in get_args(Intent):
        for some in range(len(CARDS) + 1):
            for waits in combinations(CARDS.values(), some):
                found = way(Route(intent), "said", waits, AUTHOR)
                match found:
                    case ToCard(card, action, _):
                        assert card in waits
                        assert action
                    case Begin(door):
                        assert door in (*DOORS, "talk")
                    case Reply():
                        assert any(w.door == "draft" for w in waits)


def test_a_button_is_taken_where_its_card_waits_and_has_it() -> None:
    for card in CARDS.values():
        allowed = ACTIONS[str(card.kind)]
        for action in frozenset[str]().union(*ACTIONS.values()):
            assert (refusal(card, action, "words") == "") == (action in allowed)
    assert refusal(None, "confirm", "")
    assert refusal(CARDS["draft"], "change", "  ")
