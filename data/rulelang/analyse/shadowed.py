"""Rules that apply, and never have their way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from data.ontology.model import Decision
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.units import Contender, Unit
from data.rulelang.analyse.witness import Claim, listed, witness
from data.rulelang.ast import Rule
from data.rulelang.findings import Finding
from data.rulelang.result import Result


def shadowed(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Every rule all whose outcomes are won, or removed, by others on each request it meets.

    Rules that speak of a choice are left out: what they come to hangs on the candidates.
    """
    for title, rule in encoding.counted(encoding.rules.items()):
        if title in dead or not rule.then or encoding.chooses(rule):
            continue
        here = encoding.around(title)
        if not _has_its_way(here, rule):
            yield _finding(here, rule)


def _has_its_way(encoding: Encoding, rule: Rule) -> bool:
    """Some outcome of the rule stands on some request, or nobody's does."""
    space = encoding.space
    here = encoding.applies[rule.title]
    for unit, contender in _sides(encoding, rule):
        near = replace(unit, contenders=unit.of(encoding.near(rule.title)))
        if space.solve(encoding.wins(unit, contender)) or space.solve(here, -encoding.won(near)):
            return True
    return any(
        decision.hit != "single" and space.solve(encoding.kept(decision, rule))
        for decision in _decisions(encoding, rule)
    )


def _sides(encoding: Encoding, rule: Rule) -> Iterable[tuple[Unit, Contender]]:
    for unit in encoding.units.values():
        yield from ((unit, c) for c in unit.of((rule.title,)))


def _decisions(encoding: Encoding, rule: Rule) -> list[Decision]:
    named = {o.decision for o in rule.then}
    return [d for d in encoding.decisions if d.name in named]


def _finding(encoding: Encoding, rule: Rule) -> Finding:
    winners = _winners(encoding, rule)
    by = f" by {winners}" if winners else ""
    return Finding(
        "shadowed",
        "error",
        f"`{rule.title}` is overruled{by} on every request it applies to",
        "narrow its condition, let it override the others, or retire it",
        (rule.title,),
        f'rule "{rule.title}"',
        witness(encoding, lambda: _losing(encoding, rule)),
    )


def _losing(encoding: Encoding, rule: Rule) -> Claim:
    """To be shown by a request that the rule applies to."""
    decision = _decisions(encoding, rule)[0]
    applying, _ = encoding.space.settled(encoding.conditions[rule.title])
    assumed = [applying, encoding.definite(decision)]
    settled = encoding.space.solve(*assumed)

    def lost(result: Result) -> bool:
        """Another answer is given; where facts that may be absent decide, just not this rule's."""
        stands = rule.title == result.rule or rule.title in result.rules
        return not stands and (result.status != "undecided" or not settled)

    return Claim(assumed if settled else [applying], (rule.title,), decision, lost)


def _winners(encoding: Encoding, rule: Rule) -> str:
    """The rules that win over it somewhere."""
    titles: list[str] = []
    for unit, contender in _sides(encoding, rule):
        for other, where in encoding.rivals(unit, contender):
            here = (encoding.applies[rule.title], encoding.wins(unit, other), where)
            if encoding.space.solve(*here) and other.title not in titles:
                titles.append(other.title)
    return listed(sorted(titles)) if titles else ""
