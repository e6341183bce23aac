"""Invariants that some request breaks; of one that is not reported it is proven that none does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data.ontology.model import CodeSet, Decision
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.granting import giving
from data.rulelang.analyse.stated import Facts, value
from data.rulelang.analyse.units import amounts, included, resolved
from data.rulelang.analyse.witness import Claim, witness
from data.rulelang.ast import (
    Contribute,
    Decide,
    Include,
    Invariant,
    LeaveToStaff,
    Modify,
    Rule,
    attributes_of,
)
from data.rulelang.codes import ResolvedCode
from data.rulelang.findings import Finding
from data.rulelang.render import invariant_clauses
from data.rulelang.result import Result


def invariants(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Each rule by which an invariant is broken, and each that breaks by no rule's doing."""
    for invariant in sorted(encoding.invariants, key=lambda i: i.title):
        meant, _ = encoding.space.settled(invariant.when)
        if encoding.space.solve(meant):
            yield from _broken(encoding, invariant)
        else:
            yield _idle(invariant)


def _broken(whole: Encoding, invariant: Invariant) -> Iterable[Finding]:
    """Asked of each rule among those around it, and of the requests to which no rule applies."""
    decision = whole.ontology.decisions[invariant.outcome.decision]
    silent = [-whole.applies[rule.title] for rule in whole.says(decision)]
    meant, _ = whole.space.settled(invariant.when)
    nobody = not invariant.never and whole.space.solve(meant, whole.definite(decision), *silent)
    for part, titles in whole.counted(whole.parts.items()):
        broken, inner = _breaking(part, invariant, decision), frozenset(titles)
        here = part.space.any(part.applies[t] for t in titles if t in part.said(decision))
        if not part.space.solve(*broken, here):
            continue
        for rule, literal in _doings(part, invariant, decision):
            if rule.title in inner and part.space.solve(*broken, literal):
                yield _finding(part, invariant, rule, (*broken, literal))
            broken.append(-literal)
        nobody |= part.space.solve(*broken, here)
    if nobody:
        yield _finding(whole, invariant, None)


def _breaking(encoding: Encoding, invariant: Invariant, decision: Decision) -> list[int]:
    """What is true of the requests that break the invariant."""
    meant, _ = encoding.space.settled(invariant.when)
    gets = giving(encoding, invariant.outcome)
    return [meant, encoding.definite(decision), gets if invariant.never else -gets]


def _by_no_rule(encoding: Encoding, invariant: Invariant, decision: Decision) -> Sequence[int]:
    """What is true of those that break it, and no rule's doing."""
    doings = (-literal for _, literal in _doings(encoding, invariant, decision))
    return (*_breaking(encoding, invariant, decision), *doings)


def _doings(
    encoding: Encoding, invariant: Invariant, decision: Decision
) -> Iterable[tuple[Rule, int]]:
    """The rules that settle the answer, and where: who settles the modifier comes first."""
    outcome, rules = invariant.outcome, encoding.rules
    if decision.hit != "single":
        for rule in encoding.says(decision) if invariant.never else ():
            if _contributes(rule, outcome, decision):
                yield rule, encoding.kept(decision, rule)
        return
    modifier = outcome.modifier if isinstance(outcome, Modify) else ""
    for part in dict.fromkeys((modifier, "")):
        if (unit := encoding.units.get((decision.name, part))) is not None:
            yield from ((rules[c.title], encoding.wins(unit, c)) for c in unit.contenders)


def _contributes(rule: Rule, outcome: object, decision: Decision) -> bool:
    match outcome:
        case Include(_, said):
            return said in included(rule, decision)
        case Contribute(_, amount):
            return amount in amounts(rule, decision)
        case _:
            return False


def _finding(
    encoding: Encoding,
    invariant: Invariant,
    rule: Rule | None,
    broken: Sequence[int] | None = None,
) -> Finding:
    """``broken`` holds of the requests that show it; worked out later where it is not given."""
    titles = (rule.title,) if rule is not None else ()
    who = f"`{rule.title}` breaks" if rule is not None else "the rules break"
    return Finding(
        "invariant",
        "error",
        f"{who} the invariant `{invariant.title}`: {said(encoding, invariant)}",
        "narrow the rule, or let a mandatory rule take these requests"
        if invariant.never
        else "add a rule for these requests, or narrow what answers them otherwise",
        titles,
        f'invariant "{invariant.title}"',
        witness(encoding, lambda: _claim(encoding, invariant, titles, broken)),
    )


def _claim(
    encoding: Encoding,
    invariant: Invariant,
    titles: tuple[str, ...],
    broken: Sequence[int] | None,
) -> Claim:
    decision = encoding.ontology.decisions[invariant.outcome.decision]

    def meant(facts: Facts) -> bool:
        return value(encoding, invariant.when, facts) is True

    def shows(result: Result) -> bool:
        each = tuple(_given(encoding, invariant, decision, result))
        return result.status != "undecided" and invariant.never in each

    keeps = attributes_of(invariant.when, encoding.ontology)
    return Claim(
        _by_no_rule(encoding, invariant, decision) if broken is None else broken,
        titles,
        decision,
        shows,
        meant,
        (*keeps, *filter(None, [decision.code_set])),
    )


def said(encoding: Encoding, invariant: Invariant) -> str:
    """What it says, on one line."""
    return " ".join(" ".join(invariant_clauses(invariant, encoding.ontology)).split())


def _given(
    encoding: Encoding, invariant: Invariant, decision: Decision, result: Result
) -> Iterable[bool]:
    """Whether the evaluator's answer is the invariant's outcome, read in each code set."""
    outcome, decided = invariant.outcome, result.status == "decided"
    for code_set in encoding.code_sets(decision):
        match outcome:
            case LeaveToStaff():
                yield result.status == "left_to_staff"
            case Include(_, part):
                yield decided and isinstance(result.value, tuple) and part in result.value
            case Decide() | Modify() if decision.type == "code":
                answer = Decide(decision.name, str(result.value))
                code = resolved(decision, answer, code_set) if decided else None
                yield code is not None and _has(code, decision, outcome, code_set)
            case Decide(_, expected) | Contribute(_, expected):
                yield decided and result.value == expected
            case Modify():
                yield False


def _has(
    code: ResolvedCode, decision: Decision, outcome: Decide | Modify, code_set: CodeSet | None
) -> bool:
    if isinstance(outcome, Modify):
        return outcome.modifier in code.modifiers
    wanted = resolved(decision, outcome, code_set)
    if wanted is None:
        return False
    return wanted.base == code.base and set(wanted.modifiers) <= set(code.modifiers)


def _idle(invariant: Invariant) -> Finding:
    return Finding(
        "invariant",
        "warning",
        f"no request meets the condition of the invariant `{invariant.title}`, so it holds idly",
        "look for parts that exclude each other, and join them with `or`",
        place=f'invariant "{invariant.title}"',
    )
