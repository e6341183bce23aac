"""The command line, as a person or a program uses it."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import main

PACK = """
name: library
title: A lending library
entities:
  reader: {attributes: {age: {type: integer, min: 0, max: 120}}}
  loan: {attributes: {kind: {type: enum, values: {book: [], film: []}}}}
decisions:
  days: {type: integer, label: loan days, hit: single, required: true, gap_by: loan.kind, min: 1}
"""
CLEAN = """
rule "books" when kind is book then loan days is 28
rule "films" when kind is film then loan days is 7
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "ontology.yaml").write_text(PACK)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    status = main([str(a) for a in arguments])
    return status, capsys.readouterr().out


def checked(capsys: pytest.CaptureFixture[str], pack: Path) -> tuple[int, list[dict[str, Any]]]:
    status, out = run(capsys, "check", pack, "--json")
    return status, json.loads(out)["findings"]


def test_a_clean_pack_exits_0(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN)
    assert checked(capsys, pack) == (0, [])


def test_a_gap_exits_1_with_a_request_that_shows_it(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN.splitlines()[1])
    status, findings = checked(capsys, pack)
    assert status == 1
    assert [(f["code"], f["witness"]) for f in findings] == [("gap", {"loan": {"kind": "film"}})]


def test_a_conflict_is_placed_in_its_file(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = CLEAN + '\nrule "old" when reader age is at least 60 then loan days is 60\n'
    (pack / "rules" / "all.rules").write_text(more.replace("reader age", "age"))
    status, findings = checked(capsys, pack)
    conflicts = [f for f in findings if f["code"] == "conflict"]
    assert status == 1
    assert {f["place"].rpartition(":")[0] for f in conflicts} == {"rules/all.rules"}
    assert all(f["witness"]["reader"]["age"] >= 60 for f in conflicts)


def test_a_typo_is_told_with_the_nearest_word(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN.replace("film", "flim"))
    status, out = run(capsys, "check", pack)
    assert status == 1
    assert "rules/all.rules:3" in out
    assert "did you mean `film`?" in out


def test_a_pack_nobody_has_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    status, out = run(capsys, "check", "radiologie")
    assert status == 1
    assert "`radiology`" in out


def test_decide_answers_every_line_in_its_place(
    pack: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN)
    first = '{"loan": {"kind": "book"}, "id": "L-1"}'
    lines = [first, "{}", "nonsense", "[]", '{"loan": {"kind": "bok"}}', ""]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
    status, out = run(capsys, "decide", pack)
    answers = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert len(answers) == len(lines)
    assert answers[0]["outcomes"]["days"]["value"] == 28
    assert [next(iter(a)) for a in answers[:2]] == ["id", "version"] and answers[0]["id"] == "L-1"
    assert answers[1]["outcomes"]["days"] == {
        "status": "undecided",
        "possible": [7, 28],
        "needs": ["loan.kind"],
        "ask": "loan.kind",
    }
    assert all(a["error"]["message"] and a["error"]["help"] for a in answers[2:])


def test_decide_by_what_is_deployed_says_where_nothing_is(
    pack: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RULEWRIGHT_VAR", str(pack / "nowhere"))
    status, out = run(capsys, "decide", pack, "--env", "production")
    assert status == 1
    assert "nothing is installed here yet" in out
    status, out = run(capsys, "decide", pack, "--env", "prodction")
    assert "did you mean `production`?" in out


def test_the_language_shows_the_organisations_own_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out = run(capsys, "language", "radiology")
    assert status == 0
    assert '"screening mammogram"i' in out
    assert "IS_AT_LEAST" in out


def test_draft_goes_up_to_the_confirmation_and_saves_nothing(
    pack: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN)
    before = sorted(p.name for p in pack.rglob("*"))
    monkeypatch.chdir(pack)
    sentences = [
        "When the reader's age is over 65 and the kind is book, the loan days are 60.",
        "When the gizmo is on, the loan days are 60.",
        "",
    ]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(sentences) + "\n"))
    status, out = run(capsys, "draft", pack, "--json")
    drafted, asked, refused = (json.loads(line) for line in out.splitlines())
    assert status == 1
    assert drafted["status"] == "drafted"
    assert "age is more than 65" in drafted["rules"][0]
    assert "loan.kind=book" in drafted["retrieved"]
    assert drafted["tests"]["generated"]
    assert asked["status"] == "question"
    assert "gizmo" in asked["unplaced"]
    assert asked["question"]["text"]
    assert refused["status"] == "refused"
    assert sorted(p.name for p in pack.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("RULEWRIGHT_PORT", "abc", "valid integer"),
        ("RULEWRIGHT_PORT", "80999", "65535"),
        ("RULEWRIGHT_SECRET", "changeme", "random characters"),
        ("RULEWRIGHT_CHAT_MODEL", "some-model", "RULEWRIGHT_CHAT_MODEL_URL"),
        ("RULEWRIGHT_PACK", "radiologie", "`radiology`"),
        ("RULEWRIGHT_STORE_URL", "mysql://x", "SQLite or PostgreSQL"),
    ],
)
def test_a_wrong_setting_is_told_in_words(
    name: str,
    value: str,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RULEWRIGHT_VAR", str(tmp_path / "var"))
    monkeypatch.setattr("app.serve._free", lambda host, port: True)
    monkeypatch.setenv(name, value)
    status = main(["serve"])
    told = capsys.readouterr()
    assert status == 1
    assert words in told.out + told.err


HEAVY = ("chainlit", "fastapi", "langgraph", "langchain_core", "mlflow", "chromadb", "sqlalchemy")


@pytest.mark.parametrize("command", ["check", "decide", "language"])
def test_small_commands_load_no_large_library(command: str) -> None:
    script = (
        f"import sys; from app.cli import main; main(['{command}', 'radiology']);"
        f"print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], input="", capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "LOADED []"


def test_two_packs_that_say_the_same_do_not_differ(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN)
    other = copied(pack, tmp_path / "other", CLEAN.replace("28", "28\n# the same"))
    assert run(capsys, "diff", pack, other) == (
        0,
        "Every request gets the same answers: this is proven.\n",
    )


def test_a_difference_exits_1_and_shows_a_request(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN)
    other = copied(pack, tmp_path / "other", CLEAN.replace("is 28", "is 21"))
    status, out = run(capsys, "diff", pack, other)
    assert status == 1
    assert "28      21     kind is book" in out
    status, out = run(capsys, "diff", pack, other, "--json")
    (change,) = json.loads(out)["changes"]
    assert status == 1
    assert change["witness"] == {"loan": {"kind": "book"}}
    assert (change["before"]["value"], change["after"]["value"]) == (28, 21)


def test_a_pack_that_cannot_be_read_is_no_difference(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN)
    status, out = run(capsys, "diff", pack, "no such pack")
    assert status == 2
    assert "no such pack" in out


def copied(pack: Path, to: Path, rules: str) -> Path:
    shutil.copytree(pack, to, ignore=shutil.ignore_patterns("other"))
    (to / "rules" / "all.rules").write_text(rules)
    return to


def test_explain_says_what_led_to_it_and_what_would_have_given_another(
    pack: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN)
    monkeypatch.setattr("sys.stdin", io.StringIO('{"loan": {"kind": "book"}}\n[1]\n'))
    status, out = run(capsys, "explain", pack, "--why-not", "days=7", "--why-not", "days=9")
    told, wrong = map(json.loads, out.splitlines())
    assert status == 0 and wrong["error"]["code"] == "type"
    days = told["outcomes"]["days"]
    assert (days["result"]["value"], days["facts"]) == (28, {"loan.kind": "book"})
    seven, nine = told["why_not"]
    assert seven["change"] == {"loan": {"kind": "film"}} and seven["result"]["value"] == 7
    assert (nine["change"], nine["complete"]) == (None, True)


def test_why_not_another_candidate_names_who_drops_them_and_what_would_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engineers = [{"login": "ann", "team": "web", "skills": ["Go"], "open_issues": 2},
                 {"login": "bob", "team": "data", "skills": ["Go"], "open_issues": 1}]  # fmt: skip
    issue = {"kind": "question", "severity": "high", "team": "web", "points": 3, "areas": [],
             "customer": "business", "personal_data": False, "good_first_issue": False,
             "regression": False, "opened": "2026-11-20"}  # fmt: skip
    asked = {"issue": issue, "repository": {"id": "pulse-web"}, "engineers": engineers}
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{json.dumps(asked)}\n"))
    status, out = run(capsys, "explain", "issues", "--why-not", "assignee=Bob")
    told = json.loads(out)
    assert status == 0 and told["outcomes"]["assignee"]["result"]["value"] == "ann"
    (found,) = told["why_not"]
    assert found["wanted"] == "bob" and found["dropped_by"] == ["The team that owns it"]
    assert found["complete"] and found["result"]["value"] == "bob"
    changed = [(entity, name) for entity, facts in found["change"].items() for name in facts]
    assert len(changed) == 1
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{json.dumps(asked)}\n"))
    _, out = run(capsys, "explain", "issues", "--why-not", "assignee=bop")
    assert "bob" in json.loads(out)["error"]["help"]


def test_adequacy_asks_about_requests_that_no_scenario_is_like(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pack / "rules" / "all.rules").write_text(CLEAN)
    scenario = "- {name: a book, given: {loan: {kind: book}}, expect: {days: 28}}\n"
    (pack / "scenarios.yaml").write_text(scenario)
    status, out = run(capsys, "adequacy", pack, "--json")
    found = json.loads(out)
    assert status == 0 and found["killed"] > 0 and found["survived"] > 0
    (asked,) = found["questions"]
    assert asked["request"] == {"loan": {"kind": "film"}}
    assert {n["rule"] for n in asked["notices"]} == {"films"}
    more = "- {name: a film, given: {loan: {kind: film}}, expect: {days: 7}}\n"
    (pack / "scenarios.yaml").write_text(scenario + more)
    assert json.loads(run(capsys, "adequacy", pack, "--json")[1])["score"] == 1
    status, out = run(capsys, "adequacy", pack, "--rule", "books")
    assert out.startswith("Your scenarios notice ") and "(100%)" in out
