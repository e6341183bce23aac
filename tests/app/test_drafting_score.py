"""`rulewright eval drafting`: a set of sentences through the whole pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import main

ONTOLOGY = """
name: library
title: City library
entities:
  member:
    attributes:
      age: {type: integer, label: member age, synonyms: [age], unit: years, min: 0, max: 120}
      resident: {type: boolean, label: resident}
decisions:
  fee: {type: integer, label: yearly fee, unit: dollars, min: 0, max: 100, hit: single}
"""


def item(number: int, sentence: str, fee: int | None, clarity: str = "clear") -> dict[str, Any]:
    given = {"member": {"age": 70, "resident": True}}
    return {
        "id": f"S{number}", "sentence": sentence, "clarity": clarity,
        "examples": [{"given": given, "expect": {"fee": fee}}],
        "unknown_examples": [{"given": {}, "expect": {"fee": None}}],
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ontology.yaml").write_text(ONTOLOGY)
    items = [
        item(1, "If the member is over 65, the yearly fee is 5 dollars.", 5),
        item(2, "If the member is over 65, the yearly fee is 7 dollars.", 5),
        item(3, "If the member is quixotic, the yearly fee is 5 dollars.", 5),
    ]
    (tmp_path / "items.json").write_text(json.dumps({"items": items}))
    return tmp_path


def test_right_wrong_and_asked_are_told_apart(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", "drafting", str(folder), "--json"]) == 0
    texts = json.loads(capsys.readouterr().out)["texts"]
    assert [(t["id"], t["verdict"]) for t in texts] == [
        ("S1", "right"),
        ("S2", "wrong"),
        ("S3", "asked"),
    ]
    assert (texts[0]["open_kept"], texts[0]["open_all"]) == (1, 1)


def test_every_wrong_one_is_printed_in_full(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", "drafting", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "| sentence | 1 (33%) | 1 (33%) | 1 (33%) | 0 (0%) | 3 |" in out
    assert "wrong: S2 (sentence)" in out
    assert "yearly fee is 7" in out
    assert "fee should be 5, is 7" in out
    assert "quixotic" not in out


def test_a_folder_without_a_set_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "items.json").write_text("[]")
    assert main(["eval", "drafting", str(folder)]) == 1
    assert "`items.json` is missing, or holds no set of sentences" in "".join(capsys.readouterr())
