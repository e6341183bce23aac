"""What cannot be read is told in the author's words, with what to try, and nothing else is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from data.ontology.load import load_ontology
from data.rulelang.build import MOST_COMPARISONS
from data.rulelang.parse import MOST_DEPTH, Parsed, parse, read_defines
from tests.generators import CODE_SETS

HERE = Path(__file__).parent
BAD: list[dict[str, str]] = yaml.safe_load((HERE / "bad_rules.yaml").read_text())
ONTOLOGY, _ = load_ontology((HERE / "laws_pack.yaml").read_text())


def read(text: str) -> Parsed:
    assert ONTOLOGY
    return parse(text, ONTOLOGY, CODE_SETS, "all.rules")


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad["text"])
def test_bad_rule(bad: dict[str, str]) -> None:
    fine = 'define keen as loud is yes\nrule "fine" when keen is yes then colour is red'
    parsed = read(f'{fine}\nrule "x" {bad["text"]}')
    finding = parsed.findings[0]
    assert (finding.code, finding.severity, finding.rules) == (bad["code"], "error", ("x",))
    assert bad["says"] in finding.message
    assert bad["try"] in finding.suggestion
    assert finding.place == "all.rules:3"
    assert [r.title for r in parsed.rule_set.rules] == ["fine"]


DEFINES = [
    ("define age as loud is yes", "duplicate", "`age` is a fact of this organisation already"),
    ("define past trips as loud is yes", "duplicate", "`past trips` is a relation"),
    ("define Colour as loud is yes", "duplicate", "`Colour` is a decision"),
    ("define no past trip as loud is yes", "duplicate", "`no past trip` is how a condition begins"),
    ("define a as a is no", "parse", "`a` is defined by itself"),
    (
        "define a as b is yes\ndefine b as loud is yes and a is no",
        "parse",
        "`a` and `b` are defined by each other",
    ),
    (
        "define a as loud is yes\ndefine A as loud is no",
        "duplicate",
        "two statements have the title",
    ),
    ("define a", "parse", ""),
    ("define a as", "parse", "stops in the middle"),
    ("define a as any past trip where (b is yes)\ndefine b as loud is yes", "type", "inside"),
]


@pytest.mark.parametrize(("text", "code", "says"), DEFINES, ids=lambda part: str(part))
def test_bad_define(text: str, code: str, says: str) -> None:
    parsed = read(f'{text}\nrule "uses it" when a is yes then colour is red')
    finding = parsed.findings[0]
    assert (finding.code, finding.severity) == (code, "error")
    assert says in finding.message
    if code != "duplicate":
        assert parsed.rule_set.rules == (), "a rule without a meaning is left out"


def test_a_define_of_another_file_may_be_used() -> None:
    assert ONTOLOGY
    defines = read_defines(['rule "y" then colour is red\ndefine a as loud is yes'], ONTOLOGY, {})
    text = 'define b as a is yes\nrule "x" when b is yes then colour is red'
    parsed = parse(text, ONTOLOGY, {}, "", defines)
    assert (parsed.findings, len(parsed.rule_set.rules)) == ((), 1)
    again = parse("define a as b is yes\ndefine b as a is no", ONTOLOGY, {}, "", defines)
    assert "each other" in again.findings[0].message


def test_two_readings_are_both_shown() -> None:
    ontology, _ = load_ontology(
        "name: n\ntitle: N\nentities: {a: {attributes: {b: {type: enum, "
        "values: [ready, not ready]}}}}\ndecisions: {d: {type: boolean}}\n"
    )
    assert ontology
    (finding,) = parse('rule "x" when b is not ready then d is yes', ontology, {}).findings
    assert finding.code == "ambiguous"
    assert '`when b is "not ready"`' in finding.message
    assert '`when b is not "ready"`' in finding.message


@pytest.mark.parametrize("text", ["hello there", '"x"', "rule", 'then colour is red rule "x"'])
def test_what_is_no_rule_is_told(text: str) -> None:
    assert read(text).findings[0].code == "parse"


def test_conditions_are_bounded() -> None:
    deep = "( " * (MOST_DEPTH + 1) + "age is 4" + " )" * (MOST_DEPTH + 1)
    long = " or ".join(["age is 4"] * (MOST_COMPARISONS + 1))
    for condition, words in ((deep, "deep in one another"), (long, "comparisons")):
        (finding,) = read(f'rule "x" when {condition} then colour is red').findings
        assert (finding.code, words in finding.message) == ("parse", True)


def test_what_people_type_otherwise_is_read_alike() -> None:
    plain = read('rule "x" when not ( age is known ) then notes include "Book it" and least is 5')
    other = read(
        "RULE “x”\r\n\twhen Age is not known # since May\r\n"
        "\tthen notes includes “Book it” and least adds 5"
    )
    assert plain.findings == other.findings == ()
    assert plain.rule_set == other.rule_set
