"""What cases would not notice: seeded slips, and every verdict against all requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.ontology.load import load_ontology
from data.ontology.model import Value
from data.rulelang.analyse.adequacy import Adequacy, Case, adequacy
from data.rulelang.analyse.mutants import Mutant, mutants
from data.rulelang.ast import Compare, Count, Not, Since
from data.rulelang.evaluate import decide, decide_one
from data.rulelang.parse import parse
from data.rulelang.request import Request, read_request
from data.rulelang.version import Version, make_version
from tests.data.rulelang.test_check_brute import every, version_of
from tests.generators import World, requests, worlds

WORDS = """
name: desk
title: A desk
date: job.day
entities:
  job:
    attributes:
      day: {type: date}
      size: {type: integer, min: 0, max: 9}
      kind: {type: enum, values: {letter: [], parcel: [], crate: []}}
      fragile: {type: boolean}
decisions:
  lane: {type: enum, values: {fast: [], slow: [], hand: []}}
"""
RULES = """
rule "usual" then lane is slow
rule "small" when size is at most 3 and kind is one of letter, parcel unless fragile is yes
  then lane is fast
"""


def desk() -> Version:
    ontology, findings = load_ontology(WORDS)
    assert ontology, findings
    parsed = parse(RULES, ontology, {})
    assert not parsed.findings
    return make_version(ontology, {}, (), parsed.rule_set)


def case(version: Version, name: str, **job: object) -> Case:
    return Case(name, read_request(version.ontology, {"job": job}), ("lane",))


def slips(version: Version, title: str) -> list[Mutant]:
    rule = version.rule_set.rule(title)
    assert rule is not None
    return list(mutants(version.ontology, version.rule_set, rule))


def without(version: Version, mutant: Mutant) -> Version:
    """The version with the slip in it, made from scratch."""
    rest = tuple(r for r in version.rule_set.rules if r.title != mutant.rule)
    rules = (*rest, mutant.mutated) if mutant.mutated else rest
    return make_version(
        version.ontology, version.code_sets, version.scope_rows,
        replace(version.rule_set, rules=rules),
    )  # fmt: skip


def test_a_rule_has_the_slips_an_author_may_make() -> None:
    version = desk()
    found = slips(version, "small")
    said = {m.kind: [x for x in found if x.kind == m.kind] for m in found}
    size = Compare("job.size", "is at most", 3)
    assert {m.after for m in said["threshold"]} == {
        Compare("job.size", "is at most", 2), Compare("job.size", "is at most", 4)
    }  # fmt: skip
    assert len(said["value"]) == 2 and len(said["and or"]) == 1 and len(said["rule"]) == 1
    assert Not(Compare("job.fragile", "is", True)) in {m.before for m in said["part"]}
    assert size in {m.before for m in said["part"]}
    assert "operator" in said and len({m.mutated for m in found}) == len(found)


def test_cases_at_both_sides_of_a_limit_notice_that_it_moved() -> None:
    version = desk()
    inside = case(version, "inside", size=3, kind="letter", fragile=False)
    outside = case(version, "outside", size=4, kind="letter", fragile=False)
    one = adequacy(version, [inside], ["small"])
    both = adequacy(version, [inside, outside], ["small"])
    limits = [m.after for m in one.survivors if m.kind == "threshold"]
    assert limits == [Compare("job.size", "is at most", 4)]
    assert not [m for m in both.survivors if m.kind == "threshold"]
    assert both.killed > one.killed > 0


def test_answering_every_question_leaves_nothing_unnoticed() -> None:
    version = desk()
    first = adequacy(version, [])
    assert first.killed == 0 and first.score == 0 and first.questions
    asked = [Case(str(i), q.request, (q.decision,)) for i, q in enumerate(first.questions)]
    then = adequacy(version, asked)
    assert (then.score, then.survivors, then.questions) == (1, (), ())
    assert len(first.questions) < len(first.survivors)
    assert len(first.questions[0].notices) >= len(first.questions[-1].notices)


def test_it_stops_when_told_and_says_what_it_did_not_look_at() -> None:
    version = desk()
    whole = sum(len(slips(version, t)) for t in ("usual", "small"))
    stopped = adequacy(version, [], go_on=lambda done: done < 0.5)
    looked = stopped.killed + len(stopped.survivors) + stopped.equivalent + stopped.unsettled
    assert 0 < stopped.unlooked == whole - looked


@st.composite
def cased(draw: st.DrawFn) -> tuple[World, list[dict[str, Value]]]:
    world = draw(worlds(most=3))
    return world, draw(st.lists(requests(world.ontology), max_size=3))


def keys(version: Version, facts: Mapping[str, Value]) -> dict[str, object]:
    return {n: r.key for n, r in decide(version, Request(facts, {})).items()}


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cased())
def test_each_verdict_is_the_one_that_all_requests_give(
    drawn: tuple[World, list[dict[str, Value]]],
) -> None:
    world, given_facts = drawn
    version = version_of(world)
    decisions = tuple(version.ontology.decisions)
    cases = [Case(str(i), Request(f, {}), decisions) for i, f in enumerate(given_facts)]
    title = version.rule_set.rules[0].title
    found = adequacy(version, cases, [title])
    complete = every(version)
    counts = {"killed": 0, "equivalent": 0}
    survivors: set[Mutant] = set()
    for mutant in slips(version, title):
        after = without(version, mutant)
        if any(keys(version, f) != keys(after, f) for f in given_facts):
            counts["killed"] += 1
        elif all(keys(version, f) == keys(after, f) for f in complete):
            counts["equivalent"] += 1
        else:
            survivors.add(mutant)
    assert_agree(found, counts, survivors)
    for question in found.questions:
        now = decide(version, question.request)[question.decision]
        assert now.key == question.result.key
        for mutant in question.notices:
            then = decide(without(version, mutant), question.request)[question.decision]
            assert then.key != now.key


def assert_agree(found: Adequacy, counts: Mapping[str, int], survivors: set[Mutant]) -> None:
    """Each survivor shows a request of its own, perhaps between the values gone through here."""
    assert found.killed == counts["killed"]
    assert found.unlooked == 0
    assert len(survivors - {*found.survivors}) <= found.unsettled
    assert found.equivalent <= counts["equivalent"]
    assert {m for q in found.questions for m in q.notices} == {*found.survivors}


CALLS = """
name: desk
title: A desk
date: job.day
entities:
  job:
    attributes:
      day: {type: date}
  call:
    attributes:
      day: {type: date}
relations:
  calls: {from: job, entity: call, label: call, date: day}
decisions:
  lane: {type: enum, values: {fast: [], slow: []}}
"""
OFTEN = """
rule "usual" then lane is slow
rule "often" when number of calls within the last 7 days is at least 2 then lane is fast
rule "long ago" when months since latest call is at least 11 then lane is fast
"""


def test_a_span_and_a_number_of_rows_may_slip_and_are_asked_about() -> None:
    ontology, findings = load_ontology(CALLS)
    assert ontology, findings
    parsed = parse(OFTEN, ontology, {})
    assert not parsed.findings
    version = make_version(ontology, {}, (), parsed.rule_set)
    said = [m.after for m in slips(version, "often") if m.kind == "threshold"]
    counts = {(t.rows.within.count, t.value) for t in said
              if isinstance(t, Count) and t.rows.within}  # fmt: skip
    assert counts == {(6, 2), (8, 2), (7, 1), (7, 3)}
    months = [m.after for m in slips(version, "long ago") if m.kind == "threshold"]
    assert {t.value for t in months if isinstance(t, Since)} == {10, 12}

    first = adequacy(version, [])
    moved = {m.after for m in first.survivors if m.kind == "threshold"}
    assert moved == {*said, *months} and first.unsettled == 0
    for question in first.questions:
        for mutant in question.notices:
            after = decide_one(without(version, mutant), question.request, question.decision)
            assert after.key != question.result.key
    asked = [Case(str(i), q.request, (q.decision,)) for i, q in enumerate(first.questions)]
    then = adequacy(version, asked)
    assert (then.score, then.survivors) == (1, ())
