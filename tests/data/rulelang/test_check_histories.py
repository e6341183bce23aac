"""Findings about rules that look at lists and compare facts: going through every request agrees."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from data.rulelang.ast import RuleSet
from data.rulelang.cells import applicability
from data.rulelang.check import check
from data.rulelang.evaluate import decide_one
from data.rulelang.kleene import condition_value
from data.rulelang.request import Request, read_request
from data.rulelang.version import Version, make_version
from tests.histories import ONTOLOGY, complete, rule_sets

EVERY = list(complete(Request({}, {})))
brute = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def version_of(rule_set: RuleSet) -> Version:
    return make_version(ONTOLOGY, {}, (), rule_set)


def keys(version: Version) -> list[Any]:
    return [decide_one(version, r, "room").key for r in EVERY]


def applies(version: Version, title: str, request: Request) -> bool | None:
    rule = version.rule_set.rule(title)
    assert rule is not None
    condition = applicability(ONTOLOGY, rule)
    return condition_value(condition, request.given, request, ONTOLOGY)


@brute
@given(rule_sets())
def test_each_finding_is_there_exactly_where_a_request_shows_it(rule_set: RuleSet) -> None:
    version = version_of(rule_set)
    found = check(version)
    told = {f.code for f in found}
    answers = keys(version)
    assert ("conflict" in told) == any(status == "conflict" for status, _ in answers)
    assert ("gap" in told) == any(status == "no_rule" for status, _ in answers)
    never = {f.rules[0] for f in found if f.code == "never-applies"}
    dead = never | {f.rules[0] for f in found if f.code == "shadowed"}
    redundant = {f.rules[0] for f in found if f.code == "redundant"}
    for rule in rule_set.rules:
        met = any(applies(version, rule.title, r) for r in EVERY)
        assert (rule.title in never) == (not met)
        rest = tuple(r for r in rule_set.rules if r is not rule)
        without = Version(ONTOLOGY, {}, (), RuleSet(rest), version.edges, "")
        if rule.title not in dead:
            assert (rule.title in redundant) == (keys(without) == answers)


@brute
@given(rule_sets())
def test_every_witness_shows_its_finding(rule_set: RuleSet) -> None:
    version = version_of(rule_set)
    for finding in check(version):
        if finding.witness is not None:
            request = read_request(ONTOLOGY, finding.witness)
            result = decide_one(version, request, "room")
            if finding.code in ("conflict", "gap"):
                assert result.status == {"conflict": "conflict", "gap": "no_rule"}[finding.code]
            for title in finding.rules:
                assert applies(version, title, request) is True


@brute
@given(rule_sets())
def test_what_lies_inside_what(rule_set: RuleSet) -> None:
    version = version_of(rule_set)
    titles = [r.title for r in rule_set.rules]
    said = {r.title: r.then for r in rule_set.rules}
    met = {t: {i for i, r in enumerate(EVERY) if applies(version, t, r)} for t in titles}
    for one in titles:
        for other in titles:
            if said[one] != said[other] and met[one] and met[other]:
                assert ((one, other) in version.edges.inside) == (met[one] < met[other])
                assert ((one, other) in version.edges.equal) == (met[one] == met[other])
