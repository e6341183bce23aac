"""Rules that say otherwise than a mandatory rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.units import Contender, Unit
from data.rulelang.analyse.witness import Claim, listed, witness
from data.rulelang.findings import Finding
from data.rulelang.result import Result


def mandatory_escapes(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Errors: rules wholly inside a mandatory one, or naming it. Notes: rules partly inside."""
    yield from _named(encoding)
    laws = {title for title, rule in encoding.rules.items() if rule.mandatory}
    for title in encoding.counted(encoding.rules) if laws else ():
        if title not in laws | dead and not laws.isdisjoint(encoding.near(title)):
            here = encoding.around(title)
            for unit in here.units.values():
                for contender in unit.of((title,)):
                    yield from _overruled(here, unit, contender)


def _named(encoding: Encoding) -> Iterable[Finding]:
    """Rules whose ``overrides`` names a mandatory rule: no rule may overrule one."""
    for title, rule in encoding.rules.items():
        for named in rule.overrides:
            law = encoding.rules.get(named)
            if law is not None and law.mandatory:
                yield Finding(
                    "mandatory-escape",
                    "error",
                    f"`{title}` overrides `{named}`, which is mandatory",
                    f"leave `{named}` out of `overrides`: no rule may overrule it",
                    (title, named),
                    f'rule "{title}"',
                )


@dataclass(frozen=True)
class _Clash:
    """A mandatory rule that meets the rule, and where they say different things."""

    law: str
    where: int
    whole: bool
    """Wherever the rule applies."""


def _overruled(encoding: Encoding, unit: Unit, rule: Contender) -> Iterable[Finding]:
    """An error for every mandatory rule around it; one note for those that it meets in part."""
    found = list(_clashes(encoding, unit, rule))
    for clash in found:
        if clash.whole:
            yield _escape(encoding, unit, rule, clash)
    partly = [c for c in found if not c.whole]
    if partly and len(partly) == len(found):
        yield _note(encoding, unit, rule, partly)


def _clashes(encoding: Encoding, unit: Unit, rule: Contender) -> Iterable[_Clash]:
    space, here = encoding.space, encoding.applies[rule.title]
    for law, where in encoding.rivals(unit, rule):
        if encoding.rules[law.title].mandatory:
            against = space.all((encoding.applies[law.title], where))
            if space.solve(here, against):
                yield _Clash(law.title, where, whole=not space.solve(here, -against))


def _escape(encoding: Encoding, unit: Unit, rule: Contender, clash: _Clash) -> Finding:
    return Finding(
        "mandatory-escape",
        "error",
        f"`{rule.title}` applies only where `{clash.law}` is mandatory "
        f"and decides `{unit.decision.label}` otherwise",
        f"retire `{rule.title}`, or make it say the same",
        (rule.title, clash.law),
        f'rule "{rule.title}"',
        witness(encoding, lambda: _meeting(encoding, unit, rule, clash)),
    )


def _note(encoding: Encoding, unit: Unit, rule: Contender, clashes: list[_Clash]) -> Finding:
    laws = [c.law for c in clashes]
    return Finding(
        "mandatory-escape",
        "note",
        f"on some requests {listed(laws)} overrule{'' if len(laws) > 1 else 's'} "
        f"`{rule.title}` on `{unit.decision.label}`, being mandatory",
        f"nothing to do if that is meant; else leave those requests out of `{rule.title}`",
        (rule.title, *laws),
        f'rule "{rule.title}"',
        witness(encoding, lambda: _meeting(encoding, unit, rule, clashes[0])),
    )


def _meeting(encoding: Encoding, unit: Unit, rule: Contender, clash: _Clash) -> Claim:
    """To be shown by a request to which both apply."""
    titles = (rule.title, clash.law)
    assumed = [*(encoding.space.settled(encoding.conditions[t])[0] for t in titles), clash.where]
    nicer = (*assumed, encoding.reached(unit), encoding.definite(unit.decision))
    path = unit.decision.code_set

    def lost(result: Result) -> bool:
        """The evaluator names the rule as no winner, in whatever it answers."""
        if result.status == "conflict":
            return True
        if not unit.modifier:
            return rule.title != result.rule
        return (unit.modifier, rule.title) not in result.modifiers

    return Claim(
        nicer if encoding.space.solve(*nicer) else assumed,
        titles,
        unit.decision,
        lost,
        keeps=() if path is None else (path,),
    )
