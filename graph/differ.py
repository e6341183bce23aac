"""Where two or more readings of a sentence differ: the smallest request that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.ontology.model import Value
from data.rulelang.ast import Rule, attributes_of
from data.rulelang.cells import applicability
from data.rulelang.evaluate import decide_one
from data.rulelang.request import Request
from data.rulelang.version import Version
from graph.describe import describe
from graph.generate import Chooser, Given, filled_up, variants
from graph.words import joined, label, result_words


@dataclass(frozen=True, slots=True)
class Difference:
    """A request, and what each reading gives it."""

    given: Given
    told: dict[str, Value]
    """The facts worth telling: those the readings look at."""
    decision: str
    results: tuple[str, ...]
    """In words, one for each reading, in their order."""


def difference(readings: Sequence[tuple[Version, Sequence[Rule]]]) -> Difference | None:
    """The request with the fewest facts on which the readings do not all agree, if there is one.

    Each reading is the version it would make, and the rules it adds.
    """
    found: Difference | None = None
    for given, decision in _candidates(readings):
        results = tuple(
            result_words(decide_one(v, Request(given, {}), decision).to_json()) for v, _ in readings
        )
        if len(set(results)) > 1:
            told = {p: given[p] for p in given if p in _named(readings)}
            new = Difference(given, told, decision, results)
            found = new if found is None else min(found, new, key=_size)
    return found


def _size(found: Difference) -> tuple[bool, int]:
    """Requests that every reading decides come first, then those with few facts."""
    return any(r.startswith("open") for r in found.results), len(found.given)


def _candidates(
    readings: Sequence[tuple[Version, Sequence[Rule]]],
) -> Iterator[tuple[Given, str]]:
    """Requests made from each reading's rules, with as many facts as decide them."""
    for version, rules in readings:
        chooser = Chooser(version)
        for rule in rules:
            for given in variants(chooser, rule):
                whole = filled_up(chooser, version, rule, given)
                for other, _ in readings:
                    whole = filled_up(chooser, other, rule, whole)
                yield whole, rule.then[0].decision


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
    return f"{_start(describe(version.ontology, found.told))}: {called} {options}?"


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
