"""From a sentence to a live rule, as people do it: the real server, a real browser, MLflow."""

from __future__ import annotations

import json
import re
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.data.exchange.documents import pdf_of
from tests.e2e.browser import (
    LOCAL,
    PATIENCE,
    SPY,
    Person,
    Server,
    free_port,
    looked_up,
    person,
    served,
)

pytestmark = pytest.mark.browser

RULE = (
    "When a patient at a Northstar clinic is over 40, needs a wheelchair and has a screening "
    "mammogram, the code is MM123WA."
)
MODIFIER = "Head CTs for anyone in a wheelchair at Northstar get the WA modifier."
ARRIVAL = "Patients on home oxygen should arrive 30 minutes early for any CT."
REQUEST = {
    "patient": {"age": 52, "sex": "female", "wheelchair": True},
    "request": {"exam": "screening mammogram", "date": "2026-11-20"},
    "clinic": {"id": "north-3", "family": "Northstar"},
}


@dataclass
class House:
    """The served installation, and what its terminal said on the first start."""

    server: Server
    var: Path
    passwords: dict[str, str]
    key: str

    def decide(self) -> object:
        """What production decides for the patient in the wheelchair."""
        call = urllib.request.Request(
            self.server.url + "/v1/decide",
            json.dumps(REQUEST).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(call, timeout=20) as answer:
            return json.loads(answer.read())["outcomes"]["procedure_code"].get("value")

    def versions(self) -> int:
        with sqlite3.connect(self.var / "store.db") as store:
            tables = [r[0] for r in store.execute("SELECT name FROM sqlite_master")]
            [table] = [t for t in tables if re.fullmatch(r"version(_?row)?s?", t)]
            return int(store.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608

    def lose_cards(self, conversation: str) -> None:
        """As if the server had stopped between the checkpoint and the card."""
        with sqlite3.connect(self.var / "chat.db") as chat:
            mine = (conversation,)
            chat.execute(
                'DELETE FROM steps WHERE "id" IN '
                '(SELECT "forId" FROM elements WHERE "threadId" = ?)',
                mine,
            )
            lost = chat.execute('DELETE FROM elements WHERE "threadId" = ?', mine)
            assert lost.rowcount == 1


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    var, port = tmp_path_factory.mktemp("house"), free_port()
    settings = {
        "RULEWRIGHT_VAR": str(var),
        "RULEWRIGHT_PORT": str(port),
        "RULEWRIGHT_MLFLOW_PORT": str(free_port()),
        "PYTHONPATH": str(SPY),
        "SPY_FILE": str(var / "looked-up"),
    }
    server = Server(["-m", "app.cli", "serve"], port, var / "log", settings)
    with served(server):
        said = _until_told(server.log).partition("MLflow is ready:")[0]
        passwords = dict(re.findall(r"^  (\S+-radiology)\s+(\S+)$", said, re.MULTILINE))
        key = re.search(r"rw_\w+", said)
        assert key is not None
        yield House(server, var, passwords, key.group())


def _until_told(log: Path) -> str:
    """The terminal's text, once it has told the first sign-in."""
    until = time.monotonic() + 20
    while "Stop it with" not in (said := log.read_text()) and time.monotonic() < until:
        time.sleep(0.1)
    return said


@pytest.fixture
def author(browser: Browser, house: House) -> Iterator[Person]:
    yield from _signed_in(browser, house, "author-radiology")


@pytest.fixture
def owner(browser: Browser, house: House) -> Iterator[Person]:
    yield from _signed_in(browser, house, "owner-radiology")


@pytest.fixture
def approver(browser: Browser, house: House) -> Iterator[Person]:
    yield from _signed_in(browser, house, "approver-radiology")


def _signed_in(browser: Browser, house: House, login: str) -> Iterator[Person]:
    with person(browser, house.server.url) as someone:
        someone.sign_in(login, house.passwords[login])
        yield someone
        assert someone.foreign == []


def test_from_a_sentence_to_production_and_back(
    author: Person, approver: Person, house: House
) -> None:
    assert house.decide() == "MM123"

    author.say(RULE)
    card = author.card()
    expect(card).to_contain_text("At clinic family Northstar")
    expect(card.locator(".rw-legend")).to_contain_text("patient age is more than 40")
    expect(card).to_contain_text("of 100,000 past requests would be decided differently")
    expect(card.locator(".rw-examples").first).to_contain_text("MM123WA")
    author.press("Confirm", card)
    author.card("confirmed")
    author.reads("Staging now runs this version")
    assert house.decide() == "MM123"

    expect(author.page.get_by_role("button", name="Promote to production")).to_have_count(0)
    author.say("Promote to production")
    author.reads("Only an approver may promote")
    assert house.decide() == "MM123"

    approver.say("Promote to production")
    promotion = approver.card()
    approver.reads("1 rule differs")
    expect(promotion).to_contain_text("New rule")
    approver.press("Promote to production", promotion)
    approver.reads("Production now runs version")
    assert house.decide() == "MM123WA"

    approver.say("Roll back production")
    approver.press("Roll back", approver.card())
    approver.reads("Production is back on version")
    assert house.decide() == "MM123"

    approver.thumb(up=True, comment="exactly what I asked for")
    thumb = _thumb_on_a_trace(house.var)
    assert thumb == (True, "exactly what I asked for")


def _thumb_on_a_trace(var: Path) -> tuple[Any, str]:
    """The first human assessment that MLflow holds, once it was delivered."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{(var / 'mlflow' / 'mlflow.db').resolve()}")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        places = [e.experiment_id for e in client.search_experiments()]
        for trace in client.search_traces(locations=places) if places else []:
            for given in trace.info.assessments:
                if given.source.source_type == "HUMAN":
                    return given.feedback.value, str(given.rationale)
        time.sleep(0.5)
    raise AssertionError("no thumb arrived in MLflow")


@pytest.mark.parametrize("stored", [True, False], ids=["card stored", "card not yet stored"])
def test_a_confirmation_survives_a_killed_server_and_counts_once(
    author: Person, house: House, stored: bool
) -> None:
    author.say(MODIFIER)
    author.card()
    author.page.wait_for_url("**/thread/*")
    before, conversation = house.versions(), author.page.url
    with author.page.expect_event("load", timeout=PATIENCE):
        house.server.kill()
        if not stored:
            house.lose_cards(conversation.rpartition("/")[2])
        house.server.start()
    late = author.context.new_page()
    late.goto(conversation)
    expect(late.locator(".rw-card.rw-is-waiting")).to_be_visible(timeout=PATIENCE)
    author.press("Confirm", author.card())
    author.card("confirmed")
    late.get_by_role("button", name="Confirm").click()
    expect(late.get_by_text("already decided").first).to_be_visible()
    assert house.versions() == before + 1


def test_the_second_of_two_authors_sees_the_card_again(
    author: Person, owner: Person, house: House
) -> None:
    before = house.versions()
    author.say(ARRIVAL)
    owner.say(ARRIVAL.replace("30", "45").replace("any CT", "any MRI"))
    first, second = author.card(), owner.card()
    author.press("Confirm", first)
    author.card("confirmed")
    owner.press("Confirm", second)
    owner.card("superseded")
    again = owner.card()
    expect(again).to_contain_text("Another change came first")
    assert house.versions() == before + 1
    owner.press("Confirm", again)
    owner.card("confirmed")
    assert house.versions() == before + 2


POLICY = (
    "Patients over 93 with a knee x-ray need 10 more minutes.",
    "Add 15 minutes for patients over 94 with a chest x-ray.",
    "For patients over 96 with a hand x-ray add 20 minutes to the appointment length.",
)
TABLE = (
    "title,scope,exam,patient age,appointment length\n"
    "Time for the very old,family Northstar,chest x-ray,>= 90,5\n"
    "Time for small children,,hand x-ray,< 4,5\n"
)


def test_an_attached_table_is_confirmed_and_kept_nowhere_else(author: Person, house: House) -> None:
    before = house.versions()
    attach(author, "times.csv", TABLE.replace("x-ray,>= 90", "xray film,>= 900").encode())
    author.page.click("#chat-submit")
    author.reads("sheet times, row 2, column exam (C)")
    author.reads("column patient age (D)")
    attach(author, "times.csv", TABLE.encode())
    author.say("these two, please")
    expect(author.page.get_by_text("Time for the very old").last).to_be_visible(
        timeout=3 * PATIENCE
    )
    card = author.card()
    expect(card).to_contain_text("Read 2 rules from “times.csv”.")
    author.press("Confirm", card)
    author.card("confirmed")
    assert house.versions() == before + 1
    author.page.wait_for_url("**/thread/*")
    author.page.reload()
    author.card("confirmed")
    assert not list((house.var / "chat" / ".files").rglob("*.csv"))


def test_a_policy_in_a_pdf_becomes_rules_that_cite_their_pages(
    author: Person, house: House
) -> None:
    before = house.versions()
    author.new_conversation()
    attach(author, "policy.pdf", pdf_of(["We care for everybody.", POLICY[0]], POLICY[1:]))
    author.say("this is our policy")
    expect(author.page.get_by_text("Read 3 rules from “policy.pdf”.").last).to_be_visible(
        timeout=3 * PATIENCE
    )
    card = author.card()
    expect(card).to_contain_text("What became no rule")
    expect(card).to_contain_text("We care for everybody.")
    expect(card).to_contain_text(f"policy.pdf, page 2: {POLICY[2]}")
    author.press("Confirm", card)
    author.card("confirmed")
    assert house.versions() == before + 1


def test_a_synonym_taught_and_used(
    author: Person, approver: Person, owner: Person, house: House
) -> None:
    author.new_conversation()
    author.say("Patients on a brancard at Northstar should arrive 25 minutes early.")
    expect(author.card()).to_contain_text("leave it out")
    author.say("stretcher transport")
    read = "stretcher transport is yes"
    expect(author.card()).to_contain_text(read, timeout=3 * PATIENCE)
    author.press("Confirm", author.card())
    author.reads("Remember brancard as stretcher transport? An approver decides")

    approver.say("Show the words that wait")
    card = approver.card()
    expect(card).to_contain_text("Patients on a brancard at Northstar")
    approver.press("Yes, remember", card)
    approver.reads("From now on brancard means stretcher transport, for everybody here.")

    owner.say("For a chest x-ray on a brancard at Lakeside, the duration is 10 minutes more.")
    expect(owner.card()).to_contain_text(read, timeout=3 * PATIENCE)


def attach(person: Person, name: str, content: bytes) -> None:
    kinds = {"csv": "text/csv", "pdf": "application/pdf"}
    file = {"name": name, "mimeType": kinds[name[-3:]], "buffer": content}
    person.page.fill("#chat-input", "wait until the page is connected")
    person.page.wait_for_selector("#chat-submit:not([disabled])")
    person.page.fill("#chat-input", "")
    person.page.locator("input[type=file]").first.set_input_files(file)
    expect(person.page.get_by_text(name).last).to_be_visible(timeout=PATIENCE)
    person.page.wait_for_selector("#chat-submit:not([disabled])")


def test_no_name_but_this_machines_was_ever_looked_up(house: House) -> None:
    """By the server and the sender of traces, through all of the above."""
    assert looked_up(house.var / "looked-up") <= LOCAL
