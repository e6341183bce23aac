"""How long a person waits: a first start, and a turn from message to card."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright
from pytest_benchmark.fixture import BenchmarkFixture

from app.environment import be_quiet
from app.install import install
from app.settings import Settings
from app.wiring import make_services
from tests.bench.test_decide import percentiles
from tests.e2e.browser import ARGUMENTS, CHROMIUM, Server, free_port, served

SENTENCES = (
    "When a patient at a Northstar clinic is over 40, needs a wheelchair and has a screening "
    "mammogram, the code is MM123WA.",
    "When a patient at a South clinic is over 75 and has a screening mammogram, "
    "leave the code to staff.",
    "Head CTs for anyone in a wheelchair at Northstar get the WA modifier.",
    "Use MG210TM for 3D screening mammos at South.",
)


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """``turn(sentence)`` runs one turn of a new conversation and hands back its card."""
    be_quiet()
    from data.store import person_by_login
    from graph.checkpoints import open_checkpoints
    from graph.events import Card
    from graph.run import Assistant, Who

    folder = tmp_path_factory.mktemp("turn")
    settings = Settings(var=folder)
    installed = install(settings)
    with installed.store.reading() as session:
        person = person_by_login(session, "author-radiology")
    assert person is not None
    who = Who(installed.org_id, person.id, person.login, frozenset(person.roles), (None,))
    services = make_services(settings, installed)
    runner = asyncio.Runner()
    parts = AsyncExitStack()
    saver = runner.run(parts.enter_async_context(open_checkpoints(settings.checkpoint_address)))
    assistant = Assistant(services, saver)
    threads = (f"00000000-0000-4000-8000-{n:012d}" for n in itertools.count())

    async def said(sentence: str) -> Card:
        events = [e async for e in assistant.turn(who, next(threads), sentence)]
        return next(e for e in events if isinstance(e, Card))

    runner.run(assistant.warm(installed.org_id))
    yield lambda sentence: runner.run(said(sentence))
    runner.run(parts.aclose())
    runner.close()
    installed.store.close()


def test_a_turn_from_message_to_card(benchmark: BenchmarkFixture, turn: Any) -> None:
    sentences = itertools.cycle(SENTENCES)
    card = benchmark.pedantic(turn, setup=lambda: ((next(sentences),), {}), rounds=60)
    assert card.kind == "confirm"
    assert card.payload["tests"]["history"]["run"] == 100_000
    percentiles(benchmark)


@pytest.mark.browser
def test_a_first_start_to_a_page_that_can_be_used(tmp_path: Path) -> None:
    server = Server(
        ["-m", "app.cli", "serve"],
        free_port(),
        tmp_path / "log",
        {"RULEWRIGHT_VAR": str(tmp_path / "var")},
    )
    server.environment = {
        **server.environment,
        "RULEWRIGHT_PORT": str(server.port),
        "RULEWRIGHT_MLFLOW_PORT": str(free_port()),
    }
    began = time.monotonic()
    with served(server), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(server.url + "/login")
        page.wait_for_selector("input[type=password]")
        print(f"\nfirst start to a page that can be used: {time.monotonic() - began:.1f} s")
        browser.close()
