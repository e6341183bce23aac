"""The words for some cells of one fact are true of exactly these cells."""

from __future__ import annotations

from itertools import combinations

import pytest

from data.ontology.model import Attribute
from data.rulelang.analyse.tell import told
from data.rulelang.ast import And, Compare, Condition, Or
from data.rulelang.cells import cells_of, holds

ENUM = Attribute("visit.exam", "enum", "exam", values=dict.fromkeys("abcd", ()))
NOTE = Attribute("visit.note", "text", "note")
AGE = Attribute("visit.age", "integer", "age", min=0, max=9)
CUTS = {
    ENUM.path: [],
    NOTE.path: [Compare(NOTE.path, "is one of", ("x", "y"))],
    AGE.path: [Compare(AGE.path, "is between", (3, 5)), Compare(AGE.path, "is at least", 7)],
}


def true_of(condition: Condition, value: object) -> bool:
    match condition:
        case Compare():
            return holds(condition, value)  # type: ignore[arg-type]
        case And():
            return all(true_of(p, value) for p in condition.parts)
        case Or():
            return any(true_of(p, value) for p in condition.parts)
        case _:
            raise AssertionError(condition)


@pytest.mark.parametrize("attribute", [ENUM, NOTE, AGE], ids=lambda a: a.name)
def test_every_choice_of_cells_is_told_exactly(attribute: Attribute) -> None:
    cells = cells_of(attribute, CUTS[attribute.path])
    for size in range(1, len(cells)):
        for chosen in combinations(range(len(cells)), size):
            said = told(attribute, cells, sum(1 << i for i in chosen))
            found = [i for i, c in enumerate(cells) if true_of(said, c.representative)]
            assert found == list(chosen)
