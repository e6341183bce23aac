"""`rulewright eval drafting --answer`: somebody who knows the rule answers what is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from data.packs.load import Pack, load_pack
from data.rulelang.ast import RuleSet
from data.rulelang.parse import parse
from data.rulelang.version import make_version
from graph.drafters.author import MadeUpAuthor
from graph.drafters.intended import intended
from graph.drafters.score import read_set, why_not
from graph.drafters.stuck import LEAVE_OUT

OPEN = Path(__file__).parents[3] / "shared" / "cases" / "open"
ONTOLOGY = """
name: library
title: City library
date: loan.date
entities:
  member:
    attributes:
      age: {type: integer, label: member age, synonyms: [age], unit: years, min: 0, max: 120}
      resident: {type: boolean, label: resident}
      kind: {type: enum, label: member kind, values: {student: [], lecturer: []}}
  loan:
    attributes:
      medium: {type: enum, label: medium, values: {printed book: [], film reel: []}}
      date: {type: date, label: loan date}
      topics: {type: set of enum, label: topics, values: {maps: [], music: []}}
  visit:
    attributes:
      date: {type: date, label: date}
      late: {type: boolean, label: late}
relations:
  visits: {from: member, entity: visit, label: earlier visit, date: date}
decisions:
  fee: {type: integer, label: yearly fee, unit: dollars, min: 0, max: 100, hit: single}
  notes: {type: text, label: notes, hit: collect}
  weeks: {type: integer, label: lending weeks, unit: weeks, min: 0, max: 50, hit: sum}
"""
KIND = {"attr": "member.kind", "op": "==", "value": "student"}
SENIOR = {"attr": "member.age", "op": ">", "value": 65}


def item(name: str, sentence: str, reading: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    given = {"member": {"age": 70, "kind": "student"}, "loan": {"medium": "film reel"}}
    examples = [{"given": given, "expect": {"fee": 5}}]
    return {"id": name, "sentence": sentence, "reading": reading, "examples": examples, **more}


ITEMS = [
    item("plain", "If the member is over 65, the yearly fee is 5 dollars.",
         [{"if": SENIOR, "then": {"fee": 5}}]),
    item("word", "For a celluloid, the yearly fee is 5 dollars.",
         [{"if": {"attr": "loan.medium", "op": "==", "value": "film reel"}, "then": {"fee": 5}}]),
    item("two words", "If a froshling takes a celluloid, the yearly fee is 5 dollars.",
         [{"if": {"and": [KIND, {"attr": "loan.medium", "op": "==", "value": "film reel"}]},
           "then": {"fee": 5}}],
         paraphrase="Students with a celluloid pay a yearly fee of 5 dollars."),
    item("wrong", "If the member is over 65, the yearly fee is 7 dollars.",
         [{"if": SENIOR, "then": {"fee": 5}}]),
    item("unsettled", "For a frob or a blorb, the yearly fee is 5 dollars.",
         [{"if": {"or": [KIND, SENIOR]}, "then": {"fee": 5}}]),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ontology.yaml").write_text(ONTOLOGY)
    (tmp_path / "items.json").write_text(json.dumps({"items": ITEMS}))
    return tmp_path


@pytest.fixture
def pack(folder: Path) -> Pack:
    return load_pack(folder, rules=False)


def test_what_is_meant_is_reached_after_so_many_questions(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", "drafting", str(folder), "--answer", "--json"]) == 0
    texts = json.loads(capsys.readouterr().out)["texts"]
    told = {(t["id"], t["kind"]): (t["verdict"], len(t["turns"])) for t in texts}
    assert told[("plain", "sentence")] == ("right", 0)
    assert told[("word", "sentence")] == ("right", 1)
    assert told[("two words", "paraphrase")] == ("right", 1)
    assert told[("wrong", "sentence")] == ("wrong", 0)
    assert told[("unsettled", "sentence")][0] == "asked"
    asked = next(t for t in texts if t["id"] == "word")["turns"]
    assert asked == [["What do you mean by `celluloid`?", "film reel"]]


def test_the_table_counts_what_was_reached_and_tells_every_wrong_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", "drafting", str(folder), "--answer"]) == 0
    out = capsys.readouterr().out
    (row,) = (line for line in out.splitlines() if line.startswith("| sentence |"))
    cells = [c.strip() for c in row.split("|")[2:-1]]
    assert cells[0] == "1 (20%)" and cells[-3] == "1 (20%)" and cells[-1] == "5"
    assert "wrong: wrong (sentence)" in out and "yearly fee is 7" in out
    assert "unsettled" not in out


def test_a_packs_examples_are_a_set_as_well(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "items.json").unlink()
    (folder / "examples.yaml").write_text(
        "- sentence: For a celluloid, the yearly fee is 5 dollars.\n"
        '  rules: |\n    rule "Films"\n      when medium is film reel\n'
        "      then yearly fee is 5\n"
    )
    assert main(["eval", "drafting", str(folder), "--answer"]) == 0
    assert "| sentence | 0 (0%) | 1 (100%) | 1 (100%) | 0 (0%) | 0 | 1 |" in capsys.readouterr().out


def test_a_set_that_does_not_say_what_it_means_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = [{k: v for k, v in i.items() if k != "reading"} for i in ITEMS]
    (folder / "items.json").write_text(json.dumps({"items": items}))
    assert main(["eval", "drafting", str(folder), "--answer"]) == 1
    assert "does not say what its sentences mean" in "".join(capsys.readouterr())
    items[0]["reading"] = [{"if": {"attr": "no.such", "op": "==", "value": 1}, "then": {"fee": 5}}]
    (folder / "items.json").write_text(json.dumps({"items": items}))
    assert main(["eval", "drafting", str(folder), "--answer"]) == 1
    assert "does not fit the ontology" in "".join(capsys.readouterr())


RULE = """rule "Old students"
  when  member kind is student and member age is more than 65 and resident is yes
  then  yearly fee is 5
"""


def author(pack: Pack, *wordings: str) -> MadeUpAuthor:
    return MadeUpAuthor(pack, parse(RULE, pack.ontology, pack.code_sets).rule_set, wordings)


def ask(text: str, *options: str, request: object = None) -> dict[str, object]:
    return {"text": text, "options": options, "request": request}


@pytest.mark.parametrize(
    ("question", "said", "answer"),
    [
        (ask("70?", "5", "no rule", request={"member": {"age": 70, "kind": "student",
                                                        "resident": True}}), "", "5"),
        (ask("60?", "5", "no rule", request={"member": {"age": 60, "kind": "student",
                                                        "resident": True}}), "", "no rule"),
        (ask("60?", "7", "9", request={"member": {"age": 60}}), "", None),
        (ask("Which kind?", "lecturer", "student"), "", "student"),
        (ask("Which?", "lecturer", "film reel"), "", None),
        (ask("What do you mean by `residnt`?", LEAVE_OUT), "students over age 65", "resident"),
        (ask("What do you mean by `zorb`?", LEAVE_OUT), "a student of age 66 pays a yearly fee",
         "resident"),
        (ask("What do you mean by `zorb`?", LEAVE_OUT), "the yearly fee", None),
        (ask("What do you mean by `zorb`?", LEAVE_OUT),
         "a resident student of age 66 pays a yearly fee", LEAVE_OUT),
        (ask("What do you mean by `66`?", LEAVE_OUT),
         "a resident student of age 66 pays a yearly fee", None),
        (ask("Does `65` mean at least, at most or exactly that?"), "", "more than 65"),
        (ask("When does this hold? Say for whom."), "",
         "the member kind is student and the member age is over 65 years and the resident is yes"),
        (ask("What should happen then?"), "", "the yearly fee is 5 dollars"),
    ],
)  # fmt: skip
def test_the_author_answers_truthfully_or_not_at_all(
    pack: Pack, question: dict[str, object], said: str, answer: str | None
) -> None:
    assert author(pack).answer(question, [said]) == answer


def test_the_author_says_it_in_other_words_once(pack: Pack) -> None:
    knows = author(pack, "one way", "another way")
    assert knows.answer(ask("Say each rule in full."), ["one way"]) == "another way"
    assert knows.answer(ask("Say each rule in full."), ["one way", "another way"]) is None


def test_a_reading_means_its_first_part_that_is_true(pack: Pack) -> None:
    late = {"relation": "visits", "where": {"attr": "late", "op": "==", "value": True},
            "within_months": 6}  # fmt: skip
    day = {"attr": "loan.date", "op": ">=", "value": "2027-01-01"}
    maps = {"attr": "loan.topics", "op": "==", "value": "maps"}
    reading = [
        {"if": {"or": [late, {"not": day}]}, "then": {"fee": 9}},
        {"if": maps, "then": {"fee": 1, "notes": ["look", "listen"], "weeks": 3}},
        {"then": {"fee": 2}},
    ]
    rules = intended({"reading": reading}, pack)
    assert rules is not None
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, rules)
    loan = {"date": "2027-02-01", "topics": ["maps"]}
    full = {"fee": 1, "notes": ["listen", "look"], "weeks": 3}
    visit = {"date": "2026-12-01", "late": True}
    for given, expect in (
        ({"loan": loan, "visits": []}, full),
        ({"loan": loan, "visits": [visit]}, {"fee": 9, "notes": None}),
        ({"loan": loan | {"date": "2026-12-31"}, "visits": []}, {"fee": 9}),
        ({"loan": loan | {"topics": []}, "visits": []}, {"fee": 2}),
        ({"loan": loan}, {"fee": None}),
    ):
        assert why_not(version, {"given": given, "expect": expect}) is None
    assert intended({"sentence": "no reading"}, pack) is None


def test_the_readings_of_the_open_set_give_what_its_examples_expect() -> None:
    if not OPEN.exists():
        pytest.skip("the open set is not on this machine")
    pack, texts = read_set(OPEN)
    items = {t.item["id"]: t.item for t in texts}
    for item in items.values():
        rules = intended(item, pack) or RuleSet()
        version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, rules)
        assert [f for e in item["examples"] if (f := why_not(version, e))] == [], item["id"]
