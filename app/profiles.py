"""Profiles of the chat by role, and the sentences a person can start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app import wording

MOST_EXAMPLES = 4
LONGEST_STARTER = 160
"""Characters up to which an example is read at a glance."""
KINDS = (
    ("author", frozenset({"author", "owner"})),
    ("approver", frozenset({"approver", "owner"})),
)
"""Kinds of profile and the roles that have them; who has none of these reads."""


@dataclass(frozen=True, slots=True)
class Starter:
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to work in the chat."""

    name: str
    description: str
    icon: str
    starters: tuple[Starter, ...]
    default: bool


def profiles(roles: frozenset[str], examples: Sequence[str]) -> list[Profile]:
    """The profiles of somebody with these roles, the most telling one first."""
    kinds = [
        k
        for k, needs in (
            ("author", {"author", "owner"}),
            ("approver", {"approver"}),
            ("operator", {"operator"}),
        )
        if roles & needs
    ]
    return [_profile(k, examples, first=i == 0) for i, k in enumerate(kinds or ["reader"])]


def _profile(kind: str, examples: Sequence[str], first: bool) -> Profile:
    name, description = wording.PROFILES[kind]
    starters = {
        "author": _examples(examples),
        "approver": _fixed(wording.APPROVE_STARTERS),
        "operator": _fixed(wording.CALL_STARTERS),
    }
    return Profile(
        name=name,
        description=description,
        icon=f"/public/{kind}.svg",
        starters=starters.get(kind, _fixed(wording.ASK_STARTERS)),
        default=first,
    )


def _examples(sentences: Sequence[str]) -> tuple[Starter, ...]:
    """Sentences that teach: short enough to read, and no two that begin alike."""
    seen: dict[str, str] = {}
    for sentence in sentences:
        if len(sentence) <= LONGEST_STARTER:
            seen.setdefault(" ".join(sentence.split()[:2]).casefold(), sentence)
    return tuple(Starter(s, s) for s in list(seen.values())[:MOST_EXAMPLES])


def _fixed(pairs: Sequence[tuple[str, str]]) -> tuple[Starter, ...]:
    return tuple(Starter(label, message) for label, message in pairs)
