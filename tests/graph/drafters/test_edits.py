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


@cache
def early() -> tuple[Rule, ...]:
    """A draft with two numbers: an age and minutes."""
    said = "Women over 50 in a wheelchair at Northstar with a screening mammogram must arrive "
    drafted = draft(said + "30 minutes early")
    assert drafted.status == "drafted", drafted.question
    return drafted.readings[0].rules


def clauses(text: str) -> tuple[str, ...]:
    """Clauses of the draft that nothing in these tests asks to change."""
    return tuple(c for c in ("family Northstar", "exam is screening mammogram") if c in text)


CHANGES = [
    ("make it 45 minutes", ["lead time is 45", "age is more than 50", "wheelchair assistance"]),
    ("make the age 45", ["lead time is 30", "age is more than 45"]),
    ("change 50 to 45", ["lead time is 30", "age is more than 45"]),
    ("change the age from 50 to 45", ["lead time is 30", "age is more than 45"]),
    ("it should be 45 minutes, not 30", ["lead time is 45", "age is more than 50"]),
    ("over 60 instead", ["lead time is 30", "age is more than 60"]),
    ("change it to 45 minutes and the age to 40", ["lead time is 45", "age is more than 40"]),
    ("make it 1 hour", ["lead time is 60", "age is more than 50"]),
    ("make it 45 minutes and only for patients over 65", ["lead time is 45", "more than 65"]),
    ("make it 45 minutes, and not for stretcher patients", ["is 45", "stretcher transport is no"]),
    ("make it 45 minutes not for stretcher patients", ["is 45", "stretcher transport is no"]),
    ("make it 45 minutes; also for men", ["is 45", "sex is one of female, male"]),
    ("only for walk-ins and make it 45 minutes", ["is 45", "walk-in is yes"]),
    ("call it Early and make it 45 minutes", ['rule "Early"', "is 45"]),
]


@pytest.mark.parametrize(("said", "has"), CHANGES, ids=[c[0] for c in CHANGES])
def test_every_part_of_a_change_is_applied_and_the_rest_stays(said: str, has: list[str]) -> None:
    text = text_of(draft(said, early()))
    assert [h for h in has if h not in text] == []
    assert len(clauses(text)) == 2


UNCLEAR = [
    ("make it 45", "Which number should become 45?"),
    ("make it 45 and only for women", "Which number should become 45?"),
    ("make it 40 and not for stretcher patients", "Which number should become 40?"),
    ("make it 45 minutes and banana", "`banana`"),
    ("make it 45 minutes and only for bananas", "`bananas`"),
    ("make it 45 minutes on bananas", "`bananas`"),
    ("remove the wheelchair banana part", "`banana`"),
    ("make it 45 minutes for women over 70", "holds several amounts"),
    ("60", "Which number should become 60?"),
    ("make it 45 dollars", "No number of the draft can be 45 dollars"),
]


@pytest.mark.parametrize(("said", "asks"), UNCLEAR, ids=[u[0] for u in UNCLEAR])
def test_what_a_change_leaves_open_is_asked(said: str, asks: str) -> None:
    assert asks in asked(draft(said, early())).text


def test_every_part_of_a_draft_that_is_offered_can_be_named() -> None:
    for rule in pack().rule_set.rules:
        offered = asked(draft("remove the banana", (rule,))).options
        assert bool(offered) == (rule.when is not None or rule.scope is not None), rule.title
        for part in offered:
            left = draft(f"remove the {part}", (rule,))
            assert not (left.question and "says nothing about" in left.question.text), part


@pytest.mark.parametrize(
    ("title", "said", "gone"),
    [
        ("Earlier contrast reaction", "drop the earlier contrast reaction", "reaction is yes"),
        ("Bone density every two years", "drop the part about prior visits", "prior visit"),
    ],
)
def test_a_derived_fact_and_rows_are_parts_of_a_draft_too(title: str, said: str, gone: str) -> None:
    rule = next(r for r in pack().rule_set.rules if r.title == title)
    text = text_of(draft(said, (rule,)))
    assert gone in render(rule, pack().ontology)
    assert gone not in text
    assert "when" in text


def test_which_number_is_meant_is_asked_with_those_of_the_draft() -> None:
    options = ("patient age (50 years)", "arrival lead time (30 minutes)")
    assert asked(draft("make it 45", early())).options == options


@pytest.mark.parametrize("answer", ["arrival lead time (30 minutes)", "the minutes", "45 minutes"])
def test_an_answer_belongs_to_the_change(answer: str) -> None:
    text = text_of(answered("make it 45 and only for patients over 65", answer, current=early()))
    assert "lead time is 45" in text
    assert "age is more than 65" in text
    assert "wheelchair assistance is yes" in text
    assert len(clauses(text)) == 2


def test_words_of_a_change_may_be_left_out() -> None:
    text = text_of(answered("make it 45 minutes and banana", "leave it out", current=early()))
    assert "lead time is 45" in text


def test_an_exception_may_be_left_out() -> None:
    said = "MRI patients get 15 extra minutes, unless the thing"
    assert "adds 15" in text_of(answered(said, "leave the exception out"))


def test_an_exception_may_be_said_in_other_words() -> None:
    said = "MRI patients get 15 extra minutes, unless the thing"
    assert "stretcher transport is no" in text_of(answered(said, "stretcher patients"))


def test_the_question_names_the_word_that_says_something() -> None:
    drafted = draft("When the gizmo is on, the code is MM123")
    assert asked(drafted).text == "What do you mean by `gizmo`?"
    assert drafted.unplaced == ("gizmo",)


def test_a_condition_left_out_leaves_none_of_its_small_words_open() -> None:
    drafted = answered("When the gizmo is on, the code is MM123", "leave it out")
    assert asked(drafted).text.startswith("When does this hold")


TOTALS = ["An MRI takes 50 minutes", "Wheelchair patients take 50 minutes for an MRI"]


@pytest.mark.parametrize("said", TOTALS)
def test_an_amount_of_a_sum_is_asked_to_be_a_part_or_the_whole(said: str) -> None:
    question = asked(draft(said))
    assert question.text == (
        "Should 50 minutes be added to what other rules give, or is 50 minutes the whole?"
    )
    assert len(question.options) == 2
    assert "appointment length adds 50" in text_of(answered(said, question.options[0]))


def test_the_whole_of_a_sum_is_never_guessed() -> None:
    said = "An MRI takes 50 minutes"
    question = asked(answered(said, "the whole"))
    assert "is a sum of parts" in question.text
    title = question.options[0]
    rules = answered(said, "the whole", f"override {title}").readings[0].rules
    assert rules[0].overrides == (title,)


@pytest.mark.parametrize(
    "said",
    ["MRI patients get 15 extra minutes", "Add 15 minutes to every MRI for walk-ins"],
)
def test_an_amount_said_to_be_added_is(said: str) -> None:
    assert "appointment length adds 15" in text_of(draft(said))
