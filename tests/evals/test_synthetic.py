"""Sentences made from random rules come back as the same rules, or as a question."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from app.cli import main
from data.packs.load import load_pack
from data.rulelang.ast import RuleSet
from data.rulelang.parse import parse
from data.rulelang.render import render_set
from evals.synthetic.export import HELD_BACK, TRAIN, export
from evals.synthetic.plans import SHAPES, Words
from evals.synthetic.round_trip import means_the_same, pairs
from graph.drafters.grammar import GrammarDrafter

PACKS = ("radiology", "issues")


@pytest.mark.parametrize("name", PACKS)
def test_no_sentence_becomes_another_rule(name: str) -> None:
    found = list(pairs(load_pack(name, rules=False), GrammarDrafter(), seed=11, plans=100, each=2))
    assert [p.sentence for p in found if p.verdict == "different"] == []
    counts = Counter(p.verdict for p in found)
    assert counts["same"] > 0.85 * len(found) > 80


@pytest.mark.parametrize("name", PACKS)
def test_plans_are_well_formed_and_of_every_shape(name: str) -> None:
    pack = load_pack(name, rules=False)
    words = Words(pack.ontology, pack.code_sets, pack.scope_rows)
    plans = list(words.plans(Random(5), 100))
    assert {p.shape for p in plans} == set(SHAPES)
    for plan in plans:
        text = render_set(RuleSet(plan.rules), pack.ontology)
        read = parse(text, pack.ontology, pack.code_sets, "")
        assert not [f for f in read.findings if f.severity == "error"], text
        assert read.rule_set.rules == plan.rules


def test_a_changed_number_is_another_meaning() -> None:
    pack = load_pack("radiology", rules=False)
    text = 'rule "a"\n  when patient age is at least {}\n  then prior authorization is yes'
    one, other = (
        parse(text.format(n), pack.ontology, pack.code_sets, "").rule_set.rules for n in (40, 41)
    )
    assert means_the_same(pack, one, one)
    assert not means_the_same(pack, one, other)


def test_nothing_identifying_is_said() -> None:
    pack = load_pack("radiology", rules=False)
    hidden = {a.label for a in pack.ontology.attributes.values() if a.sensitive}
    found = pairs(pack, GrammarDrafter(), seed=3, plans=60, each=1)
    assert hidden
    assert not [p for p in found if any(label in p.sentence for label in hidden)]


def test_pairs_are_written_as_conversations_with_a_card(tmp_path: Path) -> None:
    pack = load_pack("issues", rules=False)
    found = list(pairs(pack, GrammarDrafter(), seed=2, plans=40, each=2))
    kept = export(found, pack, tmp_path, seed=2)
    sides = [(tmp_path / name).read_text("utf-8").splitlines() for name in (TRAIN, HELD_BACK)]
    assert kept == sum(map(len, sides)) == sum(p.verdict == "same" for p in found)
    assert all(sides)
    rules = [[json.loads(line)["messages"][2]["content"] for line in side] for side in sides]
    assert not set(rules[0]) & set(rules[1])
    for line in sides[0]:
        system, said, answer = json.loads(line)["messages"]
        assert [m["role"] for m in (system, said, answer)] == ["system", "user", "assistant"]
        text = json.loads(answer["content"])["readings"][0]["rules"]
        assert not parse(text, pack.ontology, pack.code_sets, "").findings
    assert f"{kept} conversations" in (tmp_path / "README.md").read_text("utf-8")


def test_the_command_prints_a_table_and_writes_the_pairs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "pairs")
    assert main(["eval", "sentences", "issues", "--count", "21", "--out", out]) == 0
    said = capsys.readouterr().out
    assert "| all |" in said
    assert (tmp_path / "pairs" / TRAIN).exists()
