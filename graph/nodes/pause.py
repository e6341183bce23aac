"""Pause, retire and resume: a version without a rule, or with it again.

Each is a draft like any other: it is checked against all rules, tested, and confirmed.
"""

from __future__ import annotations

import uuid
from typing import Literal

from langgraph.runtime import Runtime

from data.rulelang.ast import Rule
from data.rulelang.version import Version
from data.store import history_of_deployments
from graph.context import Services
from graph.drafters.base import Reading
from graph.drafts import draft_json
from graph.find import points_back, rule_called, rules_about
from graph.state import Json, Turn, Update, mentioned, replied

MOST_STEPS = 1000


def pause(state: Turn, runtime: Runtime[Services]) -> Update:
    """Takes the rule out so that it can be resumed: the version before keeps its text."""
    return _take_out(state, runtime.context, "pause")


def retire(state: Turn, runtime: Runtime[Services]) -> Update:
    """Takes the rule out for good."""
    return _take_out(state, runtime.context, "retire")


def resume(state: Turn, runtime: Runtime[Services]) -> Update:
    """Puts a paused rule back, word for word as it was."""
    services, title = runtime.context, state["args"].get("title", "")
    version = services.staging(state["who"]["org_id"])
    if version is None:
        return replied("There are no rules yet.")
    paused = _paused(state, services, version)
    rule = next((r for t, r in paused.items() if t.casefold() == title.casefold()), None)
    if rule is None:
        named = ", ".join(f"“{t}”" for t in paused)
        known = f"Paused are: {named}." if paused else "No rule is paused."
        return replied(f"No paused rule is called `{title}`. {known}")
    made = draft_json(uuid.uuid4().hex, "resume", version.ontology, Reading((rule,)), drafter="")
    return {"base_version": version.id, "draft": made, "summary": f"Brings back “{rule.title}”."}


def _take_out(state: Turn, services: Services, kind: Literal["pause", "retire"]) -> Update:
    title = str(state["args"].get("title") or state["args"].get("pronoun", ""))
    version = services.staging(state["who"]["org_id"])
    if version is None:
        return replied("There are no rules yet.")
    last = mentioned(state)
    title = last[0] if points_back(title) and len(last) == 1 else title
    rule = rule_called(version, title)
    if rule is None:
        return _which(state, services, version, kind, title)
    reading = Reading((), retire=(rule.title,))
    made = draft_json(uuid.uuid4().hex, kind, version.ontology, reading, drafter="")
    verb = "Pauses" if kind == "pause" else "Retires"
    return {"base_version": version.id, "draft": made, "summary": f"{verb} “{rule.title}”."}


def _which(state: Turn, services: Services, version: Version, kind: str, title: str) -> Update:
    """No rule of that title: offers those that sound like it, a button each."""
    retriever = services.retriever(state["who"]["org_id"], version)
    near = rules_about(version, retriever, title)[:5]
    if not near:
        return replied(f"No rule is called `{title}`. Say `show the rules` to see all of them.")
    buttons: list[Json] = [
        {"action": "say", "label": r.title, "payload": {"text": f"{kind} the rule {r.title}"}}
        for r in near
    ]
    text = f"No rule is called `{title}`. Which one do you mean?"
    return replied(text, buttons)


def _paused(state: Turn, services: Services, now: Version) -> dict[str, Rule]:
    """Rules that were taken out by pausing and that nobody has brought back."""
    org_id = state["who"]["org_id"]
    with services.store.reading() as session:
        steps = history_of_deployments(session, org_id, "staging", MOST_STEPS)
    before = {s.id: s.version_id for s in steps}
    found: dict[str, Rule | None] = {}
    for step in steps:
        kind, _, title = step.message.partition(": ")
        if kind == "retire":
            found.setdefault(title, None)
        elif kind == "pause" and step.under in before and now.rule_set.rule(title) is None:
            rule = services.version(org_id, before[step.under]).rule_set.rule(title)
            found.setdefault(title, rule)
    return {title: rule for title, rule in found.items() if rule is not None}
