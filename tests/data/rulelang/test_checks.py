"""Every finding of analysis by its cases in ``checks.yaml``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.ontology.code_set import load_code_set
from data.ontology.load import load_ontology
from data.ontology.model import CodeSet, CodeSets, Ontology
from data.rulelang.analyse import clauses
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.pipeline import PIPELINE
from data.rulelang.analyse.witness import Claim, showing
from data.rulelang.ast import RuleSet
from data.rulelang.check import check, new_findings
from data.rulelang.findings import Finding
from data.rulelang.parse import parse
from data.rulelang.version import Version, make_version

PACK: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "checks.yaml").read_text())
CASES: list[dict[str, Any]] = PACK["cases"]


@cache
def words() -> tuple[Ontology, CodeSets]:
    ontology, wrong = load_ontology(PACK["ontology"])
    assert ontology is not None, wrong
    code_sets: dict[str, CodeSet] = {}
    for name, text in PACK["code_sets"].items():
        code_set, wrong = load_code_set(text, f"{name}.csv", ("WA", "BI"))
        assert code_set is not None, wrong
        code_sets[name] = code_set
    return ontology, code_sets


@cache
def version(rules: str) -> Version:
    ontology, code_sets = words()
    parsed = parse(rules, ontology, code_sets)
    assert not parsed.findings, parsed.findings
    return make_version(ontology, code_sets, tuple(PACK["sites"]), parsed.rule_set)


def told(finding: Finding, expected: dict[str, Any]) -> dict[str, Any]:
    """As much of the finding as the case speaks of."""
    return {name: finding.to_json()[name] for name in expected}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    found = check(version(case["rules"] + case.get("always", PACK["always"])))
    assert len(found) == len(case["findings"]), found
    for finding, expected in zip(found, case["findings"], strict=True):
        assert told(finding, expected) == expected
        assert finding.suggestion
        assert not finding.message.endswith(".")


def test_every_finding_about_requests_has_a_witness() -> None:
    for case in CASES:
        for finding in check(version(case["rules"] + case.get("always", PACK["always"]))):
            about_requests = {"conflict", "gap", "code-set", "shadowed"}
            sure = finding.severity != "note" and finding.code in about_requests
            assert finding.witness or not sure, finding


def test_a_witness_is_the_same_whenever_it_is_looked_at() -> None:
    for case in CASES:
        whole = version(case["rules"] + case.get("always", PACK["always"]))
        backwards = [f.witness for f in reversed(check(whole))]
        assert [f.witness for f in check(whole)] == backwards[::-1]


def test_a_witness_is_worked_out_once_and_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worked_out: list[Claim] = []

    def counted(encoding: Encoding, claim: Claim) -> dict[str, Any] | None:
        worked_out.append(claim)
        return showing(encoding, claim)

    monkeypatch.setattr("data.rulelang.analyse.witness.showing", counted)
    found = check(version('rule "red" then colour is red'))
    assert not worked_out
    assert found[0].witness == replace(found[0], place="here").witness
    assert len(worked_out) == 1


def test_whoever_listens_hears_how_far_it_is() -> None:
    heard: list[tuple[str, float]] = []
    whole = version(PACK["always"])
    assert check(whole, lambda words, done: heard.append((words, done))) == check(whole)
    shares = [done for _, done in heard]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] < 1
    assert [*dict.fromkeys(words for words, _ in heard)] == [words for words, _ in PIPELINE]


def test_another_solver_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [version(case["rules"] + case.get("always", PACK["always"])) for case in CASES]
    before = [check(v) for v in whole]
    monkeypatch.setattr(clauses, "SOLVER", "minisat22")
    assert [check(v) for v in whole] == before


def test_a_rule_that_ends_before_it_begins() -> None:
    whole = version(PACK["always"])
    rule = replace(whole.rule_set.rules[0], start=date(2027, 1, 2), until=date(2027, 1, 1))
    backwards = RuleSet((*whole.rule_set.rules, replace(rule, title="backwards")))
    made = make_version(whole.ontology, whole.code_sets, whole.scope_rows, backwards)
    assert [f.message for f in check(made)] == ["`backwards` ends before it begins"]


def test_what_a_change_adds_is_told_alone() -> None:
    two = 'rule "loud" when loud is yes then colour is red\n' \
          'rule "old" when age is at least 65 then colour is blue\n'  # fmt: skip
    third = 'rule "calm" when loud is no and weight is at least 100 then colour is green\n'
    before, after = version(two + PACK["always"]), version(two + third + PACK["always"])
    first, then = check(before), check(after)
    assert [f.rules for f in then] == [("calm", "old"), ("loud", "old")]
    assert [f.rules for f in new_findings(first, then)] == [("calm", "old")]
    assert new_findings(first, first) == []
    assert new_findings(then, first) == []


def test_a_text_may_name_the_code_set() -> None:
    text = PACK["ontology"].replace(
        "family: {type: enum, values: {North: [], South: []}}", "family: {type: text}"
    )
    ontology, wrong = load_ontology(text)
    assert ontology is not None, wrong
    _, sets = words()
    rules = parse('rule "one" then procedure code is N1' + "\n" + PACK["always"], ontology, sets)
    found = check(make_version(ontology, sets, (), rules.rule_set))
    assert [f.message for f in found] == [
        "`one` gives code `N1`, which code set `South` does not have"
    ]


def test_a_required_decision_without_any_rule_is_all_gap() -> None:
    found = check(version('rule "red" then colour is red'))
    assert [f.message for f in found] == [
        f"no request where `exam` is `{exam}` has a rule for `urgency`"
        for exam in ("scan", "visit", "x-ray")
    ]
    assert [f.witness for f in found] == [
        {"visit": {"exam": exam}} for exam in ("scan", "visit", "x-ray")
    ]


def test_very_many_conflicts_are_told_in_part() -> None:
    rules = "".join(
        f'rule "rule {n}" when weight is at least {n} and age is at most {n} '
        f'then advice include "x" and colour is {("red", "blue")[n % 2]}\n'
        for n in range(1, 15)
    )
    *listed, last = [f for f in check(version(rules + PACK["always"])) if f.code == "conflict"]
    assert (len(listed), last.rules) == (20, ())
    assert "more than 20" in last.message
