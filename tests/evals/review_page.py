"""A turn, and a reviewer at MLflow's pages, as far as a test needs them."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from data.store.tables import new_id
from evals.reviewers import Account
from evals.score import scored
from evals.traces import SpanRecord, TurnRecord
from tests.e2e.browser import ARGUMENTS, CHROMIUM, PATIENCE

SHOTS = "RULEWRIGHT_SCREENSHOTS"
"""The folder that gets pictures of the pages; none are made where it is not set."""
STILL = 1_000
"""Milliseconds until nothing slides in any more, for a picture."""


RULE = """rule "Wheelchair at Northstar"
  scope      family Northstar
  when       wheelchair assistance is yes
  then       procedure code is MM123WA"""
MEANT = RULE.replace("when       ", "when       patient age is more than 40\n             and ")


def drafted_turn(org: str) -> TurnRecord:
    """A turn as the pipeline tells it: what was looked up, drafted, found and tried."""
    now, milli, id = time.time_ns(), 1_000_000, new_id()
    documents = [{"page_content": "wheelchair assistance", "metadata": {"doc_uri": "wheelchair"}}]
    done = (
        ("retrieve", {"documents": documents}),
        ("draft", {"drafter": "grammar", "rules": [RULE]}),
        ("validate", {"findings": []}),
        ("test", {"scenarios": 12, "changed": 465}),
    )
    spans = tuple(
        SpanRecord(name, now + n * milli, now + (n + 1) * milli, {}, outputs)
        for n, (name, outputs) in enumerate(done)
    )
    said = {"message": "Wheelchair patients over 40 at Northstar get MM123WA"}
    scores = (
        scored("parses", True, "1 of 1"),
        scored("accounted", False, "no place for: over 40"),
        scored("plain_language", True, "no jargon"),
    )
    return TurnRecord(
        id, org, "s", "user-1", None, now, now + 4 * milli, said,
        {"intent": "draft", "status": "drafted", "rules": [RULE]}, spans, scores,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The pages of one experiment."""

    page: Page
    url: str

    def open_traces(self) -> None:
        """The first page; what MLflow lays over it is closed."""
        self.page.goto(f"{self.url}/traces")
        self.page.get_by_role("button", name="Got it").click()
        self.page.get_by_role("button", name="Close", exact=True).click()

    def open_queue(self, name: str) -> None:
        self.page.get_by_text("Review", exact=True).first.click()
        self.page.get_by_text(name, exact=True).click()

    def answer(self, label: str, why: str, meant: str) -> None:
        """Answers by this label in the review under way, says why, and which rule was meant."""
        button = self.page.get_by_text(label, exact=True)
        button.click()
        button.locator("xpath=following::textarea[1]").fill(why)
        self.page.get_by_placeholder("the rule that was meant").fill(meant)
        self.page.get_by_role("button", name="Submit").click()
        self.page.get_by_text("All items in this queue have been reviewed!").wait_for()

    def open_trace(self, words: str, last: str) -> None:
        """The trace whose message holds these words, with its assessments; waits for a span."""
        self.page.goto(f"{self.url}/traces")
        self.page.get_by_text(words).first.click()
        self.page.get_by_text(last, exact=True).wait_for()

    def tags(self) -> str:
        """The tags of the trace that is open."""
        self.page.get_by_text("tags").last.hover()
        self.page.get_by_text("review_reason", exact=True).wait_for()
        return self.page.locator("body").inner_text()

    def picture(self, name: str) -> None:
        if folder := os.environ.get(SHOTS):
            self.page.wait_for_timeout(STILL)
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@contextmanager
def reviewing(account: Account, experiment: str) -> Generator[ReviewPage]:
    """The account, signed in at a browser of its own."""
    signed = {"username": account.login, "password": account.password}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(
            viewport={"width": 1280, "height": 720},
            http_credentials=signed,  # pyright: ignore[reportArgumentType]
        )
        context.set_default_timeout(PATIENCE)
        yield ReviewPage(context.new_page(), f"{account.url}/#/experiments/{experiment}")
        browser.close()
