"""Why a decision of one request came out as it did: who won, who lost and why, who came near."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data.ontology.model import Value
from data.ontology.values import json_value
from data.rulelang.ast import Condition, Modify, Rule, attributes_of, conjuncts, expand
from data.rulelang.cells import applicability
from data.rulelang.evaluate import decide_one, with_defaults
from data.rulelang.kleene import condition_value
from data.rulelang.plan import Entry
from data.rulelang.request import Request
from data.rulelang.result import Result
from data.rulelang.version import Version


@dataclass(frozen=True, slots=True)
class Lost:
    """A rule that applied, and the rule that set its outcome aside."""

    rule: str
    to: str
    because: str
    """As in :data:`data.rulelang.precedence.Reason`."""
    modifier: str = ""
    """What they differed on; empty for the value, or for a contribution."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A part of a rule's scope, dates and condition that the request does not meet."""

    part: Condition
    unknown: bool
    """It may hold: a fact it looks at is not known."""


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that did not apply, by one part alone."""

    rule: str
    failing: Failing
    met: int
    """How many of its parts held."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision of one request."""

    version: str
    decision: str
    result: Result
    lost: tuple[Lost, ...]
    near: tuple[Near, ...]
    """Those of which most held come first; none that is for another value of ``gap_by``."""
    facts: Mapping[str, Value]
    """What the rules that had a part looked at, by path."""
    rows: Mapping[str, int]
    """How many rows of each relation that they looked at were told."""
    defaults: tuple[str, ...]
    """Paths among them that were not told: the ontology's default stood in."""


def explain(version: Version, request: Request, decision: str) -> Explanation:
    """The answer to one decision, with all that led to it; decided anew."""
    result = decide_one(version, request, decision)
    facts = with_defaults(version, request)
    entries = version.plans[decision].entries
    applying = [e for e in entries if condition_value(e.applies, facts, request, version.ontology)]
    lost = tuple(_lost(version, decision, result, applying))
    used = _used(version, result, [loser.rule for loser in lost])
    return Explanation(
        version.id,
        decision,
        result,
        lost,
        _near(version, request, decision, [e.rule.title for e in entries]),
        {p: facts[p] for p in used if p in facts},
        {p: len(request.rows[p]) for p in used if p in request.rows},
        tuple(p for p in used if p in version.defaults and p not in request.given),
    )


def failing(version: Version, rule: Rule, request: Request) -> tuple[Failing, ...]:
    """Each part of the rule that the request does not meet, in the order in which it is told."""
    facts, defines = with_defaults(version, request), version.rule_set.defines
    found: list[Failing] = []
    for part in _parts(version, rule):
        value = condition_value(expand(part, defines), facts, request, version.ontology)
        if value is not True:
            found.append(Failing(part, unknown=value is None))
    return tuple(found)


def _parts(version: Version, rule: Rule) -> tuple[Condition, ...]:
    return conjuncts(applicability(version.ontology, rule, version.rule_set.defines))


def _lost(version: Version, decision: str, result: Result, applying: list[Entry]) -> Iterator[Lost]:
    if version.ontology.decisions[decision].hit != "single":
        yield from _removed(applying)
        return
    if result.rule is not None:
        yield from (Lost(b.rule, result.rule, b.because) for b in result.beats)
    for modifier, winner in result.modifiers:
        yield from _switched(version, decision, modifier, winner, applying)


def _removed(applying: list[Entry]) -> Iterator[Lost]:
    """Contributions that another applicable rule names in its overrides."""
    for entry in applying:
        remover = next((e.rule for e in applying if entry.rule.title in e.rule.overrides), None)
        if remover is not None:
            yield Lost(entry.rule.title, remover.title, "overrides")


def _switched(
    version: Version, decision: str, modifier: str, winner: str, applying: list[Entry]
) -> Iterator[Lost]:
    """Rules that would have set the modifier the other way."""
    plan = version.plans[decision]
    said = {e.rule.title: (e.rule, o.adds) for e in applying for o in _modifies(e, modifier)}
    if winner not in said:
        return
    rule, adds = said[winner]
    for other, on in said.values():
        if on != adds:
            yield Lost(other.title, winner, str(plan.beats(rule, other)), modifier)


def _modifies(entry: Entry, modifier: str) -> Iterable[Modify]:
    return (o for o in entry.outcomes if isinstance(o, Modify) and o.modifier == modifier)


def _near(
    version: Version, request: Request, decision: str, titles: Iterable[str]
) -> tuple[Near, ...]:
    """Rules that failed on one part; not those for another kind of request altogether."""
    about = version.ontology.decisions[decision].gap_by
    found: list[Near] = []
    for rule in (r for t in titles if (r := version.rule_set.rule(t))):
        short, whole = failing(version, rule, request), len(_parts(version, rule))
        if len(short) != 1 or whole == 1:
            continue
        if attributes_of(short[0].part, version.ontology) != (about,):
            found.append(Near(rule.title, short[0], whole - 1))
    return tuple(sorted(found, key=lambda n: (-n.met, n.rule)))


def _used(version: Version, result: Result, losers: Iterable[str]) -> tuple[str, ...]:
    """Facts that the winning rule looked at, then those of the rules that lost, then the rest."""
    titles = dict.fromkeys(t for t in (result.rule, *losers, *result.rules) if t)
    ontology, rule_set = version.ontology, version.rule_set.expanded()
    rules = [r for t in titles if (r := rule_set.rule(t))]
    when = [p for r in rules for p in attributes_of(r.when, ontology)]
    whole = [p for r in rules for p in attributes_of(applicability(ontology, r), ontology)]
    return tuple(dict.fromkeys((*when, *whole, *result.facts)))


def explanation_json(version: Version, told: Explanation, most_near: int = 5) -> dict[str, Any]:
    """As the decision API and the command line print it: the result, and what led to it."""
    from data.rulelang.render import render_condition  # the grammar's words: only where printed

    ontology = version.ontology
    near = [
        {"rule": n.rule, "fails": render_condition(n.failing.part, ontology),
         "unknown": n.failing.unknown}
        for n in told.near[:most_near]
    ]  # fmt: skip
    lost = [
        {"rule": x.rule, "to": x.to, "because": x.because}
        | ({"modifier": x.modifier} if x.modifier else {})
        for x in told.lost
    ]
    facts = {p: json_value(v) for p, v in told.facts.items()}
    return {
        "result": told.result.to_json(), "lost": lost, "near": near, "facts": facts,
        "rows": {**told.rows}, "defaults": [*told.defaults],
    }  # fmt: skip
