"""Show or find rules."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.runtime import Runtime

from data.ontology.model import Ontology
from data.rulelang.ast import Rule
from data.store import deployed
from graph.context import Services
from graph.find import rules_about
from graph.state import Json, Turn, Update
from graph.words import joined, outcome_words, rule_words, scope_words

MOST_IN_WORDS = 3


def show(state: Turn, runtime: Runtime[Services]) -> Update:
    """The rules of staging that speak of the subject, as a table; a few of them in words."""
    services, org_id = runtime.context, state["who"]["org_id"]
    with services.store.reading() as session:
        staging = deployed(session, org_id, "staging")
        production = deployed(session, org_id, "production")
    if staging is None:
        return {"reply": {"text": "There are no rules yet."}, "summary": "No rules yet."}
    version = services.version(org_id, staging)
    live = services.version(org_id, production).rule_set.rules if production else ()
    subject = state["args"].get("subject", "")
    found = rules_about(version, services.retriever(org_id, version), subject)
    if not found:
        text = f"No rule speaks of `{subject}`. Say `show the rules` to see all of them."
        return {"reply": {"text": text}, "summary": text}
    about = f" about {subject}" if subject else ""
    count = f"{len(found)} rule{'s' if len(found) != 1 else ''}"
    summary = f"Found {count}{about}."
    rows = [_row(r, version.ontology, r in live) for r in found]
    text = "\n\n".join([f"{count}{about}:", *_in_words(found, version.ontology)])
    return {"reply": {"text": text, "rows": rows}, "summary": summary}


def _in_words(found: Sequence[Rule], ontology: Ontology) -> list[str]:
    if len(found) > MOST_IN_WORDS:
        return []
    return [f"**{r.title}**: {' '.join(rule_words(r, ontology))}" for r in found]


def _row(rule: Rule, ontology: Ontology, live: bool) -> Json:
    return {
        "rule": rule.title,
        "where": scope_words(rule.scope, ontology),
        "gives": joined([outcome_words(o, ontology) for o in rule.then]),
        "mandatory": "yes" if rule.mandatory else "",
        "in production": "yes" if live else "not yet",
    }
