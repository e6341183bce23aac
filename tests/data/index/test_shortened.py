"""Words cut short find what they stand for, and nothing else does."""

from __future__ import annotations

import pytest

from data.index.items import Item
from data.index.shortened import ShortForms

NAMES = {
    "date": "appointment date", "weight": "patient weight", "out": "out of office",
    "x-ray": "chest x-ray", "senior": "senior engineer", "area": "patient area", "crit": "critical",
}  # fmt: skip
FORMS = ShortForms([Item(i, "value", name, (name,)) for i, name in NAMES.items()])


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("appt date", {"date"}),
        ("on the appt date", {"date"}),
        ("OOO", {"out"}),
        ("people who are ooo", {"out"}),
        ("chest XR", {"x-ray"}),
        ("cxr", {"x-ray"}),
        ("pt wt", {"weight"}),
        ("sr engineer", {"senior"}),
        ("crit", {"crit"}),
        ("cr", set()),
        ("patient", set()),
        ("appointment date", set()),
        ("date appt", set()),
        ("pt", set()),
        ("", set()),
        ("zzz qq", set()),
    ],
)
def test_a_run_of_short_words_uses_up_a_name(said: str, found: set[str]) -> None:
    assert set(FORMS.find(said)) == found


def test_what_is_written_out_is_not_looked_for_here() -> None:
    whole = " ".join(NAMES.values())
    assert FORMS.find(whole) == {}


def test_codes_rules_and_examples_are_no_names() -> None:
    kinds = ("code", "rule", "example")
    forms = ShortForms([Item(k, k, "appointment date", ("appointment date",)) for k in kinds])
    assert forms.find("appt date") == {}
