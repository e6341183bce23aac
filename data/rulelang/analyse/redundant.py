"""Rules that can go without anyone noticing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from data.ontology.model import Decision, Number
from data.rulelang.analyse.encoding import (
    Contender,
    Encoding,
    Meaning,
    Unit,
    amounts,
    included,
)
from data.rulelang.ast import Decide, LeaveToStaff, Rule
from data.rulelang.codes import ResolvedCode, not_allowed
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
    """Some request changes; looked for first where nothing else meddles, then everywhere."""
    space, here = encoding.space, encoding.applies[rule.title]
    named = {o.decision for o in rule.then}
    parts = [_Removal(encoding, d, rule) for d in encoding.decisions if d.name in named]
    return any(space.solve(here, *part.plainly()) for part in parts) or any(
        space.solve(here, part.changed()) for part in parts
    )


class _Removal:
    """One decision, with and without one rule, on the requests to which that rule applies."""

    def __init__(self, encoding: Encoding, decision: Decision, rule: Rule) -> None:
        self._encoding = encoding
        self._space = encoding.space
        self._decision = decision
        self._rule = rule
        self._near = [
            q for q in encoding.says(decision) if q is rule or encoding.overlap(rule.title, q.title)
        ]

    def plainly(self) -> Sequence[int]:
        """Literals under which the answer is sure to change: nobody else agrees or meddles.

        One that is never true where there is no such simple case.
        """
        match self._decision.hit:
            case "single":
                return self._plainly_decided()
            case _:
                kept = self._encoding.kept(self._decision, self._rule)
                others = [q.title for q in self._near if q is not self._rule]
                adds = any(amounts(self._rule, self._decision))
                if adds or included(self._rule, self._decision):
                    return [kept, *(-self._encoding.applies[t] for t in others)]
                return [-self._space.TRUE]

    def _plainly_decided(self) -> Sequence[int]:
        value = self._encoding.units.get((self._decision.name, ""))
        switches = [
            c.title
            for unit in self._encoding.units.values()
            if unit.decision is self._decision and unit.modifier
            for c in unit.contenders
        ]
        mine = [c for c in value.contenders if c.title == self._rule.title] if value else []
        if value is None or not mine or self._rule.title in switches:
            return [-self._space.TRUE]
        own = mine[0]
        near = {q.title for q in self._near} - {own.title}
        agreeing = [
            c.title
            for c in value.contenders
            if any(a == b for a, b in zip(c.meanings, own.meanings, strict=True))
        ]
        quiet = [t for t in dict.fromkeys((*agreeing, *switches)) if t in near]
        sound = self._encoding.among(self._decision, self._sound(own))
        return [
            self._encoding.wins(value, own),
            sound,
            *(-self._encoding.applies[t] for t in quiet),
        ]

    def _sound(self, own: Contender) -> int:
        """The code sets under which the outcome is no error."""
        if self._decision.type != "code":
            return (1 << len(own.meanings)) - 1
        sets = self._encoding.code_sets(self._decision)
        return sum(
            1 << i
            for i, (m, s) in enumerate(zip(own.meanings, sets, strict=True))
            if isinstance(m, LeaveToStaff)
            or (isinstance(m, ResolvedCode) and s is not None and not not_allowed(m, s))
        )

    def changed(self) -> int:
        """Requests whose answer is another one once the rule is gone."""
        if self._decision.hit == "sum":
            return self._other_sum()
        before, after = self._answer(None), self._answer(self._rule.title)
        return self._space.any(
            self._space.any((self._space.all((a, -b)), self._space.all((-a, b))))
            for a, b in zip(before, after, strict=True)
            if a != b
        )

    def _answer(self, without: str | None) -> list[int]:
        """Literals that tell any two answers apart; their order does not depend on ``without``."""
        match self._decision.hit:
            case "single":
                return self._single(without)
            case "collect":
                values = {v for r in self._near for v in included(r, self._decision)}
                return [
                    self._some(lambda r, v=v: v in included(r, self._decision), without)
                    for v in sorted(values, key=str)
                ]
            case _:
                steps = sorted({a for r in self._near for a in amounts(r, self._decision)})
                return [self._some(lambda r, s=s: self._reaches(r, s), without) for s in steps]

    def _some(self, wanted: Callable[[Rule], bool], without: str | None) -> int:
        """Some contribution of the wanted kind stands."""
        return self._space.any(
            self._encoding.kept(self._decision, r, without)
            for r in self._near
            if r.title != without and wanted(r)
        )

    def _reaches(self, rule: Rule, step: Number) -> bool:
        said = amounts(rule, self._decision)
        return any(a <= step if self._decision.hit == "min" else a >= step for a in said)

    def _other_sum(self) -> int:
        """The contribution that goes and those that come back do not cancel out."""
        rule, decision, kept = self._rule, self._decision, self._encoding.kept
        back = [r for r in self._near if r is not rule and r.title in rule.overrides]
        if len(back) > MOST_SUMMED:
            return self._space.TRUE
        moves = [(kept(decision, rule), -sum(amounts(rule, decision)))]
        for r in back:
            comes = self._space.all((kept(decision, r, rule.title), -kept(decision, r)))
            moves.append((comes, sum(amounts(r, decision))))
        return self._space.any(
            self._space.all(lit if on else -lit for on, (lit, _) in zip(taken, moves, strict=True))
            for taken in product((False, True), repeat=len(moves))
            if sum(amount for on, (_, amount) in zip(taken, moves, strict=True) if on)
        )

    def _single(self, without: str | None) -> list[int]:
        unit = self._unit("")
        if unit is None:
            return []
        won = self._per_meaning(unit, without)
        torn, spoken = self._encoding.torn(unit, without), self._encoding.spoken(unit, without)
        if self._decision.type != "code":
            return [spoken, torn, *won.values()]
        return [spoken, *self._code(won, torn, without)]

    def _unit(self, modifier: str) -> Unit | None:
        """The unit, less the rules that cannot apply together with this one."""
        unit = self._encoding.units.get((self._decision.name, modifier))
        near = {q.title for q in self._near}
        kept = tuple(c for c in unit.contenders if c.title in near) if unit is not None else ()
        return replace(unit, contenders=kept) if unit is not None and kept else None

    def _per_meaning(self, unit: Unit, without: str | None) -> dict[Meaning, int]:
        """For each outcome, whether it is the one that wins."""
        ways: dict[Meaning, list[int]] = {}
        for c in unit.contenders:
            wins = -self._space.TRUE
            if c.title != without:
                wins = self._encoding.wins(unit, c, without)
            for meaning in dict.fromkeys(c.meanings):
                where = self._encoding.among(unit.decision, _where(c.meanings, meaning))
                ways.setdefault(meaning, []).append(self._space.all((wins, where)))
        return {meaning: self._space.any(lits) for meaning, lits in ways.items()}

    def _code(self, won: Mapping[Meaning, int], torn: int, without: str | None) -> list[int]:
        """Conflict, error, left to staff, then base and modifiers where a code comes out."""
        space = self._space
        codes = {m: lit for m, lit in won.items() if isinstance(m, ResolvedCode)}
        coded = space.any(codes.values())
        switches = {m: self._switch(m, codes, without) for m in self._decision.modifiers}
        unsure = space.all((coded, space.any(torn for torn, _ in switches.values())))
        settled = space.all((coded, -unsure))
        refused = space.any(
            space.all((lit, on, self._encoding.among(self._decision, mask)))
            for m, lit in codes.items()
            for name, (_, on) in switches.items()
            if (mask := self._refusing(m, name))
        )
        decided = space.all((settled, -refused))
        no_code = [lit for m, lit in won.items() if isinstance(m, Decide)]
        staff = [lit for m, lit in won.items() if isinstance(m, LeaveToStaff)]
        bases = sorted({m.base for m in codes})
        return [
            space.any((torn, unsure)),
            space.any((*no_code, space.all((settled, refused)))),
            space.any(staff),
            *(
                space.all((decided, space.any(lit for m, lit in codes.items() if m.base == base)))
                for base in bases
            ),
            *(space.all((decided, on)) for _, on in switches.values()),
        ]

    def _switch(
        self, name: str, codes: Mapping[ResolvedCode, int], without: str | None
    ) -> tuple[int, int]:
        """Whether the rules of a modifier conflict, and whether the code comes out with it."""
        carried = self._space.any(lit for code, lit in codes.items() if name in code.modifiers)
        unit = self._unit(name)
        if unit is None:
            return -self._space.TRUE, carried
        added = [
            self._encoding.wins(unit, c, without)
            for c in unit.contenders
            if c.title != without and c.meanings[0] is True
        ]
        silent = -self._encoding.spoken(unit, without)
        on = self._space.any((*added, self._space.all((silent, carried))))
        return self._encoding.torn(unit, without), on

    def _refusing(self, code: ResolvedCode, modifier: str) -> int:
        """The code sets whose row for the code does not allow the modifier."""
        return sum(
            1 << i
            for i, s in enumerate(self._encoding.code_sets(self._decision))
            if s is not None
            and code.base in s.codes
            and modifier not in s.codes[code.base].modifiers
        )


def _where(meanings: Sequence[object], wanted: object) -> int:
    return sum(1 << i for i, m in enumerate(meanings) if m == wanted)
