"""A sender killed between a turn and its judging: each turn is judged once, each thumb lands."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from data.access.masking import pseudonym
from data.store import open_store, put_outbox
from data.store.engine import Store
from data.store.tables import new_id
from evals.delivery import Delivery
from evals.judges.judging import Limits, judging_carrier
from evals.store_outbox import StoreOutbox
from evals.traces import TurnRecord
from evals.tracking import Tracking
from tests.evals.conftest import KEY, Clock
from tests.evals.test_delivery import THREAD

TURNS = 1_000
MEMORY = Path("/dev/shm")
PERSON = pseudonym(KEY, "ann")

MORTAL = """
import os, signal, sys, time
from datetime import UTC, datetime, timedelta
from data.store import open_store
from evals.delivery import Then, carriers
from evals.store_outbox import StoreOutbox

class Mortal(StoreOutbox):
    kind, left = sys.argv[3], int(sys.argv[4])
    def delivered(self, held):
        if held.parcel.kind == self.kind:
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.left -= 1
        super().delivered(held)

ahead = timedelta(days=int(sys.argv[5]))
outbox = Mortal(open_store(sys.argv[1]), lambda: datetime.now(UTC) + ahead)
for carrier in carriers(outbox, sys.argv[2], Then()):
    carrier.start()
time.sleep(120)
"""


def asking(org: str) -> TurnRecord:
    """A turn that asks a question: there is something to judge without a model."""
    return TurnRecord(
        new_id(), org, THREAD, PERSON, None, 1, 2, {"message": "wheelchairs get it"},
        {"status": "question", "question": "Which code do they get?"}, (), (),
    )  # fmt: skip


def put(store: Store, turns: list[TurnRecord]) -> None:
    """The turns and a thumb for each, as the chat would leave them."""
    with store.session() as session:
        for turn in turns:
            thumb = {"turn_id": turn.turn_id, "value": True, "comment": None, "person": PERSON}
            for kind, payload in (("turn", turn.to_json()), ("feedback", thumb)):
                content = {"turn_id": turn.turn_id, "payload": payload}
                key = f"{kind}:{turn.turn_id}"
                put_outbox(session, turn.org_id, kind, content, subject=key, key=key)


def traces(tracking: Tracking, org: str) -> list[Any]:
    client = tracking.client  # pyright: ignore[reportPrivateUsage]
    where, found, page = [tracking.experiment(org)], [], ""
    while page is not None:
        some = client.search_traces(
            locations=where, max_results=500, page_token=page or None, include_spans=False
        )
        found, page = [*found, *some], some.token or None
    return found


def killed(store: Store, uri: str, kind: str, left: int, clock: Clock) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", MORTAL, str(store.engine.url), uri, kind, str(left),
         str(clock.ahead.days)],
        capture_output=True, timeout=300,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]
    clock.later()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where that can be: a killed process loses nothing there, and 10,000 commits
    are done in seconds."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir=MEMORY) as made:
        yield Path(made)


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{folder / 'store.db'}")
    yield opened
    opened.close()


def test_a_sender_killed_between_turns_and_judging_judges_each_turn_once(
    folder: Path, store: Store, outbox: StoreOutbox, clock: Clock, org: str
) -> None:
    tracking_uri = f"sqlite:///{folder / 'mlflow.db'}"
    turns = [asking(org) for _ in range(TURNS)]
    put(store, turns)

    for kind, left in (("turn", 10), ("judge", 5), ("feedback", 5)):
        killed(store, tracking_uri, kind, left, clock)
    assert outbox.waiting(["turn"]) > TURNS / 2, "most turns are still to come"

    tracking = Tracking(tracking_uri)
    sender = Delivery(outbox, "", 0.01, lambda _: tracking, then=["judge"])
    judging = judging_carrier(outbox, lambda: tracking, None, Limits(), 0.01)
    while outbox.waiting():
        sender.flush(0.1)
        judging.flush(0.1)
        clock.later()

    found = traces(tracking, org)
    assert sorted(t.info.client_request_id for t in found) == sorted(t.turn_id for t in turns)
    given = Counter((t.info.trace_id, a.name) for t in found for a in t.info.assessments)
    assert set(given.values()) == {1}
    assert Counter(name for _, name in given) == {"plain_question": TURNS, "thumb": TURNS}
    values = {(a.name, a.value) for t in found for a in t.info.assessments}
    assert values == {("plain_question", True), ("thumb", True)}
