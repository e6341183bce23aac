"""How often a fact had which value in the history: what questions are chosen by.

Frozen into a version when it is made, so that one version asks the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from data.ontology.model import Ontology, Value
from data.ontology.values import converter, json_value

Counted = tuple[tuple[Value, int], ...]
"""Values of one fact, each with how often it was there, in the order of the values."""
Weights = Mapping[str, Counted]
"""By path; a fact without an entry has values that are all alike likely."""
NO_WEIGHTS: Weights = MappingProxyType({})
MOST_VALUES = 100
UNSEEN = 0.5
"""Added to every count, for what the history never saw may come (Krichevsky, Trofimov 1981)."""


def counted(counts: Mapping[Value, int]) -> Counted:
    """The counts in order; of very many values every so-manieth stands for its neighbours."""
    ordered = sorted(counts.items(), key=lambda vc: _sortable(vc[0]))
    if len(ordered) <= MOST_VALUES:
        return tuple(ordered)
    total, sampled = sum(counts.values()), dict[Value, int]()
    passed, place = 0, 0
    for value, count in ordered:
        passed += count
        while place < MOST_VALUES and (2 * place + 1) * total < 2 * MOST_VALUES * passed:
            sampled[value] = sampled.get(value, 0) + 1
            place += 1
    return tuple(sampled.items())


def shares(weights: Counted, kinds: Sequence[Callable[[Value], bool]]) -> tuple[float, ...]:
    """How likely each kind of value is; they add up to 1, and none is 0."""
    found = [UNSEEN + sum(n for value, n in weights if holds(value)) for holds in kinds]
    total = sum(found)
    return tuple(n / total for n in found)


def weights_to_json(weights: Weights) -> dict[str, Any]:
    return {p: [[json_value(v), n] for v, n in weights[p]] for p in sorted(weights)}


def weights_from_json(ontology: Ontology, content: Mapping[str, Any]) -> Weights:
    return {
        path: tuple((converter(ontology.attributes[path])(v), int(n)) for v, n in entries)
        for path, entries in content.items()
    }


def _sortable(value: Value) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value
