"""Every answer of the analysis agrees with going through every request with the evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from data.ontology.model import Decision, Value
from data.rulelang.analyse.conflicts import MOST
from data.rulelang.ast import (
    Decide,
    Include,
    LeaveToStaff,
    Modify,
    Outcome,
    Rule,
    RuleSet,
    attributes_of,
)
from data.rulelang.cells import applicability
from data.rulelang.check import check
from data.rulelang.codes import not_allowed, resolve
from data.rulelang.evaluate import decide
from data.rulelang.findings import Finding
from data.rulelang.kleene import condition_value
from data.rulelang.precedence import beats
from data.rulelang.request import Request, read_request
from data.rulelang.version import Version, make_version
from tests.generators import World, every_request, worlds

Facts = Mapping[str, Value]
brute = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def version_of(world: World) -> Version:
    return make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)


def every(version: Version) -> list[Facts]:
    """All complete requests over the facts that the rule set names."""
    said = [applicability(version.ontology, r) for r in version.rule_set.rules]
    said += [g.when for g in version.rule_set.gaps]
    paths = {p for c in said for p in attributes_of(c, version.ontology)}
    paths |= {"site.family", "site.state"}
    named = tuple(p for p in version.ontology.attributes if p in paths)
    return list(every_request(version.ontology, named, version.scope_rows))


def applies(version: Version, rule: Rule, facts: Facts) -> bool:
    whole = applicability(version.ontology, rule)
    return condition_value(whole, facts, Request(facts, {}), version.ontology) is True


def keys(version: Version, facts: Facts) -> dict[str, object]:
    return {n: r.key for n, r in decide(version, Request(facts, {})).items()}


def found(findings: Iterable[Finding], code: str, severity: str = "error") -> set[str]:
    return {f.rules[0] for f in findings if f.code == code and f.severity == severity and f.rules}


def sides(
    version: Version, rule: Rule, facts: Facts
) -> Iterable[tuple[object, dict[Rule, object]]]:
    """For each thing the rule helps decide by precedence: its outcome and everyone's."""
    for outcome in rule.then:
        if isinstance(outcome, Decide | LeaveToStaff | Modify):
            said = {
                q: _meaning(version, o, facts)
                for q in version.rule_set.rules
                for o in q.then
                if _same_unit(o, outcome) and applies(version, q, facts)
            }
            yield _meaning(version, outcome, facts), said


def _same_unit(one: Outcome, other: Outcome) -> bool:
    def unit(o: Outcome) -> tuple[str, str] | None:
        if isinstance(o, Modify):
            return (o.decision, o.modifier)
        return (o.decision, "") if isinstance(o, Decide | LeaveToStaff) else None

    return unit(one) == unit(other)


def _meaning(version: Version, outcome: Outcome, facts: Facts) -> object:
    if isinstance(outcome, Modify):
        return outcome.adds
    if isinstance(outcome, LeaveToStaff) or not isinstance(outcome, Decide):
        return "left to staff"
    decision = version.ontology.decisions[outcome.decision]
    if decision.type != "code":
        return ("value", outcome.value)
    codes = version.code_sets[str(facts["site.family"])]
    return resolve(decision, outcome.value, codes) or outcome  # type: ignore[arg-type]


def winners(version: Version, said: Mapping[Rule, object]) -> list[Rule]:
    def wins(r: Rule) -> bool:
        others = [q for q in said if said[q] != said[r]]
        return all(
            beats(version.ontology, version.edges, r, q)
            and not beats(version.ontology, version.edges, q, r)
            for q in others
        )

    return [r for r in said if wins(r)]


def contributes(version: Version, rule: Rule, facts: Facts) -> bool:
    """Some contribution of the rule stands."""
    for outcome in rule.then:
        decision = version.ontology.decisions[outcome.decision]
        speakers = [
            q for q in version.rule_set.rules if any(o.decision == decision.name for o in q.then)
        ]
        removed = any(rule.title in q.overrides and applies(version, q, facts) for q in speakers)
        if decision.hit != "single" and not removed:
            return True
    return False


def has_its_way(version: Version, rule: Rule, facts: Facts) -> bool:
    for _, said in sides(version, rule, facts):
        won = winners(version, said)
        if not won or rule in won:
            return True
    return contributes(version, rule, facts)


@brute
@given(worlds())
def test_never_applies_and_shadowed(world):
    version = version_of(world)
    requests, findings = every(version), check(version)
    never, shadowed = found(findings, "never-applies"), found(findings, "shadowed")
    escapes = found(findings, "mandatory-escape")
    for rule in version.rule_set.rules:
        met = [f for f in requests if applies(version, rule, f)]
        assert (rule.title in never) == (not met)
        ineffective = bool(met) and not any(has_its_way(version, rule, f) for f in met)
        if rule.title in escapes:
            assert rule.title not in shadowed
        else:
            assert (rule.title in shadowed) == ineffective


@brute
@given(worlds())
def test_conflicts(world):
    version = version_of(world)
    findings = [f for f in check(version) if f.code == "conflict"]
    sets = [set(f.rules) for f in findings if f.rules]
    assert not any(a < b for a in sets for b in sets)
    if len(sets) >= MOST:
        return
    for facts in every(version):
        torn = [
            {r.title for r in rules}
            for name, decision in version.ontology.decisions.items()
            for rules in _torn(version, decision, facts)
            if decide(version, Request(facts, {}))[name].status == "conflict"
        ]
        for rules in torn:
            assert any(s <= rules for s in sets), (facts, rules, sets)


def _torn(version: Version, decision: Decision, facts: Facts) -> Iterable[set[Rule]]:
    """For the value and each modifier without a winner: all rules that apply."""
    for rule in version.rule_set.rules:
        if applies(version, rule, facts):
            for outcome in rule.then:
                if outcome.decision == decision.name:
                    for _, said in sides(version, replace_then(rule, outcome), facts):
                        if not winners(version, said):
                            yield set(said)


def replace_then(rule: Rule, outcome: Outcome) -> Rule:
    return replace(rule, then=(outcome,))


@brute
@given(worlds())
def test_a_conflict_is_found_exactly_where_there_is_one(world):
    version = version_of(world)
    conflicts = [f for f in check(version) if f.code == "conflict"]
    there = any(
        status == "conflict"
        for facts in every(version)
        for status, _ in keys(version, facts).values()  # type: ignore[misc]
    )
    assert bool(conflicts) == there


@brute
@given(worlds())
def test_gaps_per_value(world):
    version = version_of(world)
    told = {f.message for f in check(version) if f.code == "gap"}
    expected: set[str] = set()
    for decision in version.ontology.decisions.values():
        if not decision.required:
            continue
        for state in ("AL", "TX"):
            here = [f for f in every(version) if f["site.state"] == state]
            without = [f for f in here if keys(version, f)[decision.name] == ("no_rule", None)]
            missing = [f for f in without if not _accepted(version, f)]
            if missing:
                some = len(without) < len(here)
                what = (
                    f"some requests where `state` is `{state}` have no rule"
                    if some
                    else f"no request where `state` is `{state}` has a rule"
                )
                expected.add(f"{what} for `{decision.label}`")
    assert told == expected


def _accepted(version: Version, facts: Facts) -> bool:
    request, gaps = Request(facts, {}), version.rule_set.gaps
    return any(condition_value(g.when, facts, request, version.ontology) for g in gaps)


@brute
@given(worlds())
def test_redundant(world):
    version = version_of(world)
    findings = check(version)
    dead = {
        t
        for code in ("never-applies", "shadowed", "mandatory-escape")
        for t in found(findings, code)
    }
    redundant = found(findings, "redundant", "warning")
    requests = every(version)
    for rule in version.rule_set.rules:
        rest = RuleSet(
            tuple(r for r in version.rule_set.rules if r is not rule), version.rule_set.gaps
        )
        without = replace(version, rule_set=rest)
        same = all(keys(version, f) == keys(without, f) for f in requests)
        assert (rule.title in redundant) == (same and rule.title not in dead)


@brute
@given(worlds())
def test_mandatory_escapes(world):
    version = version_of(world)
    findings = [f for f in check(version) if f.code == "mandatory-escape"]
    whole = {f.rules for f in findings if f.severity == "error"}
    part = {(f.rules[0], law) for f in findings if f.severity == "note" for law in f.rules[1:]}
    never = found(check(version), "never-applies")
    rules = {r.title: r for r in version.rule_set.rules}
    named = {(r.title, q) for r in rules.values() for q in r.overrides if rules[q].mandatory}
    requests = every(version)
    inside: set[tuple[str, str]] = set()
    partly: set[tuple[str, str]] = set()
    for r in rules.values():
        for q in rules.values():
            if r.mandatory or not q.mandatory or r.title in never:
                continue
            met = [f for f in requests if applies(version, r, f)]
            for outcome in r.then:
                if isinstance(outcome, Modify | Decide | LeaveToStaff):
                    against = [f for f in met if _against(version, replace_then(r, outcome), q, f)]
                    if against:
                        (inside if len(against) == len(met) else partly).add((r.title, q.title))
    assert whole - named <= inside and whole >= named
    assert inside <= whole
    assert part <= partly


def _against(version: Version, rule: Rule, law: Rule, facts: Facts) -> bool:
    return any(law in said and said[law] != mine for mine, said in sides(version, rule, facts))


@brute
@given(worlds())
def test_codes_that_do_not_exist(world):
    version = version_of(world)
    findings = check(version)
    told = found(findings, "code-set")
    lacking: set[str] = set()
    for rule in version.rule_set.rules:
        for facts in every(version):
            if applies(version, rule, facts) and _lacks(version, rule, facts):
                lacking.add(rule.title)
    own = {f.rules[0] for f in findings if f.code == "code-set" and " gives " in f.message}
    assert own == lacking
    errors = any(
        status == "error"
        for facts in every(version)
        for status, _ in keys(version, facts).values()  # type: ignore[misc]
    )
    assert bool(told) >= errors


def _lacks(version: Version, rule: Rule, facts: Facts) -> bool:
    for outcome in rule.then:
        decision = version.ontology.decisions[outcome.decision]
        if decision.type != "code" or isinstance(outcome, LeaveToStaff):
            continue
        codes = version.code_sets[str(facts["site.family"])]
        if isinstance(outcome, Modify):
            rows = codes.codes.values()
            if outcome.adds and not any(outcome.modifier in c.modifiers for c in rows):
                return True
        elif isinstance(outcome, Decide | Include):
            code = resolve(decision, outcome.value, codes)  # type: ignore[arg-type]
            if code is None or not_allowed(code, codes):
                return True
    return False


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(known=True))
def test_every_witness_is_a_request_and_shows_its_finding(world):
    version = version_of(world)
    for finding in check(version):
        if finding.witness is None:
            continue
        facts = read_request(version.ontology, finding.witness).given
        results = decide(version, Request(facts, {}))
        if finding.code == "conflict":
            assert any(
                r.status == "conflict" and set(finding.rules) <= set(r.rules)
                for r in results.values()
            )
        elif finding.code == "gap":
            assert any(r.status == "no_rule" for r in results.values())
        else:
            rule = version.rule_set.rule(finding.rules[0])
            assert rule is not None
            assert condition_value(
                applicability(version.ontology, rule),
                _filled(version, facts),
                Request(facts, {}),
                version.ontology,
            )


def _filled(version: Version, facts: Facts) -> dict[str, Value]:
    defaults = {a.path: a.default for a in version.ontology.facts if a.default is not None}
    return {**defaults, **facts}


@brute
@given(worlds())
def test_the_order_of_the_rules_has_no_meaning(world):
    version = version_of(world)
    turned = RuleSet(tuple(reversed(world.rule_set.rules)), world.rule_set.gaps)
    assert check(version_of(replace(world, rule_set=turned))) == check(version)
