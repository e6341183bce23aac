"""``rulewright serve``: the chat, the decision API and the reviewers' MLflow on one machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from app import wording
from app.environment import be_quiet
from app.settings import Settings, read_settings

if TYPE_CHECKING:
    from app.decisions import Decisions
    from app.install import Installed
    from evals.delivery import Then
    from evals.reviewers import ReviewServer

LARGEST_FRAME = 1_000_000
"""Bytes of one message over the socket."""
PORT_WAIT = 30.0
"""Seconds that MLflow waits for its port."""
GRACE = 3
"""Seconds that running requests get when the server stops."""


def serve(settings: Settings | None = None) -> int:
    """Serve until stopped. Exit status 1 where it cannot start, with a sentence that says why."""
    be_quiet()
    settings = settings or read_settings()
    if not _free(settings.host, settings.port):
        print(wording.port_in_use(settings.port, "RULEWRIGHT_PORT"), file=sys.stderr)
        return 1
    from app.decisions import Decisions
    from app.install import install
    from data.store import StoreError

    try:
        installed = install(settings)
    except (StoreError, OSError) as error:
        print(wording.cannot_start(str(error)), file=sys.stderr)
        return 1
    installed.past.begin()
    decisions = Decisions(installed.store)
    server = _server(settings, installed, decisions)
    reviewers = Reviewing(settings, installed) if settings.mlflow else None
    try:
        server.announce = lambda: _started(settings, installed, reviewers)
        server.run()
    finally:
        if reviewers is not None:
            reviewers.stop()
        decisions.close()
        installed.store.close()
    return 0 if server.started else 1


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _server(settings: Settings, installed: Installed, decisions: Decisions) -> Any:
    import uvicorn

    from app.api import decision_routes
    from app.web import create_app
    from app.wiring import open_desk

    class Server(uvicorn.Server):
        """Says so once it can be reached."""

        announce: Callable[[], None]

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                self.announce()

    make = partial(_open, open_desk, installed)
    app = create_app(settings, make, decision_routes(lambda: decisions))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_max_size=LARGEST_FRAME,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(config)


async def _open(open_desk: Callable[..., Any], installed: Installed, settings: Settings) -> Any:
    return await open_desk(settings, installed)


def _started(settings: Settings, installed: Installed, reviewers: Reviewing | None) -> None:
    """Tell the person at the keyboard where to go, then start what may come later."""
    mlflow = reviewers.server.url if reviewers else ""
    print(wording.ready(settings.address, mlflow, installed.passwords, installed.api_key))
    sys.stdout.flush()
    if reviewers is not None:
        reviewers.start()


def after_turns(settings: Settings) -> Then:
    """Who judges a turn that is over, and who else is told of it."""
    from evals.delivery import Then
    from evals.judges.endpoint import Endpoint
    from evals.judges.judging import Limits

    endpoint = None
    if settings.judge_model:
        endpoint = Endpoint(
            settings.judge_model_url,
            settings.judge_model,
            settings.judge_model_key.get_secret_value(),
            settings.judge_model_timeout,
        )
    limits, examples = Limits(share=settings.judge_share), settings.var / "judges"
    return Then(endpoint, limits, settings.otlp_url, examples)


class Reviewing:
    """The reviewers' MLflow and the sender that fills it: two processes that nobody waits for."""

    def __init__(self, settings: Settings, installed: Installed) -> None:
        from evals.reviewers import ReviewServer

        self.server: ReviewServer = ReviewServer(settings.var / "mlflow", settings.mlflow_port)
        self._store = settings.store_address
        self._then = after_turns(settings)
        self._installed = installed
        self._children: list[subprocess.Popen[bytes]] = []
        self._starting = threading.Lock()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start both; returns at once."""
        from evals.delivery import command, environment

        sender = command(self._store, self.server.tracking_uri, self._then)
        self._children.append(subprocess.Popen(sender, env=environment(self._then)))
        threading.Thread(target=self._start_server, daemon=True).start()

    def _start_server(self) -> None:
        """Start MLflow once its port is free: after a crash the one before is still ending."""
        until = time.monotonic() + PORT_WAIT
        while not _free(self.server.host, self.server.port):
            if time.monotonic() > until or self._stopping.wait(0.2):
                print(wording.port_in_use(self.server.port, "RULEWRIGHT_MLFLOW_PORT"), flush=True)
                return
        with self._starting:
            if self._stopping.is_set():
                return
            self._children.append(self.server.start())
        self._let_reviewers_in()

    def _let_reviewers_in(self) -> None:
        """On the first start: reviewers get an account of their own in MLflow."""
        from evals.reviewers import Reviewers

        if not self._installed.passwords:
            return
        if not self.server.ready():
            print(wording.MLFLOW_LATE, flush=True)
            return
        accounts = Reviewers.of(self.server)
        logins = [n for n in self._installed.passwords if n.startswith("reviewer")]
        org_id, name = self._installed.org_id, self._installed.pack.ontology.name
        passwords = {login: accounts.add(org_id, name, login) for login in logins}
        if passwords:
            print(wording.reviewers_ready(self.server.url, passwords), flush=True)

    def stop(self) -> None:
        self._stopping.set()
        with self._starting:
            for child in self._children:
                child.terminate()
        for child in self._children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
