"""Why a request got what it got, and why not something else; from the rules alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from data.ontology.model import Decision, Value
from data.rulelang.ast import (
    And,
    Compare,
    Concept,
    Condition,
    Decide,
    Known,
    LeaveToStaff,
    Modify,
    Outcome,
    Rule,
    attributes_of,
)
from data.rulelang.cells import applicability, in_dates
from data.rulelang.codes import ResolvedCode, resolve
from data.rulelang.evaluate import with_defaults
from data.rulelang.kleene import condition_value
from data.rulelang.request import Request
from data.rulelang.result import Result
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

MOST_RULES = 6
MOST_FACTS = 8
"""Facts of one list that a person reads; the rest is told by its number."""
Facts = Mapping[str, Value]


def why(version: Version, name: str, result: Result, facts: Facts) -> list[str]:
    """One decision's answer with its rule, what that rule beat, and the facts it looked at."""
    called = label(name, version.ontology)
    lines = [f"**{called}: {result_words(result.to_json())}**{_by(version, result)}"]
    lines += [f"It beats “{b.rule}”, because {because_words(b.because)}." for b in result.beats]
    if result.rules:
        lines.append(f"Part in it had {joined([f'“{r}”' for r in result.rules])}.")
    if result.facts:
        seen = [
            f"{label(p, version.ontology)} {value_words(facts[p], _unit(version, p))}"
            for p in _weightiest_first(version, result)
            if p in facts and _sayable(version, p)
        ]
        lines.append(f"It looked at: {_first_of(seen)}.")
    if result.needs:
        needed = _first_of([label(p, version.ontology) for p in result.needs])
        lines.append(f"It depends on what is not known: {needed}.")
    if result.message:
        lines.append(f"{result.message[:1].upper()}{result.message[1:]}.")
    return lines


def _weightiest_first(version: Version, result: Result) -> tuple[str, ...]:
    """The facts looked at: those of the winning rule, of the rules it beat, then the others."""
    titles = [result.rule, *(b.rule for b in result.beats)]
    rule_set = version.rule_set.expanded()
    rules = [r for t in titles if t and (r := rule_set.rule(t))]
    read = (p for r in rules for p in attributes_of(r.when, version.ontology))
    first = [p for p in read if p in result.facts]
    return tuple(dict.fromkeys((*first, *result.facts)))


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


def _unit(version: Version, path: str) -> str | None:
    attribute = version.ontology.attributes.get(path)
    return attribute.unit if attribute else None


def _sayable(version: Version, path: str) -> bool:
    attribute = version.ontology.attributes.get(path)
    return attribute is None or attribute.sensitive != "identifying"


def why_not(version: Version, name: str, value: str, result: Result, request: Request) -> list[str]:
    """What stands between the request and this value: each rule that gives it, and what failed."""
    rules = rules_giving(version, name, value, request)
    called = label(name, version.ontology)
    if not rules:
        return [f"No rule gives {called} {value} to a request at this place."]
    lines: list[str] = []
    for rule in rules[:MOST_RULES]:
        lines.append(_stood_in_the_way(version, rule, result, request))
    if len(rules) > MOST_RULES:
        lines.append(f"{len(rules) - MOST_RULES} more rules give it, and none of them applies.")
    return lines


def _stood_in_the_way(version: Version, rule: Rule, result: Result, request: Request) -> str:
    failing = list(failed(version, rule, request))
    if failing:
        return f"“{rule.title}” would give it, but {joined(failing)}."
    beaten = next((b for b in result.beats if b.rule == rule.title), None)
    if beaten is not None:
        reason = because_words(beaten.because)
        return f"“{rule.title}” applies, but “{result.rule}” beats it, because {reason}."
    return f"“{rule.title}” applies and has its part in the result."


def rules_giving(version: Version, name: str, value: str, request: Request) -> tuple[Rule, ...]:
    """The rules with an outcome that is this value, or adds a modifier the value has."""
    facts = with_defaults(version, request)
    decision = version.ontology.decisions[name]
    return tuple(
        r
        for r in version.rule_set.rules
        if any(o.decision == name and _gives(version, decision, o, value, facts) for o in r.then)
    )


def _gives(
    version: Version, decision: Decision, outcome: Outcome, value: str, facts: Facts
) -> bool:
    match outcome:
        case Decide(_, said):
            wanted = _resolved(version, decision, value, facts)
            if wanted is not None and isinstance(said, str | Concept):
                return _here(version, decision, said, facts) == wanted
            return value_words(said).casefold() == value.casefold()
        case Modify(_, modifier, adds):
            wanted = _resolved(version, decision, value, facts)
            return adds and wanted is not None and modifier in wanted.modifiers
        case LeaveToStaff():
            return "staff" in value.casefold()
        case _:
            return False


def _here(
    version: Version, decision: Decision, said: str | Concept, facts: Facts
) -> ResolvedCode | None:
    """What a code means where the request is."""
    code_set = version.code_sets.get(str(facts.get(decision.code_set or "")))
    return resolve(decision, said, code_set) if code_set else None


def _resolved(
    version: Version, decision: Decision, value: str, facts: Facts
) -> ResolvedCode | None:
    if decision.type != "code":
        return None
    as_typed = _here(version, decision, value, facts)
    return as_typed or _here(version, decision, value.upper(), facts)


def failed(version: Version, rule: Rule, request: Request) -> Iterator[str]:
    """Each part of the rule that the request does not meet, with what it is instead."""
    ontology, facts = version.ontology, with_defaults(version, request)
    dates = in_dates(ontology, rule)
    for part in _parts(applicability(ontology, rule, version.rule_set.defines)):
        holds = condition_value(part, facts, request, ontology)
        if holds is True:
            continue
        yield _instead(
            version, rule, part, facts, in_dates=dates is not None, unknown=holds is None
        )


def _parts(condition: Condition | None) -> Sequence[Condition]:
    if condition is None:
        return ()
    return condition.parts if isinstance(condition, And) else (condition,)


def _instead(
    version: Version,
    rule: Rule,
    part: Condition,
    facts: Facts,
    *,
    in_dates: bool,
    unknown: bool,
) -> str:
    ontology = version.ontology
    if isinstance(part, Compare):
        scopes = ontology.scopes
        name = label(part.attribute, ontology)
        here = facts.get(part.attribute)
        now = (
            "is not known"
            if here is None
            else f"is {value_words(here, _unit(version, part.attribute))}"
        )
        if rule.scope and scopes and part.attribute == scopes.path(rule.scope.level):
            where = scope_words(rule.scope, ontology)
            return f"it holds {where[:1].lower()}{where[1:]}, and the {name} {now}"
        if in_dates and part.attribute == ontology.date and _is_date_of(rule, part):
            return f"its dates do not fit: the {name} {now}"
        return f"it needs that {condition_words(part, ontology)}, and it {now}"
    if isinstance(part, Known):
        return f"{condition_words(part, ontology)} fails"
    ending = "which is not known" if unknown else "which is not so"
    return f"it needs that {condition_words(part, ontology)}, {ending}"


def _is_date_of(rule: Rule, part: Compare) -> bool:
    return part.value in (rule.start, rule.until)


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
    return tuple(d for d, r in results.items() if r.status != "no_rule" and _says_something(r))


def telling_facts(version: Version, told: Mapping[str, Result], facts: Facts) -> dict[str, Value]:
    """The facts by which a person recognises the request: who, where, when, and what was used."""
    ontology, scopes = version.ontology, version.ontology.scopes
    places = [scopes.path(level) for level in scopes.levels[-2:]] if scopes else []
    asked = [p for d in told if (p := ontology.decisions[d].gap_by)]
    used = [p for r in told.values() for p in _weightiest_first(version, r)[:MOST_FACTS]]
    wanted = {*person_paths(ontology), *places, *asked, *used, ontology.date}
    return {p: facts[p] for p in ontology.attributes if p in wanted and p in facts}


def _says_something(result: Result) -> bool:
    return result.status != "decided" or bool(result.rule or result.rules)
