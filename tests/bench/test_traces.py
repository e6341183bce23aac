"""What recording and scoring cost a turn. ``pytest tests/bench/test_traces.py`` prints it."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from app.environment import be_quiet
from app.install import install
from app.settings import Settings
from app.wiring import make_services
from data.access.masking import ontology_words
from data.packs.load import load_pack
from data.rulelang.render import render
from data.rulelang.version import Version, make_version
from data.store import create_organisation, open_store
from data.store.tables import new_id
from evals.online import score_told
from evals.outbox import ALL, HOLD, Held, Kind, Parcel
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer
from graph.generate import trials

KEY = b"a key of the benchmarks"
SAID = (
    "When a patient at a Northstar clinic is over {}, needs a wheelchair and has a screening "
    "mammogram, the code is MM123WA.",
    "When a patient at a South clinic is over {} and has a screening mammogram, "
    "leave the code to staff.",
)
THREAD = "6f1e0c1e-0b67-4b3d-9a53-2f6a4c1f7a10"


class Nowhere:
    """Takes everything and keeps nothing: what is left is the recording itself."""

    def put(self, parcel: Parcel) -> None:
        return None

    def take(self, limit: int, kinds: Collection[Kind] = ALL, hold: timedelta = HOLD) -> list[Held]:
        return []

    def delivered(self, held: Held) -> None:
        return None

    def failed(self, held: Held, error: str) -> None:
        return None

    def waiting(self, kinds: Collection[Kind] = ALL) -> int:
        return 0


@pytest.fixture(scope="module")
def version() -> Version:
    pack = load_pack("radiology")
    return make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)


@pytest.fixture(scope="module")
def told(version: Version) -> dict[str, Any]:
    rule = max(version.rule_set.rules, key=lambda r: len(render(r, version.ontology)))
    text = render(rule, version.ontology)
    said = "Screening mammograms for women of 40 and over at Northstar get MM123WA, please"
    return {
        "version": version.id,
        "message": said,
        "status": "waiting",
        "rules": [text],
        "sentences": ["It holds at Northstar.", "Women from 40 years on get this code."],
        "retrieved": list(version.ontology.attributes)[:12],
        "placed": ["screening mammograms for women"],
        "unplaced": [],
        "scenarios": {"run": 50, "kept": 50},
        "generated": [t.to_json() for t in trials(version, version, [rule])],
    }


def record(tracer: Tracer, org: str, keep: frozenset[str], told: dict[str, Any]) -> None:
    with tracer.turn(org, "ann", THREAD, new_id(), keep) as turn:
        turn.asked(told["message"])
        for node in ("route", "retrieve", "draft", "validate", "test", "confirm"):
            turn.node(node, told, told, 2.0)
        turn.answered(told)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[StoreOutbox, str]]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.session() as session:
        org = create_organisation(session, "bench").id
    yield StoreOutbox(store), org
    store.close()


def test_recording_a_turn(benchmark: Any, version: Version, told: dict[str, Any]) -> None:
    keep = ontology_words(version.ontology, version.code_sets, version.scope_rows)
    tracer = Tracer(Nowhere(), KEY)

    benchmark.pedantic(record, (tracer, "o", keep, told), rounds=50, warmup_rounds=3)

    assert not benchmark.enabled or benchmark.stats.stats.median < 0.05


def test_recording_a_turn_onto_disk(
    benchmark: Any, version: Version, told: dict[str, Any], kept: tuple[StoreOutbox, str]
) -> None:
    keep = ontology_words(version.ontology, version.code_sets, version.scope_rows)
    outbox, org = kept
    tracer = Tracer(outbox, KEY)

    benchmark.pedantic(record, (tracer, org, keep, told), rounds=50, warmup_rounds=3)

    assert outbox.waiting() == (53 if benchmark.enabled else 1)


def test_scoring_a_draft(benchmark: Any, version: Version, told: dict[str, Any]) -> None:
    scores = benchmark.pedantic(score_told, (told, version), rounds=50, warmup_rounds=3)

    assert {s.verdict for s in scores} == {"scored", "abstained"}
    assert not benchmark.enabled or benchmark.stats.stats.median < 0.05


@dataclass
class Chat:
    """A chat over the radiology pack, with a sender that judges in a process beside it."""

    turn: Callable[[str, bool], float]
    """Says the sentence in a new conversation, recorded or not; processor time in seconds."""
    outbox: StoreOutbox


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    be_quiet()
    from app.desk import Asked
    from app.recording import Recording
    from app.signin import StorePeople
    from data.store import person_by_login
    from evals.delivery import command
    from graph.checkpoints import open_checkpoints
    from graph.context import Silent
    from graph.events import Card
    from graph.run import Assistant, Who

    settings = Settings(var=tmp_path_factory.mktemp("chat"))
    installed = install(settings)
    with installed.store.reading() as session:
        person = person_by_login(session, "author-radiology")
    assert person is not None
    who = Who(installed.org_id, person.id, person.login, frozenset(person.roles), (None,))
    services, outbox = make_services(settings, installed), StoreOutbox(installed.store)
    people = StorePeople(installed.store)
    recording = Recording(installed.store, services, Tracer(outbox, KEY), people)
    runner, parts = asyncio.Runner(), AsyncExitStack()
    saver = runner.run(parts.enter_async_context(open_checkpoints(settings.checkpoint_address)))
    assistant = Assistant(services, saver)
    threads = (f"00000000-0000-4000-8000-{n:012d}" for n in count())

    async def said(sentence: str, recorded: bool) -> float:
        thread, began = next(threads), time.process_time()
        asked = Asked(thread, new_id(), sentence)
        async with recording.turn(who, asked) if recorded else nullcontext(Silent()) as steps:
            events = [e async for e in assistant.turn(who, thread, sentence, steps)]
        assert isinstance(events[-1], Card)
        return time.process_time() - began

    runner.run(assistant.warm(installed.org_id))
    mlflow = f"sqlite:///{settings.var / 'mlflow.db'}"
    sender = subprocess.Popen(command(settings.store_address, mlflow))
    yield Chat(lambda sentence, recorded: runner.run(said(sentence, recorded)), outbox)
    sender.terminate()
    sender.wait(30)
    runner.run(parts.aclose())
    runner.close()
    installed.store.close()


def test_what_recording_and_judging_add_to_a_turn(benchmark: Any, chat: Chat) -> None:
    """Each sentence is said twice, recorded and not, the one or the other first, in one run.

    What is recorded is delivered and judged meanwhile, by the sender beside it.
    """
    took: dict[bool, list[float]] = {True: [], False: []}
    sentences, first = (SAID[n % 2].format(n + 20) for n in count()), cycle([True, False])

    def both() -> None:
        sentence, recorded = next(sentences), next(first)
        for way in (recorded, not recorded):
            took[way].append(chat.turn(sentence, way))

    benchmark.pedantic(both, rounds=40, warmup_rounds=4)
    while chat.outbox.waiting():
        time.sleep(0.5)

    without = median(took[False][4:])
    added = median(w - wo for w, wo in zip(took[True][4:], took[False][4:], strict=True))
    said = {"turn, ms": without, "added, ms": added}
    benchmark.extra_info.update({name: round(s * 1000, 1) for name, s in said.items()})
    benchmark.extra_info["added, share"] = round(added / without, 3)
    print("processor time", benchmark.extra_info)
