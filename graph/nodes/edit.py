"""Edit: a rule that stands already becomes the draft, and the words after its title the change."""

from __future__ import annotations

import re

from langgraph.runtime import Runtime

from data.rulelang.ast import Rule
from data.rulelang.render import render
from data.rulelang.version import Version
from graph.context import Services
from graph.find import rules_about
from graph.state import Json, Turn, Update

LINK = re.compile(r"^[\s\"'“”:,;.-]*(?:(to)\b|so that\b|such that\b|and\b)?[\s:,]*", re.IGNORECASE)


def edit(state: Turn, runtime: Runtime[Services]) -> Update:
    """Finds the longest title that the words begin with; what follows is said about that rule."""
    services, said = runtime.context, state["args"].get("rest", "")
    version = services.staging(state["who"]["org_id"])
    if version is None:
        return _reply("There are no rules yet.")
    rule = _named(version, said)
    if rule is None:
        return _which(state, services, version, said)
    change = _change(said[len(rule.title) :])
    if not change:
        return _reply(
            f"What should change? Say it with the title: `change the rule {rule.title}: make it …`"
        )
    return {
        "current": [render(rule, version.ontology)],
        "editing": rule.title,
        "message": change,
        "said": [state["message"]],
        "summary": f"Changes “{rule.title}”.",
    }


def _named(version: Version, said: str) -> Rule | None:
    low = said.casefold()
    named = [r for r in version.rule_set.rules if low.startswith(r.title.casefold())]
    return max(named, key=lambda r: len(r.title), default=None)


def _change(rest: str) -> str:
    """`to 20 minutes` is said as `make it 20 minutes`; anything else as it stands."""
    link = LINK.match(rest)
    told = rest[link.end() :].strip() if link else rest.strip()
    return f"make it {told}" if told and link and link.group(1) else told


def _which(state: Turn, services: Services, version: Version, said: str) -> Update:
    near = rules_about(version, services.retriever(state["who"]["org_id"], version), said)[:5]
    buttons: list[Json] = [
        {"action": "say", "label": r.title, "payload": {"text": f"show the rule {r.title}"}}
        for r in near
    ]
    text = (
        "No rule has that title. Begin with the title as it stands: `change the rule …: make it …`"
    )
    return {"reply": {"text": text, "actions": buttons}, "summary": "No rule has that title."}


def _reply(text: str) -> Update:
    return {"reply": {"text": text}, "summary": text}
