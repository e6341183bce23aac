"""What a message asks for, by phrases that stand in ``intents.yaml``: no model, no pack's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, cast, get_args

import yaml

Intent = Literal[
    "draft", "show", "changes", "explain", "explain_not", "promote", "roll_back", "pause",
    "retire", "resume", "edit", "table", "policy", "add_scenario", "list_scenarios",
    "list_invariants",
    "adequacy", "case_right", "case_wrong", "case_next", "unfinished", "go_on", "keep", "help",
    "glossary", "teach", "taught_words", "waiting_words", "remember", "forget", "no_because",
    "as_scenario", "undo", "restart", "other", "same",
    "call", "call_change", "call_rest",
    "out_of_scope", "health", "aside",
    "agree", "decline", "discard",
]  # fmt: skip
OUTSIDE: frozenset[Intent] = frozenset(["health", "aside"])
"""What has nothing to do with rules, whatever waits; nothing is taken from its words."""
WITHOUT_DRAFT: Mapping[Intent, Intent] = {"undo": "roll_back", "restart": "call"}
"""What is meant of the words for a draft where none waits."""
Waiting = Literal["confirm", "question", "promotion", "fact", "word"] | None
LONGEST_PHRASE = 400
"""Characters; a longer message states rules, it does not ask for a side door."""
PHRASES = Path(__file__).with_name("intents.yaml")
_TOKEN = re.compile(r"\{(\w+)\}|\[([^\]]*)\]|\(([^)]*)\)|([^\[\](){}]+)")
_BLANK = r"(?:\s+|(?<!\S)|$)"
"""Between two words; nothing where an optional word beside it was left out."""
_VALUE = r"(?P<{name}>.+?)"
_ID = r"(?P<{name}>\S*\d\S*)"
"""A request's id is one word with a digit in it."""
_NUMBER = r"(?P<{name}>\d{{1,4}})"
_ENVIRONMENT = r"(?P<{name}>staging|production)"
_FEW = r"(?P<{name}>\S+(?:\s+\S+){{0,3}}?)"
_ONE = r"(?P<{name}>\S+(?:\s+\S+)?)"
_LIST = r"(?P<{name}>codes?|values?|words?|terms?|facts?|attributes?|modifiers?|decisions?)"
_BACK = r"(?P<{name}>(?:that|this|the last|the same|the new) (?:rule|one)|that|it)"
_OUTCOME = r"(?P<{name}>decide|give|set|settle)"


_KINDS = {
    "request": _ID, "environment": _ENVIRONMENT, "number": _NUMBER, "few": _FEW, "thing": _FEW,
    "name": _ONE, "which": _BACK, "pronoun": _BACK, "list": _LIST, "outcome": _OUTCOME,
}  # fmt: skip
"""What a slot takes; any other takes anything."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes, and what was taken from it."""

    intent: Intent
    args: Mapping[str, str] = field(default_factory=dict[str, str])


def route(message: str, knows: Callable[[str], bool], waiting: Waiting = None) -> Route:
    """The message's intent.

    ``knows`` says whether a text names a term of the organisation. While a card or a
    question waits, whatever is not clearly something else belongs to it (``draft``).
    """
    text = _plain(message)
    asked = _asked(text) if len(text) <= LONGEST_PHRASE else None
    if asked is not None and asked.intent == "same" and waiting in ("confirm", "question"):
        return Route("draft")
    if asked is not None and waiting not in ("confirm", "question"):
        asked = _without_draft(asked)
    if asked is not None and not _is_rather_a_rule(asked, waiting):
        return asked
    if waiting is not None or knows(message):
        return Route("draft")
    return Route("out_of_scope")


def _without_draft(asked: Route) -> Route:
    """What is meant where no draft waits; ``again`` tells who wanted to begin anew."""
    args = {**asked.args, "again": "yes"} if asked.intent == "restart" else asked.args
    return Route(WITHOUT_DRAFT.get(asked.intent, asked.intent), args)


def _is_rather_a_rule(asked: Route, waiting: Waiting) -> bool:
    """`yes`, `no`, `discard` and `keep it` mean something only while something waits; what a
    word stands for is an answer while a question does."""
    if asked.intent in ("agree", "decline", "discard", "keep", "as_scenario", "other"):
        return waiting is None
    if asked.intent == "no_because":
        return waiting != "word"
    return asked.intent == "teach" and waiting in ("question", "fact")


def _asked(text: str) -> Route | None:
    said = text.casefold()
    for intent, phrase in _phrases():
        if phrase.may_be(said) and (found := phrase.pattern.fullmatch(text)):
            if intent in OUTSIDE:
                return Route(intent)
            given = {k: v.strip(" \"'“”‘’`") for k, v in found.groupdict().items() if v}
            return Route(intent, given)
    return None


def _plain(message: str) -> str:
    text = " ".join(message.replace("’", "'").split())
    return text.rstrip(" .?!").strip()


class _Phrase:
    """One way to ask, compiled when first a message holds the words that it cannot do without."""

    def __init__(self, phrase: str) -> None:
        self._phrase = phrase
        plain = (token.group(4) for token in _TOKEN.finditer(phrase))
        self._words = [w.casefold() for part in plain if part for w in part.split()]

    def may_be(self, said: str) -> bool:
        """Whether the message, in small letters, holds each word that is not optional."""
        return all(word in said for word in self._words)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(_source(self._phrase), re.IGNORECASE)


@cache
def _phrases() -> tuple[tuple[Intent, _Phrase], ...]:
    entries = cast("list[dict[str, object]]", yaml.safe_load(PHRASES.read_text("utf-8")))
    return tuple(
        (_intent(entry["intent"]), _Phrase(phrase))
        for entry in entries
        for phrase in cast("list[str]", entry["say"])
    )


def _intent(name: object) -> Intent:
    if name not in get_args(Intent):
        raise ValueError(f"intents.yaml names an intent that is none: {name}")
    return cast(Intent, name)


def _source(phrase: str) -> str:
    """The phrase as a regular expression; the blank beside an optional part is optional too."""
    parts: list[str] = []
    for token in _TOKEN.finditer(phrase):
        slot, optional, choice, plain = token.groups()
        if slot:
            parts.append(_slot(slot))
        elif optional is not None:
            parts.append(f"(?:{_choices(optional)})?")
        elif choice is not None:
            parts.append(f"(?:{_choices(choice)})")
        else:
            parts.append(_spaced(plain))
    return "".join(parts) + r"\s*"


def _choices(text: str) -> str:
    return "|".join(
        _slot(c.strip("{} ")) if c.strip().startswith("{") else _spaced(c) for c in text.split("|")
    )


def _spaced(text: str) -> str:
    return re.escape(text).replace(r"\ ", _BLANK)


def _slot(name: str) -> str:
    return _KINDS.get(name, _VALUE).format(name=name)
