"""What a change brings, asked of what it touches, is what two whole checks tell apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from data.packs import load_pack
from data.packs.version import version_of
from data.rulelang.analyse.draft import brought
from data.rulelang.ast import Rule
from data.rulelang.change import changed
from data.rulelang.check import check, draft_findings, new_findings
from data.rulelang.evaluate import decide
from data.rulelang.findings import Finding
from data.rulelang.request import Request, read_request
from data.rulelang.version import Version, make_version
from tests.data.rulelang.test_change import edit
from tests.generators import World, worlds

many = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def said(findings: Iterable[Finding]) -> set[tuple[object, ...]]:
    return {
        (f.code, f.severity, f.rules, "" if f.code == "shadowed" else f.message) for f in findings
    }


def twice(before: Version, after: Version) -> set[tuple[object, ...]]:
    return said(new_findings(check(before), check(after)))


def with_rules(world: World, rules: Iterable[Rule], drop: bool) -> Version:
    decisions = world.ontology.decisions
    if drop:
        decisions = {n: replace(d, required=False) for n, d in decisions.items()}
    ontology = replace(world.ontology, decisions=decisions)
    return make_version(
        ontology, world.code_sets, world.scope_rows, replace(world.rule_set, rules=tuple(rules))
    )


@st.composite
def drafts(draw: st.DrawFn) -> tuple[Version, Version]:
    """A live version, without the rules that conflict, and one with a rule or two changed."""
    world = draw(worlds(most=7))
    drop = draw(st.booleans())
    rules = list(world.rule_set.rules)
    live = with_rules(world, rules, drop)
    wrong = {f.rules[0] for f in check(live) if f.code in ("conflict", "code-set") and f.rules}
    kept = [r for r in rules if r.title not in wrong]
    changed = draw(st.sets(st.sampled_from(range(len(rules))), min_size=1, max_size=2))
    draft: list[Rule] = []
    for place, rule in enumerate(rules):
        if place not in changed:
            draft += [rule] if rule in kept else []
        elif draw(st.booleans()):
            draft.append(edit(draw, rule, tuple(rules)) if draw(st.booleans()) else rule)
    return with_rules(world, kept, drop), with_rules(world, draft, drop)


@many
@given(drafts())
def test_a_draft_brings_what_two_whole_checks_tell_apart(pair: tuple[Version, Version]) -> None:
    before, after = pair
    known, whole = check(before), twice(before, after)
    alone = brought(before, after, known, before.alive)
    event("told alone" if alone is not None else "the whole was checked")
    if alone is not None:
        assert said(new_findings(known, alone)) == whole
        for finding in alone:
            assert_shown(after, finding)
    assert said(draft_findings(before, after, known)) == whole


def assert_shown(version: Version, finding: Finding) -> None:
    """A witness was re-run among the rules the change reaches; it shows the same among all."""
    statuses = {"conflict": "conflict", "gap": "no_rule"}
    if finding.witness is not None and finding.code in statuses:
        answers = decide(version, read_request(version.ontology, finding.witness))
        assert statuses[finding.code] in {r.status for r in answers.values()}


def changed_one_at_a_time(version: Version) -> Iterable[tuple[str, Version]]:
    """Each rule of the version is taken out, or says what another says, or has a twin."""
    rules, random = version.rule_set.rules, Random(7)
    for place, rule in enumerate(rules):
        same = [r for r in rules if r.then[0].decision == rule.then[0].decision]
        other = replace(rule, then=random.choice(same).then)
        others = tuple(r for r in rules if r is not rule)
        kinds = {
            "out": others,
            "edited": (*others, other),
            "twin": (*rules, replace(other, title=f"{rule.title} too")),
        }
        kind = [*kinds][place % len(kinds)]
        yield f"{rule.title} {kind}", changed(version, replace(version.rule_set, rules=kinds[kind]))


def test_each_change_of_a_rule_of_the_radiology_pack_is_told_alike() -> None:
    live = version_of(load_pack("radiology"))
    known = check(live)
    alone = 0
    for what, after in changed_one_at_a_time(live):
        found = brought(live, after, known, live.alive)
        if found is not None:
            alone += 1
            assert said(new_findings(known, found)) == said(new_findings(known, check(after))), what
    assert alone > 60


def test_a_rule_found_alive_is_neither_shadowed_nor_redundant() -> None:
    live = version_of(load_pack("radiology"))
    idle = {f.rules[0] for f in check(live) if f.code in ("shadowed", "redundant")}
    found = {r.title: live.alive.missed(r) for r in live.rule_set.expanded().rules}
    alive = {title for title, facts in found.items() if facts is not None}
    assert len(alive) > 90
    assert not alive & idle
    for title in alive:
        facts = found[title]
        assert facts is not None
        without = changed(live, replace(live.rule_set, rules=tuple(
            r for r in live.rule_set.rules if r.title != title)))  # fmt: skip
        one, other = (decide(v, Request(facts, {})) for v in (live, without))
        assert any(one[n].key != other[n].key for n in one)
