"""What drifts: each day's figures held against the same weekday's before.

A figure is unusual when it lies beyond everything that weekday showed and more than four robust
standard deviations from its median (median and MAD: Iglewicz and Hoaglin, How to Detect and Handle
Outliers, 1993), where a share's own sampling error is the least deviation. So a Monday is no alarm
because it is no Sunday. Distances between distributions are Jensen-Shannon's (words), cosine's
(vectors) and total variation (outcomes), each day against the four weeks before it. Agreement of
judges with people is Cohen's kappa; below 0.4 Landis and Koch (1977) call it fair at best.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any, Literal

import numpy as np

from evals.nightly.day import Day, Opinion

Level = Literal["fine", "watch", "alarm", "too little"]
Kind = Literal["share", "distance", "ratio", "agreement"]
BEFORE = 28
"""Days that a distribution is held against."""
WEEKS = 8
FEWEST_WEEKS = 4
FEWEST_DAYS = 7
FEWEST = 20
"""Turns or decisions of a day below which it says nothing."""
FEWEST_OPINIONS = 30
FAR = 4.0
WORTH: Mapping[Kind, float] = {"share": 0.05, "distance": 0.05, "ratio": math.log(1.5)}
"""A smaller rise is not worth telling; of ratios the logarithm."""
LEAST: Mapping[Kind, float] = {"share": 0.005, "distance": 0.01, "ratio": 0.05}
"""The least deviation that is taken for usual."""
FAIR = 0.4


_Got = tuple[float, int] | None
"""A figure and how many turns or decisions it stands on; ``None`` says nothing."""
_Of = Callable[[Day, Sequence[Day]], _Got]


@dataclass(frozen=True, slots=True)
class Signal:
    """One figure of the last day, and what is usual for it."""

    organisation: str
    name: str
    kind: Kind
    level: Level
    value: float | None
    usual: float | None
    limit: float | None
    """Above it (of agreement below it) the figure is unusual."""
    said: str
    series: tuple[tuple[str, float], ...]
    """Date and figure, the oldest first."""


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure of a day, worked out from it and the days before."""

    name: str
    kind: Kind
    alarms: bool
    of: _Of


def drift(days: Sequence[Day], organisation: str) -> list[Signal]:
    """Signals of the last of these days, which are in order; none without a day."""
    if not days:
        return []
    figures = [*FIGURES, *_outcomes(days), *_gaps(days)]
    found = [_signal(f, days, organisation) for f in figures]
    return [*(s for s in found if s is not None), *_agreement(days, organisation)]


def _signal(figure: _Figure, days: Sequence[Day], organisation: str) -> Signal | None:
    """``None`` where the last day has no such figure at all."""
    known = {
        day.date: got
        for n, day in enumerate(days)
        if (got := figure.of(day, days[max(0, n - BEFORE) : n])) is not None
    }
    last = days[-1].date
    if last not in known:
        return None
    value, n = known[last]
    series = tuple((d, v) for d, (v, _) in known.items())
    past = _comparable({d: v for d, (v, many) in known.items() if many >= FEWEST}, last)
    if n < FEWEST or not past:
        words = (
            f"{organisation}: {figure.name}: {shown(value, figure.kind)}; "
            "too little to say what is usual"
        )
        return Signal(
            organisation, figure.name, figure.kind, "too little", value, None, None, words, series
        )
    usual, limit = _limit(past, n, figure.kind)
    unusual = value > limit
    level: Level = ("alarm" if figure.alarms else "watch") if unusual else "fine"
    words = (
        f"{figure.name}: {shown(value, figure.kind)} on {last}, usually "
        f"{shown(usual, figure.kind)} (unusual above {shown(limit, figure.kind)})"
    )
    return Signal(
        organisation, figure.name, figure.kind, level, value, usual, limit,
        f"{organisation}: {words}", series,
    )  # fmt: skip


def _comparable(known: Mapping[str, float], last: str) -> list[float]:
    """The same weekday's figures; all of them while there are few weeks; none with few days."""
    before = {d: v for d, v in known.items() if d < last}
    weekday = date.fromisoformat(last).weekday()
    same = [v for d, v in before.items() if date.fromisoformat(d).weekday() == weekday]
    if len(same) >= FEWEST_WEEKS:
        return same[-WEEKS:]
    return list(before.values()) if len(before) >= FEWEST_DAYS else []


def _limit(past: Sequence[float], n: int, kind: Kind) -> tuple[float, float]:
    """What is usual, and above what a figure of ``n`` is not."""
    scaled = [math.log(max(v, 1e-9)) for v in past] if kind == "ratio" else list(past)
    centre = median(scaled)
    spread = 1.4826 * median(abs(v - centre) for v in scaled)
    if kind == "share":
        likely = min(max(centre, 1 / n), 1 - 1 / n)
        spread = max(spread, math.sqrt(likely * (1 - likely) / n))
    reach = max(FAR * max(spread, LEAST[kind]), WORTH[kind])
    limit = max(centre + reach, max(scaled))
    return (math.exp(centre), math.exp(limit)) if kind == "ratio" else (centre, limit)


def shown(value: float, kind: Kind) -> str:
    """The figure as a person reads it."""
    if kind == "share":
        return f"{value:.1%}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _share(part: Callable[[Day], int], whole: Callable[[Day], int]) -> _Of:
    def of(day: Day, before: Sequence[Day]) -> _Got:
        return (part(day) / whole(day), whole(day)) if whole(day) else None

    return of


def _figure_of(value: Callable[[Day], float | None]) -> _Of:
    def of(day: Day, before: Sequence[Day]) -> _Got:
        known = value(day)
        return None if known is None or known <= 0 else (known, day.turns)

    return of


def _new_words(day: Day, before: Sequence[Day]) -> _Got:
    """The share of what was said that nobody had said in the four weeks before."""
    known = {w for d in before for w in d.words}
    said = sum(day.words.values())
    if not known or not said:
        return None
    return sum(n for w, n in day.words.items() if w not in known) / said, said


def _wording(day: Day, before: Sequence[Day]) -> _Got:
    """Jensen-Shannon distance of the day's words from those of the weeks before, 0 to 1."""
    then = _summed(d.words for d in before)
    return _distance(day.words, then, _jensen_shannon)


def _vectors(day: Day, before: Sequence[Day]) -> _Got:
    """Cosine distance of the day's mean vector from that of the weeks before."""
    then = [np.asarray(d.vector) * d.turns for d in before if d.vector]
    if not then or not day.vector:
        return None
    one, other = np.asarray(day.vector), np.sum(then, axis=0)
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return (1 - float(one @ other) / length, day.turns) if length else None


def _outcomes(days: Sequence[Day]) -> Iterable[_Figure]:
    """How far each decision's results are from those of the weeks before."""
    for decision in sorted({d for day in days for d in day.outcomes}):

        def of(day: Day, before: Sequence[Day], decision: str = decision) -> _Got:
            then = _summed(d.outcomes.get(decision, {}) for d in before)
            return _distance(day.outcomes.get(decision, {}), then, _total_variation)

        yield _Figure(f"results of {decision}", "distance", False, of)


def _gaps(days: Sequence[Day]) -> Iterable[_Figure]:
    """The share of decisions without a rule, everywhere and at each place."""
    for place in sorted({p for day in days for p in day.gaps}):

        def gaps(day: Day, place: str = place) -> int:
            return day.gaps.get(place, (0, 0))[0]

        def all_(day: Day, place: str = place) -> int:
            return day.gaps.get(place, (0, 0))[1]

        where = f"at {place}" if place else "everywhere"
        yield _Figure(f"requests without a rule {where}", "share", True, _share(gaps, all_))


def _summed(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return total


def _distance(
    now: Mapping[str, int],
    then: Mapping[str, int],
    measure: Callable[[Sequence[float], Sequence[float]], float],
) -> _Got:
    have, had = sum(now.values()), sum(then.values())
    if not have or not had:
        return None
    every = sorted({*now, *then})
    p, q = [now.get(w, 0) / have for w in every], [then.get(w, 0) / had for w in every]
    return measure(p, q), have


def _jensen_shannon(p: Sequence[float], q: Sequence[float]) -> float:
    from scipy.spatial.distance import jensenshannon

    return float(jensenshannon(p, q, base=2))


def _total_variation(p: Sequence[float], q: Sequence[float]) -> float:
    return sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2


def _agreement(days: Sequence[Day], organisation: str) -> Iterable[Signal]:
    """Cohen's kappa of each judge with people's thumbs, over the last four weeks."""
    opinions = [o for day in days[-BEFORE:] for o in day.opinions]
    for judge in sorted({o.judge for o in opinions}):
        mine = [o for o in opinions if o.judge == judge]
        value = kappa(mine) if len(mine) >= FEWEST_OPINIONS else None
        level: Level = "too little" if value is None else "fine" if value >= FAIR else "watch"
        name = f"agreement of {judge.replace('_', ' ')} with people"
        shown = "too little to say" if value is None else f"kappa {value:.2f}"
        said = f"{organisation}: {name}: {shown}, over {len(mine)} turns (unusual below {FAIR})"
        series = _agreed(days, judge)
        yield Signal(organisation, name, "agreement", level, value, None, FAIR, said, series)


def _agreed(days: Sequence[Day], judge: str) -> tuple[tuple[str, float], ...]:
    """Kappa over the four weeks up to each day, where they say enough."""
    found: list[tuple[str, float]] = []
    for n, day in enumerate(days):
        before = days[max(0, n + 1 - BEFORE) : n + 1]
        mine = [o for d in before for o in d.opinions if o.judge == judge]
        value = kappa(mine) if len(mine) >= FEWEST_OPINIONS else None
        if value is not None:
            found.append((day.date, value))
    return tuple(found)


def kappa(opinions: Sequence[Opinion]) -> float | None:
    """Cohen's kappa; ``None`` where judge and people say the same one thing throughout."""
    from sklearn import metrics

    agree: Any = metrics.cohen_kappa_score  # pyright: ignore[reportUnknownVariableType]
    value = float(agree([o.good for o in opinions], [o.person_good for o in opinions]))
    return None if math.isnan(value) else value


FIGURES: tuple[_Figure, ...] = (
    _Figure("turns that broke", "share", True, _share(lambda d: d.broke, lambda d: d.turns)),
    _Figure("out of scope", "share", False, _share(lambda d: d.outside, lambda d: d.turns)),
    _Figure(
        "drafts with an unplaced word", "share", False,
        _share(lambda d: d.unplaced, lambda d: d.drafts),
    ),
    _Figure("words never said before", "share", False, _new_words),
    _Figure("distance of the words", "distance", False, _wording),
    _Figure("distance of the meaning", "distance", False, _vectors),
    _Figure("seconds of the slowest turns", "ratio", False, _figure_of(lambda d: d.seconds)),
    _Figure("tokens a turn", "ratio", False, _figure_of(lambda d: d.tokens)),
    _Figure("cost of a turn", "ratio", False, _figure_of(lambda d: d.cost)),
)  # fmt: skip
