"""One decision and many, against other engines: same rules, same requests, one run.

Agreement is checked before anything is timed. Times are processor time of this process, so that
other work on the machine disturbs them little.
``ENGINE_RULES=10,250`` asks for other sizes.
"""

from __future__ import annotations

import importlib.util
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data.ontology.model import Code, CodeSet, Decision
from data.rulelang.ast import RuleSet
from data.rulelang.fast.batch import Batch
from data.rulelang.fast.compiled import Compiled
from data.rulelang.fast.survivors import LeafByLeaf, Survivors, fastest
from data.rulelang.fast.table import Requests
from data.rulelang.regions import containment
from data.rulelang.request import read_request
from data.rulelang.version import Version, make_version
from tests.bench.peers import PEERS
from tests.bench.rule_sets import (
    CODES,
    ENUMS,
    FLAGS,
    NUMBERS,
    Ruled,
    clinics,
    ontology,
    rule_set,
    ruled,
)

SIZES = [int(n) for n in os.environ.get("ENGINE_RULES", "10,250,5000,50000").split(",")]
REQUESTS, CHECKED = 4_000, 300
ROWS = 1_000_000
MOST_SECONDS = 2.0
"""So long an engine is asked, about."""


@cache
def made(count: int) -> Ruled:
    return ruled(count, REQUESTS)


def micros(call: Callable[[Any], object], asked: Sequence[Any], passes: int = 5) -> float:
    """Mean processor time of one call, in microseconds: the best of some passes, as far as they
    fit the time; what else the machine does can only add to it."""
    best, ends = math.inf, time.process_time() + MOST_SECONDS
    for _ in range(passes):
        done, started = 0, time.process_time()
        for one in asked:
            call(one)
            done += 1
            if done % 16 == 0 and time.process_time() > ends:
                break
        best = min(best, (time.process_time() - started) / done * 1e6)
        if time.process_time() > ends:
            break
    return best


@pytest.mark.parametrize("count", SIZES)
def test_one_decision(count: int) -> None:
    one = made(count)
    version = one.version
    compiled = version.compiled
    half = len(one.requests) // 2
    typed = [read_request(version.ontology, r) for r in one.requests]
    for request in typed[:half]:
        compiled.decide(request)
    fresh = micros(compiled.decide, typed[half:], passes=1)
    figures = {"Rulewright": micros(compiled.decide, typed[half:])}
    figures["Rulewright, each request for the first time"] = fresh
    figures["Rulewright, input checked"] = micros(
        lambda r: compiled.decide(read_request(version.ontology, r)), one.requests[half:]
    )
    for name, (load, most) in PEERS.items():
        if count > most:
            continue
        try:
            decide = load(one.ordered)
        except ModuleNotFoundError:
            continue
        for request, given in list(zip(one.requests, typed, strict=True))[:CHECKED]:
            assert decide(request) == compiled.decide(given)["code"].value, name
        figures[name] = micros(decide, one.requests[half:])
    decided = sum(compiled.decide(r)["code"].status == "decided" for r in typed) / len(typed)
    print(f"\n{count:,} rules, {decided:.0%} of the requests decided; microseconds a decision:")
    for name, figure in figures.items():
        print(f"  {name:44} {figure:12,.2f}   {figure / figures['Rulewright']:8.1f} times ours")
    print(f"  For the first time: each request once, after {half:,} others. First row: once more.")


@pytest.mark.parametrize("said", ["values", "codes"])
@pytest.mark.parametrize("count", [n for n in SIZES if n >= 250])
def test_many_decisions(count: int, said: str) -> None:
    version = made(count).version if said == "values" else coded(made(count).version)
    walks: dict[str, Callable[[Version], Survivors]] = {"numpy": LeafByLeaf}
    if importlib.util.find_spec("numba"):
        walks["numba"] = fastest()
    requests = table(count)
    expected: Any = None
    for name, walk in walks.items():
        batch = Batch(version, walk)
        batch.decide(Requests(requests.slice(0, 1000), version.ontology))
        times: list[tuple[float, float]] = []
        for _ in range(3):
            wall, used = time.perf_counter(), time.process_time()
            answers = batch.decide(Requests(requests, version.ontology))["code"]
            times.append((time.process_time() - used, time.perf_counter() - wall))
        used, wall = min(times)
        told = np.array([r.rule or "" for r in answers.results])[answers.codes]
        assert expected is None or (told == expected).all()
        expected = told
        print(
            f"\n{count:,} rules that say {said}, {name}: {ROWS / wall / 1e6:.2f} million rows a "
            f"second, {ROWS / used / 1e6:.2f} a second of one core's time"
        )


def coded(version: Version) -> Version:
    """The same rules of a code with modifiers, every family having its own code set."""
    code = Decision("code", "code", "code", code_set="clinic.family", modifiers=("WA", "BI"))
    codes = {c: Code(c, c, code.modifiers) for c in CODES}
    sets = {f: CodeSet(f, codes) for f in ENUMS["clinic.family"]}
    words = replace(version.ontology, decisions={"code": code})
    return replace(version, ontology=words, code_sets=sets)


@pytest.mark.parametrize("count", SIZES)
def test_compiling(count: int) -> None:
    words, rules = ontology(), tuple(rule_set(count))

    def spent(work: Callable[[], object]) -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    edges = spent(lambda: containment(words, rules))
    whole = spent(lambda: make_version(words, {}, (), RuleSet(rules)))
    version = make_version(words, {}, (), RuleSet(rules))
    plans = spent(lambda: version.plans)
    index = spent(lambda: Compiled(version))
    print(
        f"\n{count:,} rules: version {whole:.2f} s (containment {edges:.2f}), "
        f"plans {plans:.2f} s, index {index:.2f} s; {whole + plans + index:.2f} s of processor time"
    )


def table(count: int) -> Any:
    """Requests as columns, complete and at random."""
    random = np.random.default_rng(Random(count).randrange(2**32))
    columns = {p: _named(random, v) for p, v in ENUMS.items()}
    columns |= {p: pa.array(random.integers(a, b + 1, ROWS)) for p, (a, b) in NUMBERS.items()}
    columns |= {p: pa.array(random.random(ROWS) < 0.5) for p in FLAGS}
    columns["clinic.id"] = _named(random, [f"clinic {n}" for n in range(clinics(count))])
    return pa.table(columns)


def _named(random: np.random.Generator, values: Sequence[str]) -> Any:
    places = pa.array(random.integers(0, len(values), ROWS).astype(np.int32))
    return pa.DictionaryArray.from_arrays(places, pa.array(values))
