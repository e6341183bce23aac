"""Requests that no rule wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data.rulelang.analyse.encoding import Contender, Encoding, Unit
from data.rulelang.analyse.witness import Claim, listed, witness
from data.rulelang.findings import Finding

MOST = 20
"""So many sets of rules are listed per decision and modifier; beyond, more are said to exist."""
Side = tuple[Contender, ...]


def conflicts(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Per decision and modifier the sets of rules that leave a request without a winner.

    No set holds another. Each is shown by a request on which the other rules stay out of it
    as far as they can.
    """
    for unit in encoding.units.values():
        yield from _Search(encoding, unit).findings()


class _Search:
    """The conflicts of one unit."""

    def __init__(self, encoding: Encoding, unit: Unit) -> None:
        self._encoding = encoding
        self._unit = unit
        self._settled = (encoding.definite(unit.decision), encoding.reached(unit))

    def findings(self) -> Iterable[Finding]:
        for count, (sides, assumed) in enumerate(self._conflicts()):
            if count == MOST:
                yield _more(self._unit)
                return
            yield self._finding(sides, assumed)

    def _conflicts(self) -> Iterable[tuple[Side, Sequence[int]]]:
        space = self._encoding.space
        if not space.solve(self._encoding.torn(self._unit), *self._settled):
            return
        explained: list[int] = []
        for pair, assumed in self._standing_pairs():
            if space.solve(*assumed, *self._settled):
                explained.append(-space.all(assumed))
                yield pair, assumed
        torn = self._encoding.torn(self._unit)
        while space.solve(torn, *self._settled, *explained):
            sides = self._minimal(*self._fewest((torn, *self._settled, *explained)))
            together = [self._encoding.applies[c.title] for c in sides]
            yield sides, (torn, *together, *explained)
            explained.append(-space.all(together))

    def _standing_pairs(self) -> Iterable[tuple[Side, Sequence[int]]]:
        """Pairs of which neither beats the other, and what leaves both of them unbeaten."""
        encoding, unit = self._encoding, self._unit
        for one, other in self._meeting_pairs():
            if encoding.beats(one.title, other.title) or encoding.beats(other.title, one.title):
                continue
            where = encoding.differ(unit, one, other)
            if where != -encoding.space.TRUE:
                unbeaten = (encoding.unbeaten(unit, one), encoding.unbeaten(unit, other))
                yield (one, other), (*unbeaten, where)

    def _meeting_pairs(self) -> Iterable[Side]:
        place = {c: i for i, c in enumerate(self._unit.contenders)}
        for one in self._unit.contenders:
            near = self._unit.of(self._encoding.near(one.title))
            yield from ((one, other) for other in near if place[other] > place[one])

    def _fewest(self, assumed: Sequence[int]) -> tuple[Side, int]:
        """A request with all of this to which few rules apply: they, and its code set's cell."""
        space, decision = self._encoding.space, self._unit.decision
        fixed = list(assumed)
        applying: list[Contender] = []
        for contender in self._unit.contenders:
            literal = self._encoding.applies[contender.title]
            without = space.solve(*fixed, -literal)
            fixed.append(-literal if without else literal)
            if not without:
                applying.append(contender)
        cells = range(len(self._unit.contenders[0].meanings))
        here = (self._encoding.among(decision, 1 << i) for i in cells)
        return tuple(applying), next(i for i, lit in enumerate(here) if space.solve(*fixed, lit))

    def _minimal(self, applying: Side, cell: int) -> Side:
        """Less every rule without which there still is no winner."""
        for contender in applying:
            fewer = tuple(c for c in applying if c is not contender)
            if not any(self._wins_among(c, fewer, cell) for c in fewer):
                applying = fewer
        return applying

    def _wins_among(self, one: Contender, sides: Side, cell: int) -> bool:
        rivals = (c for c in sides if c.meanings[cell] != one.meanings[cell])
        return all(self._encoding.beats(one.title, c.title) for c in rivals)

    def _finding(self, sides: Side, assumed: Sequence[int]) -> Finding:
        encoding, unit = self._encoding, self._unit
        titles = tuple(c.title for c in sides)
        others = [encoding.applies[c.title] for c in unit.contenders if c not in sides]
        path = unit.decision.code_set
        claim = Claim(
            (*assumed, *self._settled),
            titles,
            unit.decision,
            lambda result: result.status == "conflict" and set(titles) <= set(result.rules),
            keeps=() if path is None else (path,),
            avoid=tuple(others),
        )
        return Finding(
            "conflict",
            "error",
            f"{listed(titles, len(titles))} apply to the same request, differ in {_what(unit)}, "
            f"and {'neither' if len(titles) == 2 else 'none'} beats "
            f"{'the other' if len(titles) == 2 else 'all others'}",
            f'let one of them override the rest (`overrides "{titles[0]}"`), '
            "or keep their conditions apart",
            titles,
            f'rule "{titles[0]}"',
            witness(encoding, lambda: claim),
        )


def _more(unit: Unit) -> Finding:
    return Finding(
        "conflict",
        "error",
        f"more than {MOST} sets of rules conflict on {_what(unit)}; the others are not listed",
        "settle those that are listed first",
    )


def _what(unit: Unit) -> str:
    label = f"`{unit.decision.label}`"
    return f"modifier `{unit.modifier}` of {label}" if unit.modifier else label
