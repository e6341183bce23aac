"""What people write, in the words of a bicycle workshop: the rule or the question it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.packs.load import Pack, load_pack
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.parse import parse
from graph.drafters.base import Answer, Draft, Task
from graph.drafters.grammar import GrammarDrafter

HERE = Path(__file__).parent
CASES: Mapping[str, Any] = yaml.safe_load((HERE / "workshop.yaml").read_text("utf-8"))
DRAFTER = GrammarDrafter()


@cache
def pack() -> Pack:
    return load_pack(HERE / "workshop", rules=False)


def draft(message: str) -> Draft:
    return DRAFTER.draft(message, Task(pack().ontology, pack().code_sets, RuleSet()))


def rules_of(bodies: list[str]) -> list[Rule]:
    text = "\n".join(f'rule "r{n}"\n{body}' for n, body in enumerate(bodies))
    parsed = parse(text, pack().ontology, pack().code_sets)
    assert parsed.rule_set is not None, parsed.findings
    return [replace(r, title="") for r in parsed.rule_set.rules]


def drafted(message: str) -> list[Rule]:
    found = draft(message)
    assert found.status == "drafted", found.question
    return [replace(r, title="") for r in found.readings[0].rules]


def by_text(case: Mapping[str, Any]) -> str:
    return str(case["say"])[:70]


@pytest.mark.parametrize("case", CASES["plain"], ids=by_text)
def test_a_plain_sentence_becomes_its_rules(case: Mapping[str, Any]) -> None:
    assert drafted(case["say"]) == rules_of(case["rules"])


@pytest.mark.parametrize("case", CASES["asks"], ids=by_text)
def test_what_is_not_clear_is_asked(case: Mapping[str, Any]) -> None:
    found = draft(case["say"])
    assert found.status == "question", found.readings
    assert found.question is not None
    assert case["asks"] in found.question.text


ANSWERS = [
    (
        "Regular and company customers get a guarantee of 12 months.",
        "one is enough",
        ["when regular customer is yes or customer type is company\nthen guarantee is 12"],
    ),
    (
        "Regular and company customers get a guarantee of 12 months.",
        "both at once",
        ["when regular customer is yes and customer type is company\nthen guarantee is 12"],
    ),
    (
        "For a full service insure the bicycle. Regular customers also check the tyres.",
        "only under those",
        [
            "when repair is full service\nthen advice include insure the bicycle",
            "when repair is full service and regular customer is yes\n"
            "then advice include check the tyres",
        ],
    ),
    (
        "For a full service insure the bicycle. Regular customers also check the tyres.",
        "in every case",
        [
            "when repair is full service\nthen advice include insure the bicycle",
            "when regular customer is yes\nthen advice include check the tyres",
        ],
    ),
    (
        "Carbon bicycles go to the back room. Tandems go to the front bench.",
        "front bench",
        [
            "when frame material is carbon\nthen work place is back room",
            "when bicycle type is tandem\nthen work place is front bench\n"
            'overrides "Back room: carbon"',
        ],
    ),
]


@pytest.mark.parametrize("said,answer,bodies", ANSWERS, ids=[a for _, a, _ in ANSWERS])
def test_an_answer_settles_what_two_parts_say(said: str, answer: str, bodies: list[str]) -> None:
    question = draft(said).question
    assert question is not None and answer in question.options
    task = Task(
        pack().ontology, pack().code_sets, RuleSet(), answers=(Answer(question.text, answer),)
    )
    found = DRAFTER.draft(said, task)
    assert found.status == "drafted", found.question
    assert [replace(r, title="") for r in found.readings[0].rules] == rules_of(bodies)


SAME = [
    ("five working days", "5 working days", "five business days"),
    ("2 working days", "2 days"),
]


@pytest.mark.parametrize("ways", SAME, ids=lambda w: w[0])
def test_an_amount_said_in_other_words_is_the_same(ways: tuple[str, ...]) -> None:
    said = [drafted(f"A full service takes {way}.") for way in ways]
    assert all(rules == said[0] for rules in said)


MONEY = ["more than EUR 1200", "more than 1 200 euros", "over €1,200", "more than 1200 €"]


def test_money_is_the_same_with_its_currency_before_or_after() -> None:
    said = [drafted(f"Customers with open debt of {way} are not accepted.") for way in MONEY]
    assert all(rules == said[0] for rules in said)


NONE = [
    "Nothing made of {} is accepted.",
    "No {} bicycle is accepted.",
    "None of the {} bicycles are accepted.",
    "{} bicycles are not accepted.",
    "{} bicycles are never accepted.",
]


@pytest.mark.parametrize("way", NONE)
@pytest.mark.parametrize("material", ["carbon", "steel"])
def test_a_negative_subject_denies_what_happens(way: str, material: str) -> None:
    rules = drafted(way.format(material))
    assert rules == rules_of([f"when frame material is {material}\nthen job accepted is no"])
