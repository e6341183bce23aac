"""How long it takes to see what one changed rule brings, by the number of rules it stands among.

``pytest tests/bench/test_change.py -s`` prints the figures, in processor time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
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
LEVELS = ("id", "family", "state")
"""Where the changed rules hold."""


@cache
def live(count: int) -> Version:
    """Rules as a live version has them: each is missed on some request."""
    version = ruled(count, asked=0).version
    while True:
        rules = version.rule_set.rules
        missed = tuple(r for r in rules if version.alive.missed(r))
        if len(missed) == len(rules):
            return version
        version = make_version(version.ontology, {}, (), RuleSet(missed))


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


def edits(version: Version, many: int, seed: int = 3) -> Iterator[Version]:
    """Versions in which one scoped rule gives another code."""
    random = Random(seed)
    rules = version.rule_set.rules
    scoped = [r for r in rules if r.scope is not None and r.scope.level in LEVELS]
    for rule in random.sample(scoped, many):
        new = replace(rule, then=(Decide("code", random.choice(CODES)),))
        edited = tuple(new if r is rule else r for r in rules)
        yield changed(version, RuleSet(edited))


@contextmanager
def told(times: list[float]) -> Iterator[None]:
    """Adds the milliseconds of processor time that the block took."""
    started = process_time()
    yield
    times.append(1000 * (process_time() - started))


@pytest.mark.parametrize("count", SIZES)
def test_what_a_changed_rule_changes_in_a_million_past_requests(count: int) -> None:
    before, history = live(count), past(count, REQUESTS)
    history.read_all()
    before.batch.ready()
    times: list[float] = []
    touched: list[int] = []
    for after in edits(before, 7):
        with told(times):
            found = replay(history, before, after)
        touched.append(found.touched)
        assert found.run == REQUESTS
    print(f"\n{count} rules, {REQUESTS} requests, {median(touched):.0f} touched: "
          f"{median(times):.0f} ms, at most {max(times):.0f}")  # fmt: skip


@pytest.mark.parametrize("count", SIZES)
def test_a_version_is_made_from_another_and_its_findings_told(count: int) -> None:
    before = live(count)
    before.ready()
    many = before.rule_set.rules
    making: list[float] = []
    telling: list[float] = []
    drafts = edits(before, 16)
    for _ in range(16):
        with told(making):
            after = next(drafts)
        with told(telling):
            found = brought(before, after, (), before.alive)
        assert found is not None
    print(f"\n{len(many)} rules: the version {median(making):.0f} ms, at most {max(making):.0f}; "
          f"its findings {median(telling):.0f} ms, at most {max(telling):.0f}")  # fmt: skip
