"""A message that states several rules gives a card for each; nothing of it is lost."""

from __future__ import annotations

import pytest

from data.index.words import content_words
from graph.drafters.base import Task
from graph.drafters.grammar import GrammarDrafter
from graph.events import Card
from graph.statements import Stated, stated
from tests.graph.talk import Talk, rule_of, shipped
from tests.graph.world import card_of, reply_of

THREE = (
    "Women over 65 with a brain MRI get 15 extra minutes. Stretcher patients at Northstar get 20"
    " extra minutes. Chest x-rays at Summit take 10 minutes more."
)
ASKED = (
    "Here are our rules:\n1. Women over 65 with a brain MRI get 15 extra minutes\n"
    "2. Zorbly patients at Northstar get 20 extra minutes\n3. CT patients get 5 extra minutes"
)


def parts(message: str, pack: str = "radiology") -> Stated:
    brought = shipped(pack)
    task = Task(brought.ontology, brought.code_sets, brought.rule_set,
                scope_rows=brought.scope_rows)  # fmt: skip
    return stated(message, GrammarDrafter(), task)


@pytest.mark.parametrize(
    ("message", "count"),
    [
        (THREE, 3),
        (ASKED, 3),
        ("MRI patients get 10 extra minutes\nCT patients at Summit get 5 extra minutes", 2),
        ("Hello! MRI patients get 10 extra minutes. CT patients get 5 more minutes. Thanks!", 2),
        ("At Northstar:\n- MRI patients get 10 extra minutes\n- CTs get 5 extra minutes", 2),
        ("MRI patients get 10 extra minutes.", 1),
        ("Women over 65 get 15 extra minutes. Men over 65 get 10. Everyone else gets 5.", 1),
        ("MRI patients get 10 extra minutes. Unless they are on a stretcher.", 1),
        ("Patients over 65 at Northstar need help. Give them 15 extra minutes.", 1),
        ("MRI patients get 10 extra minutes. Doctors are exempt.", 1),
        ("Screening mammograms at Northstar are MM123. In a wheelchair they are MM123WA.", 1),
        ("Use MG210 for screening mammograms at South. In a wheelchair use MG210WA.", 1),
        ("Knee x-rays are left to staff. Patients over 80 need no referral otherwise.", 1),
    ],
)
def test_rules_stand_apart_only_where_none_leans_on_another(message: str, count: int) -> None:
    assert len(parts(message).rules) == count


@pytest.mark.parametrize("message", [THREE, ASKED, f"Good morning! {THREE} Thank you."])
def test_every_word_of_the_message_is_in_a_rule_or_set_aside_by_name(message: str) -> None:
    found = parts(message)
    told = " ".join([*found.rules, *found.aside])
    assert {w for w in content_words(message) if not w.isdigit()} <= set(content_words(told))


def test_a_heading_goes_with_each_line_below_it() -> None:
    found = parts(
        "At Northstar:\n- MRI patients get 10 extra minutes\n- zorbly ones get 20 extra minutes\n"
        "At Summit:\n- CT patients get 5 extra minutes"
    )
    assert [r.partition(",")[0] for r in found.rules] == ["At Northstar", "At Northstar",
                                                          "At Summit"]  # fmt: skip


async def test_each_rule_has_its_own_card_and_its_own_word(talk: Talk) -> None:
    first = await talk.card(THREE)
    assert "adds 15" in rule_of(first)
    assert first.payload["notices"][0].startswith("Rule 1 of 3 in your message. Next: “Stretcher")
    events = await talk.press(first)
    assert "Saved" in reply_of(events).text
    second = card_of(events)
    assert "adds 20" in rule_of(second)
    third = card_of(await talk.press(second, "discard"))
    assert "adds 10" in rule_of(third)
    assert third.payload["notices"] == ["Rule 3 of 3 in your message."]
    last = await talk.press(third)
    assert not [e for e in last if isinstance(e, Card)]
    changed = await talk.reply("what changed?")
    assert "15 minutes" in changed
    assert "10 minutes" in changed
    assert "20 minutes" not in changed


async def test_each_is_tried_on_top_of_the_one_confirmed_before_it(talk: Talk) -> None:
    twice = (
        "MRIs at Summit get 10 extra minutes. Stretcher patients at Summit get 11 extra minutes."
    )
    first = await talk.card(twice)
    second = card_of(await talk.press(first))
    assert second.payload["base_version"] != first.payload["base_version"]


async def test_one_that_is_asked_about_or_kept_loses_nothing(talk: Talk) -> None:
    first = await talk.card(ASKED)
    assert any("Here are our rules:" in n for n in first.payload["notices"])
    question = card_of(await talk.press(first))
    assert "Zorbly" in question.payload["text"]
    assert question.payload["note"].startswith("Rule 2 of 3")
    third = card_of(await talk.say("keep it"))
    assert "adds 5" in rule_of(third)
    await talk.press(third)
    assert "Zorbly" in await talk.reply("show my drafts")


async def test_a_change_changes_the_rule_that_waits_and_no_other(talk: Talk) -> None:
    await talk.card(THREE)
    changed = await talk.card("not 65 but 75")
    assert "age is more than 75" in rule_of(changed)
    assert changed.payload["notices"][0].startswith("Rule 1 of 3")
    assert "adds 20" in rule_of(card_of(await talk.press(changed)))


async def test_start_again_drops_all_that_was_to_come(talk: Talk) -> None:
    await talk.card(THREE)
    events = await talk.say("start again")
    assert not [e for e in events if isinstance(e, Card)]
    assert "The rules after it in your message went with it: “" in reply_of(events).text
    assert await talk.assistant.pending(talk.thread) is None


async def test_a_restart_between_two_cards_keeps_what_is_to_come(talk: Talk) -> None:
    first = await talk.card(THREE)
    second = card_of(await talk.press(first))
    waiting = await talk.assistant.pending(talk.thread)
    assert waiting is not None
    assert waiting["draft_id"] == second.payload["draft_id"]
    await talk.reply("show the rules about wheelchair")
    assert "adds 10" in rule_of(card_of(await talk.press(second)))
