"""Ordinary ways to leave out, keep and prefer, in the words of the ontology alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from data.ontology.load import load_ontology
from data.packs import load_pack
from data.rulelang.ast import RuleSet
from data.rulelang.render import render
from graph.drafters.base import Task
from graph.drafters.grammar import GrammarDrafter

HERE = Path(__file__).parent
ISSUES = load_pack("issues", rules=False)
CASES: list[tuple[str, str]] = yaml.safe_load((HERE / "choosing.yaml").read_text())
ERRANDS, _ = load_ontology((HERE.parents[1] / "data/rulelang/choice_pack.yaml").read_text())
"""Another organisation, with two decisions that choose from one list."""


@pytest.mark.parametrize(("sentence", "expected"), CASES)
def test_a_sentence_about_candidates(sentence: str, expected: str) -> None:
    task = Task(ISSUES.ontology, {}, RuleSet(), scope_rows=ISSUES.scope_rows)
    draft = GrammarDrafter().draft(sentence, task)
    if expected.startswith("? "):
        assert draft.question is not None and expected[2:] in draft.question.text
        return
    assert draft.status == "drafted", draft.question
    text = render(draft.readings[0].rules[0], ISSUES.ontology)
    assert " ".join(text.split()).endswith(expected)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("never send anybody from the outside", "exclude runners where company is outside"),
        ("only runners on the errand's team", "require runners where team is errand team"),
        ("prefer the runner with the highest strength", "prefer runners with most strength"),
        (
            "runners without a boat must not take urgent errands",
            "when urgent is yes then exclude runners where not ( skills include boat )",
        ),
    ],
)
def test_another_organisation_is_read_the_same_way(sentence: str, expected: str) -> None:
    assert ERRANDS
    draft = GrammarDrafter().draft(sentence, Task(ERRANDS, {}, RuleSet()))
    assert draft.status == "drafted", draft.question
    text = render(draft.readings[0].rules[0], ERRANDS)
    assert " ".join(text.split()).endswith(expected)
