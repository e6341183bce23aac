"""Changes: what staging has that production has not, and the last moves of staging."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from langgraph.runtime import Runtime

from data.access import may
from data.store import (
    DeploymentStep,
    NotFound,
    authors_waiting,
    deployed,
    history_of_deployments,
    history_of_versions,
    person,
)
from graph.context import Services
from graph.difference import rule_changes, told_by_request
from graph.nodes.confirm import short
from graph.occurring import Occurring
from graph.state import Json, Turn, Update, replied
from graph.words import value_words

MOST_STEPS = 8
MOST_VERSIONS = 500
"""How far back a version is looked for by its name."""
HOW = {
    "deploy": "",
    "roll_back": "rolled back: ",
    "promote": "promoted: ",
    "words": "words: ",
    "again": "once more: ",
}


def changes(state: Turn, runtime: Runtime[Services]) -> Update:
    """The difference in words, then who changed what when."""
    services, org_id = runtime.context, state["who"]["org_id"]
    with services.store.reading() as session:
        production = deployed(session, org_id, "production")
        steps = history_of_deployments(session, org_id, "staging", MOST_STEPS)
        waiting = authors_waiting(session, org_id)
    if not steps:
        return {"reply": {"text": "There are no rules yet."}, "summary": "No rules yet."}
    after = steps[0].version_id
    before, headline = _compared(steps, production)
    if since := state["args"].get("version"):
        before = _called(services, org_id, since)
        if before is None:
            text = f"There is no version `{since}`. Say `what changed` to see the last ones."
            return replied(text)
        headline = f"Since version {short(before)}, staging has changed so:"
    rows, requests = _difference(services, org_id, before, after)
    names = names_of(services, org_id, (s.by for s in steps))
    told = [_told(s, names[s.by], production) for s in steps]
    parts = [
        headline,
        *map(_line, rows),
        *requests,
        "Changes to staging, the newest first:\n" + "".join(told),
    ]
    reply = {"text": "\n\n".join(parts), "rows": rows, "actions": _buttons(state, waiting)}
    return {"reply": reply, "summary": headline}


def _buttons(state: Turn, waiting: frozenset[str]) -> list[Json]:
    """To promote what waits, for someone who may and wrote none of it."""
    who = state["who"]
    if not waiting or who["person_id"] in waiting or not may(who["roles"], "promote"):
        return []
    return [{"action": "promote", "label": "Promote to production", "payload": {}}]


def _told(step: DeploymentStep, name: str, production: str | None) -> str:
    runs = " (**production runs this**)" if step.version_id == production else ""
    day = value_words(step.at.date())
    message = HOW.get(step.how, "") + step.message
    return f"\n- {short(step.version_id)}{runs}: {message} ({name}, {day})"


def _compared(steps: Sequence[DeploymentStep], production: str | None) -> tuple[str | None, str]:
    """The version to compare staging with, and how to say it."""
    if production != steps[0].version_id:
        return production, "Staging has this, and production has not:"
    if len(steps) == 1:
        return None, "Staging and production run the same version, the first one."
    return steps[1].version_id, "Staging and production run the same version. Its last change:"


def _called(services: Services, org_id: str, name: str) -> str | None:
    """The version whose id begins so, the newest first."""
    with services.store.reading() as session:
        known = history_of_versions(session, org_id, MOST_VERSIONS)
    return next((v.id for v in known if short(v.id).startswith(name.casefold()[:8])), None)


def _difference(
    services: Services, org_id: str, before: str | None, after: str
) -> tuple[list[Json], list[str]]:
    """The rules that are not the same, and what that means for requests."""
    if before is None or before == after:
        return [], []
    one, other = services.version(org_id, before), services.version(org_id, after)
    history = services.history(org_id, other)
    occurring = Occurring(history, one, other) if history is not None and len(history) else None
    return rule_changes(one, other), [told_by_request(one, other, occurring)]


def _line(row: Json) -> str:
    if row["change"] == "changed":
        return f"**{row['rule']}** changed. Before: {row['before']} Now: {row['after']}"
    return f"**{row['rule']}** is {row['change']}: {row['after'] or row['before']}"


def names_of(services: Services, org_id: str, people: Iterable[str]) -> dict[str, str]:
    """People by display name; whoever is no person (the first start) by what was noted."""
    names: dict[str, str] = {}
    with services.store.reading() as session:
        for by in set(people):
            try:
                names[by] = person(session, org_id, by).display
            except NotFound:
                names[by] = by
    return names
