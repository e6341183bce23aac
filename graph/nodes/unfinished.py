"""Unfinished drafts: put one aside, see those put aside, go on with one."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.runtime import Runtime

from data.store import UnfinishedDraft, drop_unfinished, keep_unfinished, unfinished
from graph.context import Services
from graph.drafters.stuck import original
from graph.state import Json, Turn, Update, replied
from graph.words import value_words

MOST_SHOWN = 5
RESUMED = ("message", "said", "answers", "current", "editing", "earlier")
"""What of a turn makes a draft go on where it was left."""
NONE = "You have no unfinished drafts."


def put_aside(services: Services, state: Turn, verdict: Json) -> None:
    """Keeps the draft, what is open about it, and all that is needed to go on with it."""
    draft, who = state["draft"] or {}, verdict["who"]
    payload = {
        "rules": draft.get("rules", []),
        "said": state["said"],
        "unplaced": draft.get("unplaced", []),
        "open": _open(state),
        "resume": {key: state[key] for key in RESUMED},
    }
    with services.store.session() as session:
        keep_unfinished(session, who["org_id"], who["person_id"], verdict["thread_id"],
                        state["said"][0], payload)  # fmt: skip


def _open(state: Turn) -> str:
    """The question nobody answered; empty for a draft that only waited to be confirmed."""
    card = state["card"] or {}
    return original(str(card.get("text", ""))) if card.get("kind") == "question" else ""


def keep(state: Turn, runtime: Runtime[Services]) -> Update:
    """Puts the draft aside, with what is open about it."""
    put_aside(runtime.context, state, state["verdict"] or {})
    open_ = _open(state)
    text = f"Kept as an unfinished draft.{f' Still open: “{open_}”' if open_ else ''}"
    told = f"{text} Say `go on` to take it up again, or `show my drafts` to see all."
    return {"reply": {"text": told}, "card": None, "summary": text}


def list_unfinished(state: Turn, runtime: Runtime[Services]) -> Update:
    """This person's own drafts, a button each to take one up again."""
    kept = _kept(state["who"], runtime.context)
    if not kept:
        return replied(NONE)
    text = "\n".join(["Your unfinished drafts:", "", *map(_line, kept)])
    count = f"{len(kept)} unfinished draft{'s' if len(kept) != 1 else ''}."
    buttons = [_button("Take up", d) for d in kept[:MOST_SHOWN]]
    return {"reply": {"text": text, "actions": buttons}, "summary": count}


def go_on(state: Turn, runtime: Runtime[Services]) -> Update:
    """Takes up the draft that is named, else the one that was put aside last."""
    kept = _kept(state["who"], runtime.context)
    named = " ".join(state["args"].get("draft", "").casefold().split())
    found = next((d for d in kept if " ".join(d.message.casefold().split()) == named), None)
    if found is None and named:
        text = f"No unfinished draft begins with “{state['args']['draft']}”. Say `show my drafts`."
        return replied(text)
    found = found or next(iter(kept), None)
    if found is None:
        return replied(NONE)
    with runtime.context.store.session() as session:
        drop_unfinished(session, found.org_id, found.person_id, found.id)
    resumed = found.payload.get("resume") or {"message": found.message, "said": [found.message]}
    text = f"Back to “{found.message}”."
    return {**resumed, "notices": [text], "summary": text}


def offer(services: Services, verdict: Json) -> tuple[str, list[Json]]:
    """What to say, and the button, where this conversation left a draft aside."""
    here = [d for d in _kept(verdict["who"], services) if d.thread_id == verdict["thread_id"]]
    if not here:
        return "", []
    return f" We were at “{here[0].message}”. Go on?", [_button("Go on", here[0])]


def _kept(who: Json, services: Services) -> Sequence[UnfinishedDraft]:
    with services.store.reading() as session:
        return unfinished(session, who["org_id"], who["person_id"])


def _line(kept: UnfinishedDraft) -> str:
    open_ = kept.payload.get("open", "")
    return f"- {kept.message} ({value_words(kept.created.date())}){f': {open_}' if open_ else ''}"


def _button(label: str, kept: UnfinishedDraft) -> Json:
    return {"action": "say", "label": f"{label}: {kept.message[:60]}",
            "payload": {"text": f"go on with {kept.message}"}}  # fmt: skip
