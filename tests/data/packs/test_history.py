"""Made-up past requests are as history.yaml says, alike on every machine, and rightly decided."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.ontology.values import converter
from data.packs import load_pack
from data.packs.history import generate, history_spec, history_table
from data.packs.history.decide import decide_columns
from data.packs.history.draw import Lists, draw_history
from data.packs.load import Pack
from data.rulelang.evaluate import decide
from data.rulelang.findings import InputError
from data.rulelang.request import Request
from data.rulelang.version import make_version

TINY = Path(__file__).parent / "tiny"
RADIOLOGY = load_pack("radiology")
ROWS = 20_000
EVERY_KIND = """
id: L
label: now
scopes: {house: {North: 3, South: 1}}
facts:
  loan.date: {days: {from: 2026-01-01, until: 2026-06-30, weekdays: {Sunday: 0}, months: {Feb: 0}}}
  loan.opened: {step: 30, ranges: {09:00 to 11:30: 3, 14:00 to 14:00: 1}}
  reader.age: {missing: 0.1, ranges: {0 to 17: 1, 18 to 80: 3}}
  reader.member: {given: reader.age, cases: {0 to 17: {yes: 0}}, otherwise: {yes: 0.5}}
  reader.score: {bell: {mean: 5, spread: 9}, step: 0.5}
  reader.card: {pattern: "C-####"}
  loan.kind: {per: branch.id, shares: {book: 2, "NO": 1}}
  loan.tags: {each: {rare: 0.2, large print: 0.9}}
rows:
  past_loans:
    missing: 0.2
    count: {shares: {0: 1, 2: 1}}
    facts:
      past.day: {before: {fact: loan.date, days: {1 to 30: 1}}}
      past.kind: {given: loan.kind, cases: {book: film}, otherwise: book}
"""


def tiny(folder: Path, history: str) -> Pack:
    shutil.copytree(TINY, folder / "pack")
    (folder / "pack" / "history.yaml").write_text(history)
    return load_pack(folder / "pack")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    pack = tiny(tmp_path_factory.mktemp("library"), EVERY_KIND)
    return generate(pack, 2_000, 1).to_pylist()


@pytest.fixture(scope="module")
def past() -> Any:
    return generate(RADIOLOGY, ROWS)


def column(table: Any, name: str) -> list[Any]:
    return table.column(name).to_pylist()


def share(values: list[Any], wanted: Any) -> float:
    return sum(v == wanted for v in values) / len(values)


# What history.yaml says is what comes out.


def test_levels_of_scope_come_from_one_row_of_the_table(library: list[dict[str, Any]]) -> None:
    table = {tuple(r.items()) for r in load_pack(TINY).scope_rows}
    drawn = {(("house", r["branch.house"]), ("id", r["branch.id"])) for r in library}
    assert drawn == table
    assert share([r["branch.house"] for r in library], "North") == pytest.approx(0.75, abs=0.04)


def test_days_keep_to_the_span_and_the_weights(library: list[dict[str, Any]]) -> None:
    days = [r["loan.date"] for r in library]
    assert date(2026, 1, 1) <= min(days) <= max(days) <= date(2026, 6, 30)
    assert not any(d.month == 2 or d.weekday() == 6 for d in days)


def test_ranges_keep_to_their_steps(library: list[dict[str, Any]]) -> None:
    times = Counter(r["loan.opened"].isoformat("minutes") for r in library)
    assert set(times) == {"09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "14:00"}
    assert times["14:00"] / len(library) == pytest.approx(0.25, abs=0.04)


def test_bells_keep_to_the_range_of_the_attribute(library: list[dict[str, Any]]) -> None:
    scores = [float(r["reader.score"]) for r in library]
    assert (min(scores), max(scores)) == (0.5, 9.5)
    assert all(s * 2 == int(s * 2) for s in scores)


def test_missing_facts_are_null_and_others_depend_on_what_was_so(
    library: list[dict[str, Any]],
) -> None:
    assert share([r["reader.age"] for r in library], None) == pytest.approx(0.1, abs=0.03)
    children = [r for r in library if r["reader.age"] is not None and r["reader.age"] < 18]
    assert not any(r["reader.member"] for r in children)


def test_a_draw_per_branch_is_one_for_each_branch(library: list[dict[str, Any]]) -> None:
    kinds = {(r["branch.id"], r["loan.kind"]) for r in library}
    assert len(kinds) == len({r["branch.id"] for r in library})


def test_sets_hold_each_element_by_its_chance(library: list[dict[str, Any]]) -> None:
    tags = [r["loan.tags"] for r in library]
    assert share(["rare" in t for t in tags], True) == pytest.approx(0.2, abs=0.04)
    assert share(["large print" in t for t in tags], True) == pytest.approx(0.9, abs=0.04)


def test_patterns_fill_in_digits(library: list[dict[str, Any]]) -> None:
    assert all(len(c) == 6 and c[2:].isdigit() for c in (r["reader.card"] for r in library))


def test_rows_belong_to_their_request(library: list[dict[str, Any]]) -> None:
    assert share([r["past_loans"] for r in library], None) == pytest.approx(0.2, abs=0.04)
    for request in library:
        loans = request["past_loans"]
        assert loans is None or len(loans) in (0, 2)
        for loan in loans or ():
            assert 1 <= (request["loan.date"] - loan["day"]).days <= 30
            assert loan["kind"] == ("film" if request["loan.kind"] == "book" else "book")


# The same on every machine.


def test_equal_seeds_give_equal_tables(tmp_path: Path) -> None:
    pack = tiny(tmp_path, EVERY_KIND)
    assert generate(pack, 500, 3).equals(generate(pack, 500, 3))
    assert not generate(pack, 500, 3).equals(generate(pack, 500, 4))


def test_the_table_is_the_same_on_every_machine(library: list[dict[str, Any]]) -> None:
    drawn = [{k: v for k, v in r.items() if "." in k and "decided" not in k} for r in library[:200]]
    text = json.dumps(drawn, default=str, sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "246eaf2f38afa748"


def test_a_new_fact_does_not_change_the_others(tmp_path: Path) -> None:
    more = EVERY_KIND.replace("  loan.kind:", "  loan.mark: {value: X1}\n  loan.kind:")
    before = generate(tiny(tmp_path / "a", EVERY_KIND), 300)
    after = generate(tiny(tmp_path / "b", more), 300)
    for name in before.column_names:
        assert before.column(name).equals(after.column(name)), name


# What was decided.


def test_grouped_requests_are_decided_as_one_by_one() -> None:
    spec = history_spec(RADIOLOGY)
    assert spec is not None
    drawn = draw_history(spec, RADIOLOGY.ontology, RADIOLOGY.scope_rows, 1_500, 5)
    version = make_version(
        RADIOLOGY.ontology, RADIOLOGY.code_sets, RADIOLOGY.scope_rows, RADIOLOGY.rule_set
    )
    lists = Lists(drawn.rows)
    grouped = decide_columns(version, drawn.facts, decide, lists)
    facts = {p: drawn.facts.distinct(p) for p in drawn.facts.numbers}
    for row in range(1_500):
        known = {p: values[places[row]] for p, (values, places) in facts.items()}
        given = {p: v for p, v in known.items() if v is not None}
        listed = {n: rows for n in drawn.rows if (rows := lists.of(n, row)) is not None}
        alone = decide(version, Request(given, listed))
        for name, result in alone.items():
            together = grouped[name].results[grouped[name].places[row]]
            assert together.key == result.key, (row, name)
            assert together.possible == result.possible


def test_older_rules_decided_older_requests(past: Any) -> None:
    arrivals = zip(column(past, "version"), column(past, "decided.arrival"), strict=True)
    seen = Counter(arrivals)
    assert seen["2026-03", 10] > 1_000
    assert seen["2026-10", 10] == 0
    by_label = zip(column(past, "request.date"), column(past, "version"), strict=True)
    assert {label for day, label in by_label if day <= date(2025, 12, 31)} == {"2025-06"}


def test_people_overruled_some(past: Any) -> None:
    assert 0.05 <= share(column(past, "overruled"), True) <= 0.10


def test_every_code_that_was_decided_stands_in_its_family(past: Any) -> None:
    families = column(past, "clinic.family")
    for family, code in zip(families, column(past, "decided.procedure_code"), strict=True):
        assert code is None or code[:5] in RADIOLOGY.code_sets[family].codes


# The radiology history is plausible.


def test_radiology_facts_fit_the_ontology(past: Any) -> None:
    for path, attribute in RADIOLOGY.ontology.attributes.items():
        if path not in past.column_names:
            continue
        convert = converter(attribute)
        for value in set(map(_hashable, column(past, path))) - {None}:
            convert(list(value) if isinstance(value, tuple) else value)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def test_radiology_draws_every_fact_of_a_request(past: Any) -> None:
    assert {a.path for a in RADIOLOGY.ontology.facts} <= set(past.column_names)
    assert set(RADIOLOGY.ontology.relations) <= set(past.column_names)


def test_facts_depend_on_one_another(past: Any) -> None:
    rows = past.select(["patient.age", "patient.sex", "patient.wheelchair", "request.exam"])
    people = rows.to_pylist()
    mammograms = [p for p in people if p["request.exam"] == "screening mammogram"]
    assert {p["patient.sex"] for p in mammograms} <= {"female", None}
    young = [p["patient.wheelchair"] for p in people if (p["patient.age"] or 99) < 40]
    old = [p["patient.wheelchair"] for p in people if (p["patient.age"] or 0) >= 80]
    assert share(young, True) < 0.04 < 0.2 < share(old, True)


def test_ages_fit_birth_dates(past: Any) -> None:
    days = column(past, "request.date")
    for day, born, age in zip(
        days, column(past, "patient.birth_date"), column(past, "patient.age"), strict=True
    ):
        full = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        assert age is None or full == age


def test_facts_are_missing_as_in_life(past: Any) -> None:
    for path in ("patient.wheelchair", "request.contrast", "coverage.type"):
        assert 0.01 <= past.column(path).null_count / ROWS <= 0.08, path


def test_the_wheelchair_rule_touches_some_hundreds_of_a_hundred_thousand(past: Any) -> None:
    age = np.array([a or 0 for a in column(past, "patient.age")])
    wheelchair = np.array([bool(w) for w in column(past, "patient.wheelchair")])
    exam = np.array(column(past, "request.exam")) == "screening mammogram"
    north = np.array(column(past, "clinic.family")) == "Northstar"
    touched = int((exam & north & wheelchair & (age > 40)).sum())
    assert 200 <= touched * 100_000 / ROWS <= 3_000


# Files, and what is wrong with a history.yaml.


def test_the_file_is_made_once_for_a_pack_as_it_is(tmp_path: Path) -> None:
    pack = tiny(tmp_path, EVERY_KIND)
    first = history_table(pack, tmp_path / "var", rows=50)
    assert first is not None
    made = first.stat().st_mtime_ns
    assert history_table(pack, tmp_path / "var", rows=50) == first
    assert first.stat().st_mtime_ns == made
    (pack.folder / "history.yaml").write_text(EVERY_KIND + "\n")
    assert history_table(pack, tmp_path / "var", rows=50) != first
    assert len(list((tmp_path / "var").iterdir())) == 2


def test_a_pack_may_bring_its_own_past_or_none(tmp_path: Path) -> None:
    pack = load_pack(shutil.copytree(TINY, tmp_path / "pack"))
    assert history_table(pack, tmp_path / "var") is None
    assert generate(pack).num_rows == 0
    (pack.folder / "history.parquet").write_bytes(b"as it was")
    assert history_table(pack, tmp_path / "var") == pack.folder / "history.parquet"


@pytest.mark.parametrize(
    ("replace", "by", "message", "suggestion"),
    [
        ("reader.age: {missing", "reader.aged: {missing", "`reader.aged` is no fact", "reader.age"),
        ("book: 2", "bok: 2", "has no value `bok`", "book"),
        ("0 to 17: 1", "17: 1", "`17` is no range", "18 to 39"),
        ("missing: 0.1", "missing: 3", "is a share", "from 0 to 1"),
        ("bell:", "curve:", "said in one way", "bell"),
        ("past_loans:", "past_loan:", "`past_loan` is no relation", "past_loans"),
        ("{North: 3", "{Nort: 3", "has no value `Nort`", "North"),
        (", otherwise: book", "", "needs a draw for all other cases", "otherwise"),
        ("Sunday: 0", "Sonntag: 0", "`Sonntag` is none of these", "Sunday"),
        ("given: reader.age", "given: loan.kind", "`loan.kind` is not drawn above", "move it up"),
        ("until: 2026-06-30", "until: 2025-06-30", "it ends before it begins", "lower end first"),
        ("fact: loan.date", "fact: loan.day", "`loan.day` is no fact", "loan.date"),
    ],
)
def test_a_broken_history_is_refused_with_the_line_and_what_to_try(
    replace: str, by: str, message: str, suggestion: str, tmp_path: Path
) -> None:
    assert EVERY_KIND.count(replace) == 1
    pack = tiny(tmp_path, EVERY_KIND.replace(replace, by))
    with pytest.raises(InputError) as refused:
        generate(pack, 10)
    finding = refused.value.findings[0]
    line = EVERY_KIND[: EVERY_KIND.index(replace)].count("\n") + 1
    assert message in finding.message
    assert suggestion in finding.suggestion
    assert finding.place == f"history.yaml:{line}"
