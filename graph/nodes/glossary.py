"""Glossary: which words, values, codes and places there are to speak about."""

from __future__ import annotations

from langgraph.runtime import Runtime

from data.rulelang.version import Version
from graph.context import Services
from graph.glossary import Listed, listed
from graph.state import Json, Turn, Update, replied
from graph.words import joined

MOST_IN_WORDS = 8
"""Entries up to which a list of plain values is told in a sentence."""
MOST_NEAR = 4
TRY = "Ask, for example, `what facts are there?` or `what can a rule decide?`"


def glossary(state: Turn, runtime: Runtime[Services]) -> Update:
    """The list that is asked about, or those of its entries that speak of the subject."""
    services, args = runtime.context, state["args"]
    version = services.staging(state["who"]["org_id"])
    if version is None:
        return replied("There are no rules yet, and so no words.")
    thing, subject = _asked(args)
    found = listed(version, thing)
    if found is None:
        return _unknown(state, services, version, thing)
    shown = found.about(subject) if subject else found
    about = f" with “{subject}”" if subject else ""
    if not shown.rows:
        return replied(f"There are no {found.name}{about}, of {len(found.rows)} in all.")
    return _told(shown, f"{len(shown.rows):,} {found.name}{about}")


def _asked(args: Json) -> tuple[str, str]:
    """The list that is meant, and what its entries are to speak of."""
    subject = str(args.get("subject", args.get("few", "")))
    if "outcome" in args:
        return "decisions", subject
    if str(args.get("list", "")).startswith("value"):
        return subject, ""
    return str(args.get("thing") or args.get("name") or args.get("list") or ""), subject


def _told(found: Listed, headline: str) -> Update:
    if len(found.rows) == 1:
        headline = headline.removeprefix("1 ")
    names = [str(next(iter(row.values()))) for row in found.rows]
    plain = len(names) <= MOST_IN_WORDS and not any(row.get("is") for row in found.rows)
    text = f"{headline}: {joined(names)}." if plain else f"{headline}:"
    return {"reply": {"text": text, "rows": list(found.rows)}, "summary": f"{headline}."}


def _unknown(state: Turn, services: Services, version: Version, thing: str) -> Update:
    """The nearest names, for a thing that nothing here is called."""
    near = services.retriever(state["who"]["org_id"], version).retrieve(thing, 4 * MOST_NEAR)
    names = [version.ontology.attributes[f.id].label for f in near if f.kind == "attribute"]
    buttons: list[Json] = [_button(n) for n in dict.fromkeys(names)][:MOST_NEAR]
    text = f"Nothing here is called “{thing}”. {TRY}"
    return replied(text, buttons)


def _button(name: str) -> Json:
    return {"action": "say", "label": name, "payload": {"text": f"what {name} are there?"}}
