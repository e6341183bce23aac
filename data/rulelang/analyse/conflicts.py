"""Requests that no rule wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.units import Contender, Unit
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
    for decision, modifier in encoding.units:
        found = _conflicts(encoding, (decision, modifier))
        for count, (among, sides, assumed) in enumerate(found):
            if count == MOST:
                yield _more(encoding.units[decision, modifier])
                break
            yield among.finding(sides, assumed)


def _conflicts(
    whole: Encoding, key: tuple[str, str]
) -> Iterable[tuple[_Among, Side, Sequence[int]]]:
    """Pairs first, by title; then what no pair explains, of which all rules have to be asked."""
    every = whole.counted(whole.parts.items())
    parts = ((_Among(p, p.units[key]), t) for p, t in every if key in p.units)
    torn = [(among, titles) for among, titles in parts if among.torn(titles)]
    asked = {title: among for among, titles in torn for title in titles}
    pairs: list[Side] = []
    for title in sorted(asked):
        for pair in asked[title].standing_pairs(title):
            pairs.append(pair)
            fewest = min((asked[c.title] for c in pair), key=len)
            mine = fewest.own(pair)
            yield fewest, mine, fewest.standing(mine)
    if any(among.torn(titles, pairs) for among, titles in torn):
        among = _Among(whole, whole.units[key])
        yield from ((among, sides, assumed) for sides, assumed in among.sets(pairs))


class _Among:
    """The conflicts of one unit among the rules of one encoding."""

    def __init__(self, encoding: Encoding, unit: Unit) -> None:
        self._encoding = encoding
        self._unit = unit
        self._settled = (encoding.definite(unit.decision), encoding.reached(unit))

    def torn(self, titles: Iterable[str], pairs: Iterable[Side] = ()) -> bool:
        """Whether one of the rules applies where nobody wins, none of the pairs being why."""
        space = self._encoding.space
        applying = space.any(self._encoding.applies[c.title] for c in self._unit.of(titles))
        torn = self._encoding.torn(self._unit)
        return space.solve(torn, applying, *self._settled, *self._explained(pairs))

    def __len__(self) -> int:
        return len(self._unit.contenders)

    def standing_pairs(self, title: str) -> Iterable[Side]:
        """Pairs of this rule and a later one that some request leaves both unbeaten."""
        unit, place = self._unit, self._place
        for one in unit.of((title,)):
            for other in unit.of(self._encoding.near(title)):
                assumed = self.standing((one, other)) if place[other] > place[one] else ()
                if assumed and self._encoding.space.solve(*assumed, *self._settled):
                    yield one, other

    def sets(self, pairs: Iterable[Side]) -> Iterable[tuple[Side, Sequence[int]]]:
        """Sets of rules that leave requests without a winner where no pair does."""
        space, explained = self._encoding.space, [*self._explained(pairs)]
        torn = self._encoding.torn(self._unit)
        while space.solve(torn, *self._settled, *explained):
            sides = self._minimal(*self._fewest((torn, *self._settled, *explained)))
            together = [self._encoding.applies[c.title] for c in sides]
            yield sides, (torn, *together, *explained)
            explained.append(-space.all(together))

    @cached_property
    def _place(self) -> Mapping[Contender, int]:
        return {c: i for i, c in enumerate(self._unit.contenders)}

    def _explained(self, pairs: Iterable[Side]) -> Iterable[int]:
        """Not one of these pairs, as far as they are of these rules."""
        for pair in pairs:
            mine = self.own(pair)
            if len(mine) == 2:
                yield -self._encoding.space.all(self.standing(mine))

    def own(self, pair: Side) -> Side:
        """The same, as they stand among these rules, as far as they do."""
        said = [(c.title, c.outcome) for c in pair]
        mine = self._unit.of(dict.fromkeys(c.title for c in pair))
        return tuple(c for c in mine if (c.title, c.outcome) in said)

    def standing(self, pair: Side) -> Sequence[int]:
        """What leaves both of them unbeaten; empty where one beats the other or they agree."""
        encoding, unit, (one, other) = self._encoding, self._unit, pair
        if encoding.beats(one.title, other.title) or encoding.beats(other.title, one.title):
            return ()
        where = encoding.differ(unit, one, other)
        if where == -encoding.space.TRUE:
            return ()
        return (encoding.unbeaten(unit, one), encoding.unbeaten(unit, other), where)

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

    def finding(self, sides: Side, assumed: Sequence[int]) -> Finding:
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
