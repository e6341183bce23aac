"""Show or find rules: of staging for those who change them, of production for all others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from langgraph.runtime import Runtime

from data.access import may
from data.ontology.model import Ontology
from data.rulelang.ast import Rule
from data.store import deployed
from graph.context import Services
from graph.find import points_back, rules_meant
from graph.nodes.confirm import short
from graph.state import Json, Turn, Update, mentioned, replied
from graph.words import joined, outcome_words, rule_words, scope_words

MOST_IN_WORDS = 3


def show(state: Turn, runtime: Runtime[Services]) -> Update:
    """The rules that speak of the subject, as a table; a few of them in words."""
    services, org_id = runtime.context, state["who"]["org_id"]
    with services.store.reading() as session:
        staging = deployed(session, org_id, "staging")
        production = deployed(session, org_id, "production")
    if staging is None:
        return {"reply": {"text": "There are no rules yet."}, "summary": "No rules yet."}
    writes = works_on_staging(state["who"]["roles"])
    version = services.version(org_id, staging if writes else production or staging)
    live = services.version(org_id, production).rule_set.rules if production else ()
    listed = "production" if production == version.id else "staging"
    aside = _aside(staging, production) if writes else ""
    subject = str(state["args"].get("subject") or state["args"].get("pronoun", ""))
    retriever = services.retriever(org_id, version)
    found = rules_meant(version, retriever, subject, mentioned(state))
    if not found:
        text = f"No rule speaks of `{subject}` in {listed}. Say `show the rules` to see all."
        return replied(text)
    about = f" about {subject}" if subject and not points_back(subject) else ""
    count = f"{len(found)} rule{'s' if len(found) != 1 else ''}"
    summary = f"Found {count}{about}."
    rows = [_row(r, version.ontology, r in live if writes else None) for r in found]
    where = "staging and production" if writes and staging == production else listed
    headline = f"{count}{about} in {where}{f'. {aside}' if aside else ':'}"
    text = "\n\n".join([headline, *_in_words(found, version.ontology)])
    spoken_of = services.mention([r.title for r in found]) if subject else {}
    return {"reply": {"text": text, "rows": rows}, "summary": summary, **spoken_of}


def works_on_staging(roles: Iterable[str]) -> bool:
    """Whether these roles write rules or promote them; others ask what is in force."""
    return may(roles, "draft") or may(roles, "promote")


def _aside(staging: str, production: str | None) -> str:
    """One sentence where production runs something else than the staging that is listed."""
    if production is None:
        return "Production runs no version yet."
    return "" if production == staging else f"Production still runs version {short(production)}."


def _in_words(found: Sequence[Rule], ontology: Ontology) -> list[str]:
    if len(found) > MOST_IN_WORDS:
        return []
    return [f"**{r.title}**: {' '.join(rule_words(r, ontology))}" for r in found]


def _row(rule: Rule, ontology: Ontology, live: bool | None) -> Json:
    """``live``: whether production has it; ``None`` where nobody needs to be told."""
    row = {
        "rule": rule.title,
        "where": scope_words(rule.scope, ontology),
        "gives": joined([outcome_words(o, ontology) for o in rule.then]),
        "mandatory": "yes" if rule.mandatory else "",
    }
    return row if live is None else row | {"in production": "yes" if live else "not yet"}
