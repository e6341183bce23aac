"""How many questions an operator asks for a code, over appointments like those of the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import mean, quantiles

from pytest_benchmark.fixture import BenchmarkFixture

from data.ontology.model import Value
from data.packs import load_pack
from data.packs.history.draw import draw_history
from data.packs.history.table import history_spec
from data.packs.version import version_of
from data.rulelang.ask import ask
from data.rulelang.evaluate import decide_one
from data.rulelang.plan import fact_of
from data.rulelang.request import Request
from data.rulelang.result import Result
from data.rulelang.version import Version

SAMPLE = 40
SEED = 11
"""Not the seed that the version's own weights come from."""
CODE = "procedure_code"
Asks = Callable[[Mapping[str, Value], Result, set[str]], str | None]


def test_questions_to_a_code(benchmark: BenchmarkFixture) -> None:
    pack = load_pack("radiology")
    version, spec = version_of(pack), history_spec(pack)
    assert spec is not None
    drawn = draw_history(spec, pack.ontology, pack.scope_rows, SAMPLE, SEED).facts
    columns = {p: drawn.distinct(p) for p in drawn.numbers}
    rows = [
        {p: v for p, (values, places) in columns.items() if (v := values[places[i]]) is not None}
        for i in range(SAMPLE)
    ]
    order = [fact_of(unknown) for unknown in version.plans[CODE].order]
    form = len({*order})

    def best(known: Mapping[str, Value], result: Result, skip: set[str]) -> str | None:
        return ask(version, Request(known, {}), [CODE], skip)

    def in_order(known: Mapping[str, Value], result: Result, skip: set[str]) -> str | None:
        return next(
            (p for p in order if isinstance(p, str) and p in result.needs and p not in skip), None
        )

    asked = benchmark.pedantic(lambda: [played(version, r, best) for r in rows], rounds=1)
    fixed = [played(version, r, in_order) for r in rows]
    assert [key for _, key in asked] == [key for _, key in fixed]
    whole = [decide_one(version, Request(r, {}), CODE) for r in rows]
    assert all(k == w.key for (_, k), w in zip(asked, whole, strict=True) if k[0] != "undecided")
    for name, found in (("asked", asked), ("in_order", fixed)):
        counts = [n for n, _ in found]
        benchmark.extra_info[f"{name}_mean"] = round(mean(counts), 2)
        benchmark.extra_info[f"{name}_p95"] = round(quantiles(counts, n=20)[-1], 1)
    benchmark.extra_info["fixed_form"] = form


def played(
    version: Version, facts: Mapping[str, Value], asks: Asks
) -> tuple[int, tuple[str, object]]:
    """Questions asked until the code stands or nothing is left to ask, and what came of it.

    The first is for what gaps are told by, as a call opens.
    """
    first = version.ontology.decisions[CODE].gap_by or ""
    known = {p: v for p, v in facts.items() if p == first}
    skip = set[str]()
    while True:
        result = decide_one(version, Request(known, {}), CODE)
        path = asks(known, result, skip) if result.status == "undecided" else None
        if path is None:
            return len(known) + len(skip), result.key
        if path in facts:
            known[path] = facts[path]
        else:
            skip.add(path)
