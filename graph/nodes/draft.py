"""Draft: a drafter proposes rules and accounts for every word; nothing is guessed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from langgraph.runtime import Runtime

from data.index.items import Pair
from data.index.words import WORD
from data.rulelang.ast import Rule
from data.rulelang.findings import InputError
from data.rulelang.render import render
from data.rulelang.request import RequestError, nested, read_request
from data.rulelang.version import Version
from graph.budget import SPENT, spend, used_share, warning
from graph.case import places_as_written
from graph.context import Services
from graph.describe import describe
from graph.differ import difference, question_words
from graph.drafters.base import Answer, Draft, DrafterUnavailable, Question, Reading, Task
from graph.drafters.grammar.answers import work_in
from graph.drafters.guard import gave_way, replacing, stands_beside
from graph.drafters.stuck import LEAVE_OUT, LEFT_OUT, anew, original
from graph.drafts import (
    base_of,
    draft_json,
    finding_from,
    rules_in,
    version_with,
    words_json,
)
from graph.nodes.score import faults_of_first
from graph.nodes.several import part_of
from graph.state import Json, Turn, Update
from graph.teaching import learnt, with_nearest

LONGEST_MESSAGE = 6000
"""Characters. A longer message holds more than one rule; it is asked for in parts."""
NEAREST_EXAMPLES = 4
NO_CLAUSE = ("set aside", "sign:", "unplaced")
"""Places of words that went into no clause."""
GRAMMAR = "grammar"
"""Name of the drafter that needs no prompt."""
UNSAID = "unsaid"
"""Stands for the prompt of another drafter that does not say what it was asked with."""
TOOK_OVER = "The grammar read the sentence instead."


@dataclass(frozen=True, slots=True)
class Asked:
    """What the drafters made of a sentence, and what its author should know of the asking."""

    draft: Draft
    note: str = ""
    budget_used: float | None = None
    """Share of this month's budget that is used with it; ``None`` where there is no budget."""


def draft(state: Turn, runtime: Runtime[Services]) -> Update:
    """Asks the drafters in order; findings of an earlier round go with the question."""
    base = base_of(state, runtime.context)
    if state["readings"]:
        return _between(state, base, state["readings"])
    message = places_as_written(base, state["message"])
    if len(message) > LONGEST_MESSAGE:
        return _refused(state, "That is too long to read as one rule. Send it in parts, please.")
    task = _task(state, runtime.context, base)
    asked = ask_drafters(message, task, runtime.context, base, state["who"])
    found = asked.draft
    if found.question is not None:
        who = state["who"]["org_id"]
        near = with_nearest(found.question, runtime.context, who, base)
        found = replace(found, question=near)
    return {**_onward(state, base, task, found, asked.note), "effort": _effort(asked)}


def _effort(asked: Asked) -> Json | None:
    """What the trace tells of the asking."""
    took = {} if asked.draft.effort is None else asdict(asked.draft.effort)
    left = {} if asked.budget_used is None else {"budget_used": asked.budget_used}
    note = {"note": asked.note} if asked.note else {}
    return {**took, **left, **note} or None


def _onward(state: Turn, base: Version, task: Task, found: Draft, note: str) -> Update:
    """What was drafted, unless it would take away what nobody spoke of; or what must be asked."""
    match found.status:
        case "drafted":
            doubt = replacing(state["message"], found.readings[0], task)
            doubt = doubt or _unused_answer(state, found.readings[0]) or _cannot_be(base, found)
            if doubt is not None:
                return _question(state, base, replace(found, question=doubt), note)
            return _proposed(state, base, _beside(found, task), note)
        case "question":
            return _question(state, base, found, note)
        case "refused":
            text = found.message or "I could not read that as a rule."
            if faults_of_first(state):
                return {"card": None, "summary": text}
            return _refused(state, text)


def _settled(base: Version, found: Draft) -> Draft:
    """One draft where all its readings mean the same, however they are written."""
    if found.status != "question" or len(found.readings) < 2:
        return found
    texts = [[render(rule, base.ontology) for rule in r.rules] for r in found.readings]
    try:
        made = [_with(base, t, r.retire) for t, r in zip(texts, found.readings, strict=True)]
    except InputError:
        return found
    if difference(made) is not None:
        return found
    return replace(found, status="drafted", readings=found.readings[:1], question=None)


def _with(
    base: Version, texts: Sequence[str], retire: Sequence[str]
) -> tuple[Version, tuple[Rule, ...]]:
    """The version with the rules in it, and the rules."""
    after = version_with(base, texts, retire)
    added = rules_in(texts, base.ontology, base.code_sets, base.rule_set.defines)
    return after, tuple(r for a in added if (r := after.rule_set.rule(a.title)) is not None)


def _beside(found: Draft, task: Task) -> Draft:
    """The draft as it stands and the new rule, where the author wants both."""
    if not any(stands_beside(a.question, a.text) for a in task.answers):
        return found
    reading = found.readings[0]
    return replace(found, readings=(replace(reading, rules=(*task.current, *reading.rules)),))


def _unused_answer(state: Turn, reading: Reading) -> Question | None:
    """The question whose answer put no word into the rule: it would vanish in silence."""
    used = {p.text.casefold() for p in reading.placed if not p.place.startswith(NO_CLAUSE)}
    for given in state["answers"]:
        about = original(given["question"])
        words = {w.casefold() for w in WORD.findall(given["text"])}
        left = given["text"].strip().lower() in LEFT_OUT
        if about.startswith("What do you mean by") and not left and not words & used:
            return Question(about, (LEAVE_OUT,), about="unplaced")
    return None


def _cannot_be(base: Version, found: Draft) -> Question | None:
    """What is wrong with rules that no rule set could hold, e.g. one that decides a thing twice."""
    texts = [render(r, base.ontology) for r in found.readings[0].rules]
    try:
        rules_in(texts, base.ontology, base.code_sets, base.rule_set.defines)
    except InputError as wrong:
        told = f"That cannot be one rule: {wrong.findings[0].message}. Say it in other words."
        return Question(told, about="missing")
    return None


def _left_out(state: Turn) -> list[str]:
    """The words that were to play no part in the draft, in this turn and before."""
    answers = tuple(Answer(a["question"], a["text"]) for a in state["answers"])
    said = work_in(state["message"], answers).left_out
    return list(dict.fromkeys([*(state["earlier"] or {}).get("left_out", []), *said]))


def ask_drafters(
    message: str, task: Task, services: Services, base: Version, who: Mapping[str, Any]
) -> Asked:
    """What the first drafter that can be asked makes of it, held against the last one's reading.

    With a sentence where that was not the first. Where the month's budget is used up the last one
    reads alone.
    """
    org_id, last = who["org_id"], services.drafters[-1]
    before = used_share(services, org_id) if len(services.drafters) > 1 else None
    if before is not None and before >= 1:
        return Asked(last.draft(message, task), f"{SPENT} {TOOK_OVER}", before)
    found, note = _first_to_answer(message, task, services, base, org_id)
    if found.effort is None:
        return Asked(found, note, before)
    now = used_share(services, org_id)
    told = warning(org_id, before, now, who["roles"])
    return Asked(found, f"{note} {told}".strip(), now)


def _first_to_answer(
    message: str, task: Task, services: Services, base: Version, org_id: str
) -> tuple[Draft, str]:
    """Counts what each one took, the one that failed too."""
    note, effort = "", None
    *others, last = services.drafters
    for drafter in others:
        try:
            first = drafter.draft(message, task)
        except DrafterUnavailable as gone:
            note = f"{gone} {TOOK_OVER}"
            effort = gone.effort or effort
            if gone.effort is not None:
                spend(services, org_id, gone.effort)
        else:
            if first.effort is not None:
                spend(services, org_id, first.effort)
            both = _settled(base, _held_against(first, last.draft(message, task)))
            return replace(both, effort=first.effort), first.note
    return replace(last.draft(message, task), effort=effort), note


def _held_against(first: Draft, other: Draft) -> Draft:
    """One draft of two that know nothing of each other; two readings where both read the message.

    The one that has a place for every word goes before a question of the other.
    """
    if other.status != "drafted":
        return first
    if not first.readings:
        return other
    readings = (*first.readings, *other.readings)
    asked = Question("Which of these do you mean?", about="reading")
    return replace(first, status="question", readings=readings, question=asked)


def _task(state: Turn, services: Services, base: Version) -> Task:
    ids = tuple(str(r["id"]) for r in state["retrieved"])
    return Task(
        ontology=base.ontology,
        code_sets=base.code_sets,
        rule_set=base.rule_set,
        current=rules_in(state["current"], base.ontology, base.code_sets, base.rule_set.defines),
        retrieved=ids,
        findings=tuple(finding_from(f) for f in state["findings"]),
        faults=faults_of_first(state),
        answers=tuple(Answer(a["question"], a["text"]) for a in state["answers"]),
        examples=_nearest(services.examples(state["who"]["org_id"]), state["retrieved"]),
        scope_rows=base.scope_rows,
    )


def _nearest(examples: Sequence[Pair], retrieved: list[Json]) -> tuple[tuple[str, str], ...]:
    """The examples that were found for the message, nearest first."""
    pairs: dict[str, Pair] = {p.sentence: p for p in examples}
    found = (pairs.get(r["text"]) for r in retrieved if r["kind"] == "example")
    return tuple((p.sentence, p.rules) for p in found if p)[:NEAREST_EXAMPLES]


def _proposed(state: Turn, base: Version, found: Draft, note: str) -> Update:
    reading = _new_in(base, _in_place(state, found.readings[0]))
    made = _json(state, base, reading, found, note)
    same = state["rounds"] > 0 and _same(state["draft"], made)
    count = len(reading.rules)
    summary = f"Wrote {count} rule{'s' if count != 1 else ''}; every word has its place."
    if same:
        summary = "The sentence says nothing else: you see what was found."
    return {
        "draft": made, "card": None, "settled": same, "summary": f"{note} {summary}".strip(),
    }  # fmt: skip


def _new_in(base: Version, reading: Reading) -> Reading:
    """Without the rules that stand so already, where others are drafted beside them."""
    new = tuple(r for r in reading.rules if base.rule_set.rule(r.title) != r)
    return replace(reading, rules=new) if new else reading


def _in_place(state: Turn, reading: Reading) -> Reading:
    """A changed rule keeps the title of the rule that it changes, so that it takes its place."""
    if not state["editing"] or len(reading.rules) != 1:
        return reading
    return replace(reading, rules=(replace(reading.rules[0], title=state["editing"]),))


def _json(state: Turn, base: Version, reading: Reading, found: Draft, note: str) -> Json:
    asked = UNSAID if found.effort is None else found.effort.prompt_version
    prompt = "" if found.drafter == GRAMMAR else asked
    made = draft_json(
        _draft_id(state), "rule", base.ontology, reading,
        drafter=found.drafter, prompt=prompt, note=note,
    )  # fmt: skip
    gone = any(gave_way(a["question"], a["text"]) for a in state["answers"])
    before: list[Json] = [] if gone else (state["earlier"] or {}).get("words", [])
    answers = [a["text"] for a in state["answers"] if not gave_way(a["question"], a["text"])]
    words = [*before, *words_json(state["said"][-1], answers, reading.placed)]
    past = None if gone else state["earlier"]
    return {
        **made,
        "words": words,
        "left_out": _left_out(state),
        "before": past,
        "learnt": [*(past or {}).get("learnt", []), *learnt(state, base.ontology)],
    }


def _between(state: Turn, base: Version, readings: Sequence[Json]) -> Update:
    """Asks for the request on which the readings differ; equal readings are one."""
    made = [_with(base, r["rules"], r["retire"]) for r in readings]
    found = difference(made)
    if found is None:
        chosen = readings[0]
        return {"draft": chosen, "card": None, "readings": [], "summary": "One meaning is left."}
    text = question_words(base, found)
    card: Json = {
        "kind": "question",
        "draft_id": readings[0]["id"],
        "message": state["message"],
        "text": text,
        "options": list(dict.fromkeys(found.results)),
        "request": nested(found.request.given, found.request.rows),
        "request_words": describe(base.ontology, found.told, found.request.rows),
        "about": "reading",
        "unplaced": [],
        "of_change": state["earlier"] is not None,
        "note": " ".join([*part_of(state), readings[0]["note"]]).strip(),
        "readings": [{**r, "gives": g} for r, g in zip(readings, found.results, strict=True)],
    }
    return {"card": card, "summary": text}


def _same(before: Json | None, after: Json) -> bool:
    """The drafter has no better idea: asking it again would change nothing."""
    return before is not None and all(before[k] == after[k] for k in ("rules", "retire"))


def _question(state: Turn, base: Version, found: Draft, note: str) -> Update:
    answers = tuple(Answer(a["question"], a["text"]) for a in state["answers"])
    asked = anew(found.question or _about_unplaced(found.unplaced), answers)
    if asked.about == "reading" and asked.request is None and len(found.readings) > 1:
        options = [_json(state, base, r, found, note) for r in found.readings]
        return _between(state, base, options)
    made: Json = {
        "id": _draft_id(state),
        "kind": "rule",
        "rules": [],
        "titles": [],
        "retire": [],
        "placed": [],
        "unplaced": list(found.unplaced),
        "drafter": found.drafter,
        "note": note,
    }
    card: Json = {
        "kind": "question",
        "draft_id": made["id"],
        "message": state["message"],
        "text": asked.text,
        "options": list(asked.options),
        "request": dict(asked.request) if asked.request is not None else None,
        "request_words": _request_words(base, asked.request),
        "about": asked.about,
        "unplaced": list(found.unplaced),
        "of_change": state["earlier"] is not None,
        "note": " ".join([*part_of(state), *state["notices"], *([note] if note else [])]),
    }
    return {"draft": made, "card": card, "summary": f"{note} {asked.text}".strip()}


def _request_words(base: Version, request: Mapping[str, Any] | None) -> str:
    """The request of a question as a person would tell it; nothing where there is none."""
    if request is None:
        return ""
    try:
        read = read_request(base.ontology, dict(request))
        return describe(base.ontology, read.given, read.rows)
    except RequestError:
        return ""


def _about_unplaced(words: tuple[str, ...]) -> Question:
    said = ", ".join(f"`{w}`" for w in words) or "that"
    return Question(f"What should I do with {said}? I found no place for it.", about="unplaced")


def _refused(state: Turn, text: str) -> Update:
    return {"reply": {"text": text}, "card": None, "summary": text}


def _draft_id(state: Turn) -> str:
    return str((state["draft"] or {}).get("id") or uuid.uuid4().hex)
