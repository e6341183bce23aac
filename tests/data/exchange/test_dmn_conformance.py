"""The public DMN conformance cases, used where they lie: nothing of them is copied in here.

A decision that other tables read is a fact here; its answer is passed on, as a caller would. Where
the model works it out in a way that rules cannot say, the test file's own answer is passed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import parse as parse_xml

from data.exchange.dmn.load import Imported, load_dmn
from data.rulelang.ast import Include
from data.rulelang.check import check
from data.rulelang.evaluate import decide
from data.rulelang.request import read_request
from data.rulelang.version import Version, make_version

FOLDER = Path(__file__).parents[4] / "shared" / "cases" / "dmn"
CASES: list[dict[str, Any]] = (
    json.loads((FOLDER / "cases.json").read_text()) if (FOLDER / "cases.json").is_file() else []
)
OVERLAPPING = {"A-1-input-005", "A-1-input-006"}
"""Cases of two tables with overlapping rows: they are reported, and not decided that way."""
ORDERED = ("RULE ORDER", "OUTPUT ORDER")

pytestmark = pytest.mark.skipif(
    not CASES, reason="the DMN cases (../shared/cases/dmn) are not on this machine"
)


def overlaps(case: Mapping[str, Any]) -> bool:
    return any(case["id"].startswith(name) for name in OVERLAPPING)


def named(case: Mapping[str, Any]) -> str:
    return str(case["id"])


@cache
def model(file: str) -> tuple[Imported, Version]:
    found = load_dmn((FOLDER / file.removeprefix("TestCases/")).read_bytes())
    return found, make_version(found.ontology, {}, (), found.rule_set)


@cache
def told(file: str, case_id: str) -> dict[str, Any]:
    """The answers that a test file gives for a case and its like, by decision; values only."""
    path = FOLDER / file.removeprefix("TestCases/")
    if path.suffix != ".xml":
        return {}
    cases = [c for c in parse_xml(path).iter() if c.tag.endswith("}testCase")]
    mine = next(c for c in cases if c.get("id") == case_id)
    found: dict[str, Any] = {}
    for node in (n for c in cases if inputs(c) == inputs(mine) for n in c):
        texts = [v.text or "" for v in node.iter() if v.tag.endswith("}value")]
        if node.tag.endswith("}resultNode") and len(texts) == 1:
            found[str(node.get("name"))] = {"true": True, "false": False}.get(texts[0], texts[0])
    return found


def inputs(case: Any) -> list[str]:
    """What a case of a test file asks about, to tell whether another asks the same."""
    nodes = (n for n in case if n.tag.endswith("}inputNode"))
    return ["".join("".join(n.itertext()).split()) for n in nodes]


def flat(given: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def answered(case: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What ``decide`` answers, each answer passed on to the tables that read it."""
    found, version = model(case["model_file"])
    readable = {fact.source for fact in found.ontology.facts}
    given = dict(flat(case["input_data"]))
    elsewhere = told(case["test_file"], case["case_id"])
    while True:
        results = decide(version, read_request(found.ontology, request(found, given)))
        shown = {name: result.to_json() for name, result in results.items()}
        ours = {
            name: value
            for name, outputs in found.outputs.items()
            if (value := shown[next(iter(outputs.values()))].get("value")) is not None
        }
        new = {n: v for n, v in ours.items() if n in readable - given.keys()}
        if not new:
            new = {n: v for n, v in elsewhere.items() if n in readable - given.keys()}
        new.pop(case["decision"], None)
        if not new:
            return shown
        given |= new


def request(found: Imported, given: Mapping[str, Any]) -> dict[str, Any]:
    """The request in the pack's own words."""
    made: dict[str, Any] = {}
    for fact in found.ontology.facts:
        if fact.source in given:
            made.setdefault(fact.entity, {})[fact.name] = given[fact.source]
    return made


def rows(found: Imported, outputs: Mapping[str, str], shown: Mapping[str, Any]) -> list[Any]:
    """The list a table answers: what each rule gave, in the order of their titles."""
    listed: list[Any] = []
    for title in shown[next(iter(outputs.values()))]["rules"]:
        rule = found.rule_set.rule(title)
        assert rule is not None
        said = {o.decision: o.value for o in rule.then if isinstance(o, Include)}
        row = {output: said[decision] for output, decision in outputs.items()}
        listed.append(next(iter(row.values())) if len(row) == 1 else row)
    return listed


@pytest.mark.parametrize("case", [c for c in CASES if not overlaps(c)], ids=named)
def test_every_expected_result_is_met(case: Mapping[str, Any]) -> None:
    found, _ = model(case["model_file"])
    outputs, shown, expected = found.outputs[case["decision"]], answered(case), case["expected"]
    if isinstance(expected, list):
        listed = rows(found, outputs, shown)
        assert listed == expected or (
            case_policy(case) not in ORDERED
            and sorted(map(str, listed)) == sorted(map(str, expected))
        )
        return
    wanted = expected if isinstance(expected, dict) else {next(iter(outputs)): expected}
    for output, value in wanted.items():
        answer = shown[outputs[output]]
        assert (answer["status"], answer["value"]) == ("decided", value)


def case_policy(case: Mapping[str, Any]) -> str:
    path = FOLDER / str(case["model_file"]).removeprefix("TestCases/")
    decisions = (d for d in parse_xml(path).iter() if d.get("name") == case["decision"])
    tables = (t for d in decisions for t in d if t.tag.endswith("}decisionTable"))
    return next((str(t.get("hitPolicy", "UNIQUE")) for t in tables), "UNIQUE")


@pytest.mark.parametrize("case", [c for c in CASES if overlaps(c)], ids=named)
def test_overlapping_rows_are_reported(case: Mapping[str, Any]) -> None:
    """One table of each kind: a conflict where one answer is wanted, a warning where all count."""
    found, version = model(case["model_file"])
    (decision,) = found.outputs[case["decision"]].values()
    answer = answered(case)[decision]
    if found.ontology.decisions[decision].hit == "single":
        assert answer["status"] == "conflict"
        assert {"conflict", "gap"} <= {f.code for f in check(version) if f.severity == "error"}
    else:
        assert answer["value"] != case["expected"]
        assert any("exactly 16" in f.message for f in found.findings)


def test_the_cases_are_all_there() -> None:
    assert (len(CASES), sum(map(overlaps, CASES))) == (77, 4)
