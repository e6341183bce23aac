"""How long it takes to see what one changed rule brings, by the number of rules it stands among.

``pytest tests/bench/test_change.py -s`` prints the figures, in processor time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from statistics import median
from time import process_time

import numpy as np
import pyarrow as pa
import pytest

from data.ontology.model import Value
from data.rulelang.analyse.draft import brought
from data.rulelang.ast import Decide, RuleSet
from data.rulelang.change import changed
from data.rulelang.version import Version, make_version
from graph.replay import History, replay
from tests.bench.rule_sets import CODES, ENUMS, FLAGS, NUMBERS, clinics, ontology, ruled

SIZES = (250, 5_000, 50_000)
REQUESTS = 1_000_000
EDITS = 16
LEVELS = ("id", "family", "state")
"""Where the changed rules hold."""


@dataclass(frozen=True)
class Live:
    """A version as organisations run it, and rules of it to edit."""

    version: Version
    titles: tuple[str, ...]
    """Scoped rules; they and all that they may meet are missed on some request."""

    def edits(self) -> Iterator[RuleSet]:
        """The rules when one of those gives another code."""
        random = Random(3)
        for title in self.titles:
            then = (Decide("code", random.choice(CODES)),)
            edited = {title: replace(self.version.rules[title], then=then)}
            yield RuleSet(tuple({**self.version.rules, **edited}.values()))


@cache
def live(count: int) -> Live:
    """Of so many rules, less those around the edited ones that nobody would miss."""
    version = ruled(count, asked=0).version
    scoped = [r.title for r in version.rule_set.rules if r.scope and r.scope.level in LEVELS]
    titles = set(Random(4).sample(scoped, EDITS))
    while True:
        met = {t for title in titles for t in version.meeting.titles(version.rules[title])}
        idle = {t for t in met if not version.alive.missed(version.rules[t])}
        if not idle:
            version.ready()
            return Live(version, tuple(sorted(titles)))
        rules = tuple(r for r in version.rule_set.rules if r.title not in idle)
        version, titles = make_version(version.ontology, {}, (), RuleSet(rules)), titles - idle


def past(count: int, requests: int, seed: int = 5) -> History:
    """Complete requests of an organisation of so many rules."""
    rng = np.random.default_rng(seed)
    values: dict[str, list[Value]] = {p: list(v) for p, v in ENUMS.items()}
    values |= {p: list(range(a, b + 1)) for p, (a, b) in NUMBERS.items()}
    values |= {p: [False, True] for p in FLAGS}
    values["clinic.id"] = [f"clinic {n}" for n in range(clinics(count))]
    columns = {
        path: pa.DictionaryArray.from_arrays(
            pa.array(rng.integers(0, len(some), requests).astype(np.int32)), pa.array(some)
        )
        for path, some in values.items()
    }
    return History(pa.table(columns), ontology())


@contextmanager
def told(times: list[float]) -> Iterator[None]:
    """Adds the milliseconds of processor time that the block took."""
    started = process_time()
    yield
    times.append(1000 * (process_time() - started))


def summed(times: list[float]) -> str:
    return f"{median(times):.0f} ms, at most {max(times):.0f}"


@pytest.mark.parametrize("count", SIZES)
def test_a_version_is_made_from_another_and_its_findings_told(count: int) -> None:
    before = live(count).version
    making: list[float] = []
    telling: list[float] = []
    for rules in live(count).edits():
        with told(making):
            after = changed(before, rules)
        with told(telling):
            found = brought(before, after, (), before.alive)
        assert found is not None
    print(f"\n{len(before.rules)} rules: the version {summed(making)}; its findings "
          f"{summed(telling)}")  # fmt: skip


@pytest.mark.parametrize("count", SIZES)
def test_what_a_changed_rule_changes_in_a_million_past_requests(count: int) -> None:
    before, history = live(count).version, past(count, REQUESTS)
    history.read_all()
    before.batch.ready()
    times: list[float] = []
    touched: list[int] = []
    for rules in live(count).edits():
        after = changed(before, rules)
        with told(times):
            found = replay(history, before, after)
        touched.append(found.touched)
        assert found.run == REQUESTS
    print(f"\n{len(before.rules)} rules, {REQUESTS} requests, {median(touched):.0f} touched: "
          f"{summed(times)}")  # fmt: skip
