"""Approve: a promotion or a rollback waits for a person's word, then happens once."""

from __future__ import annotations

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from data.access import may
from data.store import BaseChanged, NothingToRollBack, OwnChange, promote, roll_back
from graph.context import Services
from graph.nodes.confirm import short
from graph.nodes.promote import OWN
from graph.state import Json, Turn, Update, heard

MOVED = "Another change came first: look at what runs now, then ask again."


def approve(state: Turn, runtime: Runtime[Services]) -> Update:
    """Moves the environment only if it still runs what the card showed."""
    card = state["card"] or {}
    verdict: Json = interrupt(card)
    if verdict["action"] != "confirm":
        return _over(verdict, "Left as it is. Nothing was moved.")
    action = "promote" if card["action"] == "promote" else "roll_back"
    if not may(verdict["who"]["roles"], action):
        return _over(verdict, "Only an approver may do that: ask one to.")
    try:
        return _over(verdict, _done(runtime.context, card, verdict))
    except BaseChanged:
        return _over(verdict, MOVED)
    except OwnChange:
        return _over(verdict, OWN)
    except NothingToRollBack as nothing:
        return _over(verdict, f"{str(nothing)[:1].upper()}{str(nothing)[1:]}.")


def _done(services: Services, card: Json, verdict: Json) -> str:
    who = verdict["who"]
    with services.store.session() as session:
        if card["action"] == "promote":
            moved = promote(
                session, who["org_id"], who["person_id"], card["summary"], card["version"]
            )
            return f"Done. Production now runs version {short(moved)}."
        moved = roll_back(
            session,
            who["org_id"],
            card["environment"],
            who["person_id"],
            card["summary"],
            card["from_version"],
        )
    where = str(card["environment"])
    return f"Done. {where[:1].upper()}{where[1:]} is back on version {short(moved)}."


def _over(verdict: Json, text: str) -> Update:
    return {**heard(verdict), "card": None, "reply": {"text": text}, "summary": text}
