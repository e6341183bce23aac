"""Witnesses: the smallest concrete request that shows a finding, re-run through the evaluator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.ontology.model import Decision
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.stated import Facts, Shows, reading, request_of
from data.rulelang.analyse.sure import Leaving, sureness
from data.rulelang.ast import Condition
from data.rulelang.findings import Later, Witness
from data.rulelang.request import Row, nested
from data.rulelang.result import Result

MOST_SITUATIONS = 200
"""Of a request with unknown facts, where two answers to it are compared."""
FEW_SITUATIONS = 50
"""The same in a witness: a fact whose absence opens more is kept."""


UNSETTLED: dict[str, Any] = {"not": "settled"}
"""Stands where a witness was looked for in vain: what it was to show may be so, or not."""


class NotReproduced(AssertionError):
    """The evaluator does not show what the analysis found: one of the two is wrong."""


@dataclass(frozen=True)
class Claim:
    """What a witness has to show."""

    assumed: Sequence[int]
    """Literals that hold of every request that shows it."""
    rules: tuple[str, ...]
    """Titles of rules that apply to it, for sure."""
    decision: Decision
    holds: Callable[[Result], bool]
    """What the evaluator answers on the decision; of an undecided answer only that it is."""
    also: Callable[[Facts], bool] = lambda facts: True
    """What else is true of the facts."""
    keeps: tuple[str, ...] = ()
    """Paths of further facts that ``also`` looks at."""
    avoid: tuple[int, ...] = ()
    """Literals better left false."""


def witness(encoding: Encoding, claim: Callable[[], Claim]) -> Witness | Later | None:
    """The request that shows a claim, worked out when somebody looks at it.

    Worked out at once where less is said of some test than it means: whether there is such a
    request is then part of the finding.
    """
    if encoding.space.rough:
        return showing(encoding, claim())
    return Later(lambda: showing(encoding, claim()), encoding.lock)


def showing(encoding: Encoding, claim: Claim) -> dict[str, Any] | None:
    """The plainest request that shows the claim, less every fact it does not need.

    ``None`` when no request has all that is assumed; :data:`UNSETTLED` when none was found that
    shows the claim, and less is said of some test than it means (:attr:`Space.rough`). Raises
    :class:`NotReproduced` when the evaluator does not show the claim and all is said.
    """
    fixed = list(claim.assumed)
    if not encoding.space.solve(*fixed):
        return None
    encoding.space.firsts(fixed, [(-literal, literal) for literal in claim.avoid])
    for paths in _paths(encoding, claim):
        facts = encoding.space.plainest(fixed, paths)
        if facts is not None and _stated(encoding, claim, facts):
            fewest = _fewest(encoding, claim, facts)
            if fewest is not None:
                return _nested(encoding, fewest)
    if encoding.space.rough:
        return UNSETTLED
    raise NotReproduced(f"{claim.decision.name} {claim.rules}")


def _fewest(encoding: Encoding, claim: Claim, facts: Facts) -> Facts | None:
    """As few of the facts as the evaluator shows the claim of; ``None`` if it does of none."""

    def stated(fewer: Facts) -> bool:
        return _stated(encoding, claim, fewer)

    def shown(fewer: Facts) -> bool:
        return _shown(encoding, claim, fewer)

    open_ = claim.holds(Result("undecided"))
    sure = None if open_ else sureness(encoding, claim.decision, facts)
    if sure is not None and not sure(facts):
        return None
    needed = less(facts, stated)
    if sure is None:
        if shown(needed):
            return needed
    else:
        leaving = Leaving(encoding, _may_apply(encoding, claim), needed)
        fewer = leaving.fewest(facts, lambda f: stated(f) and sure(f))
        if shown(fewer):
            return fewer
    return less(facts, lambda f: stated(f) and shown(f)) if shown(facts) else None


def _may_apply(encoding: Encoding, claim: Claim) -> Mapping[str, Condition | None]:
    """The conditions of the rules that may apply together with those of the claim."""
    said = encoding.said(claim.decision)
    together = [encoding.near(title) for title in claim.rules[:1]]
    titles = (t for t in together[0] if t in said) if together else said
    return {title: encoding.conditions[title] for title in titles}


def _paths(encoding: Encoding, claim: Claim) -> Iterable[Sequence[str]]:
    """Facts that may show the claim: those its rules name, else all that bear on the decision."""
    few = {*claim.keeps, *encoding.named(claim.rules)}
    ordered = (*encoding.ontology.attributes, *encoding.ontology.relations)
    yield [p for p in ordered if p in few]
    every = few | encoding.bearing(claim.decision)
    yield [p for p in ordered if p in every]


def less(facts: Facts, shows: Shows) -> Facts:
    """The facts without those that are not needed, lists and the facts of their rows among them."""
    for path in reversed(tuple(facts)):
        fewer = {p: v for p, v in facts.items() if p != path}
        if shows(fewer):
            facts = fewer
        elif isinstance(facts[path], tuple):
            facts = {**facts, path: _plainer(facts, path, shows)}
    return facts


def _plainer(facts: Facts, relation: str, shows: Shows) -> tuple[Row, ...]:
    rows: tuple[Row, ...] = facts[relation]
    for index, row in enumerate(rows):
        for path in row:
            less = {p: v for p, v in rows[index].items() if p != path}
            fewer = (*rows[:index], less, *rows[index + 1 :])
            if shows({**facts, relation: fewer}):
                rows = fewer
    return rows


def _nested(encoding: Encoding, facts: Facts) -> dict[str, Any]:
    request = request_of(encoding.ontology, facts)
    return nested(request.given, request.rows)


def _stated(encoding: Encoding, claim: Claim, facts: Facts) -> bool:
    """What the claim says of the facts themselves; the evaluator's answer is not asked."""
    read = reading(encoding, facts)
    applying = all(read(encoding.conditions[title]) is True for title in claim.rules)
    return applying and claim.also(facts)


def _shown(encoding: Encoding, claim: Claim, facts: Facts) -> bool:
    """Re-run; a request that leaves much open shows too little to be looked at in full."""
    compiled = encoding.alone(claim.decision).compiled
    request = request_of(encoding.ontology, facts)
    name = claim.decision.name
    return claim.holds(compiled.decide_one(request, name, FEW_SITUATIONS, brief=True))


def listed(titles: Iterable[str], most: int = 3) -> str:
    """Titles as a sentence names them; beyond the first few, how many more there are."""
    every = [f"`{t}`" for t in titles]
    if len(every) > most + 1:
        every = [*every[:most], f"{len(every) - most} more"]
    *first, last = every
    return f"{', '.join(first)} and {last}" if first else last
