"""Changes: what staging has that production has not, and the last versions."""

from __future__ import annotations

from langgraph.runtime import Runtime

from data.store import NotFound, VersionInfo, deployed, history_of_versions, person
from graph.context import Services
from graph.difference import rule_changes
from graph.nodes.confirm import short
from graph.state import Json, Turn, Update
from graph.words import value_words

MOST_VERSIONS = 8


def changes(state: Turn, runtime: Runtime[Services]) -> Update:
    """The difference in words, then who saved which version when."""
    services, org_id = runtime.context, state["who"]["org_id"]
    with services.store.reading() as session:
        staging = deployed(session, org_id, "staging")
        production = deployed(session, org_id, "production")
        history = history_of_versions(session, org_id, MOST_VERSIONS)
    if staging is None:
        return {"reply": {"text": "There are no rules yet."}, "summary": "No rules yet."}
    names = _names(services, org_id, history)
    marks = {staging: "staging", production: "production"}
    if staging == production:
        marks[staging] = "staging and production"
    parent = next((v.parent for v in history if v.id == staging), None)
    before, headline = _compared(staging, production, parent)
    rows = _difference(services, org_id, before, staging)
    versions = [
        f"- {short(v.id)}{f' (**{marks[v.id]}**)' if v.id in marks else ''}: {v.message} "
        f"({names[v.author]}, {value_words(v.created.date())})"
        for v in history
    ]
    text = "\n\n".join([headline, *map(_line, rows), "Versions, the newest first:"])
    text = "\n".join([text + "\n", *versions])
    return {"reply": {"text": text, "rows": rows}, "summary": headline}


def _compared(staging: str, production: str | None, parent: str | None) -> tuple[str | None, str]:
    """The version to compare staging with, and how to say it."""
    if production != staging:
        return production, "Staging has this, and production has not:"
    if parent is None:
        return None, "Staging and production run the same version, the first one."
    return parent, "Staging and production run the same version. Its last change was:"


def _difference(services: Services, org_id: str, before: str | None, after: str) -> list[Json]:
    if before is None:
        return []
    return rule_changes(services.version(org_id, before), services.version(org_id, after))


def _line(row: Json) -> str:
    if row["change"] == "changed":
        return f"**{row['rule']}** changed. Before: {row['before']} Now: {row['after']}"
    return f"**{row['rule']}** is {row['change']}: {row['after'] or row['before']}"


def _names(services: Services, org_id: str, history: tuple[VersionInfo, ...]) -> dict[str, str]:
    """Authors by display name; whoever is no person (the first start) by what was noted."""
    names: dict[str, str] = {}
    with services.store.reading() as session:
        for author in {v.author for v in history}:
            try:
                names[author] = person(session, org_id, author).display
            except NotFound:
                names[author] = author
    return names
