"""Regression sets from packs, folders and what people corrected."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from data.packs.load import load_pack, shipped_packs
from data.rulelang.findings import InputError
from evals.nightly.sets import Item, grow, grown_file, read_sets


def test_a_packs_examples_scenarios_and_the_messages_are_its_set(tmp_path: Path) -> None:
    (made,) = read_sets(["radiology"], tmp_path)
    pack = load_pack("radiology")
    assert sum(i.id.startswith("example") for i in made.items) == len(pack.examples)
    assert made.scenarios.keys() == {s.name for s in pack.scenarios}
    assert {"help", "show", "out_of_scope"} <= {i.intent for i in made.items}
    assert made.pack.examples == (), "they would tell the drafter the answers"


def test_a_folder_of_sets_of_the_drafting_form_is_read(tmp_path: Path) -> None:
    shutil.copytree(shipped_packs()["issues"], tmp_path / "sets" / "one")
    items = [
        {"id": "a", "sentence": "First.", "paraphrase": "The first.", "examples": []},
        {"id": "b", "sentence": "Second.", "clarity": "ambiguous", "examples": []},
    ]
    (tmp_path / "sets" / "one" / "items.json").write_text(json.dumps({"items": items}))
    (made,) = read_sets([tmp_path / "sets"], tmp_path)
    texts = {i.sentence: i for i in made.items}
    assert texts["The first."].id != texts["First."].id
    assert texts["Second."].asks and not texts["First."].asks


def test_what_was_corrected_comes_back_every_night_and_the_last_correction_holds(
    tmp_path: Path,
) -> None:
    before = read_sets(["issues"], tmp_path)[0].version
    grow(tmp_path, "issues", Item("turn-1", "Nobody on leave.", rules="first"))
    grow(tmp_path, "issues", Item("turn-1", "Nobody on leave.", rules="second", source={"by": "p"}))
    (made,) = read_sets(["issues"], tmp_path)
    (grown,) = [i for i in made.items if i.id == "turn-1"]
    assert grown == Item("turn-1", "Nobody on leave.", rules="second", source={"by": "p"})
    assert made.version != before


def test_another_expectation_is_another_item(tmp_path: Path) -> None:
    """Else an item would be held to what it was expected to be before."""
    copied = tmp_path / "pack"
    shutil.copytree(shipped_packs()["issues"], copied)
    before = {i.id for i in read_sets([copied], tmp_path)[0].items}
    path = copied / "examples.yaml"
    path.write_text(path.read_text().replace("open issues", "open issues", 1).replace(
        "company is external", "company is own staff", 1))  # fmt: skip
    after = {i.id for i in read_sets([copied], tmp_path)[0].items}
    assert len(before - after) == len(after - before) == 1


@pytest.mark.parametrize(
    "line", ["{", '{"id": "x"}', '["a"]', '{"id": "x", "sentence": "y", "z": 1}']
)
def test_a_broken_line_is_told_with_its_place(tmp_path: Path, line: str) -> None:
    path = grown_file(tmp_path, "issues")
    path.write_text(f'{{"id": "a", "sentence": "b"}}\n{line}\n')
    with pytest.raises(InputError) as error:
        read_sets(["issues"], tmp_path)
    assert error.value.findings[0].place == "issues.jsonl:2"
