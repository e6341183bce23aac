"""An author who cannot code takes outside companies off the issues: real server, real browser."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]
import pytest
from playwright.sync_api import Browser, expect

from graph.past import past_request
from tests.e2e.browser import Person, Server, free_port, person, served

pytestmark = pytest.mark.browser
pq: Any = pyarrow.parquet
"""Arrow has no types of its own."""
REPLAY = 120_000
"""Milliseconds that a draft may take on a busy machine: it tries every past request."""


@dataclass
class House:
    """The served installation, and what its terminal said on the first start."""

    server: Server
    var: Path
    passwords: dict[str, str]
    key: str

    def assignee(self, facts: object, environment: str = "production") -> str:
        """Who gets the issue there."""
        call = urllib.request.Request(
            f"{self.server.url}/v1/decide?environment={environment}",
            json.dumps(facts).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(call, timeout=20) as answer:
            return str(json.loads(answer.read())["outcomes"]["assignee"].get("value"))

    def past(self) -> list[dict[str, Any]]:
        """The past requests, once they are made."""
        until = time.monotonic() + 60
        while not (made := [*self.var.glob("history/*.parquet")]) and time.monotonic() < until:
            time.sleep(0.1)
        return pq.read_table(made[0]).slice(0, 200).to_pylist()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    var, port = tmp_path_factory.mktemp("story"), free_port()
    settings = {
        "RULEWRIGHT_PACK": "issues",
        "RULEWRIGHT_VAR": str(var),
        "RULEWRIGHT_PORT": str(port),
        "RULEWRIGHT_MLFLOW": "0",
    }
    server = Server(["-m", "app.cli", "serve"], port, var / "log", settings)
    with served(server):
        until = time.monotonic() + 20
        while "Stop it with" not in (said := server.log.read_text()) and time.monotonic() < until:
            time.sleep(0.1)
        passwords = dict(re.findall(r"^  (\S+-issues)\s+(\S+)$", said, re.MULTILINE))
        key = re.search(r"rw_\w+", said)
        assert key is not None
        yield House(server, var, passwords, key.group())


def test_nobody_of_another_company_gets_the_issue_and_the_answer_says_why(
    browser: Browser, house: House
) -> None:
    number, facts, outsider = _given_away(house)
    url = house.server.url
    with person(browser, url) as author, person(browser, url, width=390) as approver:
        author.sign_in("author-issues", house.passwords["author-issues"])
        author.say("Remove anybody from an external company.")
        author.page.wait_for_selector(".rw-card.rw-is-waiting", timeout=REPLAY)
        card = author.card()
        expect(card).to_contain_text("engineers whose company is external are left out")
        expect(card).to_contain_text("of 2,400 past requests would be decided differently")
        expect(card).to_contain_text("alice-moreau")
        author.press("Confirm", card)
        author.card("confirmed")
        insider = house.assignee(facts, "staging")
        assert (house.assignee(facts), insider != outsider) == (outsider, True)

        approver.sign_in("approver-issues", house.passwords["approver-issues"])
        approver.say("Promote to production")
        approver.press("Promote to production", approver.card())
        approver.reads("Production now runs version")
        assert house.assignee(facts) == insider

        author.say(f"why not {outsider} for {number}?")
        author.reads(f"{outsider} is left out by “No engineers: external”")
        author.say(f"explain {number}")
        author.reads(re.compile(rf"Left out .*{outsider}.* by “No engineers: external”"))
        author.say(f"why was {outsider} left out?")
        author.reads(f"{outsider} is left out by “No engineers: external”")
        assert author.foreign == approver.foreign == []


def test_an_operator_is_told_who_is_chosen(browser: Browser, house: House) -> None:
    answers = {"Regression?": "No", "Which areas?": "none", "Which main language?": "Go",
               "Which opened on?": "20 November 2026", "What is the effort, in points?": "3",
               "Personal data?": "No", "Good first issue?": "No"}  # fmt: skip
    house.past()
    with person(browser, house.server.url) as operator:
        operator.sign_in("operator-issues", house.passwords["operator-issues"])
        operator.say("a medium bug of the payments team in ledger-invoices")
        who = "Which engineers can be chosen?"
        expect(operator.card()).to_have_attribute("aria-label", who)
        _said(operator, who, "alice-moreau, bob-tanaka")
        told = operator.page.get_by_text("Chosen among alice-moreau and bob-tanaka")
        waiting = operator.page.locator(".rw-card.rw-is-waiting")
        for _ in answers:
            expect(told.or_(waiting).first).to_be_visible(timeout=REPLAY)
            if told.count():
                break
            asked = str(waiting.last.get_attribute("aria-label"))
            _said(operator, asked, answers[asked])
        operator.reads("Chosen among alice-moreau and bob-tanaka, each as last noted up to")
        assert operator.foreign == []


def _said(operator: Person, asked: str, answer: str) -> None:
    """Answers in words, and waits until the question is gone."""
    operator.say(answer)
    gone = operator.page.locator(f'.rw-card.rw-is-waiting[aria-label="{asked}"]')
    expect(gone).to_have_count(0, timeout=REPLAY)
    operator.page.wait_for_timeout(200)


def _given_away(house: House) -> tuple[str, dict[str, Any], str]:
    """A past request that production gives to somebody of another company."""
    for row in house.past():
        request = past_request(row)
        companies = {e["login"]: e["company"] for e in request.facts["engineers"]}
        chosen = house.assignee(request.facts)
        if companies.get(chosen) == "external" and "own staff" in companies.values():
            return request.id, dict(request.facts), chosen
    raise AssertionError("production gives no past request to somebody of another company")
