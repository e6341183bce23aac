"""A server of our own as a process, and a browser that uses it as a person does."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

ROOT = Path(__file__).parents[2]
SPY = Path(__file__).parent / "spy"
"""Put first on a process's path, it notes the names that the process looks up in ``SPY_FILE``."""
LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "None"})


def looked_up(spied: Path) -> set[str]:
    """Names that the watched processes looked up. Raises where nobody was watched."""
    names = set(spied.read_text().split())
    names.remove("watching")
    return names


CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
START = 90.0
"""Seconds a server may take on a busy machine."""
PATIENCE = 30_000
"""Milliseconds a page may take on a busy machine."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """One process; it can be killed as a power cut would, and started again."""

    command: list[str]
    port: int
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> float:
        """Start, wait until a page can be used, and say how many seconds that took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=os.environ | dict(self.environment),
                start_new_session=True,
            )
        while time.monotonic() - began < START:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                urllib.request.urlopen(self.url + "/ready", timeout=2).close()
                return time.monotonic() - began
            time.sleep(0.1)
        raise RuntimeError(f"the server did not start: {self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """End the server at once, as a power cut would; what it started ends by itself."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End the server and all it started."""
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


@contextlib.contextmanager
def served(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Person:
    """Somebody at a browser of their own."""

    context: BrowserContext
    page: Page
    url: str
    foreign: list[str]
    """Requests that left this machine; there must be none."""

    def sign_in(self, login: str, password: str) -> None:
        self.page.goto(self.url)
        self.page.fill("#email", login)
        self.page.fill("#password", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#chat-input")

    def say(self, text: str) -> None:
        self.page.fill("#chat-input", text)
        self.page.wait_for_selector("#chat-submit:not([disabled])")
        self.page.click("#chat-submit")

    def new_conversation(self) -> None:
        self.page.goto(self.url)
        self.page.wait_for_selector("#chat-input")

    def card(self, status: str = "waiting") -> Locator:
        """The last card of this status; waits until it is there."""
        found = self.page.locator(f".rw-card.rw-is-{status}").last
        expect(found).to_be_visible(timeout=PATIENCE)
        return found

    def press(self, name: str, within: Locator | None = None) -> None:
        (within or self.page).get_by_role("button", name=name, exact=True).last.click()

    def reads(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).last).to_be_visible(timeout=PATIENCE)

    def thumb(self, up: bool, comment: str) -> None:
        """Give the last answer a thumb and a comment."""
        kind = "positive" if up else "negative"
        self.page.locator(f".{kind}-feedback-off").last.click()
        self.page.get_by_role("dialog").get_by_role("textbox").fill(comment)
        self.page.click("#submit-feedback")
        self.page.wait_for_selector(f".{kind}-feedback-on")


@contextlib.contextmanager
def person(browser: Browser, url: str, width: int = 1280, height: int = 900) -> Iterator[Person]:
    """A person with a fresh browser window."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    foreign: list[str] = []
    page.on("request", lambda r: _note_foreign(r.url, url, foreign))
    try:
        yield Person(context, page, url, foreign)
    finally:
        context.close()


def _note_foreign(requested: str, own: str, foreign: list[str]) -> None:
    if not requested.startswith((own, own.replace("http", "ws"), "data:", "blob:")):
        foreign.append(requested)
