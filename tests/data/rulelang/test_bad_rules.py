"""What cannot be read is told in the author's words, with what to try, and nothing else is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from data.ontology.load import load_ontology
from data.rulelang.build import MOST_COMPARISONS
from data.rulelang.parse import MOST_DEPTH, Parsed, parse
from tests.generators import CODE_SETS

HERE = Path(__file__).parent
BAD: list[dict[str, str]] = yaml.safe_load((HERE / "bad_rules.yaml").read_text())
ONTOLOGY, _ = load_ontology((HERE / "laws_pack.yaml").read_text())


def read(text: str) -> Parsed:
    assert ONTOLOGY
    return parse(text, ONTOLOGY, CODE_SETS, "all.rules")


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad["text"])
def test_bad_rule(bad: dict[str, str]) -> None:
    parsed = read(f'rule "fine" then colour is red\n\nrule "x" {bad["text"]}')
    finding = parsed.findings[0]
    assert (finding.code, finding.severity, finding.rules) == (bad["code"], "error", ("x",))
    assert bad["says"] in finding.message
    assert bad["try"] in finding.suggestion
    assert finding.place == "all.rules:3"
    assert [r.title for r in parsed.rule_set.rules] == ["fine"]


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
