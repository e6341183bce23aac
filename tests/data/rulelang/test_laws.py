"""Each law of the language, by its cases in ``laws.yaml``."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.answers import answer
from data.ontology.load import load_ontology
from data.rulelang.ast import RuleSet
from data.rulelang.evaluate import decide
from data.rulelang.parse import parse
from data.rulelang.request import read_request
from data.rulelang.version import Version, make_version
from tests.generators import CODE_SETS

HERE = Path(__file__).parent
LAWS: list[dict[str, Any]] = yaml.safe_load((HERE / "laws.yaml").read_text())
ONTOLOGY, FINDINGS = load_ontology((HERE / "laws_pack.yaml").read_text())


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law["law"])
def test_law(law: dict[str, Any]) -> None:
    assert ONTOLOGY, FINDINGS
    parsed = parse(law["rules"], ONTOLOGY, CODE_SETS)
    assert not parsed.findings, parsed.findings
    for rules in itertools.islice(itertools.permutations(parsed.rule_set.rules), 6):
        rule_set = replace(parsed.rule_set, rules=rules)
        version = make_version(ONTOLOGY, CODE_SETS, tuple(law.get("table", ())), rule_set)
        for case in law["cases"]:
            outcomes = answer(version, case["given"])["outcomes"]
            bare = {n: {k: v for k, v in o.items() if k != "ask"} for n, o in outcomes.items()}
            assert bare == meant(version, case["given"])
            for decision, expected in case["expect"].items():
                found = {k: outcomes[decision].get(k) for k in expected}
                assert found == expected, (case["given"], decision)


def meant(version: Version, given: dict[str, Any]) -> dict[str, Any]:
    """What the reference evaluator says."""
    results = decide(version, read_request(version.ontology, given))
    return {name: result.to_json() for name, result in results.items()}


def test_a_default_is_told() -> None:
    assert ONTOLOGY
    version = make_version(ONTOLOGY, CODE_SETS, (), RuleSet())
    assert answer(version, {})["defaults"] == ["person.member"]
    assert "defaults" not in answer(version, {"person": {"member": False}})
