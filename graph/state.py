"""What travels through the pipeline: plain JSON, so that a checkpoint is only ever data.

Rules travel as rule text, findings and requests as JSON. Strict reading of checkpoints must be
on before LangGraph is imported: a crafted checkpoint runs code otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

Json = dict[str, Any]
Update = dict[str, Any]
"""What a node hands back: the keys of :class:`Turn` that it sets."""

STRICT = "LANGGRAPH_STRICT_MSGPACK"


class NotStrict(RuntimeError):
    """The process was started in a way in which checkpoints could run code."""


def require_strict() -> None:
    """Raises :class:`NotStrict` unless checkpoints are read strictly."""
    if os.environ.get(STRICT, "").lower() not in ("1", "true", "yes"):
        raise NotStrict(f"set {STRICT}=true before the assistant is started")


class Turn(TypedDict):
    """One turn's state. :func:`fresh` sets every key anew but those that need not be there."""

    who: Json
    """Person and organisation: org_id, person_id, login, roles, grants."""
    message: str
    """What was typed, masked."""
    intent: str
    args: Json
    """What the route took from the message: a title, a request id, a value."""
    ahead: list[str]
    """Rules of the same message that are drafted after this one."""
    of: int
    """How many rules the message states; 0 where it is taken up as one."""
    said: list[str]
    """Messages that made the draft, oldest first: the first one and the edits."""
    answers: list[Json]
    """Questions asked about the draft and what was answered."""
    base_version: str | None
    """The version the draft would follow: what staging runs."""
    current: list[str]
    """Rule texts being edited; empty while a new rule is drafted."""
    retrieved: list[Json]
    draft: Json | None
    """See ``graph.drafts``: rules as text, retired titles, word account, drafter."""
    editing: str
    """Title of the standing rule that the draft changes; empty for a new rule."""
    earlier: Json | None
    """The draft as it stood before the edit under way: what is left if that fails."""
    readings: list[Json]
    """Drafts that the author is asked to choose between; empty where there is one."""
    rounds: int
    """How often findings went back to the drafter."""
    settled: bool
    """The drafter was shown the findings and had no better idea."""
    findings: list[Json]
    """What the draft would bring into the rule set."""
    beats: list[Json]
    tests: Json
    card: Json | None
    """What an interrupt shows; complete before the interrupt begins."""
    verdict: Json | None
    """What the person answered to the card or the question."""
    notices: list[str]
    """Sentences the person must see with the next card, e.g. that another change came first."""
    keep: list[Json]
    """Scenarios that answers to questions became; saved with the version."""
    reply: Json | None
    summary: str
    """One plain sentence about what the last step did."""
    saved_version: str | None
    """The version that this turn saved."""
    mentioned: NotRequired[Json]
    """The rules spoken of last in this conversation, by title, and when: for `that rule`."""
    call: NotRequired[Json | None]
    """What an operator said of an appointment so far: facts, what nobody knows, what is asked."""
    last_request: NotRequired[Json | None]
    """The request explained last in this conversation, for `why not …?`."""
    effort: NotRequired[Json | None]
    """What the last draft took of a model; see :class:`graph.drafters.base.Effort`."""
    scored: NotRequired[Json | None]
    """What speaks against a model's draft, and which of its two drafts is shown."""
    asked_cases: NotRequired[list[Json] | None]
    """The cases that the author was asked about, for `case 1 is right`."""


def heard(verdict: Json, action: str = "") -> Update:
    """What every answer to a card brings: the answer, and who gave it with the rights of now."""
    told = {**verdict, "action": action or verdict["action"]}
    return {"verdict": told, "who": verdict["who"], "reply": None}


def replied(text: str, actions: Sequence[Json] = (), rows: Sequence[Json] = ()) -> Update:
    """What a node that only answers hands back; the step tells the answer's first line."""
    reply: Json = {"text": text}
    reply |= {"actions": list(actions)} if actions else {}
    reply |= {"rows": list(rows)} if rows else {}
    return {"reply": reply, "summary": text.partition("\n")[0]}


def mentioned(state: Turn) -> list[str]:
    """Titles of the rules spoken of last."""
    return list(state.get("mentioned", {}).get("titles", ()))


def is_whole(values: Mapping[str, Any]) -> bool:
    """Whether a state read back has every key that this release works with."""
    return frozenset(fresh({}, "")) <= values.keys()


def fresh(who: Json, message: str) -> Turn:
    """The input of a new turn; it clears whatever an earlier one left."""
    return Turn(
        who=who,
        message=message,
        intent="",
        args={},
        ahead=[],
        of=0,
        said=[message],
        answers=[],
        base_version=None,
        current=[],
        retrieved=[],
        draft=None,
        editing="",
        earlier=None,
        readings=[],
        rounds=0,
        settled=False,
        findings=[],
        beats=[],
        tests={},
        card=None,
        verdict=None,
        notices=[],
        keep=[],
        reply=None,
        saved_version=None,
        summary="",
    )
