"""How long one decision takes on the radiology pack: in a program, and over HTTP."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from app.answers import answer
from data.packs import Pack, load_pack
from data.rulelang.version import make_version
from data.store import add_api_key, bootstrap_organisation, open_store

SERVER = """
import sys, uvicorn
from fastapi import FastAPI
from app.api import decision_routes
from app.decisions import Decisions
from data.store import open_store
decisions = Decisions(open_store(sys.argv[1]))
app = FastAPI()
app.include_router(decision_routes(lambda: decisions))
uvicorn.run(app, port=int(sys.argv[2]), log_level="error")
"""


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("radiology")


def percentiles(benchmark: BenchmarkFixture) -> None:
    """Put p50, p95 and p99 beside the figures that the table shows."""
    times = sorted(benchmark.stats.stats.data)
    for share in (50, 95, 99):
        benchmark.extra_info[f"p{share}_ms"] = round(times[len(times) * share // 100] * 1000, 3)
    print(f"\n{benchmark.name}: {benchmark.extra_info}")


def test_one_decision_in_a_program(benchmark: BenchmarkFixture, pack: Pack) -> None:
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    requests = itertools.cycle([s.given for s in pack.scenarios])
    benchmark.pedantic(
        answer, setup=lambda: ((version, next(requests)), {}), rounds=2000, warmup_rounds=100
    )
    percentiles(benchmark)


@pytest.fixture(scope="module")
def served(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    address = f"sqlite:///{Path(tmp_path_factory.mktemp('bench')) / 'store.db'}"
    store = open_store(address)
    with store.session() as session:
        made = bootstrap_organisation(session, pack)
        key = add_api_key(session, made.org_id, "bench")
    store.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SERVER, address, str(port)])
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/v1/decide", key
    finally:
        server.terminate()
        server.wait(timeout=10)


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not start")


def test_one_decision_over_http(
    benchmark: BenchmarkFixture, pack: Pack, served: tuple[str, str]
) -> None:
    url, key = served
    bodies = itertools.cycle([json.dumps(s.given).encode() for s in pack.scenarios])

    def ask(body: bytes) -> None:
        request = urllib.request.Request(url, body, {"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request) as answered:
            assert b"outcomes" in answered.read()

    benchmark.pedantic(ask, setup=lambda: ((next(bodies),), {}), rounds=1000, warmup_rounds=50)
    percentiles(benchmark)
