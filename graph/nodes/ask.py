"""Ask: the turn waits for what the author must say before there is one rule."""

from __future__ import annotations

from langgraph.types import interrupt

from graph.drafters.guard import agreed, declined
from graph.drafters.stuck import KEEP_UNFINISHED
from graph.state import Json, Turn, Update, heard


def ask(state: Turn) -> Update:
    """Shows the question; the answer goes back to the drafter with the sentence it is about."""
    card = state["card"] or {}
    verdict = _meant(card, interrupt(card))
    if verdict["action"] == "discard":
        if state["earlier"] is not None:
            return {**heard(verdict), "card": None, "summary": "You dropped the change."}
        text = "Dropped. Nothing was saved."
        return {**heard(verdict), "reply": {"text": text}, "card": None, "summary": text}
    if verdict["action"] == "keep":
        return {**heard(verdict), "summary": "You put it aside."}
    if verdict["action"] == "change":
        return _said_anew(state, verdict)
    answer = {"question": card.get("text", ""), "text": verdict["text"]}
    kept: list[Json] = []
    if card.get("request") is not None:
        kept = [{"given": card["request"], "answer": verdict["text"]}]
    return {
        **heard(verdict),
        "readings": _left(card, verdict["text"]),
        "answers": [*state["answers"], answer],
        "keep": [*state["keep"], *kept],
        "card": None,
        "rounds": 0,
        "settled": False,
        "findings": [],
        "summary": f"You answered: {verdict['text']}",
    }


def _meant(card: Json, verdict: Json) -> Json:
    """An answer may be one of the buttons in words: keep it, leave the draft as it was."""
    text = str(verdict["text"])
    if verdict["action"] != "answer":
        return verdict
    if text.strip().lower() == KEEP_UNFINISHED:
        return {**verdict, "action": "keep"}
    if card.get("about") == "replace" and not agreed(text):
        return {**verdict, "action": "discard" if declined(text) else "change"}
    return verdict


def _left(card: Json, answer: str) -> list[Json]:
    """The readings that give what the author answered; none where the card had none."""
    wanted = " ".join(answer.casefold().split())
    return [
        {k: v for k, v in r.items() if k != "gives"}
        for r in card.get("readings", [])
        if r["gives"].casefold() == wanted
    ]


def _said_anew(state: Turn, verdict: Json) -> Update:
    """The author says the rule again in other words instead of answering."""
    return {
        **heard(verdict),
        "message": verdict["text"],
        "said": [*state["said"][:-1], verdict["text"]],
        "answers": [],
        "readings": [],
        "keep": [],
        "card": None,
        "rounds": 0,
        "settled": False,
        "findings": [],
        "summary": "You said it in other words.",
    }
