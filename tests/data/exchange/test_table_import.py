"""Tables that people bring: what their cells mean, and how a bad one is told."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from data.exchange.table.read import TableRead, Words, read_tables
from data.exchange.table.sheets import MOST_ROWS, read_sheets
from data.ontology.load import load_ontology
from data.rulelang.ast import RuleSet
from data.rulelang.findings import InputError
from data.rulelang.render import render
from data.rulelang.version import make_version

TEXT = """
name: shop
date: order.day
entities:
  buyer:
    attributes:
      age: {type: integer, label: age, unit: years, min: 0, max: 120, synonyms: [how old]}
      kind: {type: enum, values: {new: [], regular: [loyal], "not new": [], "a, b": []}}
      member: {type: boolean, label: member}
      name: {type: text, label: full name, sensitive: identifying}
  order:
    attributes:
      day: {type: date, label: order day}
      total: {type: decimal, label: total}
      tags: {type: set of enum, label: tags, values: [gift, urgent]}
      note: {type: text, label: note}
  place:
    attributes:
      country: {type: enum, values: [US, CA]}
scopes: {entity: place, levels: [country]}
decisions:
  lane: {type: enum, label: lane, values: [fast, slow]}
  points: {type: integer, label: points, hit: sum}
  advice: {type: text, label: advice, hit: collect}
"""
ONTOLOGY, _FINDINGS = load_ontology(TEXT)
assert ONTOLOGY is not None, _FINDINGS
WORDS = Words(ONTOLOGY, {})


def read(content: str | bytes, name: str = "Lanes.csv", **how: Any) -> TableRead:
    made = content.encode() if isinstance(content, str) else content
    return read_tables(name, made, WORDS, **how)


def condition(fact: str, cell: str) -> str:
    """The `when` of a rule whose table has this one cell."""
    quoted = cell.replace('"', '""')
    found = read(f'{fact},lane\n"{quoted}",fast\n')
    assert not found.problems, found.problems
    text = render(found.rules[0], ONTOLOGY)
    lines = [line.strip() for line in text.splitlines()]
    return " ".join(line for line in lines if line.startswith(("when", "and", "or", "unless")))


@pytest.mark.parametrize(
    ("fact", "cell", "when"),
    [
        ("age", "40", "age is 40"),
        ("age", "40, 50", "age is one of 40, 50"),
        ("how old", ">= 40", "age is at least 40"),
        ("buyer.age", "at least 40 years", "age is at least 40"),
        ("age", "≤40", "age is at most 40"),
        ("age", "40+", "age is at least 40"),
        ("age", "40..60", "age is between 40 and 60"),
        ("age", "40-60", "age is between 40 and 60"),
        ("age", "40 – 60 years", "age is between 40 and 60"),
        ("age", "between 40 and 60", "age is between 40 and 60"),
        ("age", ">= 3 and < 5", "age is at least 3 and age is less than 5"),
        ("age", "< 2, > 60", "age is less than 2 or age is more than 60"),
        ("age", "not 40", "age is not 40"),
        ("age", "not 40, 50", "age is none of 40, 50"),
        ("age", "known", "age is known"),
        ("age", "unknown", "not ( age is known )"),
        ("kind", "Loyal", "kind is regular"),
        ("kind", "new, regular", "kind is one of new, regular"),
        ("kind", "not regular", "kind is not regular"),
        ("kind", '"not new"', 'kind is "not new"'),
        ("kind", "a, b", 'kind is "a, b"'),
        ("member", "yes", "member is yes"),
        ("member", "not true", "member is no"),
        ("order day", "2026-11-20", "order day is 2026-11-20"),
        ("order day", "before 2026-11-20", "order day is before 2026-11-20"),
        ("order day", ">= 2026-11-20", "order day is on or after 2026-11-20"),
        ("order day", "2026-11-20 to 2026-11-22", "order day is between 2026-11-20 and 2026-11-22"),
        ("total", "> 9.50", "total is more than 9.5"),
        ("tags", "gift", "tags include gift"),
        ("tags", "gift, urgent", "tags include any of gift, urgent"),
        ("tags", "all of gift, urgent", "tags include all of gift, urgent"),
        ("tags", "not gift", "not ( tags include gift )"),
        ("note", '"a, b"', 'note is "a, b"'),
        ("note", "overnight", 'note is "overnight"'),
    ],
)  # fmt: skip
def test_a_cell_means(fact: str, cell: str, when: str) -> None:
    found = condition(fact, cell)
    assert found.removeprefix("when").strip() == when


def test_a_dash_and_an_empty_cell_say_nothing() -> None:
    found = read("age,kind,member,lane\n-,,any,fast\n")
    assert found.rules[0].when is None


def test_every_clause_has_a_column() -> None:
    found = read(
        "rule,scope,age,then lane,points,advice,mandatory,reason,from,until,overrides\n"
        'Old,country US,>= 60,slow,+5,"Say hello.\nSay it again.",yes,Manual,2026-01-01,'
        "2026-12-31,Young\n"
        "Young,,< 60,left to staff,,,,,,,\n"
    )
    assert [render(r, ONTOLOGY) for r in found.rules] == [
        'rule "Old"\n  scope      country US mandatory\n  when       age is at least 60\n'
        "  then       lane is slow\n             and points adds 5\n"
        '             and advice include "Say hello."\n             and advice include '
        '"Say it again."\n  because    "Manual"\n  from       2026-01-01\n'
        '  until      2026-12-31\n  overrides  "Young"',
        'rule "Young"\n  when       age is less than 60\n  then       lane is left to staff',
    ]


@pytest.mark.parametrize("table", ["hit policy,first\nage,lane\n", "age,lane\n"])
def test_the_first_row_that_matches_wins(table: str) -> None:
    how: dict[str, Any] = {} if "policy" in table else {"policy": "first"}
    found = read(table + ">= 60,slow\n>= 18,fast\n-,slow\n", **how)
    a, b, c = found.rules
    assert (a.overrides, b.overrides, c.overrides) == ((b.title,), (c.title,), ())
    make_version(ONTOLOGY, {}, (), RuleSet(found.rules))


def test_a_result_column_is_the_decision_that_was_named() -> None:
    for found in (
        read("age,result\n40,fast\n", decision="lane"),
        read("age,result\n40,fast\n", name="lane.csv"),
    ):
        assert found.rules[0].then[0].decision == "lane"
    with pytest.raises(InputError, match="no decision `lain`"):
        read("age,result\n40,fast\n", decision="lain")


BAD = [
    ("aeg,lane\n40,fast\n", "row 1, column `aeg` (A)", "is called `aeg`", "`age`"),
    ("age,lane\nforty,fast\n", "row 2, column `age` (A)", "whole number", "number"),
    ("age,lane\n400,fast\n", "row 2, column `age` (A)", "from 0 to 120", ""),
    ('age,lane\n"40,5",fast\n', "row 2, column `age` (A)", "one number or two", "`40.5`"),
    ("age;lane\n40,5;fast\n", "row 2, column `age` (A)", "one number or two", "`40.5`"),
    ("age,lane\n60..40,fast\n", "row 2, column `age` (A)", "nothing lies between", ""),
    ("age,lane\n40,fats\n", "row 2, column `lane` (B)", "no value `fats`", "`fast`"),
    ("kind,lane\nnwe,fast\n", "row 2, column `kind` (A)", "no value `nwe`", "`new`"),
    ("kind,lane\nnot new,fast\n", "row 2, column `kind` (A)", "could mean", "quotes"),
    ("kind,lane\n> new,fast\n", "row 2, column `kind` (A)", "no order", ""),
    ("order day,lane\n46000,fast\n", "row 2, column `order day` (A)", "2025-12-09", "dates"),
    ("order day,lane\n20.11.2026,fast\n", "row 2, column `order day` (A)", "a date", "year"),
    ("full name,lane\nx,fast\n", "row 1, column `full name` (A)", "identifies", ""),
    ("age\n40\n", "row 1", "no column is a decision", "`lane`"),
    ("age,age,lane,lane\n1,,fast,\n", "row 1, column `lane` (D)", "stands twice", ""),
    ("age,lane\n40,\n", "row 2", "says nothing of any decision", ""),
    ("age,lane\n40,fast,oops\n", "row 2", "without a name", ""),
    ("title,lane\nA,fast\nA,slow\n", "row 3", "a second rule is called `A`", "title"),
    ("overrides,lane\nNobody,fast\n", "row 2, column `overrides`", "is no rule", ""),
    ("scope,lane\ncountry FR,fast\n", "row 2, column `scope` (A)", "no value `FR`", ""),
    ("scope,lane\ntown X,fast\n", "row 2, column `scope` (A)", "no level", "country"),
    ("mandatory,lane\nmaybe,fast\n", "row 2, column `mandatory` (A)", "neither yes", ""),
    ("from,lane\nsoon,fast\n", "row 2, column `from` (A)", "a date", ""),
    ("hit policy,best\nage,lane\n1,fast\n", "row 1", "no hit policy", "first"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message", "tip"), BAD)
def test_a_bad_cell_is_named_and_nothing_is_half_read(
    text: str, place: str, message: str, tip: str
) -> None:
    found = read(text)
    assert not found.rules
    (problem,) = found.problems
    assert problem.place == f"sheet `Lanes`, {place}"
    assert message in problem.message
    assert tip in problem.suggestion


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n \n", "is empty"),
        (b"age,lane\n40,\xe9\n", "row 2 holds a letter in an encoding"),
        (b"\xd0\xcf\x11\xe0 old", "old form, or one with a password"),
        (b"PK\x03\x04 broken", "no workbook"),
        (b'age,lane\n"40,fast\n', "row 2 cannot be read"),
        (b"\x89PNG\x00\x00", "not UTF-8"),
        (b"GIF89a\x00\x00", "no table"),
        (b"a" * 5_000_001, "larger than 5 MB"),
        (b"age,lane\n" + b"40,fast\n" * (MOST_ROWS + 1), "more than 10,000 rows"),
        (b",".join([b"age"] * 201), "more than 200 columns"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(content)


def test_byte_order_marks_and_tabs_are_read() -> None:
    for content in (
        "age,lane\n40,fast\n".encode("utf-8-sig"), "age\tlane\n40\tfast\n".encode("utf-16"),
    ):  # fmt: skip
        assert len(read(content).rules) == 1


def workbook(*rows: list[Any], **sheets: list[list[Any]]) -> Workbook:
    book = Workbook()
    for name, lines in (sheets or {"Lanes": list(rows)}).items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.remove(book.worksheets[0])
    return book


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_with_its_types() -> None:
    rows = [["age", "member", "order day", "total", "lane"]]
    rows += [[40, True, date(2026, 11, 20), 9.5, "fast"], ["40", "no", None, 3.0, "slow"]]
    found = read(saved(workbook(*rows)), "x.xlsx")
    assert not found.problems
    text = render(found.rules[0], ONTOLOGY)
    assert "age is 40" in text and "order day is 2026-11-20" in text and "total is 9.5" in text


def test_each_sheet_is_a_table_and_names_its_decision() -> None:
    book = workbook(lane=[["age", "result"], [40, "fast"]], points=[["age", "result"], [40, 5]])
    found = read(saved(book), "x.xlsx")
    assert [r.then[0].decision for r in found.rules] == ["lane", "points"]
    assert found.sheets == ("lane", "points")


def test_formulas_merged_cells_and_macros_are_refused() -> None:
    with pytest.raises(InputError, match="formula") as error:
        read(saved(workbook(["age", "lane"], ["=1+1", "fast"])), "x.xlsx")
    assert error.value.findings[0].place == "sheet `Lanes`, cell A2"
    book = workbook(["age", "lane"], [40, "fast"], [None, "slow"])
    book["Lanes"].merge_cells("A2:A3")
    with pytest.raises(InputError, match="cells A2:A3 are merged") as error:
        read(saved(book), "x.xlsx")
    assert error.value.findings[0].place == "sheet `Lanes`"
    with pytest.raises(InputError, match="macros"):
        read(with_member(saved(workbook(["lane"], ["fast"])), "xl/vbaProject.bin", b"x"), "x.xlsm")


def with_member(content: bytes, name: str, member: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, member)
    return out.getvalue()


def test_a_workbook_that_unpacks_to_much_more_is_refused_unopened() -> None:
    bomb = with_member(saved(workbook(["lane"], ["fast"])), "xl/media/x.bin", b"\0" * 61_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(InputError, match="unpacks to more than 60 MB"):
        read_sheets("x.xlsx", bomb)


def test_progress_is_told_on_the_way() -> None:
    told: list[tuple[int, int]] = []
    rows = "".join(f"{n % 100},fast\n" for n in range(1_200))
    found = read("age,lane\n" + rows, progress=lambda done, of: told.append((done, of)))
    assert (len(found.rules), told) == (1_200, [(500, 1_201), (1_000, 1_201)])
