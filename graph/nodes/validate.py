"""Validate: the draft inside the whole rule set it would join."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.runtime import Runtime

from data.access import not_allowed_findings
from data.rulelang.ast import Rule, Scope
from data.rulelang.check import draft_findings
from data.rulelang.findings import Finding
from data.rulelang.version import Version
from graph.context import Services
from graph.drafts import base_of, candidate
from graph.state import Json, Turn, Update
from graph.words import joined


def validate(state: Turn, runtime: Runtime[Services]) -> Update:
    """Only what the draft brings is told; what was wrong before is not this author's doing."""
    services = runtime.context
    base, after = base_of(state, services), candidate(state, services)
    if after.id == base.id:
        text = "Nothing would change: the rules already say this."
        return {"reply": {"text": text}, "card": None, "summary": text}
    org_id = state["who"]["org_id"]
    brought = draft_findings(base, after, services.findings(org_id, base))
    found = [*rights_findings(state["who"], state["draft"] or {}, base, after), *brought]
    return {
        "findings": [f.to_json() for f in found],
        "rounds": state["rounds"] + 1,
        "summary": _summary(found),
    }


def grants_of(who: Json) -> tuple[Scope | None, ...]:
    """Where the person may write, out of the state's JSON."""
    return tuple(
        None if g is None else Scope(g["level"], tuple(g["values"])) for g in who["grants"]
    )


def rights_findings(who: Json, draft: Json, base: Version, after: Version) -> list[Finding]:
    """May this person write each rule as it would be, and as it is now?"""
    would_be = [after.rule_set.rule(t) for t in draft.get("titles", [])]
    now = [base.rule_set.rule(t) for t in (*draft.get("titles", []), *draft.get("retire", []))]
    rules: dict[Rule, None] = dict.fromkeys(r for r in (*would_be, *now) if r is not None)
    found = not_allowed_findings(
        rules, grants_of(who), after.ontology, after.scope_rows, who["roles"]
    )
    return list(dict.fromkeys(found))


def _summary(found: Sequence[Finding]) -> str:
    counts = {s: sum(f.severity == s for f in found) for s in ("error", "warning", "note")}
    said = [f"{n} {s}{'s' if n > 1 else ''}" for s, n in counts.items() if n]
    return f"Checked against all rules: {joined(said)}." if said else "Fits all other rules."
