"""A pack loads whole, or says everything that is wrong with it."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from data.packs import load_pack, shipped_packs
from data.rulelang.findings import Finding, InputError

HERE = Path(__file__).parent
TINY = HERE / "tiny"
OPEN_CASES = Path(__file__).parents[3].parent / "shared" / "cases" / "open"
BROKEN = yaml.load((HERE / "broken.yaml").read_text(), yaml.BaseLoader)


def findings_of(folder: str | Path) -> tuple[Finding, ...]:
    with pytest.raises(InputError) as refused:
        load_pack(folder)
    return refused.value.findings


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "pack"))


def break_pack(pack: Path, case: dict[str, str]) -> None:
    path = pack / case.get("file", "ontology.yaml")
    if "remove" in case:
        path.unlink()
    elif "write" in case:
        path.write_text(case["write"])
    else:
        text = path.read_text()
        assert text.count(case["replace"]) == 1, "the case must break exactly one place"
        path.write_text(text.replace(case["replace"], case["by"]))


@pytest.mark.parametrize("case", BROKEN, ids=[c["name"] for c in BROKEN])
def test_a_broken_pack_is_refused_with_the_place_and_what_to_try(
    case: dict[str, str], pack: Path
) -> None:
    break_pack(pack, case)
    findings = findings_of(pack)
    said = [(f.code, f.place, f.message, f.suggestion) for f in findings]
    wanted = [f for f in findings if f.code == case["code"] and case["message"] in f.message]
    assert wanted, said
    assert wanted[0].place == case["place"], said
    assert case.get("suggestion", "") in wanted[0].suggestion, said
    assert len(findings) == int(case.get("count", "1")), said


def test_no_two_cases_have_one_name() -> None:
    names = [case["name"] for case in BROKEN]
    assert sorted(set(names)) == sorted(names)


def test_findings_are_plain_sentences(pack: Path) -> None:
    for case in BROKEN:
        shutil.copytree(TINY, pack, dirs_exist_ok=True)
        break_pack(pack, case)
        for finding in findings_of(pack):
            assert finding.severity == "error"
            assert not finding.message.endswith(".")
            assert finding.message[0] == finding.message[0].lower()


def test_all_findings_are_told_not_only_the_first(pack: Path) -> None:
    for name in ("code twice", "unknown fact", "typo in a rule", "typo in an example"):
        break_pack(pack, next(c for c in BROKEN if c["name"] == name))
    files = {f.place.partition(":")[0] for f in findings_of(pack)}
    assert files >= {
        "codes/North.csv", "scenarios.yaml", "rules/special.rules", "examples.yaml",
    }  # fmt: skip


def test_with_a_broken_ontology_the_other_files_are_still_checked_for_syntax(pack: Path) -> None:
    (pack / "ontology.yaml").write_text("name: [\n")
    (pack / "scenarios.yaml").write_text("- name: [\n")
    assert {f.place.partition(":")[0] for f in findings_of(pack)} == {
        "ontology.yaml", "scenarios.yaml",
    }  # fmt: skip


def test_text_survives_as_written() -> None:
    pack = load_pack(TINY)
    assert list(pack.ontology.attributes["loan.kind"].values) == ["book", "NO", "12:30", "0010"]
    first = pack.scenarios[0]
    assert first.given["branch"]["id"] == "0010"
    assert first.given["loan"]["opened"] == "12:30"
    assert first.given["reader"] == {"age": 40, "member": False, "score": 1.5}


def test_the_words_are_typed() -> None:
    ontology = load_pack(TINY).ontology
    assert ontology.attributes["reader.member"].default is False
    assert ontology.attributes["reader.card"].sensitive == "identifying"
    assert ontology.attributes["reader.score"].min == Decimal("0.5")
    assert (ontology.attributes["loan.tags"].type, ontology.attributes["loan.tags"].of) == (
        "set", "enum",
    )  # fmt: skip
    assert ontology.attributes["loan.marks"].of == "code"
    assert ontology.attributes["past.kind"].label == "kind"
    assert ontology.decisions["shelf"].hit == "single"
    assert ontology.decisions["desk"].hit == "single"
    assert ontology.decisions["helper"].candidates == "clerks"
    assert ontology.scopes is not None
    assert ontology.scopes.levels == ("house", "id")
    assert "past.day" not in [a.path for a in ontology.facts]


def test_every_file_of_a_pack_is_read() -> None:
    pack = load_pack(TINY)
    assert [len(s.codes) for s in pack.code_sets.values()] == [2, 3]
    assert {c.modifiers for s in pack.code_sets.values() for c in s.codes.values()} == {
        ("WA", "BI"), ("WA",),
    }  # fmt: skip
    assert pack.scope_rows == ({"house": "North", "id": "n-1"}, {"house": "South", "id": "s-1"})
    assert pack.rule_places == {
        "Grown readers": "rules/general.rules:2",
        "Long talks": "rules/general.rules:8",
        "Old books": "rules/special.rules:1",
    }
    assert [r.title for r in pack.rule_set.rules] == list(pack.rule_places)
    assert list(pack.rule_files) == ["rules/general.rules", "rules/special.rules"]
    assert [s.name for s in pack.scenarios] == ["a grown reader", "a child"]
    assert pack.scenarios[1].expect == {"shelf": {"status": "undecided"}, "notes": [], "desk": None}
    assert [e.sentence for e in pack.examples] == ["Grown readers find novels on shelf one."]


def test_without_rules_no_rule_text_is_parsed(pack: Path) -> None:
    (pack / "rules" / "special.rules").write_text("nonsense")
    loaded = load_pack(pack, rules=False)
    assert loaded.rule_set.rules == ()
    assert loaded.rule_files["rules/special.rules"] == "nonsense"


def test_scenarios_and_examples_may_be_named_by_their_key(pack: Path) -> None:
    (pack / "scenarios.yaml").write_text("a child: {given: {}, expect: {desk: front}}\n")
    (pack / "examples.yaml").write_text(
        'long talks: |\n  rule "Talk"\n    when member is yes\n    then minutes adds 5\n'
    )
    loaded = load_pack(pack)
    assert loaded.scenarios[0].name == "a child"
    assert loaded.examples[0].sentence == "long talks"


@pytest.mark.parametrize("name", ["branches.csv", "branchs.csv", "branch.csv"])
def test_the_scope_table_may_have_any_plural(pack: Path, name: str) -> None:
    (pack / "branches.csv").rename(pack / name)
    assert len(load_pack(pack).scope_rows) == 2


def test_a_file_that_is_not_utf8_is_a_finding(pack: Path) -> None:
    (pack / "scenarios.yaml").write_bytes(b"- name: a\n- name: caf\xe9\n")
    assert [(f.code, f.place) for f in findings_of(pack)] == [("parse", "scenarios.yaml:2")]


@pytest.mark.parametrize("file", ["scenarios.yaml", "examples.yaml"])
def test_a_file_without_content_holds_no_cases(pack: Path, file: str) -> None:
    (pack / file).write_text("# none yet\n")
    loaded = load_pack(pack)
    assert len(loaded.scenarios) == (0 if file == "scenarios.yaml" else 2)
    assert len(loaded.examples) == (0 if file == "examples.yaml" else 1)


def test_a_byte_order_mark_does_no_harm(pack: Path) -> None:
    for file in ("ontology.yaml", "codes/North.csv"):
        path = pack / file
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_pack(pack).ontology.name == "library"


def test_a_billion_leaves_are_refused_at_the_first_anchor(pack: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 30)]
    (pack / "scenarios.yaml").write_text("\n".join(lines))
    assert [f.message for f in findings_of(pack)] == ["the anchor `&a0` is not allowed"]


def test_an_unknown_name_offers_the_nearest_pack() -> None:
    (finding,) = findings_of("radiolgy")
    assert "`radiolgy`" in finding.message
    assert "`radiology`" in finding.suggestion


def test_a_folder_without_an_ontology_is_told_what_a_pack_is(tmp_path: Path) -> None:
    (finding,) = findings_of(tmp_path)
    assert "no `ontology.yaml`" in finding.message
    assert "`codes/`" in finding.suggestion


def test_a_file_and_a_missing_folder_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("")
    assert "is a file" in findings_of(tmp_path / "x.yaml")[0].message
    assert "no folder" in findings_of(tmp_path / "y")[0].message


@pytest.mark.parametrize("name", shipped_packs())
def test_shipped_packs_load(name: str) -> None:
    assert load_pack(name).rule_set.rules


@pytest.mark.skipif(not OPEN_CASES.is_dir(), reason="the open cases (../shared) are not here")
def test_the_open_cases_load_in_place() -> None:
    pack = load_pack(OPEN_CASES)
    assert len(pack.ontology.attributes) > 100
    assert pack.ontology.decisions["billing_modifier"].values["52"] == ("reduced services",)
    assert pack.ontology.attributes["request.date"].type == "date"
    assert pack.code_sets["metro"].codes["71250"].title == "CT of the chest, no contrast"
    assert pack.ontology.relations["prior_episodes"].date == "date"


def test_a_default_is_parsed_by_its_type(pack: Path) -> None:
    path = pack / "ontology.yaml"
    path.write_text(
        path.read_text().replace(
            "{type: date}\n      opened", "{type: date, default: 2026-01-31}\n      opened"
        )
    )
    assert load_pack(pack).ontology.attributes["loan.date"].default == date(2026, 1, 31)
