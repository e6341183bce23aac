"""Whatever stands in a file, loading ends in words or in findings with a place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ontology.load import load_code_set, load_ontology
from data.ontology.nearest import did_you_mean, nearest, shown
from data.ontology.plain_yaml import Fields, Items, Text, read_yaml
from data.rulelang.findings import Finding
from data.rulelang.parse import parse
from data.rulelang.render import render_set

TINY = Path(__file__).parents[1] / "packs" / "tiny"
ONTOLOGY = (TINY / "ontology.yaml").read_text()
CODES = (TINY / "codes" / "North.csv").read_text()


def told_with_a_place(findings: list[Finding], text: str) -> None:
    for finding in findings:
        assert finding.message
        line = int(finding.place.rpartition(":")[2])
        assert 1 <= line <= max(1, len(text.splitlines()))


damage = st.one_of(
    st.sampled_from(["", " ", "\n", "\t", ":", "- ", "[", "}", '"', "&a ", "*a", "!x ", "~", "#"]),
    st.text(max_size=3),
    st.sampled_from(re.findall(r"\w+", ONTOLOGY)),
)


@given(st.lists(st.tuples(st.integers(0, len(ONTOLOGY)), st.integers(0, 9), damage), max_size=3))
def test_a_damaged_ontology_never_crashes(hits: list[tuple[int, int, str]]) -> None:
    text = ONTOLOGY
    for start, length, put in hits:
        text = text[:start] + put + text[start + length :]
    ontology, findings = load_ontology(text)
    assert (ontology is None) == bool(findings)
    told_with_a_place(findings, text)


@given(st.lists(st.tuples(st.integers(0, len(CODES)), st.integers(0, 9), damage), max_size=3))
def test_a_damaged_code_set_never_crashes(hits: list[tuple[int, int, str]]) -> None:
    text = CODES
    for start, length, put in hits:
        text = text[:start] + put + text[start + length :]
    code_set, findings = load_code_set(text, "codes/North.csv", ("WA", "BI"))
    assert (code_set is None) == bool(findings)
    told_with_a_place(findings, text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    node, findings = read_yaml(text, "x.yaml")
    assert (node is not None) or findings
    told_with_a_place(findings, text)


@pytest.mark.parametrize("written", ["0010", "12:30", "NO", "1e3", "0x1F", "2026-11-20", "1_000"])
def test_a_scalar_stays_the_text_that_was_written(written: str) -> None:
    node, findings = read_yaml(f"- {written}\n- '{written}'\n- {{k: {written}}}", "x.yaml")
    assert findings == []
    assert isinstance(node, Items)
    plain, quoted, mapping = node.items
    assert isinstance(plain, Text)
    assert isinstance(quoted, Text)
    assert isinstance(mapping, Fields)
    assert plain.value == quoted.value == written
    assert mapping.lines == {"k": 3}


def test_only_unquoted_nothing_is_null() -> None:
    node, _ = read_yaml("[~, null, '', '~', 'null', none]", "x.yaml")
    assert isinstance(node, Items)
    assert [n.is_null for n in node.items if isinstance(n, Text)] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


def test_the_first_line_of_a_block_is_below_its_sign() -> None:
    node, _ = read_yaml("rules: |\n  first\nother: second", "x.yaml")
    assert isinstance(node, Fields)
    assert [n.first_line for n in node.entries.values() if isinstance(n, Text)] == [2, 3]


def test_the_nearest_word_comes_first() -> None:
    assert nearest("familly", ["state", "family", "country"])[0] == "family"
    assert nearest("zzz", ["state", "family"]) == ()
    assert did_you_mean("zzz", [f"w{i}" for i in range(9)]).endswith("`w7`, ...")
    assert did_you_mean("zzz", []) == ""


def test_what_is_shown_is_one_short_line() -> None:
    assert shown("a\nb\u202e\ud800c") == "a b  c"
    assert shown("x" * 100) == "x" * 60 + "..."
    assert [shown(v) for v in (True, None, [1], {})] == ["true", "null", "a list", "an object"]


CHILDREN = """
name: family
title: A family
entities:
  parent:
    attributes:
      age: {type: integer}
  child:
    attributes:
      age: {type: integer}
relations:
  sons_and_daughters: {from: parent, entity: child, label: child, plural: children}
decisions:
  discount: {type: boolean}
"""


def test_what_several_rows_are_called_is_read_from_the_file_and_used_in_rules() -> None:
    ontology, findings = load_ontology(CHILDREN)
    assert ontology and not findings
    assert ontology.relations["sons_and_daughters"].many == "children"
    text = 'rule "x"\n  when       number of children is at least 2\n  then       discount is yes\n'
    parsed = parse(text, ontology, {})
    assert not parsed.findings
    assert "number of children is at least 2" in render_set(parsed.rule_set, ontology)


def test_what_several_rows_are_called_is_no_other_relation_s_word() -> None:
    twice = CHILDREN.replace(
        "decisions:", "  pupils: {from: parent, entity: child, label: children}\ndecisions:"
    )
    _, findings = load_ontology(twice)
    assert [f.code for f in findings] == ["duplicate"]
