"""The retriever finds the organisation's terms, whatever layer is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from data.index import Retriever
from tests.graph.small import CODE_SETS, ONTOLOGY, RULE_SET, SCOPE_ROWS


@dataclass(frozen=True)
class Pair:
    sentence: str
    rules: str


def retriever(folder: Path | None, rule_set=RULE_SET, examples=()) -> Retriever:
    return Retriever(
        ONTOLOGY, CODE_SETS, rule_set, examples, folder, scope_rows=SCOPE_ROWS, organisation="one"
    )


MESSAGE = "At Northstar clinics screening mammograms for a woman over 40 in a wheelchair: MM123WA"


@pytest.mark.parametrize("with_vectors", [True, False])
def test_terms_said_word_for_word_come_first(tmp_path: Path, with_vectors: bool) -> None:
    found = retriever(tmp_path if with_vectors else None).retrieve(MESSAGE)
    said = {f.id for f in found if f.found_by == "exact"}
    assert {
        "request.exam=screening mammogram",
        "patient.sex=female",
        "patient.wheelchair",
        "clinic.family=Northstar",
        "code:Northstar/MM123",
    } <= said
    scores = [f.score for f in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("wheelchiar asistance", "patient.wheelchair"),
        ("screning mamogram", "request.exam=screening mammogram"),
        ("Nortstar", "clinic.family=Northstar"),
        ("x ray of the chest", "request.exam=chest x-ray"),
        ("the day of the appointment", "request.date"),
    ],
)
def test_misspelled_and_paraphrased_terms_are_found(
    tmp_path: Path, typed: str, wanted: str
) -> None:
    assert wanted in [f.id for f in retriever(tmp_path).retrieve(typed, 5)]


def test_identifying_attributes_are_never_items(tmp_path: Path) -> None:
    index = retriever(tmp_path)
    assert all("patient.name" not in item.id for item in index.items)
    assert "patient.name" not in [f.id for f in index.retrieve("patient name")]


def test_rules_and_examples_are_found_by_what_they_say(tmp_path: Path) -> None:
    pair = Pair("Brain scans of men need consent.", 'rule "x"')
    index = retriever(tmp_path, examples=(pair,))
    assert "rule:Accessible room" in [f.id for f in index.retrieve("room for a wheelchair")]
    assert any(f.kind == "example" for f in index.retrieve("consent for brain scans of men"))


def test_a_changed_rule_set_replaces_what_the_collection_held(tmp_path: Path) -> None:
    retriever(tmp_path)
    renamed = replace(RULE_SET, rules=(replace(RULE_SET.rules[0], title="Zebra crossing"),))
    index = retriever(tmp_path, renamed)
    assert index.has_vectors
    found = [f.id for f in index.retrieve("zebra crossing")]
    assert "rule:Zebra crossing" in found
    assert "rule:General mammogram" not in found


def test_a_reopened_collection_answers_alike(tmp_path: Path) -> None:
    first = retriever(tmp_path).retrieve(MESSAGE)
    assert retriever(tmp_path).retrieve(MESSAGE) == first


def test_a_broken_chroma_folder_leaves_the_lexical_layers(tmp_path: Path) -> None:
    blocked = tmp_path / "index"
    blocked.write_text("not a folder")
    index = retriever(blocked)
    assert not index.has_vectors
    assert index.retrieve("wheelchair")[0].id == "patient.wheelchair"


def test_two_organisations_in_one_folder_see_only_their_own(tmp_path: Path) -> None:
    one = retriever(tmp_path)
    other = Retriever(ONTOLOGY, {}, replace(RULE_SET, rules=()), (), tmp_path, organisation="two")
    assert not [f for f in other.retrieve("general mammogram") if f.kind in ("rule", "code")]
    assert [f for f in one.retrieve("general mammogram") if f.kind == "rule"]


def test_ten_thousand_characters_are_answered(tmp_path: Path) -> None:
    found = retriever(tmp_path).retrieve("lorem ipsum dolor " * 600 + " wheelchair")
    assert found[0].id == "patient.wheelchair"


@pytest.mark.parametrize("message", ["", "   ", "...", "日本語のテキスト", "<b></b>"])
def test_nothing_sensible_finds_nothing_and_does_not_fail(tmp_path: Path, message: str) -> None:
    assert all(f.found_by != "exact" for f in retriever(tmp_path).retrieve(message))
