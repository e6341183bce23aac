"""Rules that say otherwise than a mandatory rule."""

from __future__ import annotations

from collections.abc import Iterable

from data.rulelang.analyse.encoding import Contender, Encoding, Unit
from data.rulelang.analyse.witness import Facts, answer, applies, witness
from data.rulelang.findings import Finding


def mandatory_escapes(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Errors: rules wholly inside a mandatory one, or naming it. Notes: rules partly inside."""
    yield from _named(encoding)
    told: set[tuple[str, str]] = set()
    for unit in encoding.units.values():
        for rule in unit.contenders:
            if rule.title in dead or encoding.rules[rule.title].mandatory:
                continue
            for law, where in encoding.rivals(unit, rule):
                if encoding.rules[law.title].mandatory and (rule.title, law.title) not in told:
                    found = _overruled(encoding, unit, rule, law, where)
                    told |= {(rule.title, law.title) for _ in found}
                    yield from found


def _named(encoding: Encoding) -> Iterable[Finding]:
    """Rules whose ``overrides`` names a mandatory rule that they cannot beat."""
    for title, rule in encoding.rules.items():
        for named in rule.overrides:
            law = encoding.rules.get(named)
            if law is not None and law.mandatory and not encoding.beats(title, named):
                yield Finding(
                    "mandatory-escape",
                    "error",
                    f"`{title}` overrides `{named}`, which is mandatory",
                    f"leave `{named}` out of `overrides`: no rule may overrule it",
                    (title, named),
                    f'rule "{title}"',
                )


def _overruled(
    encoding: Encoding, unit: Unit, rule: Contender, law: Contender, where: int
) -> list[Finding]:
    space = encoding.space
    here = encoding.applies[rule.title]
    against = space.all((encoding.applies[law.title], where))
    if not space.solve(here, against):
        return []
    whole = not space.solve(here, -against)
    settled = [space.settled(encoding.conditions[t])[0] for t in (rule.title, law.title)]

    def shows(facts: Facts) -> bool:
        both = applies(encoding, rule.title, facts) and applies(encoding, law.title, facts)
        return both and _lost(encoding, unit, rule, facts)

    assumed = [*settled, where, encoding.reached(unit), encoding.definite(unit.decision)]
    if not space.solve(*assumed):
        assumed = [*settled, where]
    found = witness(encoding, assumed, encoding.paths(unit.decision), shows)
    label = unit.decision.label
    if whole:
        message = (
            f"`{rule.title}` applies only where `{law.title}` is mandatory "
            f"and decides `{label}` otherwise"
        )
        suggestion = f"retire `{rule.title}`, or make it say the same"
    else:
        message = (
            f"on some requests `{law.title}` is mandatory "
            f"and decides `{label}` instead of `{rule.title}`"
        )
        suggestion = f"nothing to do if that is meant; else leave them out of `{rule.title}`"
    return [
        Finding(
            "mandatory-escape",
            "error" if whole else "note",
            message,
            suggestion,
            (rule.title, law.title),
            f'rule "{rule.title}"',
            found,
        )
    ]


def _lost(encoding: Encoding, unit: Unit, rule: Contender, facts: Facts) -> bool:
    """The evaluator does not name the rule as a winner here, in whatever it answers."""
    result = answer(encoding, unit.decision, facts)
    if result.status == "conflict":
        return True
    return result.rule != rule.title if not unit.modifier else rule.title not in result.rules
