"""A policy text that came with a message: its sentences go through the drafters one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from data.exchange.policy.read import KINDS, Passage, read_policy
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.findings import InputError
from graph.drafters.base import Draft, free_title
from graph.state import Json
from graph.tables import Attached

POLICY = "policy"
"""The drafter of rules that came as a policy text."""
LONGEST_QUOTE = 240
"""Characters of a sentence that a rule cites."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A sentence that became no rule, and why."""

    passage: Passage
    reason: str


@dataclass(frozen=True, slots=True)
class PolicyRead:
    """What became of a policy: every sentence is in a rule or among the unread."""

    rules: tuple[Rule, ...]
    unread: tuple[Unread, ...]


def is_policy(file: Attached) -> bool:
    """Whether the file's name says that it is a text, and no tab in its first line a table."""
    return file.title.lower().endswith(KINDS) and b"\t" not in file.content.partition(b"\n")[0]


def passages_of(file: Attached) -> Json:
    """The file's passages, or what is wrong with it; never the file."""
    told: Json = {"name": file.title, "passages": [], "problems": []}
    try:
        passages = read_policy(file.title, file.content)
    except InputError as refused:
        return {**told, "problems": [f.to_json() for f in refused.findings]}
    return {**told, "passages": [{"text": p.text, "place": p.place} for p in passages]}


def drafted(
    passages: Sequence[Passage],
    name: str,
    standing: RuleSet,
    draft: Callable[[str], Draft],
    progress: Callable[[int], None],
) -> PolicyRead:
    """Each passage on its own; a rule cites its sentence, under a title that nobody else has."""
    rules: list[Rule] = []
    unread: list[Unread] = []
    taken = {r.title for r in standing.rules}
    for number, passage in enumerate(passages):
        progress(number)
        found = draft(passage.text)
        if found.status != "drafted":
            unread.append(Unread(passage, _reason(found)))
            continue
        for rule in found.readings[0].rules:
            title = free_title(rule.title, taken)
            taken.add(title)
            rules.append(replace(rule, title=title, because=_cited(passage, name)))
    return PolicyRead(tuple(rules), tuple(unread))


def _cited(passage: Passage, name: str) -> str:
    text = passage.text
    if len(text) > LONGEST_QUOTE:
        text = f"{text[:LONGEST_QUOTE].rstrip()} …"
    return f"{name}, {passage.place}: {text}"


def _reason(found: Draft) -> str:
    if found.status == "question" and found.question is not None:
        return found.question.text
    return found.message or "I could not read that as a rule."
