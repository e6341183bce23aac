"""The reviewers' MLflow: its server as a child process, and who may see which organisation.

``python -m evals.reviewers FOLDER --port N`` runs the server. It takes about twelve seconds to
answer, so nobody waits for it: traces are written to the same database without it.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from evals.child import BEHIND_THE_CHAT, Lifeline
from evals.tracking import (
    QUIET,
    experiment_name,
    first_opening,
    nights_artifacts,
    nights_name,
)

ADMIN = "rulewright"
OPEN = build_opener(ProxyHandler({})).open
"""Straight to the server: a proxy of the machine has no business between the two."""
START_LIMIT = 120.0
"""Seconds for a first start on a busy machine."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made once, kept in the folder, readable by its owner alone."""

    admin_password: str
    cookie_key: str


@dataclass(frozen=True, slots=True)
class ReviewServer:
    """Where the server keeps its state and where it listens.

    Everything lies in ``folder``: traces, accounts, artifacts, secrets, the log.
    """

    folder: Path
    port: int
    host: str = "127.0.0.1"
    allowed_hosts: tuple[str, ...] = ()
    """Names under which browsers reach it, besides localhost."""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def tracking_uri(self) -> str:
        """The database itself: what the sender writes to, server or no server."""
        return f"sqlite:///{self.folder.resolve() / 'mlflow.db'}"

    @property
    def artifacts(self) -> Path:
        """What runs leave beside their numbers."""
        return self.folder.resolve() / "artifacts"

    def secrets(self) -> Secrets:
        """The server's secrets, made at the first call."""
        path = self.folder / "secrets.json"
        if not path.exists():
            made = {
                "admin_password": secrets.token_urlsafe(24),
                "cookie_key": secrets.token_urlsafe(48),
            }
            _write_private(path, json.dumps(made))
        return Secrets(**json.loads(path.read_text()))

    def command(self) -> list[str]:
        """The command that runs the server and ends it with whoever started it."""
        chosen = ["--host", self.host, "--port", str(self.port), "--parent", str(os.getpid())]
        names = [part for name in self.allowed_hosts for part in ("--allow", name)]
        return [sys.executable, "-m", "evals.reviewers", str(self.folder), *chosen, *names]

    def mlflow_command(self) -> list[str]:
        """MLflow's own command: one worker, no jobs, sign-in required."""
        return [
            sys.executable, "-m", "mlflow", "server",
            "--host", self.host,
            "--port", str(self.port),
            "--workers", "1",
            "--app-name", "basic-auth",
            "--backend-store-uri", self.tracking_uri,
            "--artifacts-destination", str(self.artifacts),
            "--allowed-hosts", ",".join(self._hosts()),
            "--cors-allowed-origins", ",".join(f"http://{h}" for h in self._hosts()),
            "--x-frame-options", "DENY",
        ]  # fmt: skip

    def _hosts(self) -> tuple[str, ...]:
        own = (f"localhost:{self.port}", f"127.0.0.1:{self.port}", f"{self.host}:{self.port}")
        return tuple(dict.fromkeys((*own, *self.allowed_hosts)))

    def environment(self) -> dict[str, str]:
        """The server's whole environment: no key of ours that it does not need."""
        kept = self.secrets()
        passed = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV")
        return {
            **{name: os.environ[name] for name in passed if name in os.environ},
            **QUIET,
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_AUTH_CONFIG_PATH": str(self._config()),
            "MLFLOW_AUTH_ADMIN_USERNAME": ADMIN,
            "MLFLOW_AUTH_ADMIN_PASSWORD": kept.admin_password,
            "MLFLOW_FLASK_SERVER_SECRET_KEY": kept.cookie_key,
        }

    def _config(self) -> Path:
        path = self.folder.resolve() / "auth.ini"
        accounts = f"sqlite:///{path.with_name('accounts.db')}"
        lines = ["[mlflow]", "default_permission = NO_PERMISSIONS", f"database_uri = {accounts}"]
        _write_private(path, "\n".join([*lines, f"admin_username = {ADMIN}", ""]))
        return path

    def start(self) -> subprocess.Popen[bytes]:
        """Starts the server and returns at once; ``terminate`` ends it with its children."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return subprocess.Popen(self.command())

    def ready(self, timeout: float = START_LIMIT) -> bool:
        """Waits until the server answers."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if self.healthy():
                return True
            time.sleep(0.2)
        return False

    def healthy(self) -> bool:
        try:
            with OPEN(f"{self.url}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(made, "w") as file:
        file.write(text)


class Refused(Exception):
    """MLflow said no; ``code`` is its reason."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who signs in to MLflow, as its REST interface sees them."""

    url: str
    login: str
    password: str
    root: str = "/api"

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self._call("GET", f"{path}?{urlencode(query)}", None)

    def send(self, path: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        return self._call(method, path, body)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        signed = b64encode(f"{self.login}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {signed}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        asked = Request(f"{self.url}{self.root}{path}", content, headers, method=method)
        try:
            with OPEN(asked, timeout=30) as answer:
                return json.loads(answer.read() or b"{}")
        except HTTPError as error:
            raise Refused(error.code, _reason(error)) from None


def _reason(error: HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error_code"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Gives and takes the right to look at one organisation's traces and nights."""

    admin: Account
    artifacts: Path
    """Where runs leave files."""

    @classmethod
    def of(cls, server: ReviewServer) -> Reviewers:
        admin = Account(server.url, ADMIN, server.secrets().admin_password)
        return cls(admin, server.artifacts)

    def experiment(self, org_id: str) -> str:
        """Id of the organisation's experiment, made when it is not there yet."""
        return self._experiment(experiment_name(org_id))

    def nights(self, organisation: str) -> str:
        """Id of the experiment of its nights, as ``rulewright nightly`` would make it."""
        place = nights_artifacts(self.artifacts, organisation)
        return self._experiment(nights_name(organisation), artifact_location=place)

    def _experiment(self, name: str, **more: str) -> str:
        try:
            return self._find(name)
        except Refused as error:
            if error.code != "RESOURCE_DOES_NOT_EXIST":
                raise
        try:
            made = self.admin.send("/2.0/mlflow/experiments/create", name=name, **more)
            return str(made["experiment_id"])
        except Refused as error:
            if error.code != "RESOURCE_ALREADY_EXISTS":
                raise
            return self._find(name)

    def _find(self, name: str) -> str:
        found = self.admin.get("/2.0/mlflow/experiments/get-by-name", experiment_name=name)
        return str(found["experiment"]["experiment_id"])

    def add(self, org_id: str, organisation: str, login: str) -> str:
        """Lets ``login`` assess this organisation's traces and read its nights, and no other's.

        ``organisation`` is its name. Returns a new password, to be shown once; a login that
        exists gets a new one too. Raises ``Refused`` (``OTHER_ORGANISATION``) for a login that
        may look elsewhere.
        """
        password, experiment = secrets.token_urlsafe(15), self.experiment(org_id)
        try:
            self.admin.send("/2.0/mlflow/users/create", username=login, password=password)
        except Refused as error:
            if error.code != "RESOURCE_ALREADY_EXISTS":
                raise
            self._renew(login, password, experiment)
        self._grant(login, experiment, "EDIT")
        self._grant(login, self.nights(organisation), "READ")
        return password

    def _renew(self, login: str, password: str, experiment: str) -> None:
        if self._sees(login) - {experiment}:
            raise Refused(409, "OTHER_ORGANISATION")
        path = "/2.0/mlflow/users/update-password"
        self.admin.send(path, "PATCH", username=login, password=password)

    def _sees(self, login: str) -> set[str]:
        """Ids of the experiments a login was let into; one of its own making is ``MANAGE``."""
        found = self.admin.get("/3.0/mlflow/users/permissions/list", username=login)
        return {
            str(p["resource_pattern"])
            for p in found["permissions"]
            if (p["resource_type"], p["permission"]) == ("experiment", "EDIT")
        }

    def _grant(self, login: str, experiment: str, permission: str) -> None:
        try:
            self._permit("grant", login, experiment, permission=permission)
        except Refused as error:
            if error.code != "RESOURCE_ALREADY_EXISTS":
                raise

    def remove(self, org_id: str, login: str) -> None:
        """Takes the right away, and the account with it."""
        self._permit("revoke", login, self.experiment(org_id))
        self.admin.send("/2.0/mlflow/users/delete", "DELETE", username=login)

    def _permit(self, verb: str, login: str, experiment: str, **more: str) -> None:
        self.admin.send(
            f"/3.0/mlflow/users/permissions/{verb}",
            username=login,
            resource_type="experiment",
            resource_id=experiment,
            **more,
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the server until SIGTERM, or until the process it works for is gone."""
    parser = argparse.ArgumentParser(prog="evals.reviewers", description=__doc__)
    parser.add_argument("folder", type=Path, help="where traces, accounts and secrets are kept")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--allow", action="append", default=[], help="a host name browsers use")
    parser.add_argument("--parent", type=int, help="the process whose end ends the server")
    chosen = parser.parse_args(arguments)
    os.nice(BEHIND_THE_CHAT)
    server = ReviewServer(chosen.folder, chosen.port, chosen.host, tuple(chosen.allow))
    run(server, Lifeline(chosen.parent))


def run(server: ReviewServer, lifeline: Lifeline) -> None:
    """Runs MLflow in a process group of its own, so that none of it outlives us."""
    with (server.folder / "server.log").open("ab") as log, first_opening(server.tracking_uri):
        child = subprocess.Popen(
            server.mlflow_command(),
            env=server.environment(),
            cwd=server.folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )
        while child.poll() is None and not server.healthy() and lifeline.holds(0.2):
            continue
    while child.poll() is None and lifeline.holds(1.0):
        continue
    if child.poll() is None:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


if __name__ == "__main__":
    main()
