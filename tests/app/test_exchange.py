"""`rulewright import` and `rulewright export`, as a person or a program uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from data.exchange.dmn.load import load_dmn
from data.packs import load_pack
from tests.data.exchange.models import decision, inputs, model

RULES = """
rule "books"
  when kind is book
  then loan days is 28

rule "films"
  when kind is film
  then loan days is 7
"""
ONTOLOGY = """
name: library
entities:
  loan: {attributes: {kind: {type: enum, values: {book: [], film: []}}}}
decisions:
  days: {type: integer, label: loan days, required: true}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    (folder / "rules").mkdir(parents=True)
    (folder / "ontology.yaml").write_text(ONTOLOGY)
    (folder / "rules" / "all.rules").write_text(RULES)
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    status = main([str(a) for a in arguments])
    return status, capsys.readouterr().out


def test_a_model_becomes_a_pack_that_loads_and_checks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(["< 2"], ['"young"']), ([">= 2"], ['"old"'])]
    content = model(inputs(("n", "number")), decision("Age", ["n"], [("", "", "")], rows))
    (tmp_path / "ages.dmn").write_bytes(content)
    status, out = run(capsys, "import", "dmn", tmp_path / "ages.dmn", "--out", tmp_path / "ages")
    assert (status, out.splitlines()[0]) == (
        0, f"2 rules for 1 decision written to {tmp_path / 'ages'}",
    )  # fmt: skip
    assert run(capsys, "check", tmp_path / "ages")[0] == 0
    assert set(load_pack(tmp_path / "ages").rule_set.rules) == set(load_dmn(content).rule_set.rules)
    status, out = run(capsys, "import", "dmn", tmp_path / "ages.dmn", "--out", tmp_path / "ages")
    assert status == 1
    assert "exists already" in out


def test_what_is_left_out_of_a_model_is_told_to_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = decision("Odd", ["n + 1"], [("", "", "")], [(["-"], ["1"])])
    fine = decision("Fine", ["n"], [("", "", "")], [(["-"], ["1"])])
    (tmp_path / "m.dmn").write_bytes(model(inputs(("n", "number")), odd, fine))
    status, out = run(capsys, "import", "dmn", tmp_path / "m.dmn", "--json")
    made = json.loads(out)
    assert status == 0
    assert made["decisions"] == {"Fine": {"Fine": "Fine"}}
    assert [(f["code"], f["place"]) for f in made["findings"]] == [("left-out", "decision `Odd`")]
    assert set(made["files"]) == {"ontology.yaml", "rules/Fine.rules"}


def test_a_table_goes_out_and_comes_in(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("out.csv", "out.xlsx"):
        status, out = run(capsys, "export", "table", pack, "--out", tmp_path / name)
        assert (status, out.splitlines()[0]) == (0, f"2 rules written to {tmp_path / name}")
        status, out = run(capsys, "import", "table", tmp_path / name, "--pack", pack, "--json")
        made = json.loads(out)
        assert (status, made["replaces"], made["findings"]) == (0, ["books", "films"], [])
        assert [r.split()[1] for r in made["rules"]] == ['"books"', '"films"']


def test_a_table_that_would_conflict_is_told_by_row(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.csv").write_text("title,kind,loan days\nmore books,book,30\n")
    status, out = run(capsys, "import", "table", tmp_path / "new.csv", "--pack", pack)
    assert status == 1
    assert "sheet `new`, row 2: error conflict" in out


def test_decisions_go_out_as_dmn_and_come_in(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = run(capsys, "export", "dmn", pack, "--out", tmp_path / "out.dmn")
    assert (status, out.splitlines()[0]) == (0, f"a DMN model written to {tmp_path / 'out.dmn'}")
    made = load_dmn((tmp_path / "out.dmn").read_bytes())
    assert {r.title for r in made.rule_set.rules} == {"books", "films"}
    assert made.ontology.decisions["days"].label == "loan days"


def test_decisions_go_out_as_jdm(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = run(capsys, "export", "jdm", pack, "--out", tmp_path / "out.json")
    assert (status, out.splitlines()[0]) == (0, f"a JDM graph written to {tmp_path / 'out.json'}")
    nodes = json.loads((tmp_path / "out.json").read_text())["nodes"]
    assert "loan days" in {n["name"] for n in nodes}


@pytest.mark.parametrize("form", ["dmn", "table"])
def test_a_file_that_is_not_there(
    form: str, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--pack", pack] if form == "table" else []
    status, out = run(capsys, "import", form, "nothing.csv", *more)
    assert status == 1
    assert "there is no file `nothing.csv`" in out
