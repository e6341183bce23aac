"""Promote: staging's version is to run in production; first, what that changes."""

from __future__ import annotations

from collections.abc import Mapping

from langgraph.runtime import Runtime

from data.ontology.model import Ontology
from data.ontology.taught import names_apart
from data.rulelang.version import Version
from data.store import VersionInfo, authors_waiting, deployed, history_of_versions
from graph.context import Services
from graph.difference import Change, rule_changes, signed
from graph.nodes.changes import names_of
from graph.nodes.confirm import short
from graph.nodes.test import NO_HISTORY, history_json
from graph.state import Json, Turn, Update, replied
from graph.words import label

MOST_VERSIONS = 500
"""How far back authors of changes are looked for."""
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
        return replied(text)
    if who["person_id"] in authors:
        return replied(OWN)
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
    history, words = NO_HISTORY, 0
    if before_id is not None:
        before = services.version(org_id, before_id)
        words = _words_apart(before.ontology, after.ontology)
        rules = signed(
            rule_changes(before, after), _changes_between(services, org_id, before, after)
        )
        history = _labelled(history_json(org_id, services, before, after), after.ontology)
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
        "summary": _summary(action, environment, after_id, rules, words, history),
    }


def _changes_between(
    services: Services, org_id: str, before: Version, after: Version
) -> list[Change]:
    """The saved changes that lie between two versions, the newest first; none where unknown."""
    with services.store.reading() as session:
        known = {v.id: v for v in history_of_versions(session, org_id, MOST_VERSIONS)}
    path = _path(known, after.id, before.id) or _path(known, before.id, after.id)
    names = names_of(services, org_id, (v.author for v in path))
    return [
        Change(
            names[v.author],
            v.message,
            services.version(org_id, v.id),
            services.version(org_id, str(v.parent)),
        )
        for v in path
    ]


def _path(known: Mapping[str, VersionInfo], newer: str, older: str) -> list[VersionInfo]:
    """From the newer version to the one right after the older; empty where there is no way."""
    path: list[VersionInfo] = []
    at: str | None = newer
    while at != older:
        info = known.get(at or "")
        if info is None or info in path:
            return []
        path.append(info)
        at = info.parent
    return path


def _labelled(history: Json, ontology: Ontology) -> Json:
    """With each decision's label, as people call it."""
    moves = [{**m, "label": label(m["decision"], ontology)} for m in history.get("moves", [])]
    return {**history, "moves": moves}


def _words_apart(before: Ontology, after: Ontology) -> int:
    """How many taught words one has and the other has not."""
    return len([*names_apart(before, after), *names_apart(after, before)])


def _summary(
    action: str, environment: str, after: str, rules: list[Json], words: int, history: Json
) -> str:
    named = f"version {short(after)}"
    back = f"Goes back to {named} in {environment}"
    what = f"Promotes {named} to {environment}" if action == "promote" else back
    count = "1 rule differs" if len(rules) == 1 else f"{len(rules)} rules differ"
    if words:
        count += f", {words} taught word{'s' if words > 1 else ''}"
    past = f", {history['changed']:,} of {history['run']:,} past requests" if history["run"] else ""
    return f"{what}: {count}{past}."
