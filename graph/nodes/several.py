"""Several rules in one message: a draft each, one after another, with a card of its own."""

from __future__ import annotations

from langgraph.runtime import Runtime

from graph.case import places_as_written, task_of
from graph.context import Services
from graph.state import Turn, Update, fresh
from graph.statements import stated

PART = "Rule {number} of {of} in your message."
NEXT = "{part} Next: {ahead}."
SET_ASIDE = "Set aside, as it states no rule: {words}."
LONGEST_AHEAD = 90
"""Characters of a rule that is still to come, where it is told."""


def divide(state: Turn, runtime: Runtime[Services]) -> Update:
    """Begins with the first rule of the message; the others wait in ``ahead``."""
    services = runtime.context
    version = services.staging(state["who"]["org_id"])
    if version is None or not services.one_by_one:
        return {"summary": "One rule."}
    message = places_as_written(version, state["message"])
    found = stated(message, services.drafters[-1], task_of(version))
    if len(found.rules) < 2:
        return {"summary": "One rule."}
    first, *ahead = found.rules
    aside = SET_ASIDE.format(words=", ".join(f"“{w}”" for w in found.aside))
    return {
        "message": first,
        "said": [first],
        "ahead": ahead,
        "of": len(found.rules),
        "notices": [aside] if found.aside else [],
        "summary": f"{len(found.rules)} rules, one after another.",
    }


def next_rule(state: Turn) -> Update:
    """Takes up the next rule of the message, whatever became of the one before it."""
    first, *ahead = state["ahead"]
    return {
        **fresh(state["who"], first),
        "intent": "draft",
        "ahead": ahead,
        "of": state["of"],
        "summary": PART.format(number=state["of"] - len(ahead), of=state["of"]),
    }


def part_of(state: Turn) -> list[str]:
    """Which rule of the message this is, and those still to come; nothing where it is the only."""
    if not state["of"]:
        return []
    ahead = state["ahead"]
    part = PART.format(number=state["of"] - len(ahead), of=state["of"])
    told = ", ".join(f"“{_short(a)}”" for a in ahead)
    return [NEXT.format(part=part, ahead=told) if ahead else part]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_AHEAD else f"{text[:LONGEST_AHEAD].rstrip()} …"
