"""Fewer facts that still get the same answer, told by the solver before the evaluator is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from data.ontology.model import Decision
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.stated import Facts, Shows, reading
from data.rulelang.ast import Condition, attributes_of

Conditions = Mapping[str, Condition | None]
"""By the title of the rule."""
MOST_HANGING = 4
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
    """Facts of a request that may be left out, and the rules that then hang on them."""

    def __init__(self, encoding: Encoding, conditions: Conditions, kept: Facts) -> None:
        """``conditions`` of the rules that may apply; ``kept`` are facts that stay."""
        self._encoding = encoding
        read = reading(encoding, kept)
        self._open = {title: c for title, c in conditions.items() if read(c) is not False}
        self._looking: dict[str, list[str]] = defaultdict(list)
        for title, condition in self._open.items():
            for path in attributes_of(condition, encoding.ontology):
                self._looking[path].append(title)
        table = encoding.ontology.scopes if encoding.version.scope_rows else None
        self._placed = {table.path(level) for level in table.levels} if table else frozenset[str]()

    def fewest(self, facts: Facts, shows: Shows) -> Facts:
        """As few as still show, in the order of the ontology, with few rules left to think of."""
        hanging = frozenset(self._hanging(facts, self._open))
        for path in reversed(tuple(facts)):
            fewer = {p: v for p, v in facts.items() if p != path}
            # The table of places is not asked when the evaluator confirms it.
            room = 0 if path in self._placed else max(MOST_HANGING - len(hanging), 0)
            looking = (title for title in self._looking[path] if title not in hanging)
            more = frozenset(islice(self._hanging(fewer, looking), room + 1))
            if len(more) <= room and shows(fewer):
                facts, hanging = fewer, frozenset((*hanging, *more))
        return facts

    def _hanging(self, facts: Facts, titles: Iterable[str]) -> Iterator[str]:
        read = reading(self._encoding, facts)
        return (title for title in titles if read(self._open[title]) is None)
