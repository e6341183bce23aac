"""Call: from what an operator knows of an appointment to its code, one question at a time.

``call`` works out what is known and what to ask; ``listen`` waits for the answer. What is
decided is decided by the rules of production.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from data.ontology.model import Attribute, Value
from data.rulelang.ask import ask
from data.rulelang.request import Request, nested
from data.rulelang.result import Result
from data.rulelang.version import Version
from graph.call import (
    DONT_KNOW,
    UNSURE,
    Heard,
    askable,
    fact_words,
    fits,
    hear,
    named,
    options,
    question,
    unclear_day,
    value_of,
)
from graph.call_candidates import Noted, list_of, noted
from graph.call_candidates import question as who_can_be_chosen
from graph.case import task_of
from graph.context import Services
from graph.describe import describe
from graph.nodes.call_choice import (
    asked_of,
    decided,
    fact_to_ask,
    list_to_ask,
    lists_said,
    nobody_knows,
    open_among,
    put_right,
    request_of,
    stands_on,
    those_named,
    told_of,
    who_there_is,
)
from graph.nodes.route import REFUSED
from graph.state import Json, Turn, Update, heard
from graph.words import joined, label, result_words, rule_words

CHANGE = "change"
"""Stands for the asked fact while the operator picks an answer to change."""
NEXT = "Tell me about the appointment: who it is for, what is booked, and where."
NOTHING = "There are no rules in production yet: ask an approver to promote some."
WHY = re.compile(
    r"why(?: that| this| is that| (?:do|are) you ask(?:ing)?(?: (?:that|this|me))?)?", re.I
)
"""A question back, where an answer is waited for."""
MOST_BUTTONS = 12
"""Answers up to which each has a button; more are searched in a list."""


def call(state: Turn, runtime: Runtime[Services]) -> Update:
    """Takes in what was said, then asks the best next question or gives the answer."""
    services, org_id = runtime.context, state["who"]["org_id"]
    version = services.running(org_id, "production")
    if version is None:
        return _over({"text": NOTHING}, None)
    if _is_a_rule(state, services, version):
        return _over({"text": REFUSED["draft"]}, None)
    known, notice = _take_in(state, services, version)
    if known["asked"] == CHANGE:
        return _wait(known, _which(version, known))
    asked = known["asked"] or _next(version, known)
    known = {**known, "asked": asked}
    if asked is None:
        return _over(_answer(services, org_id, version, known, notice), known)
    if asked in version.ontology.candidates:
        past = _noted(services, org_id, version, asked)
        return _wait(known, _asking_who(version, known, past, notice))
    return _wait(known, _asking(version, known, version.ontology.attributes[asked], notice))


def listen(state: Turn) -> Update:
    """Shows the question and waits; starting over ends the call."""
    verdict: Json = interrupt(state["card"] or {})
    if verdict["action"] == "discard":
        return {**heard(verdict), "card": None, "call": None, **_over({"text": NEXT}, None)}
    return {**heard(verdict), "card": None, "summary": "You answered."}


def _is_a_rule(state: Turn, services: Services, version: Version) -> bool:
    """Whether what opens a call states a rule instead of an appointment."""
    case = state["args"].get("case", "")
    if not case or state["verdict"] is not None:
        return False
    return services.drafters[-1].draft(case, task_of(version)).status == "drafted"


def _take_in(state: Turn, services: Services, version: Version) -> tuple[Json, str]:
    """What is known once the last words are taken in, and what of them was not understood."""
    verdict, before = state["verdict"], state.get("call")
    fresh: Json = {"facts": {}, "rows": {}, "unknown": [], "asked": None, "rest": False}
    if verdict is not None and before is not None:
        org_id = state["who"]["org_id"]
        return _answered(services, org_id, version, before, str(verdict["text"]))
    if state["intent"] == "call_change" and before is not None:
        return {**before, "asked": CHANGE}, ""
    if state["intent"] == "call_rest" and before is not None:
        return {**before, "rest": True, "asked": None}, ""
    found = hear(services.drafters[-1], version, state["args"].get("case", ""), _today(services))
    return _with(fresh, version, found)


def _answered(
    services: Services, org_id: str, version: Version, known: Json, text: str
) -> tuple[Json, str]:
    asked, attributes = known["asked"], version.ontology.attributes
    today = _today(services)
    if asked == CHANGE:
        if again := put_right(version, known, text, today):
            return again, ""
        picked = named(version.ontology, text.partition(":")[0])
        if picked is None:
            return known, ""
        facts = {p: v for p, v in _facts(version, known).items() if p != picked.path}
        unknown = [p for p in known["unknown"] if p != picked.path]
        return {**known, "facts": nested(facts), "unknown": unknown, "asked": picked.path}, ""
    if WHY.fullmatch(text.strip(" .!?")):
        return known, _why_asked(version, known)
    if UNSURE.fullmatch(text.replace("’", "'").strip(" .!")) or text == DONT_KNOW:
        unknown = [*known["unknown"], nobody_knows(version, known)] if asked else known["unknown"]
        return {**known, "unknown": unknown, "asked": None}, ""
    if asked in version.ontology.candidates:
        return those_named(version, known, _noted(services, org_id, version, asked), text)
    value = value_of(version, attributes[asked], text, today) if asked in attributes else None
    if value is not None and list_of(version.ontology, asked):
        return told_of(version, known, value), ""
    if value is not None:
        return _with(known, version, Heard({asked: value}))
    if asked in attributes and (which := unclear_day(attributes[asked], text, today)):
        return known, which
    found = hear(services.drafters[-1], version, text, today)
    if not found.facts and asked in attributes:
        listed = options(version, _facts(version, known), attributes[asked])
        return known, f"“{text}” does not fit. {fits(attributes[asked], listed)}"
    return _with(known, version, found)


def _today(services: Services) -> date:
    """The day from which `tomorrow` counts."""
    return services.clock().date()


def _with(known: Json, version: Version, found: Heard) -> tuple[Json, str]:
    facts = {**_facts(version, known), **found.facts}
    unread = joined([f"“{u}”" for u in found.unread])
    notice = f"I did not understand {unread}; it is left out." if unread else ""
    kept = [p for p in known["unknown"] if p not in found.facts]
    return {**known, "facts": nested(facts), "unknown": kept, "asked": None}, notice


def _facts(version: Version, known: Json) -> dict[str, Value]:
    return dict(request_of(version, known).given)


def _noted(services: Services, org_id: str, version: Version, name: str) -> Noted:
    return noted(services.history(org_id, version), version.ontology, name)


def _next(version: Version, known: Json) -> str | None:
    """The best question for the required decisions together; for all, once those are told."""
    request = request_of(version, known)
    names = list(version.plans) if known["rest"] else _first(version)
    # What gaps are told by (the exam) opens a call: all else hangs on it, and to work out the
    # best question of a request that says nothing yet takes long.
    for name in names:
        begin = version.ontology.decisions[name].gap_by
        if begin and begin not in request.given and begin not in known["unknown"]:
            return begin
    open_ = open_among(version, known, names)
    if place := _place_known_otherwise(version, request, known, open_):
        return place
    if listed := list_to_ask(version, known, open_):
        return listed
    plain = {a.path for a in askable(version.ontology)}
    hidden = {a.path for a in version.ontology.facts} - plain
    skip = {*known["unknown"], *hidden, *version.ontology.relations, *version.ontology.candidates}
    choices = {n: r for n, r in open_.items() if version.ontology.decisions[n].candidates}
    others = [n for n in open_ if n not in choices]
    best = ask(version, request, others, skip) if others else None
    return best or fact_to_ask(version, known, choices, skip)


def _place_known_otherwise(
    version: Version, request: Request, known: Json, open_: Mapping[str, Result]
) -> str | None:
    """The narrowest place that may be known where a broader one is not: it settles that one."""
    needed = {path for result in open_.values() for path in result.needs}
    if needed.isdisjoint(known["unknown"]) or needed.isdisjoint(version.places.paths):
        return None
    narrowest = version.places.paths[-1]
    asked_for = (*request.given, *known["unknown"])
    return narrowest if narrowest not in asked_for else None


def _first(version: Version) -> list[str]:
    """The decisions a call is about: the required ones; all, where none is."""
    decisions = version.ontology.decisions
    return [n for n, d in decisions.items() if d.required] or list(decisions)


def _asking(version: Version, known: Json, attribute: Attribute, notice: str) -> Json:
    facts, who = _facts(version, known), asked_of(version, known)
    return {
        "kind": "fact",
        "text": f"{who}: {question(attribute)}" if who else question(attribute),
        "understood": fact_words(version.ontology, facts),
        "notice": notice,
        "options": options(version, facts, attribute),
        "most_buttons": MOST_BUTTONS,
        "dont_know": DONT_KNOW,
    }


def _why_asked(version: Version, known: Json) -> str:
    """What hangs on the question that waits."""
    open_ = open_among(version, known, _first(version)) or open_among(version, known, version.plans)
    labels = [version.ontology.decisions[name].label for name in open_]
    return f"It can still change the {joined(labels)}." if labels else ""


def _asking_who(version: Version, known: Json, past: Noted, notice: str) -> Json:
    listed, key = who_there_is(past), version.ontology.candidates[known["asked"]].key
    return {
        "kind": "fact",
        "text": who_can_be_chosen(version.ontology, known["asked"]),
        "understood": fact_words(version.ontology, _facts(version, known)),
        "notice": notice or "Write several with commas between them.",
        "candidates": {"list": known["asked"], "key": key},
        "options": listed,
        "most_buttons": MOST_BUTTONS,
        "dont_know": DONT_KNOW,
    }


def _which(version: Version, known: Json) -> Json:
    said = fact_words(version.ontology, _facts(version, known))
    said += lists_said(version, known)
    labels = [label(path, version.ontology) for path in known["unknown"] if " " not in path]
    said += [f"{name}: not known" for name in labels]
    return {
        "kind": "fact",
        "text": "Which answer do you want to change?",
        "understood": [],
        "notice": "",
        "options": said,
        "most_buttons": len(said),
        "dont_know": "",
    }


def _answer(services: Services, org_id: str, version: Version, known: Json, notice: str) -> Json:
    """The code first, big; then everything else, why, and what it stands on."""
    request = request_of(version, known)
    results = decided(version, known, version.plans)
    first = _first(version)
    lines = [notice] if notice else []
    for name in first:
        lines += _main(version, name, results[name])
    others = [_bullet(version, n, r) for n, r in results.items() if n not in first]
    lines.append("\n".join(b for b in others if b))
    listed = {name for name in version.ontology.candidates if name in request.rows}
    plain = {name: rows for name, rows in request.rows.items() if name not in listed}
    lines.append(f"For: {describe(version.ontology, request.given, plain)}.")
    for name in sorted(listed):
        lines.append(stands_on(version, name, known, _noted(services, org_id, version, name)))
    actions: list[dict[str, Any]] = [_say("Start over", "new appointment")]
    if request.given or known["unknown"]:
        actions.append(_say("Change an answer", "change an answer"))
    rest = not known["rest"] and any(_open(results, n) for n in results if n not in first)
    if rest and _next(version, {**known, "rest": True}) is not None:
        actions.append(_say("Ask for the rest", "ask for the rest"))
    return {"text": "\n\n".join(line for line in lines if line), "actions": actions}


def _open(results: Mapping[str, Result], name: str) -> bool:
    return results[name].status == "undecided"


def _main(version: Version, name: str, result: Result) -> list[str]:
    called = label(name, version.ontology)
    title = f"{called[:1].upper()}{called[1:]}"
    if result.status == "decided":
        return [
            f"**{title}**",
            f"## `{result_words(result.to_json())}`",
            *_why(version, result),
        ]
    if result.status == "undecided":
        needs = joined([label(p, version.ontology) for p in result.needs])
        words = result_words(result.to_json())
        return [f"**{title}** stays {words}. It hangs on the {needs}. Ask the staff."]
    return [
        f"**{title}**: {result_words(result.to_json())}.",
        *([result.reason] if result.reason else []),
    ]


def _why(version: Version, result: Result) -> list[str]:
    """The rule that won, in a sentence."""
    rule = version.rule_set.rule(result.rule or "")
    if rule is None:
        return []
    return [f"Why: “{rule.title}”. {rule_words(rule, version.ontology)[0]}"]


def _bullet(version: Version, name: str, result: Result) -> str:
    called = label(name, version.ontology)
    said = result_words(result.to_json())
    if said in ("none", "no rule"):
        return ""
    unit = version.ontology.decisions[name].unit
    shown = f"{said} {unit}" if unit and result.status == "decided" else said
    if result.status == "undecided" and result.needs:
        shown += f" (it hangs on the {joined([label(p, version.ontology) for p in result.needs])})"
    return f"- {called[:1].upper()}{called[1:]}: {shown}"


def _say(text: str, said: str) -> dict[str, Any]:
    return {"action": "say", "label": text, "payload": {"text": said}}


def _wait(known: Json, card: Json) -> Update:
    return {"call": known, "card": card, "verdict": None, "summary": card["text"]}


def _over(reply: Json, known: Json | None) -> Update:
    return {"reply": reply, "call": known, "card": None, "summary": "Looked it up."}
