"""Lists of rows near to a given one: rows added that tests tell apart, and rows taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, combinations_with_replacement

from data.ontology.model import Ontology, Value
from data.rulelang.ast import Compare, CompareFacts, History, attributes_of
from data.rulelang.history import asks_known, told_by_days
from data.rulelang.lists import Asked, Lists
from data.rulelang.partition import Cells, facts_asked
from data.rulelang.request import Request, Row

Facts = Mapping[str, Value]


def movable(tests: Sequence[History], ontology: Ontology) -> tuple[str, ...]:
    """The relations of which rows of every kind can be made: those whose tests days can tell."""
    about = {t.rows.relation: [s for s in tests if s.rows.relation == t.rows.relation]
             for t in tests}  # fmt: skip
    return tuple(
        name
        for name in ontology.relations
        if name in about and all(told_by_days(t) and not asks_known(t, ontology)
                                 for t in about[name])
    )  # fmt: skip


class NearLists:
    """The lists of one relation for a request, by how many rows they differ from its own."""

    def __init__(
        self, ontology: Ontology, tests: Sequence[History], facts: Facts, request: Request
    ) -> None:
        """``tests``: all of one relation; ``facts``: those of the request, defaults among them."""
        self._name = tests[0].rows.relation
        self._given = request.rows.get(self._name)
        looks = sorted({p for t in tests for p in attributes_of(t, ontology)} & facts.keys())
        asked = Asked(tuple(tests), tuple((p, facts[p]) for p in looks))
        links = (c for t in tests for c in facts_asked(t.rows.where))
        beside = [x for c in links if isinstance(c, CompareFacts) for x in _partners(c, facts)]
        cells = Cells(ontology, [*tests, *beside], spare=1)
        lists = Lists(ontology, cells, self._name, request, [asked])
        usual = ontology.row_defaults[ontology.relations[self._name].entity]
        self._kinds = [{p: v for p, v in row.items() if usual.get(p) != v} for row in lists.rows()]
        self.most = len(self._given or ()) + lists.enough

    def after(self, edits: int) -> Iterator[tuple[Row, ...]]:
        """Every list of so many edits, rows added before rows taken away; of an unknown list, of
        so many rows."""
        given = self._given or ()
        for less in range(min(edits, len(given)) + 1):
            for kept in combinations(given, len(given) - less):
                for more in combinations_with_replacement(self._kinds, edits - less):
                    yield (*kept, *more)


def together(near: Sequence[NearLists], edits: int) -> Iterator[tuple[tuple[Row, ...], ...]]:
    """A list of each relation; so many rows in all are edited."""
    if not near:
        if edits == 0:
            yield ()
        return
    for first in range(edits + 1):
        for rest in together(near[1:], edits - first):
            yield from ((rows, *rest) for rows in near[0].after(first))


def _partners(link: CompareFacts, facts: Facts) -> Iterator[Compare]:
    """The known values that facts of a row are held against."""
    for one, other in ((link.attribute, link.other), (link.other, link.attribute)):
        value = facts.get(other)
        if value is not None and not isinstance(value, frozenset):
            yield Compare(one, "is", value)
