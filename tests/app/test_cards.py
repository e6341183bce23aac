"""Cards are made from payloads, and text in them stays text."""

from __future__ import annotations

import json

import pytest

from app import cards, wording
from tests.app import payloads


def test_the_message_is_shown_whole_with_each_phrase_numbered() -> None:
    props = cards.draft_props(payloads.confirm())
    pieces = props["sentence"]
    assert "".join(p["text"] for p in pieces) == payloads.MESSAGE
    linked = {p["text"]: p["place"] for p in pieces if p["number"]}
    assert linked["over 40"] == "patient age is more than 40"
    assert [p["number"] for p in pieces if p["number"]] == [1, 2, 3, 4, 5]
    assert props["places"][0]["clause"] == "family Northstar"


def test_what_was_set_aside_has_no_number_but_its_reason() -> None:
    first = cards.draft_props(payloads.confirm())["sentence"][0]
    assert first == {"text": "Please", "number": 0, "place": "set aside: politeness"}


def test_words_of_one_clause_are_one_piece_unless_something_stands_between() -> None:
    words = (
        "patient: condition: patient age|age: condition: patient age|is: set aside: function word|"
        "over: condition: patient age|40: condition: patient age|soon: unplaced|"
        "old: condition: patient age|gets: sign: outcome|MM1: outcome: code"
    )
    placed = [dict(zip(("text", "place"), w.split(": ", 1), strict=True)) for w in words.split("|")]
    pieces = cards.sentence("patient age is over 40 soon old, gets MM1", placed)
    assert [(p["text"], p["number"]) for p in pieces if p["text"].strip()] == [
        ("patient age is over 40", 1), ("soon", 0), ("old", 1), (", ", 0), ("gets", 0), ("MM1", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "clause"),
    [
        ("condition: patient age", "patient age is more than 40"),
        ("condition: clinic family", "family Northstar"),
        ("outcome: procedure code", "procedure code is MM123WA"),
        ("condition: weight", "weight"),
        ("exam is screening mammogram", "exam is screening mammogram"),
    ],
)
def test_a_place_is_shown_as_its_clause_of_the_rule(place: str, clause: str) -> None:
    assert cards.clause_of(place, [payloads.TEXT]) == clause


MOVES = [
    {"decision": "minutes", "label": "appointment length", "from": "30", "to": "40", "count": 8},
    {"decision": "prior_auth", "from": "no", "to": "yes", "count": 90},
    {"decision": "minutes", "label": "appointment length", "from": "20", "to": "40", "count": 3},
]


def test_a_promotion_shows_its_moves_by_decision_and_whose_rules_they_are() -> None:
    rule = {"rule": "Longer", "change": "new", "before": "", "after": "It is 40.",
            "author": "Ann", "message": "interpreters need time"}  # fmt: skip
    history = {"run": 200, "changed": 101, "moves": MOVES}
    payload = {"action": "promote", "rules": [rule], "tests": {"history": history}}
    props = cards.promotion_props(payload)
    groups = props["impact"]["groups"]
    assert [g["decision"] for g in groups] == ["prior auth", "appointment length"]
    assert [[m["to"] for m in g["moves"]] for g in groups] == [["yes"], ["40", "40"]]
    assert groups[0]["moves"][0]["width"] == 100.0 > groups[1]["moves"][0]["width"]
    (change,) = props["changes"]
    assert change["by"] == "Ann: “interpreters need time”"
    assert change["change_label"] == "New rule"


def test_a_rule_of_a_rollback_comes_back_or_goes_away() -> None:
    rules = [{"rule": c, "change": c} for c in ("new", "taken out", "changed")]
    props = cards.promotion_props({"action": "roll_back", "rules": rules})
    labels = [c["change_label"] for c in props["changes"]]
    assert labels == ["Comes back", "Goes away", "As it was before"]


def test_numbers_of_the_past_are_said_in_full() -> None:
    impact = cards.draft_props(payloads.confirm())["impact"]
    assert (impact["number"], impact["share"]) == ("1,204", "1.2 %")
    assert impact["line"] == "of 100,000 past requests would be decided differently"
    assert [m["width"] for m in impact["moves"]] == [100.0, 6.5]
    assert [w["label"] for w in impact["where"]] == ["north-3", "north-1", "north-7"]


def test_a_draft_that_changes_nobody_says_so() -> None:
    assert cards.impact({"run": 10, "changed": 0})["line"] == wording.NOTHING_CHANGES
    assert cards.impact({})["line"] == wording.NO_HISTORY


def test_an_unplaced_word_forbids_confirming_whatever_the_payload_says() -> None:
    assert cards.draft_props(payloads.confirm())["can_confirm"]
    assert not cards.draft_props(payloads.confirm(unplaced=["soon"]))["can_confirm"]
    assert not cards.draft_props(payloads.confirm(can_confirm=False))["can_confirm"]


def test_a_finding_is_a_sentence_with_its_witness_told() -> None:
    [finding] = cards.draft_props(payloads.confirm())["findings"]
    assert finding["label"] == "Worth a look"
    assert finding["message"].endswith("part of these patients.")
    assert finding["witness"] == "For example: patient age 41, patient wheelchair yes."


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "yes"),
        (["a", "b"], "a, b"),
        ([], "nothing"),
        ({"status": "no_rule"}, "no rule"),
        ({"status": "decided", "value": "MM123"}, "MM123"),
        (15, "15"),
    ],
)
def test_values_are_said_as_people_say_them(value: object, words: str) -> None:
    assert cards.shown(value) == words


def test_a_table_keeps_markup_as_text_and_leaves_empty_columns_out() -> None:
    rows = [{"rule": "<img src=x>", "is_live": True, "note": ""}, {"rule": "b", "note": None}]
    props = cards.table_props(rows, "Two rules.")
    assert props["columns"] == ["Rule", "Is live"]
    assert props["rows"] == [["<img src=x>", "yes"], ["b", ""]]
    assert not props["folded"]


def test_a_table_that_the_text_tells_of_already_is_folded() -> None:
    assert cards.table_props([{"rule": "A"}, {"rule": "B"}], "A is new. B is gone.")["folded"]


def test_props_are_plain_json_whatever_is_missing() -> None:
    for kind in cards.ELEMENTS:
        props = cards.card_props(kind, "i-1", {})
        assert json.loads(json.dumps(props)) == props
        assert props["open"] and props["interrupt_id"] == "i-1"
        assert cards.card_text(props)
    odd = payloads.confirm(tests={"history": {"moves": "?", "run": None}}, placed=None, rules=[3])
    assert cards.draft_props(odd)["impact"]["changed"] == 0


@pytest.mark.parametrize("status", list(wording.STATUS))
def test_a_settled_card_is_inert_and_says_what_happened(status: str) -> None:
    props = cards.status_props(status)
    assert props["open"] == (status == "waiting")
    assert props["status_label"]
    assert props["outcome"] or status in ("waiting", "working")
