"""Compares a run with an accepted one, item by item: what got worse, for whom, from which step on.

A value that is exact (no model, no judge in it) differs only because something was changed, so its
difference is taken as it is. All other differences are read off simultaneous intervals, so that a
judge that scatters raises no alarm however many measures and organisations are looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from evals.nightly.bootstrap import Array, simultaneous_intervals
from evals.nightly.results import STEPS, Run, Step, Value

Verdict = Literal["worse", "better", "no change", "too few"]
EVERYBODY = ""
"""The name of all organisations together."""


Pairs = Sequence[tuple[Value, Value]]
"""Before and after of what both runs have."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a difference counts."""

    error: float = 0.005
    """Chance of any false alarm in a night, over all measures and organisations."""
    worth: float = 0.05
    """A smaller difference, of values from 0 to 1, is shown and raises no alarm."""
    fewest: int = 20
    """Pairs below which values that hold chance get no verdict."""
    fewest_exact: int = 5
    """The same for values that hold none."""
    seed: int = 20261120


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure of one step, for one organisation or for everybody."""

    organisation: str
    step: Step
    measure: str
    exact: bool
    pairs: int
    """Items with a verdict in both runs."""
    lost: int
    """Items that had a verdict and have none now."""
    before: float
    after: float
    low: float
    high: float
    """The interval of the difference."""
    verdict: Verdict

    @property
    def difference(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Cause:
    """The first step that got worse, and for whom."""

    step: Step
    organisations: tuple[str, ...]
    """Empty: for everybody."""
    worst: Cell
    felt_in: tuple[Step, ...]
    """Later steps that got worse with it."""
    items: tuple[str, ...]
    """Items that lost most in it, the worst first."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two runs say of each other."""

    before: str
    after: str
    cells: tuple[Cell, ...]
    causes: tuple[Cause, ...]
    changed: Mapping[str, tuple[str, str]]
    """What the runs were made with, where it differs: before and after."""
    new_items: int
    gone_items: int

    @property
    def alarm(self) -> bool:
        return any(c.verdict == "worse" for c in self.cells)

    @property
    def better(self) -> bool:
        """Better somewhere and, as far as can be seen, worse nowhere."""
        return any(c.verdict == "better" for c in self.cells) and not self.alarm


@dataclass(frozen=True, slots=True)
class _Column:
    """The pairs of one cell, by item."""

    organisation: str
    step: Step
    measure: str
    exact: bool
    pairs: Mapping[tuple[str, str], tuple[float, float]] = field(repr=False)
    lost: int


def compare(before: Run, after: Run, limits: Limits | None = None) -> Comparison:
    """Every cell of the two runs, and which steps are to blame for those that got worse."""
    limits = limits or Limits()
    old, new = {v.key: v for v in before.values}, {v.key: v for v in after.values}
    pairs = [(old[key], value) for key, value in new.items() if key in old]
    columns = _columns(pairs)
    cells = tuple(_cells(columns, limits))
    old_items, new_items = _items(before.values), _items(after.values)
    return Comparison(
        before=before.id,
        after=after.id,
        cells=cells,
        causes=tuple(_causes(cells, columns, pairs, limits)),
        changed=_changed(before.made_with, after.made_with),
        new_items=len(new_items - old_items),
        gone_items=len(old_items - new_items),
    )


def _items(values: Iterable[Value]) -> set[tuple[str, str]]:
    return {(v.organisation, v.item) for v in values}


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    names = sorted({*before, *after})
    both = {n: (before.get(n, ""), after.get(n, "")) for n in names}
    return {n: pair for n, pair in both.items() if pair[0] != pair[1]}


def _columns(shared: Pairs) -> list[_Column]:
    """One for each measure and organisation; one more for everybody where there are several."""
    several = len({value.organisation for _, value in shared}) > 1
    grouped: dict[tuple[int, str, str], list[tuple[Value, Value]]] = {}
    for was, now in shared:
        for whose in (EVERYBODY, now.organisation) if several else (now.organisation,):
            place = STEPS.index(now.step), now.measure, whose
            grouped.setdefault(place, []).append((was, now))
    return [_column(place[2], grouped[place]) for place in sorted(grouped)]


def _column(organisation: str, shared: Sequence[tuple[Value, Value]]) -> _Column:
    pairs = {
        (now.organisation, now.item): (was.value, now.value)
        for was, now in shared
        if was.value is not None and now.value is not None
    }
    lost = sum(was.value is not None and now.value is None for was, now in shared)
    exact = all(was.exact and now.exact for was, now in shared)
    step, measure = shared[0][1].step, shared[0][1].measure
    return _Column(organisation, step, measure, exact, pairs, lost)


def _cells(columns: Sequence[_Column], limits: Limits) -> Iterable[Cell]:
    uncertain = [c for c in columns if not c.exact and len(c.pairs) >= limits.fewest]
    ends = dict(zip(map(id, uncertain), _intervals(uncertain, limits), strict=True))
    for column in columns:
        before, after = _means(column)
        low, high = ends.get(id(column), (after - before, after - before))
        fewest = limits.fewest_exact if column.exact else limits.fewest
        enough = len(column.pairs) >= fewest
        yield Cell(
            column.organisation, column.step, column.measure, column.exact, len(column.pairs),
            column.lost, before, after, low, high,
            _verdict(after - before, low, high, limits.worth) if enough else "too few",
        )  # fmt: skip


def _means(column: _Column) -> tuple[float, float]:
    if not column.pairs:
        return 0.0, 0.0
    before, after = np.mean(list(column.pairs.values()), axis=0)
    return float(before), float(after)


def _verdict(difference: float, low: float, high: float, worth: float) -> Verdict:
    counts = abs(difference) >= worth - 1e-9
    if counts and high < 0:
        return "worse"
    if counts and low > 0:
        return "better"
    return "no change"


def _intervals(columns: Sequence[_Column], limits: Limits) -> list[tuple[float, float]]:
    if not columns:
        return []
    items = sorted({item for c in columns for item in c.pairs})
    place = {item: n for n, item in enumerate(items)}
    differences: Array = np.full((len(items), len(columns)), np.nan)
    for n, column in enumerate(columns):
        for item, (before, after) in column.pairs.items():
            differences[place[item], n] = after - before
    organisations = [organisation for organisation, _ in items]
    low, high = simultaneous_intervals(differences, organisations, limits.error, limits.seed)
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def _causes(
    cells: Sequence[Cell], columns: Sequence[_Column], pairs: Pairs, limits: Limits
) -> Iterable[Cause]:
    """For each organisation its first step that got worse; those with the same one go together.

    Those that show nothing by themselves may still have lost something all together.
    """
    several = sorted({c.organisation for c in cells if c.organisation != EVERYBODY})
    steps = {o: found for o in several if (found := _worse_steps(o, cells, limits.worth))}
    rest = [o for o in several if o not in steps]
    if rest and any(c.verdict == "worse" for c in cells):
        lost = _lost_together(rest, pairs, limits)
        steps |= {o: lost for o in rest if lost}
    first: dict[Step, list[str]] = {}
    for organisation in sorted(steps):
        first.setdefault(steps[organisation][0], []).append(organisation)
    for step in sorted(first, key=STEPS.index):
        among = first[step]
        later = {s for o in among for s in steps[o]}
        yield _cause(step, among, len(among) == len(several), later, cells, columns)


def _lost_together(organisations: Sequence[str], pairs: Pairs, limits: Limits) -> list[Step]:
    """Steps that got worse over these organisations taken as one."""
    theirs = [(a, b) for a, b in pairs if b.organisation in organisations]
    cells = _cells(_columns(theirs), limits)
    whole = EVERYBODY if len(organisations) > 1 else organisations[0]
    worse = {c.step for c in cells if c.organisation == whole and c.verdict == "worse"}
    return [s for s in STEPS if s in worse]


def _worse_steps(organisation: str, cells: Sequence[Cell], worth: float) -> list[Step]:
    """Steps that got worse for it; one that no organisation shows by itself it shares in."""
    alone = {(c.step, c.measure) for c in cells if c.organisation and c.verdict == "worse"}
    general = {(c.step, c.measure) for c in cells if not c.organisation and c.verdict == "worse"}
    mine = [c for c in cells if c.organisation == organisation]
    worse = {c.step for c in mine if c.verdict == "worse"}
    shared = {
        c.step
        for c in mine
        if (c.step, c.measure) in general - alone and c.pairs and c.difference <= -worth
    }
    return [s for s in STEPS if s in worse | shared] if worse else []


def _cause(
    step: Step,
    among: Sequence[str],
    everybody: bool,
    steps: Collection[str],
    cells: Sequence[Cell],
    columns: Sequence[_Column],
) -> Cause:
    whose = {*among, EVERYBODY} if everybody else {*among}
    here = [c for c in cells if c.step == step and c.organisation in whose and c.pairs]
    worst = min(here, key=lambda c: (c.verdict != "worse", c.difference))
    lost = sorted(
        (after - before, item)
        for column in columns
        if column.organisation in among and (column.step, column.measure) == (step, worst.measure)
        for (_, item), (before, after) in column.pairs.items()
        if after < before
    )
    return Cause(
        step,
        () if everybody else tuple(among),
        worst,
        tuple(s for s in STEPS if s in steps and s != step),
        tuple(dict.fromkeys(item for _, item in lost)),
    )
