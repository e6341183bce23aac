"""Drift is told from the days of the week, and what was sown is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from evals.nightly.day import Day, Opinion
from evals.nightly.drift import Level, Signal, drift

WORDS = [f"word{n}" for n in range(40)]
FIRST = date(2026, 8, 3)


def a_day(when: date, draw: np.random.Generator) -> Day:
    """Quiet and slow at weekends, busy on Mondays, when more is out of scope."""
    weekend, monday = when.weekday() >= 5, when.weekday() == 0
    turns = int(draw.poisson(60 if weekend else 400 if monday else 250))
    outside = int(draw.binomial(turns, 0.12 if monday else 0.04))
    drafts = int(draw.binomial(turns, 0.6))
    said = draw.choice(WORDS[:20] if weekend else WORDS, size=turns * 5)
    direction = np.array([1.0, 0.4 if weekend else 0.0, 0.0]) + draw.normal(0, 0.02, 3)
    asked = turns * 20
    places = {}
    for place in ("north", "south"):
        places[place] = (int(draw.binomial(asked // 2, 0.03)), asked // 2)
    coded = draw.multinomial(asked, [0.5, 0.3, 0.2] if weekend else [0.4, 0.4, 0.2])
    return Day(
        when.isoformat(), turns, int(draw.binomial(turns, 0.01)), outside, drafts,
        int(draw.binomial(drafts, 0.1)),
        {str(w): int((said == w).sum()) for w in set(said)},
        tuple(direction / np.linalg.norm(direction)),
        seconds=float((3.0 if weekend else 1.5) * np.exp(draw.normal(0, 0.15))),
        tokens=float(900 * np.exp(draw.normal(0, 0.05))),
        cost=float(0.01 * np.exp(draw.normal(0, 0.05))),
        opinions=tuple(
            Opinion("plain", bool(good), bool(good) if draw.random() < 0.9 else not good)
            for good in draw.random(4) < 0.6
        ),
        outcomes={"code": dict(zip("ABC", map(int, coded), strict=True))},
        gaps=places,
    )  # fmt: skip


def some_days(many: int, seed: int = 1) -> list[Day]:
    draw = np.random.default_rng(seed)
    return [a_day(FIRST + timedelta(days=n), draw) for n in range(many)]


def unusual(signals: list[Signal]) -> dict[str, Level]:
    return {s.name: s.level for s in signals if s.level in ("watch", "alarm")}


def test_ten_weeks_of_weekends_and_mondays_say_nothing_unusual() -> None:
    days = some_days(70)
    found = {d.date: unusual(drift(days[: n + 1], "one")) for n, d in enumerate(days) if n >= 35}
    assert {d: f for d, f in found.items() if f} == {}


def worse_seconds(day: Day) -> Day:
    assert day.seconds is not None and day.cost is not None
    return replace(day, seconds=day.seconds * 3, cost=day.cost * 2)


def gaps_in_the_south(day: Day) -> Day:
    return replace(day, gaps={**day.gaps, "south": (400, day.gaps["south"][1])})


@pytest.mark.parametrize(
    ("change", "name", "level"),
    [
        (lambda d: replace(d, outside=d.turns // 3), "out of scope", "watch"),
        (lambda d: replace(d, unplaced=d.drafts // 2), "drafts with an unplaced word", "watch"),
        (lambda d: replace(d, broke=d.turns // 5), "turns that broke", "alarm"),
        (worse_seconds, "seconds of the slowest turns", "watch"),
        (worse_seconds, "cost of a turn", "watch"),
        (lambda d: replace(d, words={**d.words, "new": 200}), "words never said before", "watch"),
        (lambda d: replace(d, vector=(0.0, 0.0, 1.0)), "distance of the meaning", "watch"),
        (lambda d: replace(d, outcomes={"code": {"C": 900}}), "results of code", "watch"),
        (gaps_in_the_south, "requests without a rule at south", "alarm"),
    ],
)
def test_what_was_sown_is_found(change: Callable[[Day], Day], name: str, level: Level) -> None:
    days = some_days(60)
    found = unusual(drift([*days[:-1], change(days[-1])], "one"))
    assert found[name] == level
    assert "requests without a rule at north" not in found


def test_a_first_week_has_too_little_to_say_what_is_usual() -> None:
    assert {s.level for s in drift(some_days(5), "one")} == {"too little"}


def test_a_judge_that_tosses_coins_does_not_agree_with_people() -> None:
    draw = np.random.default_rng(5)
    tossed = tuple(
        Opinion("tossing", bool(draw.random() < 0.5), bool(draw.random() < 0.5)) for _ in range(80)
    )
    days = some_days(40)
    signals = drift([*days[:-1], replace(days[-1], opinions=tossed)], "one")
    levels = {s.name: (s.level, s.value) for s in signals if s.kind == "agreement"}
    assert levels["agreement of tossing with people"][0] == "watch"
    assert levels["agreement of plain with people"][0] == "fine"
    (plain,) = (s for s in signals if s.name == "agreement of plain with people")
    assert plain.series[-1] == (days[-1].date, plain.value) and len(plain.series) > 20
    assert levels["agreement of plain with people"][1] > 0.6  # type: ignore[operator]


def test_a_day_is_read_back_as_it_was_kept() -> None:
    import json

    (day,) = some_days(1)
    assert Day.from_json(json.loads(json.dumps(day.to_json()))) == day
