"""Why a request got what it got, in short sentences with a table of the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from data.ontology.model import Value
from data.rulelang.ast import Compare, Known, Rule
from data.rulelang.cells import in_dates, in_scope
from data.rulelang.evaluate import with_defaults
from data.rulelang.explain import Explanation, Failing, Lost, Near, failing
from data.rulelang.request import Request
from data.rulelang.result import Aside, Result
from data.rulelang.version import Version
from graph.describe import person_paths
from graph.words import (
    because_words,
    condition_words,
    joined,
    label,
    result_words,
    rule_words,
    scope_words,
    value_words,
)

MOST_FACTS = 8
"""Facts of one list that a person reads; the rest is told by its number."""
MOST_NEAR = 2
Facts = Mapping[str, Value]


def why(version: Version, told: Explanation, request: Request) -> list[str]:
    """One decision's answer with its rule, what lost to it and why, and what came near."""
    called, result = label(told.decision, version.ontology), told.result
    lines = [f"**{called}: {result_words(result.to_json())}**{_by(version, result)}"]
    lines += [_lost(x, result) for x in told.lost]
    if result.rules:
        lines.append(f"Part in it had {joined([f'“{r}”' for r in result.rules])}.")
    lines += [_near(version, n, request) for n in told.near[:MOST_NEAR]]
    lines += set_aside(result)
    if result.needs:
        needed = _first_of([label(p, version.ontology) for p in result.needs])
        lines.append(f"It depends on what is not known: {needed}.")
    if result.message:
        lines.append(f"{result.message[:1].upper()}{result.message[1:]}.")
    return lines


def set_aside(result: Result) -> list[str]:
    """Of a choice: who was left out, and who stands behind, by which rule."""
    lines = [f"Left out {joined(them)} by “{rule}”." for rule, them in _by_rule(result.dropped)]
    for rule, them in _by_rule(result.behind):
        verb = "stands" if len(them) == 1 else "stand"
        why = f"by “{rule}”" if rule else "only in the order of the names"
        lines.append(f"Behind {verb} {joined(them)}, {why}.")
    if result.reason and result.status == "no_rule":
        lines.insert(0, f"{result.reason[:1].upper()}{result.reason[1:]}.")
    return lines


def _by_rule(asides: Sequence[Aside]) -> list[tuple[str | None, list[str]]]:
    """Candidates under the rule that sets them aside, in the order of the rules' mention."""
    found: dict[str | None, list[str]] = {}
    for aside in asides:
        found.setdefault(aside.rule, []).append(aside.candidate)
    return list(found.items())


def why_not_chosen(value: str, result: Result) -> str | None:
    """Why this candidate was not chosen; ``None`` where nothing is known of them."""
    dropping = [a.rule for a in result.dropped if a.candidate.casefold() == value.casefold()]
    if dropping:
        return f"{value} is left out by {joined([f'“{rule}”' for rule in dropping])}."
    before = next((a for a in result.behind if a.candidate.casefold() == value.casefold()), None)
    if before is None:
        return None
    why = f"by “{before.rule}”" if before.rule else "only in the order of the names"
    return f"{value} may be chosen, and stands behind {result.value}, {why}."


def fact_rows(version: Version, told: Sequence[Explanation]) -> list[dict[str, Any]]:
    """The facts that were used, those that weighed most first; never who it is."""
    facts = {p: v for one in told for p, v in one.facts.items() if _sayable(version, p)}
    usual = {p for one in told for p in one.defaults}
    rows = [
        {"fact": label(p, version.ontology), "value": value_words(v, unit_of(version, p))}
        | ({"note": "not told; taken as usual"} if p in usual else {})
        for p, v in facts.items()
    ]
    relations = version.ontology.relations
    rows += [
        {"fact": relations[name].label, "value": str(count)}
        for one in told
        for name, count in one.rows.items()
        if name in relations
    ]
    rest = len(rows) - MOST_FACTS
    return rows if rest <= 1 else [*rows[:MOST_FACTS], {"fact": f"and {rest} more facts"}]


def _lost(lost: Lost, result: Result) -> str:
    reason = because_words(lost.because)
    if lost.modifier:
        return f"On {lost.modifier}, “{lost.to}” beats “{lost.rule}”, because {reason}."
    if lost.to == result.rule:
        return f"It beats “{lost.rule}”, because {reason}."
    return f"“{lost.to}” takes out “{lost.rule}”, because {reason}."


def _near(version: Version, near: Near, request: Request) -> str:
    rule = version.rule_set.rule(near.rule)
    words = "" if rule is None else instead(version, rule, near.failing, request)
    return f"“{near.rule}” came near, but {words}."


def _first_of(said: Sequence[str]) -> str:
    rest = len(said) - MOST_FACTS
    if rest <= 1:
        return joined(said)
    return joined([*said[:MOST_FACTS], f"{rest} more facts"])


def _by(version: Version, result: Result) -> str:
    rule = version.rule_set.rule(result.rule) if result.rule else None
    if rule is None:
        return ""
    return f", by the rule “{rule.title}”. {' '.join(rule_words(rule, version.ontology))}"


def unit_of(version: Version, path: str) -> str | None:
    """What a fact is counted in."""
    attribute = version.ontology.attributes.get(path)
    return attribute.unit if attribute else None


def _sayable(version: Version, path: str) -> bool:
    attribute = version.ontology.attributes.get(path)
    return attribute is None or attribute.sensitive != "identifying"


def all_instead(version: Version, rule: Rule, request: Request) -> str:
    """Each part of the rule that the request does not meet; nothing where it meets all."""
    return joined([instead(version, rule, f, request) for f in failing(version, rule, request)])


def instead(version: Version, rule: Rule, failing: Failing, request: Request) -> str:
    """What the rule wants in one place, and what the request has there."""
    ontology, part = version.ontology, failing.part
    if isinstance(part, Compare):
        name, now = label(part.attribute, ontology), _now(version, part.attribute, request)
        if rule.scope and part == in_scope(ontology, rule):
            where = scope_words(rule.scope, ontology)
            return f"it holds {where[:1].lower()}{where[1:]}, and the {name} {now}"
        if in_dates(ontology, rule) is not None and _is_date_of(ontology.date, rule, part):
            return f"its dates do not fit: the {name} {now}"
        return f"it needs that {condition_words(part, ontology)}, and it {now}"
    if isinstance(part, Known):
        return f"{condition_words(part, ontology)} fails"
    ending = "which is not known" if failing.unknown else "which is not so"
    return f"it needs that {condition_words(part, ontology)}, {ending}"


def _now(version: Version, path: str, request: Request) -> str:
    here = with_defaults(version, request).get(path)
    if here is None:
        return "is not known"
    return f"is {value_words(here, unit_of(version, path))}"


def _is_date_of(date: str | None, rule: Rule, part: Compare) -> bool:
    return part.attribute == date and part.value in (rule.start, rule.until)


def decisions_worth_telling(
    results: Mapping[str, Result], value: str | None, recorded: Mapping[str, object]
) -> tuple[str, ...]:
    """The decisions to explain: those that have or had the value, else all that say something."""
    if value:
        wanted = value.casefold()
        has = [d for d, r in results.items() if result_words(r.to_json()).casefold() == wanted]
        had = [d for d, v in recorded.items() if d in results and str(v).casefold() == wanted]
        if has or had:
            return tuple(dict.fromkeys((*has, *had)))
    return tuple(d for d, r in results.items() if _says_something(r))


def telling_facts(version: Version, told: Sequence[Explanation], facts: Facts) -> dict[str, Value]:
    """The facts by which a person recognises the request: who, where, when, and what was used."""
    ontology, scopes = version.ontology, version.ontology.scopes
    places = [scopes.path(level) for level in scopes.levels[-2:]] if scopes else []
    asked = [p for one in told if (p := ontology.decisions[one.decision].gap_by)]
    used = [p for one in told for p in list(one.facts)[:MOST_FACTS]]
    wanted = {*person_paths(ontology), *places, *asked, *used, ontology.date}
    return {p: facts[p] for p in ontology.attributes if p in wanted and p in facts}


def _says_something(result: Result) -> bool:
    if result.status == "no_rule":
        return bool(result.dropped)
    return result.status != "decided" or bool(result.rule or result.rules)
