"""The chat in a real browser, with a pretended pipeline behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.app import payloads
from tests.app.fake import PASSWORD
from tests.e2e.browser import PATIENCE, Person, Server, free_port, person, served

pytestmark = pytest.mark.browser
SCROLLING = """() => [...document.querySelectorAll('*')].filter((e) =>
  ['auto', 'scroll'].includes(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight + 1
).length"""
"""How many boxes of the page can be scrolled up and down."""


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chat")


@pytest.fixture(scope="module")
def server(var: Path) -> Iterator[Server]:
    port = free_port()
    made = Server(["-m", "tests.app.fake", str(var), str(port)], port, var / "log")
    with served(made):
        yield made


@pytest.fixture
def ann(browser: Browser, server: Server) -> Iterator[Person]:
    with person(browser, server.url) as someone:
        someone.sign_in("ann", PASSWORD)
        yield someone
        assert someone.foreign == []


def opinions(var: Path) -> list[list[object]]:
    path = var / "opinions"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def saved(var: Path) -> list[str]:
    path = var / "saved"
    return path.read_text().split() if path.exists() else []


def test_a_wrong_password_is_told_plainly(browser: Browser, server: Server) -> None:
    with person(browser, server.url) as someone:
        someone.page.goto(server.url)
        someone.page.fill("#email", "ann")
        someone.page.fill("#password", "wrong")
        someone.page.click("button[type=submit]")
        someone.reads("This sign-in name and password do not go together.")


def test_starters_are_the_organisations_own(ann: Person) -> None:
    starters = ann.page.locator("#starters button")
    expect(starters).to_have_count(2)
    expect(starters.first).to_have_text(payloads.SENTENCE)


def test_from_a_sentence_to_a_saved_rule(ann: Person, var: Path) -> None:
    ann.say(payloads.SENTENCE)
    card = ann.card()
    expect(card).to_contain_text("1,204")
    expect(card).to_contain_text("of 100,000 past requests would be decided differently")
    steps = ann.page.get_by_role("button", name="4 steps in")
    expect(steps).to_have_attribute("aria-expanded", "false")
    steps.click()
    ann.reads("Checked it against 71 rules")
    ann.press("Rule text", card)
    expect(card.locator("pre")).to_contain_text("and patient age is more than 40")
    ann.press("Confirm", card)
    expect(ann.card("confirmed")).to_contain_text("You confirmed this draft.")
    ann.reads("It is on staging now.")
    assert len(saved(var)) == len(set(saved(var)))
    ann.page.reload()
    settled = ann.card("confirmed")
    expect(settled.get_by_role("button", name="Confirm")).to_have_count(0)
    ann.press("Promote to production")
    ann.reads("Done: promote v1.")
    ann.reads("You chose “Promote to production”.")


def test_an_open_page_finds_its_waiting_draft_after_the_server_was_killed(
    ann: Person, server: Server
) -> None:
    ann.say(payloads.SENTENCE)
    ann.card()
    ann.page.wait_for_url("**/thread/*")
    with ann.page.expect_event("load", timeout=PATIENCE):
        server.kill()
        ann.page.wait_for_timeout(1000)
        server.start()
    ann.press("Confirm", ann.card())
    ann.card("confirmed")


def test_a_second_answer_to_one_card_changes_nothing(
    ann: Person, browser: Browser, server: Server, var: Path
) -> None:
    ann.say(payloads.SENTENCE)
    ann.card()
    ann.page.wait_for_url("**/thread/*")
    second = ann.context.new_page()
    second.goto(ann.page.url)
    late = second.locator(".rw-card.rw-is-waiting")
    expect(late).to_be_visible()
    before = len(saved(var))
    ann.press("Confirm", ann.card())
    ann.card("confirmed")
    late.get_by_role("button", name="Confirm").click()
    expect(second.get_by_text("already decided").first).to_be_visible()
    expect(second.locator(".rw-card.rw-is-confirmed")).to_be_visible()
    assert len(saved(var)) == before + 1


def test_changing_a_draft_in_words_replaces_its_card(ann: Person) -> None:
    ann.say(payloads.SENTENCE)
    card = ann.card()
    ann.press("Change", card)
    card.get_by_label("What should be different?").fill("make it 45")
    ann.page.keyboard.press("Enter")
    expect(ann.card("changed")).to_contain_text("You changed this draft.")
    ann.say("also for men")
    expect(ann.card("superseded")).to_contain_text("Something newer took its place.")
    ann.press("Discard", ann.card())
    ann.card("discarded")


def test_blockers_forbid_confirming_and_say_why(ann: Person) -> None:
    ann.say("soon")
    card = ann.card()
    expect(card.get_by_role("button", name="Confirm")).to_be_disabled()
    expect(card).to_contain_text("soon has no place in the rule.")


def test_a_question_is_answered_by_a_button_or_in_words(ann: Person) -> None:
    ann.say("ask me")
    card = ann.card()
    expect(ann.page.get_by_text("MM123 or MM123WA?").first).to_be_visible()
    ann.press("MM123WA", card)
    expect(ann.card("answered")).to_contain_text("You answered: “MM123WA”")
    ann.say("ask me")
    question = ann.page.locator(".rw-question.rw-is-waiting")
    question.get_by_role("textbox").fill("the first one")
    ann.press("Answer", question)
    expect(ann.page.locator(".rw-is-answered")).to_have_count(2)
    expect(ann.card("answered")).to_contain_text("You answered: “the first one”")
    ann.new_conversation()
    ann.say("ask me")
    expect(ann.page.locator(".rw-question.rw-is-waiting")).to_be_visible()
    ann.say("the one with WA")
    expect(ann.page.get_by_text("You answered: “the one with WA”")).to_be_visible()
    ann.page.reload()
    expect(ann.page.get_by_text("You answered: “the one with WA”")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_one_box_scrolls_while_a_card_waits(browser: Browser, server: Server, width: int) -> None:
    with person(browser, server.url, width=width, height=800) as ann:
        ann.sign_in("ann", PASSWORD)
        ann.say(payloads.SENTENCE)
        ann.card()
        assert ann.page.evaluate(SCROLLING) == 1
        ann.page.wait_for_url("**/thread/*")
        ann.page.reload()
        ann.card()
        assert ann.page.evaluate(SCROLLING) == 1


def test_markup_is_shown_as_text(ann: Person) -> None:
    ann.page.on("dialog", lambda d: pytest.fail(f"a script ran: {d.message}"))
    text = "<img src=x onerror=alert(1)> <script>alert(2)</script>"
    ann.say(text)
    card = ann.card()
    expect(card.locator(".rw-sentence")).to_have_text(text)
    expect(ann.page.locator("[data-step-type=user_message]").last).to_contain_text(text)
    assert ann.page.locator(".step img[src=x]").count() == 0
    ann.say("What changed?")
    expect(ann.page.locator("table").last).to_contain_text("a <b>rule</b>")


def test_a_long_table_can_be_searched_and_outlives_a_reload(ann: Person) -> None:
    ann.say("Show the rules")
    rows = ann.page.locator(".rw-table tbody tr")
    expect(rows).to_have_count(10)
    ann.press("Show all 40")
    expect(rows).to_have_count(40)
    ann.page.get_by_label("Find in this table").fill("rule 7")
    expect(rows).to_have_count(1)
    ann.page.wait_for_url("**/thread/*")
    ann.page.reload()
    expect(rows).to_have_count(10)


def test_a_table_too_long_for_a_message_is_a_file_of_its_owners(
    ann: Person, browser: Browser, server: Server
) -> None:
    asked: list[str] = []
    ann.page.on("request", lambda r: asked.append(r.url))
    ann.say("Show everything")
    ann.reads("Rule 0")
    ann.page.wait_for_url("**/thread/*")
    ann.page.reload()
    ann.reads("Rule 0")
    [blob] = {u for u in asked if "/blobs/" in u}
    assert ann.page.request.get(blob).status == 200
    with person(browser, server.url) as ben:
        assert ben.page.request.get(blob).status == 404
        ben.sign_in("ben", PASSWORD)
        assert ben.page.request.get(blob).status == 404


def test_our_mistakes_are_told_with_a_reference_and_nothing_else(ann: Person) -> None:
    ann.say("crash")
    ann.reads("Something went wrong on our side.")
    assert "secret detail" not in ann.page.content()
    ann.say("trouble")
    ann.reads("ab12cd34")
    expect(ann.page.get_by_text("ab12cd34")).to_have_count(1)


def test_empty_and_endless_messages_are_told_what_to_do(ann: Person) -> None:
    expect(ann.page.locator("#chat-submit")).to_be_disabled()
    ann.say("rule " * 2100)
    ann.reads("State one rule at a time")


def test_a_running_turn_can_be_stopped(ann: Person) -> None:
    ann.say("slow")
    ann.page.locator("#stop-button").click()
    ann.reads("Stopped.")
    ann.say("What changed?")
    ann.reads("Three versions so far.")


def test_thumbs_take_all_four_paths(ann: Person, var: Path) -> None:
    ann.say("What changed?")
    ann.reads("Three versions so far.")
    before = len(opinions(var))
    ann.page.locator(".negative-feedback-off").last.click()
    ann.page.keyboard.press("Escape")
    expect(ann.page.locator(".negative-feedback-on")).to_have_count(0)
    assert len(opinions(var)) == before
    ann.thumb(up=True, comment="clear")
    ann.thumb(up=False, comment="on second thought")
    given = opinions(var)[before:]
    assert [g[1:] for g in given] == [["ann", True, "clear"], ["ann", False, "on second thought"]]
    assert given[0][0] == given[1][0]
    assert str(given[0][0]) in (var / "turns").read_text()
    ann.page.reload()
    ann.page.locator(".negative-feedback-on").click()
    ann.page.wait_for_selector(".negative-feedback-off")
    assert opinions(var)[-1] == [given[0][0], "ann", None, ""]


def test_an_answer_to_a_button_has_thumbs_of_its_own(ann: Person, var: Path) -> None:
    ann.say(payloads.SENTENCE)
    ann.press("Confirm", ann.card())
    ann.reads("It is on staging now.")
    expect(ann.page.locator(".positive-feedback-off")).to_have_count(2)
    ann.thumb(up=True, comment="saved")
    run = str(opinions(var)[-1][0])
    [line] = [x for x in (var / "turns").read_text().splitlines() if x.startswith(run)]
    assert line.endswith("confirm")


def test_conversations_are_ones_own(ann: Person, browser: Browser, server: Server) -> None:
    ann.say("What changed?")
    ann.reads("Three versions so far.")
    ann.page.wait_for_url("**/thread/*")
    foreign = ann.page.url
    with person(browser, server.url) as ben:
        ben.sign_in("ben", PASSWORD)
        expect(ben.page.get_by_text("No conversations yet")).to_be_visible()
        answer = ben.page.request.get(foreign.replace("/thread/", "/project/thread/"))
        assert answer.status == 401
        thread = foreign.rpartition("/")[2]
        gone = ben.page.request.delete(server.url + "/project/thread", data={"threadId": thread})
        assert gone.status == 401
        thumb = {"feedback": {"forId": thread, "value": 1}}
        assert ben.page.request.put(server.url + "/feedback", data=thumb).status == 404
        ben.page.goto(foreign)
        ben.page.wait_for_timeout(1500)
        expect(ben.page.get_by_text("Three versions so far.")).to_have_count(0)


def test_every_button_has_a_name(ann: Person) -> None:
    ann.say(payloads.SENTENCE)
    ann.card()
    ann.page.wait_for_function(
        "![...document.querySelectorAll('button')].some(b => !b.getAttribute('aria-label')"
        " && !b.textContent.trim() && !b.title)"
    )
    expect(ann.page.get_by_role("log")).to_be_visible()


def test_a_card_can_be_used_without_a_mouse(ann: Person) -> None:
    ann.say(payloads.SENTENCE)
    card = ann.card()
    card.locator("mark").first.focus()
    expect(card.locator(".rw-legend li.rw-hot")).to_have_count(1)
    card.locator("summary").first.focus()
    ann.page.keyboard.press("Enter")
    expect(card.locator("details").first).to_have_attribute("open", "")
    card.get_by_role("button", name="Confirm").focus()
    ann.page.keyboard.press("Enter")
    ann.card("confirmed")


def test_a_phone_shows_the_card_whole_and_keeps_the_conversation(
    browser: Browser, server: Server
) -> None:
    with person(browser, server.url, width=390, height=844) as ann:
        ann.sign_in("ann", PASSWORD)
        ann.say(payloads.SENTENCE)
        card = ann.card()
        assert ann.page.evaluate("document.documentElement.scrollWidth") <= 390
        box = card.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
        ann.page.reload()
        ann.press("Confirm", ann.card())
        ann.card("confirmed")
