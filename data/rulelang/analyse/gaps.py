"""Requests for which a required decision has no rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from data.ontology.model import Decision
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.stated import Facts, value
from data.rulelang.analyse.witness import Claim, witness
from data.rulelang.ast import attributes_of
from data.rulelang.cells import Cell
from data.rulelang.findings import Finding
from data.rulelang.render import render_value


def gaps(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Per required decision, and per value of the attribute its gaps are told by, what is missing.

    Gaps that are accepted do not count. A decision that collects or sums always has an answer.
    """
    for decision in encoding.decisions:
        if decision.required and decision.hit not in ("collect", "sum"):
            yield from _gaps_of(encoding, decision)


def _gaps_of(encoding: Encoding, decision: Decision) -> Iterable[Finding]:
    space = encoding.space
    answered = _answered(encoding, decision)
    missing = [-answered, encoding.definite(decision)]
    missing += [space.settled(a)[1] for a in encoding.accepted]
    if not space.solve(*missing):
        return
    for place in _places(encoding, decision):
        if space.solve(*missing, place.literal):
            some = space.solve(answered, place.literal)
            yield _finding(encoding, decision, place, [*missing, place.literal], some)


@dataclass(frozen=True)
class _Place:
    """Where a gap is told: everywhere, at a value of one attribute, or where it is not known."""

    words: str
    literal: int
    shows: Callable[[Facts], bool]


def _places(encoding: Encoding, decision: Decision) -> Iterable[_Place]:
    space, path = encoding.space, decision.gap_by
    if path is None:
        yield _Place("", space.TRUE, lambda facts: True)
        return
    label = encoding.ontology.attributes[path].label
    pairs = zip(space.cells.cells(path), space.variables(path), strict=True)
    for cell, variable in pairs:
        words = f" where `{label}` is `{render_value(cell.representative)}`"
        yield _Place(words, space.all((variable, space.known(path))), _lies_in(path, cell))
    yield _Place(
        f" where `{label}` is not known", -space.known(path), lambda facts: path not in facts
    )


def _lies_in(path: str, cell: Cell) -> Callable[[Facts], bool]:
    return lambda facts: path in facts and cell.contains(facts[path])


def _answered(encoding: Encoding, decision: Decision) -> int:
    if decision.type == "choice":
        return encoding.space.any(encoding.applies[r.title] for r in encoding.says(decision))
    if decision.hit == "single":
        unit = encoding.units.get((decision.name, ""))
        return -encoding.space.TRUE if unit is None else encoding.spoken(unit)
    return encoding.space.any(encoding.kept(decision, r) for r in encoding.says(decision))


def _finding(
    encoding: Encoding, decision: Decision, place: _Place, missing: Sequence[int], some: bool
) -> Finding:
    def meant(facts: Facts) -> bool:
        return any(value(encoding, a, facts) is not False for a in encoding.accepted)

    claim = Claim(
        missing,
        (),
        decision,
        lambda result: result.status == "no_rule",
        also=lambda facts: place.shows(facts) and not meant(facts),
        keeps=tuple(p for a in encoding.accepted for p in attributes_of(a, encoding.ontology)),
    )
    where = place.words
    what = f"some requests{where} have no rule" if some else f"no request{where} has a rule"
    return Finding(
        "gap",
        "error",
        f"{what} for `{decision.label}`",
        "add a rule for them, or say `accept gap` where it is meant",
        shown_by=witness(encoding, lambda: claim),
    )
