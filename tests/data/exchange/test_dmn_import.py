"""What a DMN model becomes: the meaning of every hit policy, and what is told of the rest."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.exchange.dmn.load import load_dmn
from data.exchange.pack_text import write_files
from data.packs import load_pack
from data.rulelang.evaluate import decide
from data.rulelang.findings import InputError
from data.rulelang.request import read_request
from data.rulelang.version import make_version
from tests.data.exchange.models import decision, inputs, model

Says = Callable[[Any], bool]
NUMBERS: dict[str, Says] = {
    "-": lambda v: True,
    "2": lambda v: v == 2,
    "< 2": lambda v: v < 2,
    ">=3": lambda v: v >= 3,
    "[1..3]": lambda v: 1 <= v <= 3,
    "]1..3]": lambda v: 1 < v <= 3,
    "1, >3": lambda v: v == 1 or v > 3,
    "not(2, 3)": lambda v: v not in (2, 3),
    "not([1..2])": lambda v: not 1 <= v <= 2,
}
TEXTS: dict[str, Says] = {
    "-": lambda v: True,
    '"a"': lambda v: v == "a",
    '"a", "b"': lambda v: v in ("a", "b"),
    'not("a")': lambda v: v != "a",
    'not("a","b")': lambda v: v not in ("a", "b"),
}
TRUTHS: dict[str, Says] = {
    "-": lambda v: True,
    "true": lambda v: v is True,
    "not(true)": lambda v: v is False,
}
DAYS: dict[str, Says] = {
    "-": lambda v: True,
    '< date("2026-01-02")': lambda v: v < "2026-01-02",
    '[@"2026-01-02"..@"2026-01-03"]': lambda v: "2026-01-02" <= v <= "2026-01-03",
    'not(date("2026-01-01"))': lambda v: v != "2026-01-01",
}
CELLS = (NUMBERS, TEXTS, TRUTHS, DAYS)
VALUES = (
    (0, 1, 1.5, 2, 3, 4), ("a", "b", "c"), (True, False),
    ("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"),
)  # fmt: skip
WORDS = inputs(("n", "number"), ("s", "string"), ("t", "boolean"), ("d", "date"))
ANSWERS = ("high", "middle", "low")
POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "COLLECT", "SUM", "COUNT", "MIN", "MAX")
RowOf = tuple[tuple[str, ...], int]


def meaning(policy: str, rows: list[RowOf], default: int | None, facts: tuple[Any, ...]) -> Any:
    """What DMN says, straight from its words; answers are 0, 1, 2. ``None``: no single answer."""
    hit = [
        answer
        for cells, answer in rows
        if all(of[cell](v) for of, cell, v in zip(CELLS, cells, facts, strict=True))
    ]
    if not hit and default is not None:
        hit = [default]
        if policy == "COUNT":
            return default
    match policy:
        case "COLLECT":
            return sorted({ANSWERS[h] for h in hit})
        case "SUM":
            return sum(hit)
        case "COUNT":
            return len(hit)
        case "MIN":
            return min(hit, default=None)
        case "MAX":
            return max(hit, default=None)
        case "FIRST":
            return ANSWERS[hit[0]] if hit else None
        case "PRIORITY":
            return ANSWERS[min(hit)] if hit else None
        case _:
            return ANSWERS[hit[0]] if len(hit) == 1 else None


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[RowOf], int | None]:
    row = st.tuples(
        st.tuples(*(st.sampled_from(sorted(of)) for of in CELLS)), st.sampled_from([0, 1, 2])
    )
    return (
        draw(st.sampled_from(POLICIES)),
        draw(st.lists(row, min_size=1, max_size=4)),
        draw(st.sampled_from([None, None, 0, 2])),
    )


@given(tables())
@settings(max_examples=60, deadline=None)
def test_every_request_is_answered_as_dmn_answers_it(
    table: tuple[str, list[RowOf], int | None],
) -> None:
    policy, rows, default = table
    counted = policy in ("SUM", "COUNT", "MIN", "MAX")

    def written(answer: int | None) -> str:
        return "" if answer is None else str(answer) if counted else f'"{ANSWERS[answer]}"'

    allowed = "" if counted else ", ".join(f'"{a}"' for a in ANSWERS)
    made = load_dmn(
        model(
            WORDS,
            decision(
                "Answer", ["n", "s", "t", "d"], [("", allowed, written(default))],
                [(cells, [written(answer)]) for cells, answer in rows],
                "COLLECT" if counted else policy, policy if counted else "",
            ),
        )
    )  # fmt: skip
    version = make_version(made.ontology, {}, (), made.rule_set)
    for facts in product(*VALUES):
        request = dict(zip("nstd", facts, strict=True))
        found = decide(version, read_request(made.ontology, {"request": request}))
        shown = found["Answer"].to_json()
        wanted = meaning(policy, rows, default, facts)
        if policy == "UNIQUE" and wanted is None:
            continue  # several rows: DMN leaves it open, here the exception wins or it conflicts
        expected = {"status": "no_rule"} if wanted is None else wanted
        assert shown.get("value", shown) == expected, request


def test_a_written_pack_is_the_one_that_was_made(tmp_path: Path) -> None:
    made = load_dmn(
        model(
            WORDS,
            decision(
                "Approval", ["n", "s"], [("Status", '"yes", "no"', ""), ("Rate", "", "1.5")],
                [([">= 18", '"a"'], ['"yes"', "2"]), (["-", "null"], ['"no"', "null"])], "FIRST",
            ),
        )
    )  # fmt: skip
    write_files(tmp_path / "pack", made.files)
    pack = load_pack(tmp_path / "pack")
    assert set(pack.rule_set.rules) == set(made.rule_set.rules)
    assert pack.ontology == made.ontology
    with pytest.raises(InputError, match="exists already"):
        write_files(tmp_path / "pack", made.files)


def test_what_rules_cannot_say_is_listed_with_its_place_and_reason() -> None:
    rows = [(["> n + 1"], ['"x"'])]
    made = load_dmn(
        model(
            WORDS,
            decision("Fine", ["t"], [("", "", "")], [(["true"], ['"x"'])]),
            decision("Sum", ["n"], [("", "", "")], rows),
            decision("Odd", ["n * 2"], [("", "", "")], [(["-"], ['"x"'])]),
            decision("Mixed", ["n"], [("", "", "")], [(["1"], ['"x"']), (["2"], ["3"])]),
            '<decision name="Told"><literalExpression><text>n + 1</text>'
            "</literalExpression></decision>",
        )
    )
    assert list(made.outputs) == ["Fine"]
    told = {f.place: f.message for f in made.findings}
    assert told["decision `Sum`"].endswith("row 1, column `n`: `> n + 1` is an expression")
    assert "`n * 2` is an expression, not a fact" in told["decision `Odd`"]
    assert "several types" in told["decision `Mixed`"]
    assert "`n + 1` is an expression" in told["decision `Told`"]


def test_a_cell_may_compare_with_another_input() -> None:
    rows = [(["[low..high["], ['"in"']), (["not([low..high[)"], ['"out"'])]
    words = inputs(("n", "number"), ("low", "number"), ("high", "number"))
    made = load_dmn(model(words, decision("D", ["n"], [("", "", "")], rows)))
    version = make_version(made.ontology, {}, (), made.rule_set)
    for n, low, high in product((1, 2, 3), repeat=3):
        request = {"request": {"n": n, "low": low, "high": high}}
        found = decide(version, read_request(made.ontology, request))["D"]
        assert found.value == ("in" if low <= n < high else "out")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="&b;"/>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="&a;"/>"""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (BOMB, "declares entities"),
        (OUTSIDE, "declares entities"),
        (b"PK\x03\x04 no xml", "not well-formed"),
        (b"", "not well-formed"),
        (b"<html/>", "no DMN model"),
        (model(), "holds no decision"),
        (b" " * 20_000_001, "larger than 20 MB"),
    ],
    ids=["entities", "outside", "zip", "empty", "html", "no decision", "large"],
)
def test_a_file_that_is_no_model_is_refused_in_words(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        load_dmn(content)


def test_rows_that_dmn_forbids_to_meet_are_told() -> None:
    rows = [([">= 1"], ['"x"']), ([">= 2"], ['"y"'])]
    made = load_dmn(model(WORDS, decision("D", ["n"], [("", "", "")], rows)))
    assert [f.message for f in made.findings] == [
        "`D 2` lies inside `D 1` and answers otherwise, which UNIQUE forbids; "
        "here it counts as the exception"
    ]
