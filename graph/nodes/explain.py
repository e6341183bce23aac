"""Explain: why a request got what it got, and what would have had to be different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgraph.runtime import Runtime

from data.access import mask_facts
from data.rulelang.analyse.why_not import why_not
from data.rulelang.explain import explain as explained
from data.rulelang.request import Request, RequestError, nested, read_request
from data.rulelang.result import Result
from data.rulelang.version import Version
from data.rulelang.wish import wishes
from data.store import deployed
from graph.case import read_facts
from graph.context import PastRequest, Services
from graph.describe import describe
from graph.explain import (
    decisions_worth_telling,
    fact_rows,
    set_aside,
    telling_facts,
    why,
)
from graph.nodes.confirm import short
from graph.state import Json, Turn, Update, replied
from graph.why_not import change_rows, why_not_words
from graph.words import label, result_words

Results = Mapping[str, Result]
MASKED = "[name]"
"""The name of anybody else than the request's candidates is masked before it comes here: then
all who were set aside are told."""
MEANT = ("it", "this", "that")
DIFFERENT_FROM_WHAT = "Different for what? Say what it should have been: `why not …?`"


@dataclass(frozen=True, slots=True)
class Telling:
    """What is said of a request."""

    decisions: tuple[str, ...]
    lines: list[str]
    rows: list[dict[str, Any]]


def explain(state: Turn, runtime: Runtime[Services]) -> Update:
    """Finds or reads the request, decides it on the rules that run now, and says what led to it."""
    services = runtime.context
    version = _running(state, services)
    if version is None:
        return _only("There are no rules yet.")
    past = _find(state, services, version)
    if past is None:
        return _only(_not_found(state))
    facts = mask_facts(version.ontology, past.facts)
    try:
        request = read_request(version.ontology, facts)
    except RequestError as wrong:
        return _only(
            f"The facts of `{past.id}` cannot be read with today's words: {wrong.message}."
        )
    value = _value(state)
    results = version.compiled.decide(request)
    if state["intent"] == "explain_not":
        telling = _why_not(version, request, results, value)
    else:
        telling = _why(version, request, results, past, value)
    lines = [_who(version, request, past, telling), *telling.lines]
    lines += _noted(version, results, telling.decisions, past)
    kept: Json = {"id": past.id, "facts": facts, "decided": dict(past.decided),
                  "version": past.version, "overruled": past.overruled, "asked": value}  # fmt: skip
    return {
        "last_request": kept,
        "reply": {"text": "\n\n".join(lines), "rows": telling.rows or None},
        "summary": f"Explained {past.id} by the rules that run now ({short(version.id)}).",
    }


def _find(state: Turn, services: Services, version: Version) -> PastRequest | None:
    """As described; or by id, in the decisions made here, then in the history; or the last one."""
    args, last = state["args"], state.get("last_request")
    if "case" in args:
        today = services.clock().date()
        facts = read_facts(services.drafters[-1], version, args["case"], today)
        return PastRequest("This case", nested(facts)) if facts else None
    if "request" in args:
        return services.past_request(state["who"]["org_id"], args["request"])
    return PastRequest(**_known(last)) if last else None


def _known(last: Json) -> Json:
    return {k: last[k] for k in ("id", "facts", "decided", "version", "overruled")}


def _value(state: Turn) -> str | None:
    """What was asked about; of `what would have to be different?` what was asked about last."""
    said = state["args"].get("value")
    if said and said.casefold() not in MEANT:
        return said
    return (state.get("last_request") or {}).get("asked")


def _not_found(state: Turn) -> str:
    args = state["args"]
    if "case" in args:
        return (
            f"I could not read “{args['case']}” as one exact case. Say each fact as it is, "
            "for example who it is, what is asked for and where."
        )
    if "request" in args:
        known = f"I know no request `{args['request']}`."
        return f"{known} Check its number, as it stands in the history."
    value = args.get("value", "that").replace(MASKED, "…")
    return f"Which request do you mean? Say its number: `why not {value} for <number>?`"


def _running(state: Turn, services: Services) -> Version | None:
    org_id = state["who"]["org_id"]
    with services.store.reading() as session:
        running = deployed(session, org_id, "production") or deployed(session, org_id, "staging")
    return services.version(org_id, running) if running else None


def _who(version: Version, request: Request, past: PastRequest, telling: Telling) -> str:
    told = [explained(version, request, d) for d in telling.decisions]
    shown = telling_facts(version, told, request.given)
    return f"**{past.id}**: {describe(version.ontology, shown)}."


def _why(
    version: Version, request: Request, results: Results, past: PastRequest, value: str | None
) -> Telling:
    decisions = decisions_worth_telling(results, value, past.decided)
    told = [explained(version, request, d) for d in decisions]
    lines = [line for one in told for line in why(version, one, request)]
    said = {result_words(results[d].to_json()).casefold() for d in decisions}
    if value and value.casefold() not in said:
        lines.insert(0, _gives_other(results, value, past))
    return Telling(decisions, lines, fact_rows(version, told))


def _gives_other(results: Results, value: str, past: PastRequest) -> str:
    recorded = [d for d, v in past.decided.items() if str(v).casefold() == value.casefold()]
    if recorded and recorded[0] in results:
        now = result_words(results[recorded[0]].to_json())
        return f"{value} stands in the record; the rules that run now give {now}."
    return f"The rules that run now do not give it {value}."


def _why_not(version: Version, request: Request, results: Results, value: str | None) -> Telling:
    if value is None:
        return Telling((), [DIFFERENT_FROM_WHAT], [])
    if value == MASKED:
        passed = {d: " ".join(lines) for d, r in results.items() if (lines := set_aside(r))}
        if passed:
            return Telling(tuple(passed), list(passed.values()), [])
    meant = wishes(version, value, request)
    if not meant:
        nothing = f"`{value}` is nothing that these rules decide. Check how it is written."
        return Telling((), [nothing], [])
    found = [why_not(version, request, wish) for wish in meant]
    open_ = [f for f in found if f.change is None or f.change.facts] or found[:1]
    lines = [line for f in open_ for line in why_not_words(version, f, request)]
    rows = [row for f in open_ for row in change_rows(version, f, request, several=len(open_) > 1)]
    return Telling(tuple(f.wish.decision for f in open_), lines, rows)


def _noted(version: Version, results: Results, told: Sequence[str], past: PastRequest) -> list[str]:
    """Where the record differs from what the rules give now, and why that may be."""
    lines: list[str] = []
    for name, recorded in past.decided.items():
        now = result_words(results[name].to_json()) if name in told else None
        then = (
            result_words({"status": "decided", "value": recorded})
            if not isinstance(recorded, Mapping)
            else result_words(recorded)  # pyright: ignore[reportUnknownArgumentType]
        )
        if now is not None and then != now:
            lines.append(f"The record says {label(name, version.ontology)} {then}.")
    if past.overruled and lines:
        lines.append("A person set that value in place of what the rules gave.")
    elif lines and past.version and past.version != version.id:
        lines.append(f"It was decided by an older version ({short(str(past.version))}).")
    return lines


def _only(text: str) -> Update:
    return replied(text)
