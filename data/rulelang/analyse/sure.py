"""Fewer facts that still get the same answer, told by the solver before the evaluator is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from data.ontology.model import Decision
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.stated import Facts, Shows, value
from data.rulelang.ast import Condition, attributes_of

MOST_HANGING = 5
"""So many rules may hang on the facts that are left out; each doubles what has to be thought of."""


def sureness(encoding: Encoding, decision: Decision, facts: Facts) -> Shows | None:
    """Tells of fewer facts whether all requests that state them get the answer that these get.

    ``None`` where that is not asked of the solver: of sums, choices and lists.
    """
    space = encoding.space
    listed = any(path in encoding.ontology.relations for path in facts)
    if listed or decision.hit == "sum" or decision.type == "choice":
        return None
    if not space.solve(*_said(encoding, facts)):
        return None
    model = space.model()
    bits = encoding.answers(decision).bits.values()
    same = space.all(bit if bit in model else -bit for bit in bits)
    return lambda fewer: not space.solve(*_said(encoding, fewer), -same)


def _said(encoding: Encoding, facts: Facts) -> Iterable[int]:
    space = encoding.space
    yield from (space.at(path, value) for path, value in facts.items())
    for path in space.absentable:
        yield space.known(path) if path in facts else -space.known(path)


class Leaving:
    """Facts of one request, and the rules that hang on those left out."""

    def __init__(self, encoding: Encoding, decision: Decision, kept: Facts) -> None:
        """``kept`` are the facts that are never left out."""
        self._encoding = encoding
        rules = encoding.said(decision)
        conditions = {t: encoding.conditions[t] for t in rules}
        self._open = {t: c for t, c in conditions.items() if self._value(c, kept) is not False}
        self._looking: dict[str, list[str]] = defaultdict(list)
        for title, condition in self._open.items():
            for path in attributes_of(condition, encoding.ontology):
                self._looking[path].append(title)
        table = encoding.ontology.scopes if encoding.version.scope_rows else None
        self._placed = {table.path(level) for level in table.levels} if table else frozenset[str]()

    def hanging(self, facts: Facts) -> frozenset[str]:
        """The rules that may apply or not."""
        return frozenset(t for t, c in self._open.items() if self._value(c, facts) is None)

    def fewest(self, facts: Facts, shows: Shows) -> Facts:
        """As few as still show, in the order of the ontology, with few rules left to think of."""
        hanging = self.hanging(facts)
        for path in reversed(tuple(facts)):
            fewer = {p: v for p, v in facts.items() if p != path}
            looking = (t for t in self._looking[path] if t not in hanging)
            more = hanging | {t for t in looking if self._value(self._open[t], fewer) is None}
            # The table of places is not asked when the evaluator confirms it.
            most = len(hanging) if path in self._placed else MOST_HANGING
            if len(more) <= most and shows(fewer):
                facts, hanging = fewer, more
        return facts

    def _value(self, condition: Condition | None, facts: Facts) -> bool | None:
        return value(self._encoding, condition, facts)
