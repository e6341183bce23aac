"""A real store, a real MLflow database, and organisations of each test's own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.store import create_organisation, open_store
from data.store.engine import Store
from data.store.tables import new_id
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer
from evals.tracking import Tracking

KEY = b"a key of the tests"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


@dataclass
class Clock:
    """The real time, and what a test adds to it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def later(self) -> None:
        """As if every wait after a failed try, and every claim, were over."""
        self.ahead += timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(store: Store, clock: Clock) -> StoreOutbox:
    return StoreOutbox(store, clock)


@pytest.fixture
def org(store: Store) -> str:
    with store.session() as session:
        return create_organisation(session, new_id()).id


@pytest.fixture
def tracer(outbox: StoreOutbox) -> Tracer:
    return Tracer(outbox, KEY)


@pytest.fixture(scope="session")
def tracking_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One MLflow database for all tests; each test has an organisation of its own in it."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture(scope="session")
def tracking(tracking_uri: str) -> Tracking:
    return Tracking(tracking_uri)


@pytest.fixture(scope="session")
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
