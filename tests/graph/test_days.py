"""Days as people say them, counted from a Friday: 20 November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from graph.days import days_said, take_day

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("today", ["2026-11-20"]),
        ("Tomorrow.", ["2026-11-21"]),
        ("the day after tomorrow", ["2026-11-22"]),
        ("next Monday", ["2026-11-23"]),
        ("Friday", ["2026-11-27"]),
        ("this Sunday", ["2026-11-22"]),
        ("next Sunday", ["2026-11-22", "2026-11-29"]),
        ("in two weeks", ["2026-12-04"]),
        ("3 days from now", ["2026-11-23"]),
        ("in a month", ["2026-12-20"]),
        ("20 November", ["2026-11-20"]),
        ("November 3", ["2027-11-03"]),
        ("on the 3rd of December, 2026", ["2026-12-03"]),
        ("Nov 20th, 2027", ["2027-11-20"]),
        ("3/12/2026", ["2026-12-03", "2026-03-12"]),
        ("25/12", ["2026-12-25"]),
        ("2026-12-01", ["2026-12-01"]),
        ("31 February", []),
        ("2026-02-30", []),
        ("wheelchair", []),
        ("", []),
    ],
)
def test_a_phrase_names_its_day_or_all_that_it_can_mean(said: str, days: list[str]) -> None:
    assert [str(d) for d in days_said(said, TODAY)] == days


@pytest.mark.parametrize(
    ("said", "rest", "day"),
    [
        ("a woman with a CT on 3 December 2026 at North", "a woman with a CT at North",
         date(2026, 12, 3)),
        ("a man with a CT tomorrow", "a man with a CT", date(2026, 11, 21)),
        ("a man with a CT on Monday", "a man with a CT on Monday", None),
        ("a woman 20 weeks pregnant", "a woman 20 weeks pregnant", None),
        ("a visit two weeks ago", "a visit two weeks ago", None),
        ("next Sunday, a CT", "next Sunday, a CT", None),
    ],
)  # fmt: skip
def test_only_a_day_that_is_sure_is_taken_from_a_text(
    said: str, rest: str, day: date | None
) -> None:
    assert take_day(said, TODAY) == (rest, day)
