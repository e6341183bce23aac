"""Rules that can go without anyone noticing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from data.ontology.model import Decision, Number
from data.rulelang.analyse.encoding import Encoding, Unit, amounts, included
from data.rulelang.ast import LeaveToStaff, Rule
from data.rulelang.codes import ResolvedCode
from data.rulelang.findings import Finding

MOST_SUMMED = 10
"""A rule that overrides more contributions to one sum than this is taken to matter."""


def redundant(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Every rule without which each request keeps the status and value of all its decisions."""
    for title, rule in encoding.rules.items():
        if title not in dead and rule.then and not _matters(encoding, rule):
            yield Finding(
                "redundant",
                "warning",
                f"without `{title}` every request keeps its answer",
                "retire it, or change what it was meant to change",
                (title,),
                f'rule "{title}"',
            )


def _matters(encoding: Encoding, rule: Rule) -> bool:
    named = {o.decision for o in rule.then}
    here = encoding.applies[rule.title]
    return any(
        encoding.space.solve(here, _changed(encoding, decision, rule))
        for decision in encoding.decisions
        if decision.name in named
    )


def _changed(encoding: Encoding, decision: Decision, rule: Rule) -> int:
    """Requests whose answer is another one once the rule is gone."""
    if decision.hit == "sum":
        return _other_sum(encoding, decision, rule)
    before = _answer(encoding, decision, None)
    after = _answer(encoding, decision, rule.title)
    space = encoding.space
    return space.any(
        space.any((space.all((a, -b)), space.all((-a, b))))
        for a, b in zip(before, after, strict=True)
        if a != b
    )


def _answer(encoding: Encoding, decision: Decision, without: str | None) -> list[int]:
    """Literals that tell any two answers apart, in an order that leaving out a rule keeps."""
    match decision.hit:
        case "single":
            return _single(encoding, decision, without)
        case "collect":
            values = {v for r in encoding.says(decision) for v in included(r, decision)}
            rest = _others(encoding, decision, without)
            return [
                encoding.space.any(
                    encoding.kept(decision, r, without) for r in rest if v in included(r, decision)
                )
                for v in sorted(values, key=str)
            ]
        case _:
            return _extreme(encoding, decision, without)


def _others(encoding: Encoding, decision: Decision, without: str | None) -> list[Rule]:
    return [r for r in encoding.says(decision) if r.title != without]


def _extreme(encoding: Encoding, decision: Decision, without: str | None) -> list[int]:
    """For each amount, whether a contribution reaches it."""
    steps = sorted({a for r in encoding.says(decision) for a in amounts(r, decision)})
    rest = _others(encoding, decision, without)

    def reaches(amount: Number, step: Number) -> bool:
        return amount <= step if decision.hit == "min" else amount >= step

    return [
        encoding.space.any(
            encoding.kept(decision, r, without)
            for r in rest
            if any(reaches(a, step) for a in amounts(r, decision))
        )
        for step in steps
    ]


def _other_sum(encoding: Encoding, decision: Decision, rule: Rule) -> int:
    """The contribution that goes and those that come back do not cancel out."""
    space = encoding.space
    back = [r for r in _others(encoding, decision, rule.title) if r.title in rule.overrides]
    if len(back) > MOST_SUMMED:
        return space.TRUE
    moves = [(encoding.kept(decision, rule), -sum(amounts(rule, decision)))]
    for r in back:
        comes = space.all((encoding.kept(decision, r, rule.title), -encoding.kept(decision, r)))
        moves.append((comes, sum(amounts(r, decision))))
    return space.any(
        space.all(lit if on else -lit for on, (lit, _) in zip(taken, moves, strict=True))
        for taken in product((False, True), repeat=len(moves))
        if sum(amount for on, (_, amount) in zip(taken, moves, strict=True) if on)
    )


def _single(encoding: Encoding, decision: Decision, without: str | None) -> list[int]:
    unit = encoding.units.get((decision.name, ""))
    if unit is None:
        return []
    torn, spoken = encoding.torn(unit, without), encoding.spoken(unit, without)
    if decision.type != "code":
        return [spoken, torn, *_per_meaning(encoding, unit, without)]
    return [spoken, *_code(encoding, unit, torn, without)]


def _per_meaning(encoding: Encoding, unit: Unit, without: str | None) -> list[int]:
    """For each outcome, whether it is the one that wins."""
    meanings = dict.fromkeys(m for c in unit.contenders for m in c.meanings)
    return [
        encoding.space.any(
            encoding.space.all(
                (
                    encoding.wins(unit, c, without),
                    encoding.among(unit.decision, _where(c.meanings, meaning)),
                )
            )
            for c in unit.contenders
            if c.title != without and meaning in c.meanings
        )
        for meaning in meanings
    ]


def _where(meanings: Sequence[object], wanted: object) -> int:
    return sum(1 << i for i, m in enumerate(meanings) if m == wanted)


def _code(encoding: Encoding, unit: Unit, torn: int, without: str | None) -> list[int]:
    """Conflict, error, left to staff, then base and modifiers where a code comes out."""
    space, decision = encoding.space, unit.decision
    meanings = list(dict.fromkeys(m for c in unit.contenders for m in c.meanings))
    won = dict(zip(meanings, _per_meaning(encoding, unit, without), strict=True))
    codes = {m: lit for m, lit in won.items() if isinstance(m, ResolvedCode)}
    coded = space.any(codes.values())
    switches = [_Switch(encoding, decision, m, codes, without) for m in decision.modifiers]
    unsure = space.all((coded, space.any(s.torn for s in switches)))
    settled = space.all((coded, -unsure))
    refused = space.any(
        space.all((lit, s.on, encoding.among(decision, _refusing(encoding, decision, m, s.name))))
        for m, lit in codes.items()
        for s in switches
    )
    decided = space.all((settled, -refused))
    others = [lit for m, lit in won.items() if m not in codes and not _to_staff(m)]
    staff = [lit for m, lit in won.items() if _to_staff(m)]
    error = space.any((*others, space.all((settled, refused))))
    bases = {m.base for m in codes}
    base = [space.any(lit for m, lit in codes.items() if m.base == b) for b in sorted(bases)]
    return [
        space.any((torn, unsure)),
        error,
        *staff,
        *(space.all((decided, b)) for b in base),
        *(space.all((decided, s.on)) for s in switches),
    ]


class _Switch:
    """One modifier of the code that comes out."""

    def __init__(
        self,
        encoding: Encoding,
        decision: Decision,
        name: str,
        codes: dict[ResolvedCode, int],
        without: str | None,
    ) -> None:
        space = encoding.space
        unit = encoding.units.get((decision.name, name))
        carried = space.any(lit for code, lit in codes.items() if name in code.modifiers)
        self.name = name
        self.torn = -space.TRUE if unit is None else encoding.torn(unit, without)
        self.on = carried if unit is None else self._on(encoding, unit, carried, without)

    def _on(self, encoding: Encoding, unit: Unit, carried: int, without: str | None) -> int:
        added = [
            encoding.wins(unit, c, without)
            for c in unit.contenders
            if c.title != without and c.meanings[0] is True
        ]
        silent = -encoding.spoken(unit, without)
        return encoding.space.any((*added, encoding.space.all((silent, carried))))


def _to_staff(meaning: object) -> bool:
    return isinstance(meaning, LeaveToStaff)


def _refusing(encoding: Encoding, decision: Decision, code: ResolvedCode, modifier: str) -> int:
    """The code sets whose row for the code does not allow the modifier."""
    return sum(
        1 << i
        for i, s in enumerate(encoding.code_sets(decision))
        if s is not None and code.base in s.codes and modifier not in s.codes[code.base].modifiers
    )
