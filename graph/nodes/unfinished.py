"""Unfinished drafts: put one aside, see those put aside."""

from __future__ import annotations

from langgraph.runtime import Runtime

from data.store import keep_unfinished, unfinished
from graph.context import Services
from graph.state import Json, Turn, Update
from graph.words import value_words


def keep(state: Turn, runtime: Runtime[Services]) -> Update:
    """Puts the draft aside, with the words that have no place yet."""
    draft, who = state["draft"] or {}, (state["verdict"] or {})["who"]
    payload = {
        "rules": draft.get("rules", []),
        "said": state["said"],
        "unplaced": draft.get("unplaced", []),
    }
    thread_id = (state["verdict"] or {})["thread_id"]
    with runtime.context.store.session() as session:
        keep_unfinished(
            session, who["org_id"], who["person_id"], thread_id, state["said"][0], payload
        )
    text = "Kept as an unfinished draft. Say `show my drafts` to find it again."
    return {"reply": {"text": text}, "card": None, "summary": text}


def list_unfinished(state: Turn, runtime: Runtime[Services]) -> Update:
    """This person's own drafts, a button each to take one up again."""
    who = state["who"]
    with runtime.context.store.reading() as session:
        kept = unfinished(session, who["org_id"], who["person_id"])
    if not kept:
        text = "You have no unfinished drafts."
        return {"reply": {"text": text}, "summary": text}
    buttons: list[Json] = [
        {"action": "say", "label": f"Take up: {d.message[:60]}", "payload": {"text": d.message}}
        for d in kept[:5]
    ]
    lines = [f"- {d.message} ({value_words(d.created.date())})" for d in kept]
    text = "\n".join(["Your unfinished drafts:", "", *lines])
    count = f"{len(kept)} unfinished draft{'s' if len(kept) != 1 else ''}."
    return {"reply": {"text": text, "actions": buttons}, "summary": count}
