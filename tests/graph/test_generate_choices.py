"""Made-up requests of rules that choose: one candidate on each side of what the rule says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.packs.load import load_pack
from data.rulelang.ast import Narrow, Rule
from data.rulelang.evaluate import decide_one
from data.rulelang.request import read_request
from data.rulelang.version import Version, make_version
from graph.generate import Trial, trials
from graph.words import result_words

PACK = load_pack("issues")
CHOOSING = [r for r in PACK.rule_set.rules if any(o.decision == "assignee" for o in r.then)]
SHOWS_NOTHING = {"Nobody over their limit"}
"""Who has more open issues stands behind by another rule already."""


def versions(rule: Rule) -> tuple[Version, Version]:
    rules = tuple(r for r in PACK.rule_set.rules if r != rule)
    before, after = (
        make_version(PACK.ontology, PACK.code_sets, PACK.scope_rows, s)
        for s in (replace(PACK.rule_set, rules=rules), PACK.rule_set)
    )
    return before, after


def tried(rule: Rule) -> tuple[Trial, ...]:
    return trials(*versions(rule), (rule,))


@pytest.mark.parametrize("rule", CHOOSING, ids=lambda r: r.title)
def test_each_rule_is_tried_on_two_candidates_and_nothing_stays_open(rule: Rule) -> None:
    before, after = versions(rule)
    made = trials(before, after, (rule,))
    assert len(made) >= 2
    assert rule.title in SHOWS_NOTHING or any(t.before != t.after for t in made)
    for trial in made:
        assert len(trial.rows["engineers"]) == 2
        request = read_request(PACK.ontology, trial.to_json()["given"])
        said = [result_words(decide_one(v, request, "assignee").to_json()) for v in (before, after)]
        assert [trial.before, trial.after] == said
        assert not any(s.startswith("open") for s in said)


def one(title: str) -> Rule:
    return next(r for r in CHOOSING if r.title == title)


def test_one_is_dropped_and_one_stays() -> None:
    first, *_ = tried(one("Ledger core stays in-house"))
    assert first.words == "engineer-a (company external) and engineer-b (own staff) at ledger-core"
    assert (first.why, first.before, first.after) == (
        "what the rule says",
        "engineer-a",
        "engineer-b",
    )
    elsewhere = next(t for t in tried(one("Ledger core stays in-house")) if "repository" in t.why)
    assert elsewhere.before == elsewhere.after == "engineer-a"


def test_a_measure_is_tried_one_better_and_alike() -> None:
    better, alike, *_ = tried(one("Fewest open issues first"))
    counts = [[r["engineer.open_issues"] for r in t.rows["engineers"]] for t in (better, alike)]
    assert counts[0][0] == counts[0][1] + 1  # type: ignore[operator]
    assert counts[1][0] == counts[1][1]
    assert (better.before, better.after) == ("engineer-a", "engineer-b")
    assert alike.before == alike.after


def test_the_limit_in_a_condition_on_candidates_is_tried() -> None:
    shown = {t.why: t for t in tried(one("Ledger: experience with invoices"))}
    beyond = shown["engineer beyond the limit of issues resolved here"]
    assert {r["engineer.resolved"] for r in beyond.rows["engineers"]} == {9}
    assert beyond.before == beyond.after


def test_the_one_who_is_named_is_among_them() -> None:
    first, *_ = tried(one("Translations go to mara"))
    assert first.after == "mara-lindt" != first.before


def test_identifying_facts_of_candidates_are_never_told() -> None:
    rule = one("The team that owns it")
    outcome = rule.then[0]
    assert isinstance(outcome, Narrow)
    login = replace(PACK.ontology.attributes["engineer.login"], sensitive="identifying")
    attributes = {**PACK.ontology.attributes, "engineer.login": login}
    masked = replace(PACK.ontology, attributes=attributes)
    before, after = (replace(v, ontology=masked) for v in versions(rule))
    first, *_ = trials(before, after, (rule,))
    assert "engineer-a" not in first.words
    assert "an engineer (team platform)" in first.words
