"""Requests for which a required decision has no rule."""

from __future__ import annotations

from collections.abc import Iterable

from data.ontology.model import Attribute, Decision
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.witness import Facts, answer, value, witness
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
    if decision.gap_by is None:
        yield _finding(encoding, decision, None, 0, missing, space.solve(answered))
        return
    attribute = encoding.ontology.attributes[decision.gap_by]
    for index, here in enumerate(space.variables(decision.gap_by)):
        if space.solve(*missing, here):
            some = space.solve(answered, here)
            yield _finding(encoding, decision, attribute, index, [*missing, here], some)


def _answered(encoding: Encoding, decision: Decision) -> int:
    if decision.hit == "single":
        unit = encoding.units.get((decision.name, ""))
        return -encoding.space.TRUE if unit is None else encoding.spoken(unit)
    return encoding.space.any(encoding.kept(decision, r) for r in encoding.says(decision))


def _finding(
    encoding: Encoding,
    decision: Decision,
    by: Attribute | None,
    index: int,
    missing: list[int],
    some: bool,
) -> Finding:
    cell = None if by is None else encoding.space.cells.cells(by.path)[index]

    def shows(facts: Facts) -> bool:
        if by is not None and cell is not None:
            fact = facts.get(by.path)
            if fact is None or not cell.contains(fact):
                return False
        if any(value(encoding, a, facts) is not False for a in encoding.accepted):
            return False
        return answer(encoding, decision, facts).status == "no_rule"

    where = f" where {_is(by, cell)}" if by is not None and cell is not None else ""
    what = f"some requests{where} have no rule" if some else f"no request{where} has a rule"
    return Finding(
        "gap",
        "error",
        f"{what} for `{decision.label}`",
        "add a rule for them, or say `accept gap` where it is meant",
        witness=witness(encoding, missing, _paths(encoding, decision), shows),
    )


def _is(by: Attribute, cell: Cell) -> str:
    return f"`{by.label}` is `{render_value(cell.representative)}`"


def _paths(encoding: Encoding, decision: Decision) -> tuple[str, ...]:
    named = {*encoding.paths(decision)}
    named |= {p for a in encoding.accepted for p in attributes_of(a)}
    return tuple(p for p in encoding.ontology.attributes if p in named)
