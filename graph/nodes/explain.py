"""Explain: why a past request got what it got, and why it did not get something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from langgraph.runtime import Runtime

from data.access import mask_facts
from data.rulelang.evaluate import decide, with_defaults
from data.rulelang.request import Request, RequestError, read_request
from data.rulelang.result import Result
from data.rulelang.version import Version
from data.store import deployed
from graph.context import PastRequest, Services
from graph.describe import describe
from graph.explain import decisions_worth_telling, telling_facts, why, why_not
from graph.nodes.confirm import short
from graph.state import Json, Turn, Update
from graph.words import label, result_words

Results = Mapping[str, Result]


def explain(state: Turn, runtime: Runtime[Services]) -> Update:
    """Looks the request up, decides it on the rules that run now, and says what led to it."""
    services, args = runtime.context, state["args"]
    past = _find(state, services)
    if past is None:
        return _not_found(state)
    version = _running(state, services)
    if version is None:
        return {"reply": {"text": "There are no rules yet."}, "summary": "No rules yet."}
    facts = mask_facts(version.ontology, past.facts)
    try:
        request = read_request(version.ontology, facts)
    except RequestError as wrong:
        text = f"The facts of `{past.id}` cannot be read with today's words: {wrong.message}."
        return {"reply": {"text": text}, "summary": text}
    results = decide(version, request)
    value = args.get("value")
    if state["intent"] == "explain_not":
        told = tuple(d for d in results if _could_be(version, d, value or ""))
        lines = _why_not(version, request, results, told, value or "")
    else:
        told = decisions_worth_telling(results, value, past.decided)
        lines = _why(version, request, results, told, past, value)
    shown = telling_facts(version, {d: results[d] for d in told}, request.given)
    lines = [f"**{past.id}**: {describe(version.ontology, shown)}.", *lines]
    lines += _noted(version, results, told, past)
    kept: Json = {"id": past.id, "facts": facts, "decided": dict(past.decided),
                  "version": past.version, "overruled": past.overruled}  # fmt: skip
    return {
        "last_request": kept,
        "reply": {"text": "\n\n".join(lines)},
        "summary": f"Explained {past.id} by the rules that run now ({short(version.id)}).",
    }


def _find(state: Turn, services: Services) -> PastRequest | None:
    """By id in the decisions made here, then in the history; without an id the last one told."""
    request_id, last = state["args"].get("request"), state.get("last_request")
    if request_id is None:
        return PastRequest(**_known(last)) if last else None
    return services.past_request(state["who"]["org_id"], request_id)


def _known(last: Json) -> Json:
    return {k: last[k] for k in ("id", "facts", "decided", "version", "overruled")}


def _not_found(state: Turn) -> Update:
    request_id = state["args"].get("request")
    if request_id:
        text = f"I know no request `{request_id}`. Check its number, as it stands in the history."
    else:
        text = "Which request do you mean? Say its number: `why not MM123WA for A-000123?`"
        text = text.replace("MM123WA", state["args"].get("value", "that"))
        text = text.replace("A-000123", "<number>")
    return {"reply": {"text": text}, "summary": text}


def _running(state: Turn, services: Services) -> Version | None:
    org_id = state["who"]["org_id"]
    with services.store.reading() as session:
        running = deployed(session, org_id, "production") or deployed(session, org_id, "staging")
    return services.version(org_id, running) if running else None


def _why(
    version: Version,
    request: Request,
    results: Results,
    told: Sequence[str],
    past: PastRequest,
    value: str | None,
) -> list[str]:
    facts = with_defaults(version, request)
    lines = [line for d in told for line in why(version, d, results[d], facts)]
    said = {result_words(results[d].to_json()).casefold() for d in told}
    if value and value.casefold() not in {*said, "it", "this", "that"}:
        lines.insert(0, _gives_other(results, value, past))
    return lines


def _gives_other(results: Results, value: str, past: PastRequest) -> str:
    recorded = [d for d, v in past.decided.items() if str(v).casefold() == value.casefold()]
    if recorded and recorded[0] in results:
        now = result_words(results[recorded[0]].to_json())
        return f"{value} stands in the record; the rules that run now give {now}."
    return f"The rules that run now do not give it {value}."


def _why_not(
    version: Version, request: Request, results: Results, told: Sequence[str], value: str
) -> list[str]:
    lines: list[str] = []
    for name in told:
        given = result_words(results[name].to_json())
        called = label(name, version.ontology)
        if given.casefold() == value.casefold():
            lines.append(f"It does get it: {called} is {given} by “{results[name].rule}”.")
            continue
        rule = f" by “{results[name].rule}”" if results[name].rule else ""
        lines.append(f"{called[:1].upper()}{called[1:]} is **{given}**{rule}, not {value}.")
        lines += why_not(version, name, value, results[name], request)
    return lines or [f"`{value}` is nothing that these rules decide. Check how it is written."]


def _could_be(version: Version, name: str, value: str) -> bool:
    """Whether the text can be a value of the decision: a code's modifiers stand at its end."""
    decision = version.ontology.decisions[name]
    if decision.type == "code":
        bases = {c for s in version.code_sets.values() for c in s.codes}
        return any(value.upper().startswith(b.upper()) for b in bases)
    known = {v.casefold() for v in decision.values} | {"yes", "no"}
    return decision.type in ("enum", "boolean") and value.casefold() in known


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
