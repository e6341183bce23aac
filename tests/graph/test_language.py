"""A message in another language is told so; terse English is not taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.packs import Example
from graph.language import is_foreign
from tests.graph.world import SENTENCE, World, new_thread, reply_of, say

KNOWN = {"mammogram", "wheelchair", "northstar", "mm123wa", "patient", "code"}
SPANISH = "Cuando un paciente necesita silla de ruedas, el código es MM123WA en Northstar"


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        (SPANISH, True),
        ("Wenn eine Patientin einen Rollstuhl braucht, lautet der Code MM123WA", True),
        ("Quand une patiente utilise un fauteuil roulant, le code devient MM123WA", True),
        ("Когда пациенту нужна коляска, код MM123WA", True),
        ("患者需要轮椅时代码是", True),
        ("wheelchair mammogram Northstar MM123WA", False),
        ("wheelchair mammogram patient over 40 Northstar clinic MM123WA", False),
        ("what is the weather like tomorrow in Paris", False),
        ("make it 45", False),
        ("bonjour", False),
        ("12 34 56 78", False),
    ],
)
def test_the_language_of_a_message(text: str, foreign: bool) -> None:
    assert is_foreign(text, lambda word: word.casefold() in KNOWN) is foreign


async def test_another_language_is_answered_with_an_example_of_the_organisation(
    world: World,
) -> None:
    def examples(_: str) -> tuple[Example, ...]:
        return (Example(SENTENCE, "x"),)

    world.services = replace(world.services, examples=examples)
    operator = world.person("operator")
    async with world.assistant() as assistant:
        told = reply_of(await say(assistant, world.author, new_thread(), SPANISH)).text
        assert told == f"I read English only for now. For example: `{SENTENCE}`"
        told = reply_of(await say(assistant, operator, new_thread(), SPANISH)).text
        assert told == "I read English only for now. For example: `show the rules`"
    assert not world.drafter.tasks


@pytest.mark.parametrize(
    ("role", "first", "offered"),
    [
        ("author", "Tell me a rule", {"State a rule", "Take a rule out"}),
        ("operator", "Ask about the rules in force", {"Find rules", "Ask why"}),
        ("reviewer", "Ask about the rules in force", {"Find rules", "See changes"}),
    ],
)
async def test_help_names_what_the_person_may_do(
    world: World, role: str, first: str, offered: set[str]
) -> None:
    async with world.assistant() as assistant:
        text = reply_of(await say(assistant, world.person(role), new_thread(), "help")).text
    assert text.startswith(first) and all(f"**{line}**" in text for line in offered)
    assert ("State a rule" in text) == (role == "author")
    assert "promote" not in text
