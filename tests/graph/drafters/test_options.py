"""Every option that a question offers is understood when it is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.packs.load import load_pack
from data.rulelang.ast import RuleSet
from data.rulelang.render import render
from graph.drafters.base import Answer, Task
from graph.drafters.grammar import GrammarDrafter
from graph.drafters.stuck import WAYS_OUT
from tests.graph.talk import shipped

HERE = Path(__file__).parent
SETS = (("phrasings.yaml", "library"), ("workshop.yaml", "workshop"))
NOT_YET = {"Guests of any age need a deposit."}
"""May only shrink."""
DRAFTER = GrammarDrafter()


def sentences(cases: str) -> Iterator[str]:
    table: dict[str, list[Any]] = yaml.safe_load((HERE / cases).read_text("utf-8"))
    for entry in (e for entries in table.values() for e in entries):
        said = entry if isinstance(entry, str) else entry.get("say")
        if isinstance(said, str):
            yield said


@pytest.mark.parametrize(("cases", "folder"), SETS)
def test_no_question_is_asked_again_after_one_of_its_options(cases: str, folder: str) -> None:
    pack = load_pack(HERE / folder, rules=False)
    task = Task(pack.ontology, pack.code_sets, RuleSet())
    again: set[str] = set()
    for said in sentences(cases):
        asked = DRAFTER.draft(said, task).question
        for option in asked.options if asked else ():
            if asked is None or option in WAYS_OUT:
                continue
            answered = replace(task, answers=(Answer(asked.text, option),))
            then = DRAFTER.draft(said, answered).question
            if then is not None and then.text == asked.text:
                again.add(said)
    assert again <= NOT_YET


ABSENT = "Patients without a pacemaker or metal implant get 10 extra minutes"
TWICE = "Patients not without a wheelchair get 10 extra minutes for an MRI"
BOTH = "Diabetic and pregnant patients get 10 extra minutes"
CASES = "Medicare patients over 70 and inpatients get 10 extra minutes"


@pytest.mark.parametrize(
    ("said", "option", "rule"),
    [
        (ABSENT, "all absent", "pacemaker is no and metal implant is no"),
        (ABSENT, "one is enough", "pacemaker is no or metal implant is no"),
        (TWICE, "to hold", "wheelchair assistance is yes"),
        (TWICE, "not to hold", "wheelchair assistance is no"),
        (BOTH, "Both at once.", "diabetes is yes and pregnant is yes"),
        (BOTH, "one", "diabetes is yes or pregnant is yes"),
        (CASES, "both at once", "age is more than 70 and patient class is inpatient"),
        (CASES, "one is enough", "age is more than 70 ) or patient class is inpatient"),
    ],
)
def test_the_option_is_what_the_rule_then_says(said: str, option: str, rule: str) -> None:
    pack = shipped("radiology")
    task = Task(pack.ontology, pack.code_sets, RuleSet())
    asked = DRAFTER.draft(said, task).question
    assert asked is not None
    answered = replace(task, answers=(Answer(asked.text, option),))
    drafted = DRAFTER.draft(said, answered)
    assert drafted.status == "drafted", drafted.question
    assert rule in " ".join(render(drafted.readings[0].rules[0], pack.ontology).split())
