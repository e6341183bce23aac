"""What a turn's listener is told of each step: few, flat fields, named once here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graph.doors import CALLS
from graph.state import Json

Told = tuple[Json, Json]


def told(node: str, state: Mapping[str, Any], update: Mapping[str, Any]) -> Told:
    """Inputs and outputs of a node that ended: the state it found, the update it made."""
    asked: Json = {"message": state.get("message", "")}
    teller = _TELLERS.get(node)
    if teller is None:
        return asked, {"status": "answered", "rows": len(_rows(update))}
    return teller(asked, state, update)


def _part(state: Mapping[str, Any], key: str) -> Json:
    """A part of the state that may be absent or ``None``."""
    return state.get(key) or {}


def _rows(update: Mapping[str, Any]) -> list[Any]:
    return _part(update, "reply").get("rows") or []


def _retrieve(asked: Json, state: Mapping[str, Any], update: Mapping[str, Any]) -> Told:
    found: list[Json] = update.get("retrieved", [])
    ids = [r["id"] for r in found]
    return asked, {"retrieved": ids, "found": len(found), "documents": found}


def _draft(asked: Json, state: Mapping[str, Any], update: Mapping[str, Any]) -> Told:
    made, card = _part(update, "draft"), _part(update, "card")
    status = "question" if card else "drafted" if made else "refused"
    outputs = {
        "status": status,
        "rules": made.get("rules", []),
        "question": card.get("text"),
        "about": card.get("about"),
        "unplaced": made.get("unplaced", []),
        "placed": [p["text"] for p in made.get("placed", [])],
        "readings": len(card.get("readings") or made.get("rules", [])[:1]),
        "drafter": made.get("drafter"),
        "note": made.get("note", ""),
        **_part(update, "effort"),
    }
    inputs = {
        **asked,
        "retrieved": [r["id"] for r in state.get("retrieved", [])],
        "attempt": state.get("rounds", 0) + 1,
        "findings": [f["code"] for f in state.get("findings", [])],
    }
    return inputs, outputs


def _about(state: Mapping[str, Any]) -> Json:
    draft = _part(state, "draft")
    return {"rules": draft.get("rules", []), "version": state.get("base_version")}


def _validate(asked: Json, state: Mapping[str, Any], update: Mapping[str, Any]) -> Told:
    found = update.get("findings", [])
    outputs = {
        "findings": [f["code"] for f in found],
        "severities": [f["severity"] for f in found],
        "messages": [f["message"] for f in found],
        "errors": sum(f["severity"] == "error" for f in found),
    }
    return _about(state), outputs


def _test(asked: Json, state: Mapping[str, Any], update: Mapping[str, Any]) -> Told:
    tests = update["tests"]
    outputs = {
        "scenarios_run": tests["scenarios"]["run"],
        "scenarios_kept": tests["scenarios"]["kept"],
        "generated": len(tests["generated"]),
        "history_run": tests["history"]["run"],
        "history_changed": tests["history"]["changed"],
        "seconds": tests["history"]["seconds"],
    }
    return _about(state), outputs


def _score(asked: Json, state: Mapping[str, Any], update: Mapping[str, Any]) -> Told:
    scored = _part(update, "scored")
    return _about(state), {"faults": scored.get("faults", []), "shown": scored.get("shown")}


def _decided(asked: Json, state: Mapping[str, Any], update: Mapping[str, Any]) -> Told:
    verdict, card = _part(update, "verdict"), _part(state, "card")
    action = verdict.get("action")
    inputs = {**_about(state), "can_confirm": card.get("can_confirm")}
    status = {"confirm": "saved", "discard": "discarded"}.get(str(action), "answered")
    outputs = {"action": action, "status": status, "version": update.get("saved_version")}
    return inputs, {**outputs, "waited": verdict.get("waited")}


def _ask(asked: Json, state: Mapping[str, Any], update: Mapping[str, Any]) -> Told:
    verdict, card = _part(update, "verdict"), _part(state, "card")
    inputs = {
        **asked,
        "question": card.get("text"),
        "about": card.get("about"),
        "options": card.get("options", []),
    }
    action, waited = verdict.get("action"), verdict.get("waited")
    return inputs, {"action": action, "answer": verdict.get("text"), "waited": waited}


def _moved(asked: Json, state: Mapping[str, Any], update: Mapping[str, Any]) -> Told:
    card = _part(update, "card")
    status = "waiting" if card else "refused"
    version, environment = card.get("version"), card.get("environment")
    return asked, {"status": status, "version": version, "environment": environment}


_TELLERS: dict[str, Callable[[Json, Mapping[str, Any], Mapping[str, Any]], Told]] = {
    "retrieve": _retrieve,
    "draft": _draft,
    "ask": _ask,
    "validate": _validate,
    "test": _test,
    "score": _score,
    "confirm": _decided,
    "approve": _decided,
    "promote": _moved,
    "roll_back": _moved,
}


def facts(state: Mapping[str, Any]) -> Json:
    """What is true of the turn's draft at the end of the turn; empty lists where there is none."""
    draft, card = _part(state, "draft"), _part(state, "card")
    tests = _part(state, "tests")
    said = [*state.get("said", [])[:-1], *(a["text"] for a in state.get("answers", []))]
    return {
        "message": state.get("message", ""),
        "said": said,
        "words": [*state.get("said", []), *(a["text"] for a in state.get("answers", []))],
        "intent": state.get("intent", ""),
        "version": state.get("base_version"),
        "environment": "production" if state.get("intent") in CALLS else "staging",
        "status": _status(state),
        "rules": draft.get("rules", []),
        "carried": state.get("current", []),
        "retrieved": [r["id"] for r in state.get("retrieved", [])],
        "placed": [p["text"] for p in draft.get("placed", [])],
        "unplaced": draft.get("unplaced", []),
        "drafter": draft.get("drafter", ""),
        "note": draft.get("note", ""),
        "question": card.get("text"),
        "options": card.get("options", []),
        "findings": state.get("findings", []),
        "can_confirm": card.get("can_confirm"),
        "scenarios": tests.get("scenarios"),
        "generated": tests.get("generated", []),
        "sentences": [w for r in card.get("rules", []) for w in _words(r)],
        "action": _part(state, "verdict").get("action"),
        "saved_version": state.get("saved_version"),
    }


def _words(rule: Json) -> list[str]:
    words = rule.get("words")
    return list(words) if words else [w for w in (rule.get("after"), rule.get("before")) if w]


def _status(state: Mapping[str, Any]) -> str:
    card = state.get("card")
    if card:
        return "question" if card["kind"] in ("question", "fact") else "waiting"
    if state.get("saved_version"):
        return "saved"
    return "discarded" if _part(state, "verdict").get("action") == "discard" else "answered"
