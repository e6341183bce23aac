"""Retrieve: the words, codes, rules and examples that bear on the message."""

from __future__ import annotations

from dataclasses import asdict

from langgraph.runtime import Runtime

from graph.context import Services
from graph.state import Turn, Update, replied

MOST = 24


def retrieve(state: Turn, runtime: Runtime[Services]) -> Update:
    """Fixes the version the draft would follow, and finds what of it bears on what was said."""
    services, org_id = runtime.context, state["who"]["org_id"]
    base = services.staging(org_id)
    if base is None:
        text = "There are no rules yet to add to: ask the owner to load the organisation's pack."
        return replied(text)
    retriever = services.retriever(org_id, base)
    found = retriever.retrieve(" . ".join(state["said"]), MOST)
    said = sum(f.found_by == "exact" for f in found)
    return {
        "base_version": base.id,
        "retrieved": [asdict(f) for f in found],
        "summary": f"Found {len(found)} words, codes and rules for it; you said {said} of them.",
    }
