"""Where readings of a sentence differ in meaning: the smallest request that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from data.ontology.model import Value
from data.rulelang.analyse.difference import difference as compared
from data.rulelang.ast import Rule, attributes_of
from data.rulelang.cells import applicability
from data.rulelang.request import Request
from data.rulelang.version import Version
from graph.describe import describe
from graph.words import joined, label, result_words


@dataclass(frozen=True, slots=True)
class Difference:
    """A request, and what each reading gives it."""

    request: Request
    told: dict[str, Value]
    """The facts worth telling: those the readings look at."""
    decision: str
    results: tuple[str, ...]
    """In words, one for each reading, in their order."""


def difference(readings: Sequence[tuple[Version, Sequence[Rule]]]) -> Difference | None:
    """The request with the fewest facts on which the readings do not all agree.

    ``None`` where they mean the same. Each reading is the version it would make, and the rules
    it adds.
    """
    named = _named(readings)
    found: list[Difference] = []
    for request, decision in _shown([v for v, _ in readings]):
        told = {p: v for p, v in request.given.items() if p in named}
        answers = (v.compiled.decide_one(request, decision).to_json() for v, _ in readings)
        found.append(Difference(request, told, decision, tuple(map(result_words, answers))))
    return min(found, key=_size, default=None)


def _shown(versions: Sequence[Version]) -> Iterator[tuple[Request, str]]:
    """A request for each way in which two of them differ, and the decision."""
    for one, other in combinations(versions, 2):
        yield from ((c.witness, c.decision) for c in compared(one, other).changes)


def _size(found: Difference) -> tuple[bool, int]:
    """Requests that every reading decides come first, then those with few facts."""
    return any(r.startswith("open") for r in found.results), len(found.request.given)


def _named(readings: Sequence[tuple[Version, Sequence[Rule]]]) -> frozenset[str]:
    return frozenset(
        path
        for version, rules in readings
        for rule in rules
        for path in attributes_of(
            applicability(version.ontology, rule, version.rule_set.defines), version.ontology
        )
        if path in version.ontology.attributes
    )


def question_words(version: Version, found: Difference) -> str:
    """The question a person can answer without seeing two texts."""
    options = joined(list(dict.fromkeys(found.results)), "or")
    called = label(found.decision, version.ontology)
    return (
        f"{_start(describe(version.ontology, found.told, found.request.rows))}: {called} {options}?"
    )


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
