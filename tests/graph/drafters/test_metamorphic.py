"""Rewordings that keep the meaning keep the rule; a change of one number changes exactly it."""

from __future__ import annotations

import itertools

import pytest

from data.rulelang.ast import Condition, Rule, conjuncts
from tests.graph.drafters.test_phrasings import draft

CLAUSES = (
    "the item is rare",
    "the card is expired",
    "the borrower is a guest",
    "the item weighs more than 5 kg",
    "the borrower is a student under 12",
    "the open fines are at least 20 dollars",
    "the loan date is before 3/1/2027",
    "the borrower had a workshop in the last 6 months",
)
"""What may be the case."""
OUTCOMES = (
    "a deposit is required",
    "no deposit is required",
    "the loan is not allowed",
    "the loan period is 10 days",
    "the service desk is the media desk",
)
"""What may happen."""
PAIRS = tuple(itertools.product(CLAUSES, OUTCOMES))


def meaning(message: str) -> set[tuple[frozenset[Condition], frozenset[object]]]:
    """The rules of a message whatever their titles and the order of what they say."""
    drafted = draft(message)
    assert drafted.status == "drafted", (message, drafted.question)
    return {_meant(rule) for rule in drafted.readings[0].rules}


def _meant(rule: Rule) -> tuple[frozenset[Condition], frozenset[object]]:
    assert rule.scope is None
    return frozenset(conjuncts(rule.when)), frozenset(rule.then)


@pytest.mark.parametrize(("case", "outcome"), PAIRS)
def test_the_clause_may_come_first_or_last_with_or_without_a_comma(case: str, outcome: str) -> None:
    first = meaning(f"If {case}, {outcome}.")
    assert meaning(f"{outcome} if {case}.".capitalize()) == first
    assert meaning(f"When {case}, {outcome}.") == first
    unmarked = f"If {case} {outcome}."
    assert draft(unmarked).status == "question" or meaning(unmarked) == first


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Students over 18 may borrow DVDs.", "Students over eighteen may borrow DVDs."),
        ("Books go out for 2 weeks.", "Books go out for fourteen days."),
        ("Guests with 3 or more overdue items need a deposit.",
         "Guests with at least three overdue items need a deposit."),
        ("Items weighing over 2 kg need a deposit.", "Items weighing over 2000 g need a deposit."),
        ("Rare items need a deposit.", "A deposit is needed for rare items."),
        ("Teachers may borrow rare items.", "Rare items may be borrowed by teachers."),
        ("Guests need a deposit.", "Visitors need a deposit."),
        ("Guests without a visit within the last 12 months need a deposit.",
         "Guests with no visit in the past 12 months need a deposit."),
        ("Books go out for 28 days, DVDs for 7.", "DVDs go out for 7 days, books for 28."),
    ],
)  # fmt: skip
def test_the_same_in_other_words(one: str, two: str) -> None:
    assert meaning(one) == meaning(two)


@pytest.mark.parametrize(
    ("message", "number", "other"),
    [
        ("Students over 18 may borrow DVDs.", "18", "19"),
        ("Guests with more than 2 visits in the last 6 months need a deposit.", "2", "3"),
        ("Guests with more than 2 visits in the last 6 months need a deposit.", "6", "8"),
        ("Books go out for 28 days, DVDs for 7.", "7", "9"),
        ("If the loan date is before 3/1/2027, guests need a deposit.", "2027", "2028"),
    ],
)  # fmt: skip
def test_a_change_of_one_number_changes_exactly_it(message: str, number: str, other: str) -> None:
    before, after = said(message), said(message.replace(number, other))
    assert before != after
    assert before.replace(number, other) == after


def said(message: str) -> str:
    """The meaning as text, in one order."""
    rules = [(sorted(map(repr, when)), sorted(map(repr, then))) for when, then in meaning(message)]
    return repr(sorted(rules))
