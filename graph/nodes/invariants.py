"""Invariants: what every version keeps to, and whether the version in staging does."""

from __future__ import annotations

from langgraph.runtime import Runtime

from data.ontology.model import Ontology
from data.rulelang.ast import Invariant
from graph.context import Services
from graph.state import Json, Turn, Update, replied
from graph.words import condition_words, outcome_words

HOW = 'An invariant stands in the rules: `invariant "…" never … with …`, or `always … gives …`.'


def list_invariants(state: Turn, runtime: Runtime[Services]) -> Update:
    """Every invariant in words, and whether it holds: proven, or broken by which rules."""
    services, org_id = runtime.context, state["who"]["org_id"]
    version = services.staging(org_id)
    if version is None or not version.rule_set.invariants:
        return replied(f"There are no invariants yet. {HOW}")
    found = [f for f in services.findings(org_id, version) if f.code == "invariant"]
    broken = {
        i.title: sorted({t for f in found if f"`{i.title}`" in f.message for t in f.rules})
        for i in version.rule_set.invariants
        if any(f.place == f'invariant "{i.title}"' and f.severity == "error" for f in found)
    }
    said = sorted(version.rule_set.invariants, key=lambda i: i.title)
    rows = [_row(i, version.ontology, broken) for i in said]
    held = f"broken: {len(broken)}" if broken else "all of them hold, as is proven"
    count = "1 invariant" if len(rows) == 1 else f"{len(rows)} invariants"
    return replied(f"{count} in staging; {held}.", rows=rows)


def _row(invariant: Invariant, ontology: Ontology, broken: dict[str, list[str]]) -> Json:
    when = condition_words(invariant.when, ontology)
    outcome = outcome_words(invariant.outcome, ontology)
    by = broken.get(invariant.title)
    return {
        "invariant": invariant.title,
        "says": f"{'never' if invariant.never else 'always'}, where {when}: {outcome}",
        "because": invariant.because or "",
        "holds": "yes" if by is None else f"broken by {', '.join(by)}" if by else "broken",
    }
