"""An operator finds a code: the real server, a real browser, at a desk and on a telephone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.browser import PATIENCE, Person, Server, free_port, person, served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The server's address, and the operator's password of its first start."""
    var, port = tmp_path_factory.mktemp("call"), free_port()
    settings = {"RULEWRIGHT_VAR": str(var), "RULEWRIGHT_PORT": str(port), "RULEWRIGHT_MLFLOW": "0"}
    server = Server(["-m", "app.cli", "serve"], port, var / "log", settings)
    with served(server):
        yield server.url, _password(server.log)


def _password(log: Path) -> str:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if found := re.search(r"^  operator-radiology\s+(\S+)$", log.read_text(), re.MULTILINE):
            return found.group(1)
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("width", [1280, 390])
def test_an_operator_is_asked_until_the_code_stands(
    browser: Browser, house: tuple[str, str], width: int, tmp_path: Path
) -> None:
    url, password = house
    with person(browser, url, width=width) as operator:
        operator.sign_in("operator-radiology", password)
        operator.say("52 year old woman, knee x-ray at North 3")
        _asked_to_the_end(operator, tmp_path)
        expect(operator.page.locator("code").last).to_be_visible(timeout=PATIENCE)
        operator.press("Change an answer")
        card = operator.card()
        expect(card).to_contain_text("exam: knee x-ray")
        operator.press("exam: knee x-ray", card)
        exam = operator.page.get_by_role("article", name="Which exam?").locator("input").last
        _typed(exam, "zebra")
        again = operator.page.locator(".rw-card.rw-is-waiting").filter(has_text="does not fit")
        _typed(again.locator("input"), "screening mammogram")
        code = operator.page.locator("code").filter(has_text="MM123")
        expect(code.last).to_be_visible(timeout=PATIENCE)
        operator.page.screenshot(path=tmp_path / f"answer-{width}.png", full_page=True)
        wide = operator.page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
        assert wide
        assert operator.foreign == []


def _typed(box: Locator, text: str) -> None:
    """Typed as a person does: a card that has just come may still be drawn once more."""
    expect(box).to_have_count(1)
    for _ in range(10):
        box.fill(text)
        box.page.wait_for_timeout(200)
        if box.input_value() == text:
            break
    box.press("Enter")


def _asked_to_the_end(operator: Person, shots: Path) -> None:
    """Answers each question with its last button, or 2, until there is a code."""
    for number in range(12):
        either = operator.page.locator(".rw-card.rw-is-waiting, code")
        expect(either.first).to_be_visible(timeout=PATIENCE)
        if operator.page.locator("code").count():
            return
        card = operator.card()
        operator.page.screenshot(path=shots / f"question-{number}.png")
        title = card.get_attribute("aria-label")
        buttons = card.locator(".rw-options button")
        if buttons.count():
            buttons.last.click()
        else:
            _typed(card.locator("input"), "2")
        gone = operator.page.locator(f'.rw-card.rw-is-waiting[aria-label="{title}"]')
        expect(gone).to_have_count(0, timeout=PATIENCE)
        operator.page.wait_for_timeout(200)
    raise AssertionError("asked for ever")
