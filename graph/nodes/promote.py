"""Promote: staging's version is to run in production; first, what that changes."""

from __future__ import annotations

from langgraph.runtime import Runtime

from data.store import authors_waiting, deployed
from graph.context import Services
from graph.difference import rule_changes
from graph.nodes.confirm import short
from graph.nodes.test import NO_HISTORY, history_json
from graph.state import Json, Turn, Update

OWN = "A change goes to production by someone other than its author: ask another approver."


def promote(state: Turn, runtime: Runtime[Services]) -> Update:
    """Completes the card of a promotion; nothing moves before it is confirmed."""
    services, who = runtime.context, state["who"]
    with services.store.reading() as session:
        staging = deployed(session, who["org_id"], "staging")
        production = deployed(session, who["org_id"], "production")
        authors = authors_waiting(session, who["org_id"])
    if staging is None or staging == production:
        text = "Production already runs what staging runs: there is nothing to promote."
        return {"reply": {"text": text}, "summary": text}
    if who["person_id"] in authors:
        return {"reply": {"text": OWN}, "summary": OWN}
    card = move_card(services, state, "promote", "production", production, staging)
    return {"card": card, "summary": card["summary"]}


def move_card(
    services: Services,
    state: Turn,
    action: str,
    environment: str,
    before_id: str | None,
    after_id: str,
) -> Json:
    """What it changes when an environment goes from one version to another."""
    org_id = state["who"]["org_id"]
    after = services.version(org_id, after_id)
    rules: list[Json] = []
    history = NO_HISTORY
    if before_id is not None:
        before = services.version(org_id, before_id)
        rules = rule_changes(before, after)
        history = history_json(org_id, services, before, after)
    return {
        "kind": "promotion",
        "action": action,
        "environment": environment,
        "from_version": before_id,
        "version": after_id,
        "rules": rules,
        "tests": {"history": history},
        "can_confirm": True,
        "blockers": [],
        "summary": _summary(action, environment, after_id, rules, history),
    }


def _summary(action: str, environment: str, after: str, rules: list[Json], history: Json) -> str:
    what = "Promotes" if action == "promote" else "Goes back to"
    count = "1 rule differs" if len(rules) == 1 else f"{len(rules)} rules differ"
    past = f", {history['changed']:,} of {history['run']:,} past requests" if history["run"] else ""
    return f"{what} version {short(after)} in {environment}: {count}{past}."
