"""Codes and modifiers that the code set in force does not have."""

from __future__ import annotations

from collections.abc import Iterable

from data.ontology.model import CodeSet, Decision
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.stated import Facts
from data.rulelang.analyse.units import Contender, Unit, resolved
from data.rulelang.analyse.witness import Claim, listed, witness
from data.rulelang.ast import Concept, Decide, Include, Modify, Rule
from data.rulelang.codes import ResolvedCode, not_allowed
from data.rulelang.findings import Finding


def code_sets(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Every outcome that some request it applies to cannot have, code set by code set."""
    for decision in encoding.decisions:
        if decision.type == "code" and decision.code_set is not None:
            for rule in encoding.says(decision):
                yield from _literals(encoding.around(rule.title), decision, rule)
            for part, titles in encoding.parts.items():
                yield from _added(part, decision, titles)


def _literals(encoding: Encoding, decision: Decision, rule: Rule) -> Iterable[Finding]:
    """What the rule says on its own, whoever wins."""
    for outcome in rule.then:
        if outcome.decision != decision.name or not isinstance(outcome, Decide | Include | Modify):
            continue
        bad = [
            i for i, s in _sets_of(encoding, decision) if s is None or _lacks(decision, outcome, s)
        ]
        here = encoding.space.all(
            (encoding.applies[rule.title], encoding.space.known(decision.code_set or ""))
        )
        met = [i for i in bad if encoding.space.solve(here, encoding.among(decision, 1 << i))]
        if met:
            yield _missing(encoding, decision, rule, outcome, met)


def _sets_of(encoding: Encoding, decision: Decision) -> Iterable[tuple[int, CodeSet | None]]:
    """The code sets by cell; a free text that names none of them is the request's mistake."""
    listed_values = encoding.ontology.attributes[decision.code_set or ""].type == "enum"
    for index, code_set in enumerate(encoding.code_sets(decision)):
        if code_set is not None or listed_values:
            yield index, code_set


def _lacks(decision: Decision, outcome: Decide | Include | Modify, code_set: CodeSet) -> bool:
    if isinstance(outcome, Modify):
        allowed = {m for code in code_set.codes.values() for m in code.modifiers}
        return outcome.adds and outcome.modifier not in allowed
    code = resolved(decision, outcome, code_set)
    return code is None or bool(not_allowed(code, code_set))


def _missing(
    encoding: Encoding,
    decision: Decision,
    rule: Rule,
    outcome: Decide | Include | Modify,
    met: list[int],
) -> Finding:
    names = _names(encoding, decision, met)
    said = _said(outcome)
    return Finding(
        "code-set",
        "error",
        f"`{rule.title}` gives {said}, which {_sets(names)} not have",
        "limit the rule's scope to code sets that have it, or correct the code",
        (rule.title,),
        f'rule "{rule.title}"',
        witness(encoding, lambda: _where_it_applies(encoding, decision, rule, met[0])),
    )


def _where_it_applies(encoding: Encoding, decision: Decision, rule: Rule, cell: int) -> Claim:
    """The rule applies under that code set; to a request that it decides, if there is any."""
    space = encoding.space
    path = decision.code_set
    assert path is not None
    applying, _ = space.settled(encoding.conditions[rule.title])
    assumed = [applying, space.known(path), encoding.among(decision, 1 << cell)]
    wins = [
        encoding.wins(unit, c)
        for unit in encoding.units.values()
        if unit.decision is decision
        for c in unit.contenders
        if c.title == rule.title
    ]
    assumed += [w for w in wins[:1] if space.solve(*assumed, w)]

    def inside(facts: Facts) -> bool:
        return path in facts and space.cells.cells(path)[cell].contains(facts[path])

    return Claim(assumed, (rule.title,), decision, lambda result: True, inside, (path,))


def _added(encoding: Encoding, decision: Decision, titles: Iterable[str]) -> Iterable[Finding]:
    """Modifiers that these rules add to a code whose row does not allow them."""
    value = encoding.units.get((decision.name, ""))
    if value is None:
        return
    for modifier in decision.modifiers:
        unit = encoding.units.get((decision.name, modifier))
        for adder in unit.of(titles) if unit is not None else ():
            for base in value.of(encoding.near(adder.title)):
                if unit is not None and isinstance(adder.outcome, Modify) and adder.outcome.adds:
                    yield from _refused(encoding, value, base, unit, adder)


def _refused(
    encoding: Encoding, value: Unit, base: Contender, unit: Unit, adder: Contender
) -> Iterable[Finding]:
    decision = value.decision
    sets = encoding.code_sets(decision)
    bad = [i for i, s in enumerate(sets) if _refuses(s, base.meanings[i], unit.modifier)]
    if not bad:
        return
    together = [
        encoding.wins(value, base),
        encoding.wins(unit, adder),
        encoding.definite(decision),
        *(-encoding.torn(u) for u in encoding.units.values() if u.decision is decision),
    ]
    met = [i for i in bad if encoding.space.solve(*together, encoding.among(decision, 1 << i))]
    if not met:
        return
    code = base.meanings[met[0]]
    assert isinstance(code, ResolvedCode)
    titles = tuple(dict.fromkeys((adder.title, base.title)))
    yield Finding(
        "code-set",
        "error",
        f"`{adder.title}` adds `{unit.modifier}` to code `{code.base}` of `{base.title}`, "
        f"which {_sets(_names(encoding, decision, met))} not allow",
        f"leave those requests out of `{adder.title}`, or allow the modifier on the code",
        titles,
        f'rule "{adder.title}"',
        witness(
            encoding,
            lambda: Claim(
                (*together, encoding.among(decision, 1 << met[0])),
                titles,
                decision,
                lambda result: result.status == "error",
                keeps=(decision.code_set or "",),
            ),
        ),
    )


def _refuses(code_set: CodeSet | None, meaning: object, modifier: str) -> bool:
    """A literal that carries the modifier itself is told on its own."""
    if code_set is None or not isinstance(meaning, ResolvedCode):
        return False
    allowed = code_set.codes[meaning.base].modifiers
    return modifier not in allowed and modifier not in meaning.modifiers


def _names(encoding: Encoding, decision: Decision, cells: list[int]) -> list[str]:
    assert decision.code_set is not None
    every = encoding.space.cells.cells(decision.code_set)
    return [str(every[i].representative) for i in cells]


def _sets(names: list[str]) -> str:
    one = len(names) == 1
    return f"code {'set' if one else 'sets'} {listed(names, 6)} {'does' if one else 'do'}"


def _said(outcome: Decide | Include | Modify) -> str:
    match outcome:
        case Modify():
            return f"modifier `{outcome.modifier}`"
        case Decide(value=Concept() as concept):
            return f"the code for `{concept.name}`"
        case _:
            return f"code `{outcome.value}`"
