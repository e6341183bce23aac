"""The answer to one decision as literals: two answers are equal when all their bits are.

Law 4 to 6 of section 4 for requests that state every fact that matters: what comes out of the
rules that win or contribute, as status and value. Rule names do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from data.ontology.model import Decision, Number
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.space import Space
from data.rulelang.analyse.units import Meaning, Unit, amounts, included
from data.rulelang.ast import (
    Decide,
    LeaveToStaff,
    Rule,
)
from data.rulelang.codes import ResolvedCode

MOST_SUMS = 2_000
"""Beyond so many different sums of the same contributions they are not told apart."""

Bit = tuple[str, object]
"""What one literal says: a status and ``None``; ``is`` and the value, of a code its base;
``with`` and a modifier, or an element of a collected set, that is in it."""
Bits = dict[Bit, int]


class TooManySums(Exception):
    """Contributions that add up to more different sums than are told apart."""


@dataclass(frozen=True)
class Answers:
    """What comes out for one decision of one version."""

    encoding: Encoding
    decision: Decision
    without: str | None = None
    """A rule that is left out."""
    near: Sequence[str] | None = None
    """Titles of the only rules that matter where it is asked, sorted; all of them if ``None``."""

    @cached_property
    def bits(self) -> Bits:
        """Literals by what they say; what is left out is never so. Sums have :meth:`adds`."""
        match self.decision.hit:
            case "single":
                return self._single()
            case "collect":
                return self._collected()
            case "min" | "max":
                return self._extreme()
            case "sum":
                raise ValueError("a sum has no bits: compare what is added")

    def adds(self) -> Iterable[tuple[int, Number]]:
        """Where each rule contributes to a sum, and how much in all."""
        for rule in self._rules():
            if amount := sum(amounts(rule, self.decision)):
                yield self.encoding.kept(self.decision, rule, self.without), amount

    def _rules(self) -> Iterable[Rule]:
        said = self.encoding.said(self.decision)
        for title in said if self.near is None else self.near:
            if title != self.without and title in said:
                yield said[title]

    def _collected(self) -> Bits:
        values = dict.fromkeys(chain(*(included(r, self.decision) for r in self._rules())))
        bits: Bits = {}
        for value in values:
            bits["with", value] = self._some(lambda r, v=value: v in included(r, self.decision))
        return bits

    def _extreme(self) -> Bits:
        """The smallest, or largest, amount: one that is there, and none beyond it."""
        space = self.encoding.space
        steps = set(chain(*(amounts(r, self.decision) for r in self._rules())))
        bits: Bits = {}
        beyond: list[int] = []
        for step in sorted(steps, reverse=self.decision.hit == "max"):
            here = self._some(lambda r, s=step: s in amounts(r, self.decision))
            bits["is", step] = space.all((here, *(-b for b in beyond)))
            beyond.append(here)
        bits["no_rule", None] = -space.any(beyond)
        return bits

    def _some(self, wanted: Callable[[Rule], bool]) -> int:
        """Some contribution of the wanted kind stands."""
        return self.encoding.space.any(
            self.encoding.kept(self.decision, r, self.without) for r in self._rules() if wanted(r)
        )

    # Decisions of hit policy single.

    def _single(self) -> Bits:
        encoding, unit = self.encoding, self._unit("")
        if unit is None:
            return {("no_rule", None): encoding.space.TRUE}
        won = self._per_meaning(unit)
        torn, spoken = encoding.torn(unit, self.without), encoding.spoken(unit, self.without)
        bits: Bits = {("no_rule", None): -spoken}
        if staff := [lit for m, lit in won.items() if isinstance(m, LeaveToStaff)]:
            bits["left_to_staff", None] = encoding.space.any(staff)
        if self.decision.type == "code":
            return bits | self._code(won, torn)
        bits["conflict", None] = torn
        for meaning, lit in won.items():
            if not isinstance(meaning, LeaveToStaff):
                bits["is", meaning] = lit
        return bits

    def _unit(self, modifier: str) -> Unit | None:
        """The unit, less the rules that are not near."""
        unit = self.encoding.units.get((self.decision.name, modifier))
        if unit is None or self.near is None:
            return unit
        kept = unit.of(self.near)
        return replace(unit, contenders=kept) if kept else None

    def _per_meaning(self, unit: Unit) -> dict[Meaning, int]:
        """For each outcome, whether it is the one that wins."""
        space = self.encoding.space
        ways: dict[Meaning, list[int]] = {}
        for c in unit.contenders:
            if c.title == self.without:
                continue
            wins = self.encoding.wins(unit, c, self.without)
            for meaning in dict.fromkeys(c.meanings):
                where = self.encoding.among(unit.decision, _where(c.meanings, meaning))
                ways.setdefault(meaning, []).append(space.all((wins, where)))
        return {meaning: space.any(lits) for meaning, lits in ways.items()}

    def _code(self, won: Mapping[Meaning, int], torn: int) -> Bits:
        """Conflict and error; base and modifiers where a code comes out."""
        space = self.encoding.space
        codes = {m: lit for m, lit in won.items() if isinstance(m, ResolvedCode)}
        coded = space.any(codes.values())
        switches = {m: self._switch(m, codes) for m in self.decision.modifiers}
        unsure = space.all((coded, space.any(torn for torn, _ in switches.values())))
        refused = space.any(
            space.all((lit, on, self.encoding.among(self.decision, mask)))
            for m, lit in codes.items()
            for name, (_, on) in switches.items()
            if (mask := self._refusing(m, name))
        )
        settled = space.all((coded, -unsure))
        decided = space.all((settled, -refused))
        no_code = (lit for m, lit in won.items() if isinstance(m, Decide))
        bases = dict.fromkeys(m.base for m in codes)
        of_base = {b: space.any(lit for m, lit in codes.items() if m.base == b) for b in bases}
        return {
            ("conflict", None): space.any((torn, unsure)),
            ("error", None): space.any((*no_code, space.all((settled, refused)))),
            **{("is", base): space.all((decided, lit)) for base, lit in of_base.items()},
            **{("with", m): space.all((decided, on)) for m, (_, on) in switches.items()},
        }

    def _switch(self, name: str, codes: Mapping[ResolvedCode, int]) -> tuple[int, int]:
        """Whether the rules of a modifier conflict, and whether the code comes out with it."""
        space, encoding = self.encoding.space, self.encoding
        carried = space.any(lit for code, lit in codes.items() if name in code.modifiers)
        unit = self._unit(name)
        if unit is None:
            return -space.TRUE, carried
        added = [
            encoding.wins(unit, c, self.without)
            for c in unit.contenders
            if c.title != self.without and c.meanings[0] is True
        ]
        silent = -encoding.spoken(unit, self.without)
        on = space.any((*added, space.all((silent, carried))))
        return encoding.torn(unit, self.without), on

    def _refusing(self, code: ResolvedCode, modifier: str) -> int:
        """The code sets whose row for the code does not allow the modifier."""
        return sum(
            1 << i
            for i, s in enumerate(self.encoding.code_sets(self.decision))
            if s is not None
            and code.base in s.codes
            and modifier not in s.codes[code.base].modifiers
        )


def apart(space: Space, before: Answers, after: Answers) -> int:
    """Where the two answers are not the same. Raises :class:`TooManySums`."""
    if before.decision.hit == "sum":
        return -shifts(space, before, after).get(0, -space.TRUE)
    return space.any(differing(space, *pair) for _, pair in paired(space, before, after))


def paired(space: Space, before: Answers, after: Answers) -> Iterable[tuple[Bit, tuple[int, int]]]:
    """Each bit of either answer, in both; those that are one literal are left out."""
    one, other = before.bits, after.bits
    for bit in dict.fromkeys((*one, *other)):
        pair = one.get(bit, -space.TRUE), other.get(bit, -space.TRUE)
        if pair[0] != pair[1]:
            yield bit, pair


def differing(space: Space, one: int, other: int) -> int:
    """Exactly one of the two holds."""
    return space.any((space.all((one, -other)), space.all((-one, other))))


def shifts(space: Space, before: Answers, after: Answers) -> Mapping[Number, int]:
    """By how much the sum grows, and where. Raises :class:`TooManySums`."""
    moves: dict[int, Number] = {}
    for sign, answers in ((-1, before), (1, after)):
        for lit, amount in answers.adds():
            moves[lit] = moves.get(lit, 0) + sign * amount
    return sums(space, [(lit, amount) for lit, amount in moves.items() if amount])


def sums(space: Space, parts: Sequence[tuple[int, Number]]) -> Mapping[Number, int]:
    """Each sum the parts may come to, and where. Raises :class:`TooManySums`."""
    found: dict[Number, int] = {0: space.TRUE}
    for lit, amount in parts:
        ways: dict[Number, list[int]] = {}
        for total, here in found.items():
            ways.setdefault(total, []).append(space.all((here, -lit)))
            ways.setdefault(total + amount, []).append(space.all((here, lit)))
        found = {total: space.any(lits) for total, lits in ways.items()}
        if len(found) > MOST_SUMS:
            raise TooManySums
    return found


def _where(meanings: Sequence[object], wanted: object) -> int:
    return sum(1 << i for i, m in enumerate(meanings) if m == wanted)
