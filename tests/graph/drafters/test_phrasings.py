"""What people write, in the words of a library: the rule that comes of it, or the question."""

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
from data.rulelang.render import render
from graph.drafters.base import Answer, Draft, Task
from graph.drafters.grammar import GrammarDrafter

HERE = Path(__file__).parent
CASES: Mapping[str, Any] = yaml.safe_load((HERE / "phrasings.yaml").read_text("utf-8"))
DRAFTER = GrammarDrafter()


@cache
def pack() -> Pack:
    return load_pack(HERE / "library", rules=False)


def draft(message: str, current: tuple[Rule, ...] = (), answers: tuple[Answer, ...] = ()) -> Draft:
    task = Task(pack().ontology, pack().code_sets, RuleSet(), current=current, answers=answers)
    return DRAFTER.draft(message, task)


def rules_of(bodies: list[str]) -> list[Rule]:
    text = "\n".join(f'rule "r{n}"\n{body}' for n, body in enumerate(bodies))
    parsed = parse(text, pack().ontology, pack().code_sets)
    assert parsed.rule_set is not None, parsed.findings
    return [replace(r, title="") for r in parsed.rule_set.rules]


def untitled(drafted: Draft) -> list[Rule]:
    assert drafted.status == "drafted", drafted
    return [replace(r, title="") for r in drafted.readings[0].rules]


def by_text(case: Mapping[str, Any] | str) -> str:
    return str(case if isinstance(case, str) else case["say"])[:70]


@pytest.mark.parametrize("case", CASES["plain"], ids=by_text)
def test_a_plain_sentence_becomes_its_rules(case: Mapping[str, Any]) -> None:
    assert untitled(draft(case["say"])) == rules_of(case["rules"])


@pytest.mark.parametrize("case", CASES["plain"], ids=by_text)
def test_drafted_rules_read_back_equal_and_every_word_is_placed(case: Mapping[str, Any]) -> None:
    drafted = draft(case["say"])
    reading = drafted.readings[0]
    text = "\n".join(render(r, pack().ontology) for r in reading.rules)
    parsed = parse(text, pack().ontology, pack().code_sets)
    assert parsed.rule_set is not None
    assert {r.title: r for r in parsed.rule_set.rules} == {r.title: r for r in reading.rules}
    assert all(p.place and p.place != "unplaced" for p in reading.placed)
    assert all(case["say"][p.start : p.end] == p.text for p in reading.placed)


@pytest.mark.parametrize("case", CASES["asks"], ids=by_text)
def test_what_is_not_clear_is_asked(case: Mapping[str, Any]) -> None:
    drafted = draft(case["say"])
    assert drafted.status == "question", drafted.readings
    assert drafted.question is not None
    assert case["asks"] in drafted.question.text
    assert all(o in drafted.question.options for o in map(str, case.get("offers", [])))


@pytest.mark.parametrize("case", CASES["answered"], ids=by_text)
def test_answers_lead_to_the_rule(case: Mapping[str, Any]) -> None:
    answers: tuple[Answer, ...] = ()
    for said in case["answers"]:
        asked = draft(case["say"], answers=answers).question
        assert asked is not None
        answers = (*answers, Answer(asked.text, str(said)))
    assert untitled(draft(case["say"], answers=answers)) == rules_of(case["rules"])


@pytest.mark.parametrize("case", CASES["changes"], ids=by_text)
def test_a_draft_is_changed_in_words(case: Mapping[str, Any]) -> None:
    current = draft(CASES["draft"]).readings[0].rules
    drafted = draft(case["say"], current)
    if "asks" in case:
        assert drafted.question is not None, drafted
        assert case["asks"] in drafted.question.text
        return
    assert drafted.status == "drafted", drafted.question
    text = render(drafted.readings[0].rules[0], pack().ontology)
    assert str(case.get("has", "")) in text
    assert "lacks" not in case or case["lacks"] not in text.partition("\n")[2]


@pytest.mark.parametrize("message", CASES["refused"], ids=by_text)
def test_what_cannot_be_read_is_declined_politely(message: str) -> None:
    drafted = draft(message)
    assert drafted.status == "refused"
    assert drafted.message.endswith(".")


@pytest.mark.parametrize("message", CASES["never_a_rule"], ids=by_text)
def test_what_is_no_rule_never_becomes_one(message: str) -> None:
    drafted = draft(message)
    assert drafted.status in ("question", "refused")
    assert drafted.question or drafted.message


def test_a_message_of_ten_thousand_characters_is_declined() -> None:
    drafted = draft("guests need a deposit and " * 400)
    assert drafted.status == "refused"


def test_a_long_tangle_is_asked_about() -> None:
    tangle = "if guests and students or teachers and DVDs or novels, " * 30
    drafted = draft(tangle[:1900])
    assert drafted.status == "question"


def test_a_title_in_use_is_not_used_again() -> None:
    first = draft("Guests need a deposit.").readings[0].rules[0]
    task = Task(pack().ontology, pack().code_sets, RuleSet((first,)))
    second = DRAFTER.draft("Guests need a deposit.", task).readings[0].rules[0]
    assert second.title != first.title


def test_changing_one_number_changes_exactly_it() -> None:
    first = draft("Students over 18 may borrow DVDs.").readings[0].rules[0]
    second = draft("Students over 19 may borrow DVDs.").readings[0].rules[0]
    a, b = render(first, pack().ontology), render(second, pack().ontology)
    assert a.replace("18", "19") == b


@pytest.mark.parametrize(
    "wordings",
    [
        ("Guests need a deposit.", "A deposit is required for guests.",
        "If the borrower is a guest, a deposit is required.",
         "guest -> deposit required", "Visitors must pay a deposit."),
        ("Students over 18 may borrow DVDs.", "DVDs may be borrowed by students over 18.",
         "Students older than eighteen may borrow DVDs."),
        ("Audiobooks: loan period 2 weeks", "The loan period of audiobooks is 14 days."),
    ],
    ids=["deposit", "DVDs", "audiobooks"],
)  # fmt: skip
def test_other_words_for_the_same_keep_the_rule(wordings: tuple[str, ...]) -> None:
    readings = [untitled(draft(w)) for w in wordings]
    regions = [{(frozenset(map(repr, _parts(r))), r.then) for r in rules} for rules in readings]
    assert all(r == regions[0] for r in regions)


def _parts(rule: Rule) -> tuple[object, ...]:
    return getattr(rule.when, "parts", (rule.when,))
