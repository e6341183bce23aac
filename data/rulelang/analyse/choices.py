"""Rules on candidates that never do anything, or leave nobody.

Who is chosen hangs on the candidates of each request, and is not worked out here: only what
holds whoever they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from data.rulelang.analyse.encoding import Encoding
from data.rulelang.ast import Narrow, Prefer, Rule
from data.rulelang.evaluate import decide_one
from data.rulelang.findings import Finding
from data.rulelang.grammar import called
from data.rulelang.request import Request, nested


def choices(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """What each rule says of candidates, as far as it is idle or leaves nobody."""
    for title, rule in encoding.rules.items():
        if title not in dead:
            outcomes = (o for o in dict.fromkeys(rule.then) if isinstance(o, Narrow))
            yield from (f for o in outcomes if (f := _narrowing(encoding, rule, o)))
            yield from _said_before(encoding, rule)


def _narrowing(encoding: Encoding, rule: Rule, outcome: Narrow) -> Finding | None:
    """Nobody is ever dropped, or everybody always is."""
    space, here = encoding.space, encoding.applies[rule.title]
    holds = space.literal(outcome.where)
    drops = -holds if outcome.keep else holds
    them = called(encoding.ontology.decisions[outcome.decision].candidates or "")
    if not space.solve(here, drops):
        return Finding(
            "redundant",
            "warning",
            f"`{rule.title}` never drops any of the {them}",
            "retire it, or change what it was meant to drop",
            (rule.title,),
            f'rule "{rule.title}"',
        )
    if not space.solve(here, -drops):
        return Finding(
            "gap",
            "error",
            f"`{rule.title}` leaves none of the {them}, whoever they are",
            "narrow what it drops; where nobody may be chosen, say `is left to staff`",
            (rule.title,),
            f'rule "{rule.title}"',
            _nobody_left(encoding, rule, outcome),
        )
    return None


def _nobody_left(encoding: Encoding, rule: Rule, outcome: Narrow) -> dict[str, Any] | None:
    """A request with one candidate, whom the rule drops; re-run, so that it shows that."""
    applying, _ = encoding.space.settled(encoding.conditions[rule.title])
    facts = encoding.space.plainest([applying], encoding.named([rule.title]))
    plan = encoding.version.plans[outcome.decision]
    if facts is None:
        return None
    rows = {plan.candidates.name: ({plan.key: "somebody"},)}
    result = decide_one(encoding.version, Request(facts, rows), outcome.decision)
    shown = result.status == "no_rule" and rule.title in {a.rule for a in result.dropped}
    return nested(facts, rows) if shown else None


def _said_before(encoding: Encoding, rule: Rule) -> Iterable[Finding]:
    """It only prefers what another rule, which applies whenever it does, prefers before it."""
    said = [o for o in rule.then if isinstance(o, Prefer)]
    if not said or len(said) < len(rule.then):
        return
    for other in encoding.rules.values():
        if other.title != rule.title and _comes_before(encoding, other, rule):
            yield Finding(
                "redundant",
                "warning",
                f"`{rule.title}` prefers only what `{other.title}` already prefers before it",
                "retire it, or let it prefer something else",
                (rule.title, other.title),
                f'rule "{rule.title}"',
            )
            return


def _comes_before(encoding: Encoding, first: Rule, second: Rule) -> bool:
    removable = not first.mandatory and any(
        first.title in r.overrides for r in encoding.rules.values()
    )
    unbeaten = not any(encoding.beats(title, first.title) for title in encoding.rules)
    ahead = encoding.beats(first.title, second.title) or (unbeaten and first.title < second.title)
    everything = set(second.then) <= set(first.then)
    applies = (encoding.applies[second.title], -encoding.applies[first.title])
    return everything and ahead and not removable and not encoding.space.solve(*applies)
