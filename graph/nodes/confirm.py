"""Confirm: the turn waits, however long, for the author's word; then saves once."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from data.access import may
from data.rulelang.version import Version
from data.store import BaseChanged, add_scenario, save_version
from graph.context import Services
from graph.drafters.stuck import WAYS_OUT
from graph.drafts import base_of, candidate, said_of
from graph.nodes.ask import left, started_again
from graph.nodes.scenario import as_scenario
from graph.nodes.test import outcomes
from graph.nodes.unfinished import offer
from graph.nodes.validate import rights_findings
from graph.policies import POLICY
from graph.state import Json, Turn, Update, heard
from graph.tables import TABLE
from graph.teaching import propose, take_back, told

MOST_NAMED = 8
"""Titles that one sentence names."""
IN_THE_FILE = (
    "These rules came as a file: change it there and attach it again. "
    "Or confirm, then change one rule by its title."
)
MOVED = "Another change came first. I tested yours again on top of it: please look once more."


def confirm(state: Turn, runtime: Runtime[Services]) -> Update:
    """Everything before the interrupt runs again when it is answered, so nothing is done there."""
    verdict: Json = interrupt(state["card"])
    match verdict["action"]:
        case "confirm":
            return _confirmed(state, runtime.context, verdict)
        case "change":
            return _changed(state, verdict)
        case "keep":
            return {**heard(verdict), "summary": "You put it aside."}
        case "restart":
            return {**heard(verdict), **started_again(state)}
        case "undo":
            return _undone(state, verdict)
        case "other":
            return _other(state, verdict)
        case "as_scenario":
            return as_scenario(state, runtime.context, verdict)
        case _:
            more, actions = offer(runtime.context, verdict)
            text = f"Discarded. Nothing was saved.{more}"
            reply: Json = {"text": text, "actions": actions}
            return {**heard(verdict), "reply": reply, "card": None, "summary": text}


def _undone(state: Turn, verdict: Json) -> Update:
    """Gives back the draft as it was before its last change."""
    before = (state["draft"] or {}).get("before")
    if before is None:
        return _still_waits(
            verdict, "Nothing was changed yet. Say `start again` to drop the draft."
        )
    return {**heard(verdict), "earlier": before, "summary": "You took the last change back."}


def _other(state: Turn, verdict: Json) -> Update:
    """Takes the other of the two answers that a question offered last."""
    answers = state["answers"]
    two = [[o for o in a.get("options", ()) if o not in WAYS_OUT] for a in answers]
    at = next((n for n in reversed(range(len(two))) if len(two[n]) == 2), None)
    if at is None or answers[at]["text"] not in two[at]:
        return _still_waits(verdict, "I see only one way to read it. Say what should change.")
    (other,) = (o for o in two[at] if o != answers[at]["text"])
    swapped = {**answers[at], "text": other}
    kept = [{**k, "answer": other} if k["answer"] == answers[at]["text"] else k
            for k in state["keep"]]  # fmt: skip
    return {
        **heard(verdict),
        "answers": [*answers[:at], swapped, *answers[at + 1 :]],
        "readings": left(swapped["readings"], other),
        "keep": kept,
        "rounds": 0,
        "settled": False,
        "findings": [],
        "card": None,
        "summary": f"You meant the other one: {other}",
    }


def _confirmed(state: Turn, services: Services, verdict: Json) -> Update:
    card = state["card"] or {}
    if not may(verdict["who"]["roles"], "confirm"):
        return _still_waits(verdict, "You may not confirm rules: ask an author to.")
    if not card["can_confirm"]:
        return _still_waits(verdict, "It cannot be confirmed yet: " + " ".join(card["blockers"]))
    base, after = base_of(state, services), candidate(state, services)
    if wrong := rights_findings(verdict["who"], state["draft"] or {}, base, after):
        return _still_waits(verdict, f"{wrong[0].message[:1].upper()}{wrong[0].message[1:]}.")
    try:
        version_id = _save(state, services, verdict, after)
    except BaseChanged as moved:
        return {
            **heard(verdict, "again"),
            "base_version": moved.current,
            "notices": [MOVED],
            "rounds": 0,
            "card": None,
            "summary": MOVED,
        }
    text = f"Saved. Staging now runs this version ({short(version_id)})."
    more, actions = offer(services, verdict)
    learnt: list[Json] = (state["draft"] or {}).get("learnt", [])
    words = propose(services, verdict["who"], verdict["thread_id"], learnt)
    remember = told(after.ontology, words)
    return {
        **heard(verdict),
        "card": None,
        "saved_version": version_id,
        **services.mention((state["draft"] or {})["titles"]),
        "summary": text,
        "reply": {
            "text": f"{_told(text, state)}{remember}{more}",
            "actions": [*actions, *take_back(words)],
        },
    }


def _save(state: Turn, services: Services, verdict: Json, after: Version) -> str:
    """Version, deployment and scenarios in one transaction, once for each interrupt."""
    who = verdict["who"]
    with services.store.session() as session:
        saved = save_version(
            session,
            who["org_id"],
            after,
            state["base_version"],
            who["person_id"],
            _message(state),
            verdict["interrupt_id"],
        )
        if saved.new:
            for name, given, expect in _scenarios(state, after):
                add_scenario(session, who["org_id"], name, given, expect, who["person_id"])
    return saved.version_id


def _message(state: Turn) -> str:
    """The version's message; a retired, paused or resumed rule is named with what was done."""
    draft = state["draft"] or {}
    titles = draft["retire"] or draft["titles"]
    if draft["kind"] != "rule":
        return f"{draft['kind']}: {', '.join(titles)}"
    return "; ".join(said_of(state))


def _scenarios(state: Turn, after: Version) -> Sequence[tuple[str, Json, Json]]:
    """What the author answered about a request, kept as a case for every later change."""
    found: list[tuple[str, Json, Json]] = []
    for kept in state["keep"]:
        results = outcomes(after, kept["given"], after.plans)
        expect = {d: kept["answer"] for d, words in results.items() if words == kept["answer"]}
        if expect:
            name = f"{state['said'][0][:80]} ({(state['draft'] or {})['id'][:8]})"
            found.append((name, kept["given"], expect))
    return found[:1]


def _told(text: str, state: Turn) -> str:
    titles = (state["draft"] or {})["retire"] or (state["draft"] or {})["titles"]
    named = ", ".join(f"“{t}”" for t in titles[:MOST_NAMED])
    named += f" and {len(titles) - MOST_NAMED} more" if len(titles) > MOST_NAMED else ""
    held = f" It holds {named}." if (state["draft"] or {})["kind"] == "rule" else ""
    return f"{text}{held} An approver can now promote it to production."


def _changed(state: Turn, verdict: Json) -> Update:
    """The author's words go to the drafter as an edit of this draft; a file stays as it came."""
    if (state["draft"] or {}).get("drafter") in (TABLE, POLICY):
        return _still_waits(verdict, IN_THE_FILE)
    return {
        **heard(verdict),
        "message": verdict["text"],
        "said": [*state["said"], verdict["text"]],
        "current": (state["draft"] or {})["rules"],
        "earlier": state["draft"],
        "answers": [],
        "notices": [],
        "readings": [],
        "findings": [],
        "rounds": 0,
        "settled": False,
        "card": None,
        "summary": f"You asked for a change: {verdict['text']}",
    }


def _still_waits(verdict: Json, text: str) -> Update:
    """The card stays: the same interrupt begins again."""
    return {**heard(verdict, "wait"), "reply": {"text": text}, "summary": text}


def short(version_id: str) -> str:
    """A version's id as people read it."""
    return version_id.removeprefix("sha256:")[:8]
