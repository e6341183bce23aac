"""Facts and scores of drafts of a pack that nothing in the code knows."""

from __future__ import annotations

from typing import Any

import pytest

from data.ontology.load import load_ontology
from data.ontology.model import Code, CodeSet
from data.rulelang.parse import parse
from data.rulelang.version import Version, make_version
from evals.facts import reference_of
from evals.online import own_words, score_told
from evals.score import Score
from evals.traces import Tracer
from tests.evals.conftest import KEY
from tests.evals.test_delivery import THREAD

WORDS = """
name: greenhouse
title: Greenhouse
date: order.date
entities:
  plant:
    attributes:
      height: {type: integer, unit: cm, label: plant height, synonyms: [tall]}
      kind: {type: enum, label: plant kind, values: {rose: [roses], fern: []}}
      tags: {type: set of enum, label: tags, values: [fragile, thorny]}
      indoor: {type: boolean, label: indoor, synonyms: [inside]}
  order:
    attributes:
      date: {type: date}
  house:
    attributes:
      id: {type: text}
      wing: {type: enum, label: wing, values: {East: [], West: []}}
scopes: {entity: house, levels: [wing, id]}
decisions:
  bed: {type: code, hit: single, code_set: house.wing, label: bed, modifiers: [SH]}
  notes: {type: text, hit: collect, label: notes}
  water: {type: integer, hit: sum, label: water, min: 0}
"""
RULE = """rule "Tall roses"
  scope      wing East
  when       plant kind is rose
             and plant height is at least 40
             and indoor is yes
  then       bed is B12SH
             and notes include "Wear gloves."
             and water adds 15"""


@pytest.fixture(scope="module")
def version() -> Version:
    ontology, findings = load_ontology(WORDS)
    assert ontology is not None, findings
    codes = {
        wing: CodeSet(wing, {c: Code(c, f"Bed {c}", ("SH",)) for c in ("B1", "B12", "C3")})
        for wing in ("East", "West")
    }
    rule_set = parse(RULE, ontology, codes)
    assert rule_set.findings == (), rule_set.findings
    return make_version(ontology, codes, (), rule_set.rule_set)


def scores(version: Version, **facts: Any) -> dict[str, Score]:
    told = {"rules": [RULE], "sentences": ["Roses of 40 cm and more go to bed B12."], **facts}
    return {s.name: s for s in score_told(told, version)}


SENTENCE = (
    "put roses that are forty cm tall or more and inside in bed B12SH in the East wing, "
    'add 15 water and the note "Wear gloves."'
)


TALL = {"plant": {"kind": "rose", "height": 50, "indoor": True}, "house": {"wing": "East"}}
LOW = {**TALL, "plant": {"kind": "rose", "height": 39, "indoor": True}}
TODAY = "bed B12SH; notes “Wear gloves.”; water 15"


@pytest.mark.parametrize(
    ("trial", "same"),
    [
        ({"given": TALL, "before": TODAY}, True),
        ({"given": LOW, "before": TODAY}, False),
        ({"given": TALL, "before": "bed B1"}, False),
        ({"given": {"plant": {"kind": "oak"}}, "before": TODAY}, False),
        ({"given": {"planet": 1}, "before": TODAY}, False),
    ],
)
def test_a_request_that_was_shown_is_run_again(
    version: Version, trial: dict[str, Any], same: bool
) -> None:
    assert scores(version, generated=[trial])["reproduced"].value is same


def test_a_rule_that_says_what_its_author_said_passes(version: Version) -> None:
    found = scores(
        version,
        message=SENTENCE,
        retrieved=[],
        placed=[SENTENCE],
        scenarios={"run": 3, "kept": 3},
        generated=[{"given": TALL, "before": TODAY}],
    )

    assert {n: s.reason for n, s in found.items() if s.value is False} == {}
    assert {n for n, s in found.items() if s.value is None} == {
        "retrieval_precision",
        "retrieval_recall",
    }


@pytest.mark.parametrize(
    ("said", "unsaid", "missing"),
    [
        ("forty", "some", "40"),
        ("B12SH", "a bed", "B12SH"),
        ("roses", "flowers", "rose"),
        ("East", "other", "East"),
        ("inside", "warm", "indoor"),
        ("Wear gloves.", "Take care.", "Wear gloves."),
        ("15", "some", "15"),
    ],
)
def test_what_nobody_said_and_nothing_found_is_named(
    version: Version, said: str, unsaid: str, missing: str
) -> None:
    found = scores(version, message=SENTENCE.replace(said, unsaid), retrieved=[])

    assert found["grounded"].value is False
    assert found["grounded"].reason == f"neither found nor said: {missing}"


def test_what_was_found_need_not_be_said(version: Version) -> None:
    ids = [
        "house.wing=East", "plant.kind=rose", "plant.height", "plant.indoor", "code:East/B12",
        "water",
    ]  # fmt: skip
    found = scores(version, message="40, 15, SH, wear gloves", retrieved=ids)

    assert found["grounded"].value is True, found["grounded"].reason


def test_the_reference_is_what_the_confirmed_rule_names(version: Version) -> None:
    named = reference_of(version.rule_set.rules, version.ontology, version.code_sets)

    assert named == {
        "house.wing=East", "plant.kind=rose", "plant.height", "plant.indoor", "code:East/B12",
        "bed", "notes", "water",
    }  # fmt: skip


def test_a_text_that_reads_back_as_something_else_does_not_parse(version: Version) -> None:
    for text in (RULE.replace("rose", "tulip"), RULE.upper(), RULE.replace("  when", " when")):
        (found,) = [s for s in score_told({"rules": [text]}, version) if s.name == "parses"]
        assert found.value is False, text


def test_a_turn_without_a_draft_has_no_scores(version: Version) -> None:
    assert score_told({"rules": [], "sentences": ["Here they are."]}, version) == ()


def test_the_organisations_own_words_are_no_jargon(version: Version) -> None:
    assert {"plant height", "tall", "B12", "East"} <= own_words(version)


class Remembers:
    """An outbox that only remembers."""

    def __init__(self) -> None:
        self.put_: list[Any] = []

    def put(self, parcel: Any) -> None:
        self.put_.append(parcel)

    def take(self, limit: int) -> list[Any]:
        return []

    def delivered(self, held: Any) -> None:
        return None

    def failed(self, held: Any, error: str) -> None:
        return None

    def waiting(self) -> int:
        return len(self.put_)


def test_a_recorder_scores_what_the_pipeline_tells(version: Version) -> None:
    outbox = Remembers()
    told = {"version": version, "message": SENTENCE, "rules": [RULE]}
    with Tracer(outbox, KEY).turn("o", "ann", THREAD, "0" * 32, own_words(version)) as turn:
        turn.asked(SENTENCE)
        turn.facts(told)

    (parcel,) = outbox.put_
    assert {s["name"]: s["verdict"] for s in parcel.payload["scores"]}["parses"] == "scored"


@pytest.mark.parametrize(
    "told", [{"rules": 7}, {"rules": ["x"], "scenarios": "none"}, {"rules": ["x"], "version": "v1"}]
)
def test_what_cannot_be_scored_breaks_nothing(version: Version, told: dict[str, Any]) -> None:
    outbox = Remembers()
    with Tracer(outbox, KEY).turn("o", "ann", THREAD, "0" * 32) as turn:
        turn.facts({"version": version, **told})

    assert outbox.put_[0].payload["scores"] == ()
