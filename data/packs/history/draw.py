"""Past requests drawn column by column, the same on every machine.

Only additions, comparisons and look-ups are made of the generator's uniform numbers, and each
fact has a stream of its own: a fact added to a pack does not change the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any, assert_never
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from data.ontology.model import Attribute, Ontology, ScopeRow, Value
from data.packs.history.model import (
    Absent,
    Before,
    Bell,
    Case,
    Days,
    Draw,
    Each,
    FactDraw,
    Given,
    HistorySpec,
    Pattern,
    Ranges,
    RowsDraw,
    Shares,
    WeekdayOf,
    Words,
    YearsBefore,
)
from data.rulelang.request import Row

Numbers = NDArray[np.int64]
ABSENT = int(np.iinfo(np.int64).min)
"""Stands for an unknown fact in a column."""
HUNDREDTHS = 100
"""Decimal facts are drawn in hundredths of their unit."""


class Codec:
    """The values of one attribute as whole numbers, and back."""

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute
        self._enum = tuple(attribute.values) if attribute.type == "enum" else ()
        self._pool: dict[Value, int] = {}
        self._listed: list[Value] = []

    @property
    def unit(self) -> int:
        """How many numbers there are to one unit of the fact."""
        return HUNDREDTHS if self.attribute.type == "decimal" else 1

    def number(self, value: Value) -> int:
        match value:
            case bool() | int():
                return int(value) * self.unit
            case Decimal():
                return int(value * HUNDREDTHS)
            case date():
                return value.toordinal()
            case time():
                return value.hour * 60 + value.minute
            case str() if self._enum:
                return self._enum.index(value)
            case _:
                return self._pooled(value)

    def value(self, number: int) -> Value:
        match self.attribute.type:
            case "boolean":
                return bool(number)
            case "integer":
                return number
            case "decimal":
                return Decimal(number) / HUNDREDTHS
            case "enum":
                return self._enum[number]
            case "date":
                return date.fromordinal(number)
            case "time":
                return time(number // 60, number % 60)
            case _:
                return self._listed[number]

    def _pooled(self, value: Value) -> int:
        if value not in self._pool:
            self._pool[value] = len(self._listed)
            self._listed.append(value)
        return self._pool[value]


@dataclass(frozen=True, slots=True)
class Columns:
    """Facts of many requests, or of many rows: whole numbers by path, :data:`ABSENT` unknown."""

    size: int
    codecs: Mapping[str, Codec]
    numbers: dict[str, Numbers] = field(default_factory=dict[str, Numbers])

    def distinct(self, path: str) -> tuple[list[Value | None], Numbers]:
        """The column's different values (``None`` unknown) and each row's place among them."""
        found, places = np.unique(self.numbers[path], return_inverse=True)
        codec = self.codecs[path]
        values = [None if n == ABSENT else codec.value(int(n)) for n in found]
        return values, places.reshape(-1)


@dataclass(frozen=True, slots=True)
class Drawn:
    """All requests of a history, before anything is decided."""

    facts: Columns
    rows: Mapping[str, tuple[Numbers, Columns]]
    """Relation → the number of rows of each request (:data:`ABSENT` unknown), and the rows."""


class Lists:
    """The rows of each request: of every request drawn, or of some of them."""

    def __init__(
        self, drawn: Mapping[str, tuple[Numbers, Columns]], some: NDArray[np.intp] | None = None
    ) -> None:
        self._drawn = drawn
        self._some = some
        self._ends = {name: np.cumsum(np.maximum(n, 0)) for name, (n, _) in drawn.items()}

    def __contains__(self, relation: object) -> bool:
        return relation in self._drawn

    def taken(self, some: NDArray[np.intp]) -> Lists:
        """The rows of these requests, in this order."""
        return Lists(self._drawn, some)

    def of(self, relation: str, request: int) -> tuple[Row, ...] | None:
        """A request's rows of one relation; ``None`` where nobody wrote them down."""
        at = request if self._some is None else int(self._some[request])
        counts, rows = self._drawn[relation]
        if counts[at] == ABSENT:
            return None
        end = int(self._ends[relation][at])
        return tuple(_row(rows, i) for i in range(end - int(counts[at]), end))


def _row(rows: Columns, at: int) -> Row:
    known = ((p, int(n[at])) for p, n in rows.numbers.items())
    return {p: rows.codecs[p].value(n) for p, n in known if n != ABSENT}


def draw_history(
    spec: HistorySpec, ontology: Ontology, scope_rows: Sequence[ScopeRow], size: int, seed: int
) -> Drawn:
    """``size`` requests; equal arguments give equal requests."""
    codecs = {path: Codec(a) for path, a in ontology.attributes.items()}
    facts = Columns(size, codecs)
    facts.numbers.update(_scope_columns(spec, ontology, scope_rows, facts, seed))
    whole = _draw_facts(spec.facts, facts, seed)
    rows = {r.name: _draw_rows(r, whole, seed) for r in spec.rows}
    return Drawn(_with_missing(spec.facts, facts, seed), rows)


def stream(seed: int, name: str) -> np.random.Generator:
    """A stream of numbers that depends on nothing but the seed and the name."""
    return np.random.Generator(np.random.PCG64([seed, crc32(name.encode())]))


def pick(weights: Iterable[float], luck: NDArray[np.float64]) -> Numbers:
    """For each number from 0 to 1 a place, as often as the weights say."""
    edges = np.cumsum(np.fromiter(weights, np.float64))
    places = np.searchsorted(edges, np.multiply(luck, edges[-1]), side="right")
    return np.minimum(np.asarray(places, dtype=np.int64), len(edges) - 1)


def _scope_columns(
    spec: HistorySpec,
    ontology: Ontology,
    scope_rows: Sequence[ScopeRow],
    columns: Columns,
    seed: int,
) -> Iterable[tuple[str, Numbers]]:
    """The levels of scope, each request's from one row of the scope entity's table."""
    if ontology.scopes is None or not scope_rows:
        return
    weights = [1.0] * len(scope_rows)
    for level, shares in spec.scopes.items():
        values = [row[level] for row in scope_rows]
        weights = [
            w * shares.get(v, 0.0) / values.count(v) for w, v in zip(weights, values, strict=True)
        ]
    places = pick(weights, stream(seed, "scope").random(columns.size))
    for level in ontology.scopes.levels:
        path = ontology.scopes.path(level)
        codec = columns.codecs[path]
        yield path, np.array([codec.number(row[level]) for row in scope_rows])[places]


def _draw_facts(facts: Iterable[FactDraw], columns: Columns, seed: int) -> Columns:
    for fact in facts:
        sampler = _Sampler(columns, columns.codecs[fact.path], stream(seed, fact.path))
        columns.numbers[fact.path] = sampler.fact(fact)
    return columns


def _with_missing(facts: Iterable[FactDraw], columns: Columns, seed: int) -> Columns:
    """What nobody wrote down is taken out last, so that facts depend on what was so."""
    numbers = dict(columns.numbers)
    for fact in facts:
        if fact.missing:
            lost = stream(seed, f"missing {fact.path}").random(columns.size) < fact.missing
            numbers[fact.path] = np.where(lost, ABSENT, numbers[fact.path])
    return Columns(columns.size, columns.codecs, numbers)


def _taken(
    spec: RowsDraw, counts: Numbers, codecs: Mapping[str, Codec], seed: int
) -> dict[str, Numbers]:
    """For each request so many of the rows that are always the same, in their order."""
    if not spec.among:
        return {}
    shuffled = stream(seed, f"among {spec.name}").random((len(counts), len(spec.among)))
    order = np.argsort(np.argsort(shuffled, axis=1), axis=1)
    _, places = np.nonzero(order < counts[:, None])
    paths = dict.fromkeys(path for row in spec.among for path in row)
    return {
        path: np.array(
            [codecs[path].number(row[path]) if path in row else ABSENT for row in spec.among],
            dtype=np.int64,
        )[places]
        for path in paths
    }


def _draw_rows(spec: RowsDraw, facts: Columns, seed: int) -> tuple[Numbers, Columns]:
    """The rows of all requests one after another; a row's draw may look at its request."""
    counter = Codec(Attribute("", "integer", "number"))
    sampler = _Sampler(facts, counter, stream(seed, spec.name))
    counts = np.maximum(sampler.draw(spec.count, np.arange(facts.size)), 0)
    lost = stream(seed, f"missing {spec.name}").random(facts.size) < spec.missing
    counts = np.where(lost, 0, counts)
    if spec.among:
        counts = np.minimum(counts, len(spec.among))
    owner = np.repeat(np.arange(facts.size), counts)
    rows = Columns(len(owner), facts.codecs, {p: n[owner] for p, n in facts.numbers.items()})
    same = _taken(spec, counts, facts.codecs, seed)
    rows.numbers.update(same)
    drawn = _with_missing(spec.facts, _draw_facts(spec.facts, rows, seed), seed)
    own = {p: drawn.numbers[p] for p in (*same, *(f.path for f in spec.facts))}
    return np.where(lost, ABSENT, counts), Columns(len(owner), facts.codecs, own)


@dataclass(frozen=True, slots=True)
class _Sampler:
    """Draws one column."""

    columns: Columns
    codec: Codec
    luck: np.random.Generator

    def fact(self, fact: FactDraw) -> Numbers:
        if fact.per is None:
            return self.draw(fact.draw, np.arange(self.columns.size))
        _, first, places = np.unique(
            self.columns.numbers[fact.per], return_index=True, return_inverse=True
        )
        return self.draw(fact.draw, first)[places.reshape(-1)]

    def draw(self, draw: Draw, rows: NDArray[np.intp]) -> Numbers:
        """A number for each of these rows."""
        match draw:
            case Shares():
                numbers = np.array([self.codec.number(v) for v in draw.values], dtype=np.int64)
                return numbers[pick(draw.weights, self._random(rows))]
            case Ranges():
                return self._ranges(draw, self.codec, rows)
            case Bell():
                return self._bell(draw, rows)
            case Days():
                return self._days(draw, rows)
            case Before():
                days = self._ranges(draw.days, Codec(Attribute("", "integer", "days")), rows)
                return _less(self.columns.numbers[draw.fact][rows], days)
            case YearsBefore():
                return self._birth(draw, rows)
            case WeekdayOf():
                day = self.columns.numbers[draw.fact][rows]
                return np.where(day == ABSENT, ABSENT, (day - 1) % 7)
            case Words():
                return self._words(draw, rows)
            case Pattern():
                return self._pattern(draw, rows)
            case Each():
                return self._each(draw, rows)
            case Absent():
                return np.full(len(rows), ABSENT, dtype=np.int64)
            case Given():
                return self._given(draw, rows)
        assert_never(draw)

    def _random(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return self.luck.random(len(rows))

    def _ranges(self, draw: Ranges, codec: Codec, rows: NDArray[np.intp]) -> Numbers:
        step = max(1, round(draw.step * codec.unit))
        lows, highs = (
            np.array([codec.number(r[side]) for r in draw.ranges], dtype=np.int64)
            for side in (0, 1)
        )
        places = pick(draw.weights, self._random(rows))
        steps = (highs - lows)[places] // step + 1
        return lows[places] + step * (self._random(rows) * steps).astype(np.int64)

    def _bell(self, draw: Bell, rows: NDArray[np.intp]) -> Numbers:
        """The sum of twelve uniform numbers has variance 1 (Irwin 1927, Hall 1927)."""
        total = sum((self._random(rows) for _ in range(12)), np.zeros(len(rows))) - 6.0
        step = max(1, round(draw.step * self.codec.unit))
        drawn = (draw.mean + draw.spread * total) * self.codec.unit
        numbers = (np.rint(drawn / step) * step).astype(np.int64)
        low, high = self.codec.attribute.min, self.codec.attribute.max
        return np.clip(
            numbers,
            None if low is None else int(low * self.codec.unit),
            None if high is None else int(high * self.codec.unit),
        )

    def _days(self, draw: Days, rows: NDArray[np.intp]) -> Numbers:
        span = range(draw.first.toordinal(), draw.last.toordinal() + 1)
        days = [date.fromordinal(n) for n in span]
        weights = (draw.weekdays[d.weekday()] * draw.months[d.month - 1] for d in days)
        return span.start + pick(weights, self._random(rows))

    def _birth(self, draw: YearsBefore, rows: NDArray[np.intp]) -> Numbers:
        years = self.columns.numbers[draw.years][rows].tolist()
        days = self.columns.numbers[draw.fact][rows].tolist()
        luck = self._random(rows).tolist()
        born = (_born(d, y, u) for d, y, u in zip(days, years, luck, strict=True))
        return np.fromiter(born, np.int64, len(rows))

    def _words(self, draw: Words, rows: NDArray[np.intp]) -> Numbers:
        places = np.zeros(len(rows), dtype=np.int64)
        for words in draw.lists:
            chosen = (self._random(rows) * len(words)).astype(np.int64)
            places = places * len(words) + chosen
        return self._texts(places, lambda place: _spell(draw.lists, place))

    def _pattern(self, draw: Pattern, rows: NDArray[np.intp]) -> Numbers:
        digits = draw.text.count("#")
        drawn = (self._random(rows) * 10**digits).astype(np.int64)
        return self._texts(drawn, lambda number: _fill(draw.text, str(number).zfill(digits)))

    def _texts(self, keys: Numbers, text: Callable[[int], str]) -> Numbers:
        """Each different key's text is made once."""
        different, places = np.unique(keys, return_inverse=True)
        numbers = [self.codec.number(text(int(k))) for k in different]
        return np.array(numbers, dtype=np.int64)[places.reshape(-1)]

    def _each(self, draw: Each, rows: NDArray[np.intp]) -> Numbers:
        bits = np.zeros(len(rows), dtype=np.int64)
        for place, chance in enumerate(draw.chances.values()):
            bits += (self._random(rows) < chance).astype(np.int64) << place
        elements = tuple(draw.chances)
        different, places = np.unique(bits, return_inverse=True)
        sets = [frozenset(e for i, e in enumerate(elements) if b >> i & 1) for b in different]
        numbers = np.array([self.codec.number(s) for s in sets], dtype=np.int64)
        return numbers[places.reshape(-1)]

    def _given(self, draw: Given, rows: NDArray[np.intp]) -> Numbers:
        on = self.columns.numbers[draw.fact][rows]
        different, places = np.unique(on, return_inverse=True)
        codec = self.columns.codecs[draw.fact]
        chosen = np.array([_case_of(draw.cases, codec, int(n)) for n in different])
        case = chosen[places.reshape(-1)]
        drawn = np.full(len(rows), ABSENT, dtype=np.int64)
        branches = [*(branch for _, branch in draw.cases), draw.otherwise]
        for place, branch in enumerate(branches):
            there = case == place
            if there.any():
                drawn[there] = self.draw(branch, rows[there])
        return drawn


def _case_of(cases: Sequence[tuple[Case, Any]], codec: Codec, number: int) -> int:
    """The first case that holds, or the place after the last."""
    if number == ABSENT:
        return len(cases)
    value = codec.value(number)
    return next((i for i, (case, _) in enumerate(cases) if case.holds(value)), len(cases))


def _born(day: int, years: int, luck: float) -> int:
    """A birthday on which somebody is ``years`` old on ``day``, and not a year older."""
    if ABSENT in (day, years):
        return ABSENT
    last, before = _years_ago(day, years), _years_ago(day, years + 1)
    return last - int(luck * (last - before))


def _years_ago(day: int, years: int) -> int:
    """The same day of an earlier year; the 28th where that year has no 29 February."""
    seen = date.fromordinal(day)
    year = seen.year - years
    leap = seen.month == 2 and seen.day == 29
    return (seen.replace(year=year, day=28) if leap else seen.replace(year=year)).toordinal()


def _less(numbers: Numbers, days: Numbers) -> Numbers:
    return np.where(numbers == ABSENT, ABSENT, numbers - days)


def _spell(lists: tuple[tuple[str, ...], ...], place: int) -> str:
    parts: list[str] = []
    for words in reversed(lists):
        place, chosen = divmod(place, len(words))
        parts.append(words[chosen])
    return "".join(reversed(parts))


def _fill(pattern: str, digits: str) -> str:
    left = iter(digits)
    return "".join(next(left) if c == "#" else c for c in pattern)
