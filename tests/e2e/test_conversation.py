"""Several turns make one rule, and one message several: real server, real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from data.rulelang.render import render
from data.store import deployed, load_version, open_store, person_by_login
from tests.e2e.browser import PATIENCE, Person, Server, free_port, person, served

pytestmark = pytest.mark.browser
LOGIN = "author-radiology"


@dataclass
class House:
    """The served installation, and the author's password."""

    server: Server
    var: Path
    password: str

    def rule(self, title: str) -> str:
        """The text of the rule as staging runs it, on one line; empty where there is none."""
        store = open_store(f"sqlite:///{self.var / 'store.db'}")
        with store.reading() as session:
            author = person_by_login(session, LOGIN)
            assert author is not None
            staging = deployed(session, author.org_id, "staging")
            version = load_version(session, author.org_id, str(staging))
        found = version.rule_set.rule(title)
        return " ".join(render(found, version.ontology).split()) if found else ""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    var, port = tmp_path_factory.mktemp("house"), free_port()
    settings = {
        "RULEWRIGHT_VAR": str(var), "RULEWRIGHT_PORT": str(port), "RULEWRIGHT_MLFLOW": "0",
    }  # fmt: skip
    server = Server(["-m", "app.cli", "serve"], port, var / "log", settings)
    with served(server):
        until = time.monotonic() + 20
        while "Stop it with" not in (said := server.log.read_text()) and time.monotonic() < until:
            time.sleep(0.1)
        told = re.search(rf"^  {LOGIN}\s+(\S+)$", said, re.MULTILINE)
        assert told is not None
        yield House(server, var, told[1])


@pytest.fixture
def author(browser: Browser, house: House) -> Iterator[Person]:
    with person(browser, house.server.url) as someone:
        someone.sign_in(LOGIN, house.password)
        yield someone
        assert someone.foreign == []


def shown(author: Person, text: str) -> Locator:
    """The waiting card that holds the text; waits until it is there."""
    card = author.page.locator(".rw-card.rw-is-waiting", has_text=text).last
    expect(card).to_be_visible(timeout=PATIENCE)
    return card


def test_five_turns_end_in_the_rule_that_was_meant(author: Person, house: House) -> None:
    author.say(
        "Patients over 65 who are not pregnant or diabetic get 20 extra minutes for a brain MRI"
    )
    author.press("one is enough", author.card())
    shown(author, "over 65")
    author.say("no, the other one")
    shown(author, "is not pregnant and")
    author.say("not 65 but 75")
    shown(author, "over 75")
    author.say("and only at South")
    shown(author, "At clinic family South")
    author.say("undo")
    shown(author, "Everywhere")
    author.say("and only at Summit")
    card = shown(author, "At clinic family Summit")
    title = card.locator("h3").inner_text()
    author.press("Confirm", card)
    author.card("confirmed")
    author.reads("Saved. Staging now runs this version")
    assert house.rule(title) == (
        f'rule "{title}" scope family Summit when patient age is more than 75'
        " and pregnant is no and diabetes is no and exam is MRI brain"
        " then appointment length adds 20"
    )


def test_a_change_that_is_dropped_leaves_the_draft(author: Person) -> None:
    author.say("Stretcher patients at Harbor get 25 extra minutes")
    shown(author, "25 minutes")
    author.say("make it zorbly")
    author.press("Drop this change", author.card())
    expect(author.card("dropped")).to_contain_text("The draft is as it was before")
    shown(author, "25 minutes")


def test_a_message_of_three_rules_is_three_cards(
    author: Person, house: House, tmp_path: Path
) -> None:
    author.say(
        "Stretcher patients at Northstar get 25 extra minutes. Chest x-rays at Summit take 10"
        " minutes more. Hand x-rays at Harbor take 5 minutes more."
    )
    first = shown(author, "Rule 1 of 3 in your message.")
    titles = [first.locator("h3").inner_text()]
    author.press("Confirm", first)
    second = shown(author, "Rule 2 of 3")
    titles.append(second.locator("h3").inner_text())
    author.press("Discard", second)
    third = shown(author, "Rule 3 of 3")
    author.page.screenshot(path=tmp_path / "three.png", full_page=True)
    titles.append(third.locator("h3").inner_text())
    author.press("Confirm", third)
    expect(author.page.locator(".rw-card.rw-is-confirmed")).to_have_count(2, timeout=PATIENCE)
    assert [bool(house.rule(t)) for t in titles] == [True, False, True]
