"""Ask: the turn waits for what the author must say before there is one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graph.case import task_of
from graph.context import Services
from graph.drafters.guard import BESIDE, agreed, declined
from graph.drafters.stuck import KEEP_UNFINISHED
from graph.drafts import base_of, rules_in
from graph.meant import meant, says_it_anew
from graph.nodes.scenario import as_scenario
from graph.nodes.unfinished import put_aside
from graph.state import Json, Turn, Update, fresh, heard

IN_PLACE = "I took that in place of “{before}”."
BESIDE_IT = (
    "I took that as a rule of its own and left “{before}” aside, unfinished:"
    " say `go on` to return to it."
)
STARTED_AGAIN = "Dropped. Nothing was saved.{ahead} Say the rule again, in your own words."
WENT_TOO = " The rules after it in your message went with it: {rules}."
ASKS_BACK = "I cannot answer that while I wait for this: {question}{choices}"
UNSURE = (
    "Then say `keep it`, and I put it aside as an unfinished draft. Or answer this: "
    "{question}{choices}"
)


def ask(state: Turn, runtime: Runtime[Services]) -> Update:
    """Shows the question; the answer goes back to the drafter with the sentence it is about."""
    card = state["card"] or {}
    verdict = _meant(state, card, interrupt(card), runtime.context)
    match verdict["action"]:
        case "discard":
            return _dropped(state, verdict)
        case "restart":
            return {**heard(verdict), **started_again(state)}
        case "undo":
            return _undone(state, card, verdict)
        case "other":
            told = "Which one do you mean? {question}{choices}"
            return _still_asks(card, verdict, told)
        case "keep":
            return {**heard(verdict), "summary": "You put it aside."}
        case "as_scenario":
            return as_scenario(state, runtime.context, verdict)
        case "rule" | "change":
            return _said_anew(state, verdict, runtime.context)
        case "asks" | "unsure" as what:
            return _still_asks(card, verdict, ASKS_BACK if what == "asks" else UNSURE)
        case _:
            return _answered(state, card, verdict)


def started_again(state: Turn) -> Update:
    """Drops the draft, and says which other rules of the message go with it."""
    rules = "; ".join(f"“{rule}”" for rule in state["ahead"])
    text = STARTED_AGAIN.format(ahead=WENT_TOO.format(rules=rules) if rules else "")
    return {"card": None, "ahead": [], "reply": {"text": text}, "summary": "You start again."}


def _meant(state: Turn, card: Json, verdict: Json, services: Services) -> Json:
    """An answer may be a button in words, a rule of its own, or a question back."""
    text = str(verdict["text"])
    if verdict["action"] != "answer":
        return verdict
    if text.strip().lower() == KEEP_UNFINISHED:
        return {**verdict, "action": "keep"}
    if card.get("about") == "replace" and not (agreed(text) or text.strip().lower() == BESIDE):
        return {**verdict, "action": "discard" if declined(text) else "change"}
    base = base_of(state, services)
    current = rules_in(state["current"], base.ontology, base.code_sets, base.rule_set.defines)
    task = replace(task_of(base), current=current)
    what = meant(text, card, services.drafters[-1], task)
    return verdict if what == "answer" else {**verdict, "action": what}


def _dropped(state: Turn, verdict: Json) -> Update:
    if state["earlier"] is not None:
        return {**heard(verdict), "card": None, "summary": "You dropped the change."}
    text = "Dropped. Nothing was saved."
    return {**heard(verdict), "reply": {"text": text}, "card": None, "summary": text}


def _undone(state: Turn, card: Json, verdict: Json) -> Update:
    """Takes the last answer back, else the change under way."""
    if state["answers"]:
        return {
            **heard(verdict, "answer"),
            "answers": state["answers"][:-1],
            "keep": [],
            "readings": [],
            "card": None,
            "summary": "You took your answer back.",
        }
    if state["earlier"] is not None:
        return _dropped(state, {**verdict, "action": "discard"})
    told = "There is nothing to undo yet: say `start again` to drop it. {question}{choices}"
    return _still_asks(card, verdict, told)


def _answered(state: Turn, card: Json, verdict: Json) -> Update:
    answer = {
        "question": card.get("text", ""),
        "text": verdict["text"],
        "options": card.get("options", []),
        "readings": card.get("readings", []),
    }
    kept: list[Json] = []
    if card.get("request") is not None:
        kept = [{"given": card["request"], "answer": verdict["text"]}]
    return {
        **heard(verdict),
        "readings": left(card.get("readings", []), verdict["text"]),
        "answers": [*state["answers"], answer],
        "keep": [*state["keep"], *kept],
        "card": None,
        "rounds": 0,
        "settled": False,
        "findings": [],
        "summary": f"You answered: {verdict['text']}",
    }


def left(readings: Sequence[Json], answer: str) -> list[Json]:
    """The readings that give what the author answered; none where there were none."""
    wanted = " ".join(answer.casefold().split())
    return [
        {k: v for k, v in r.items() if k != "gives"}
        for r in readings
        if r["gives"].casefold() == wanted
    ]


def _said_anew(state: Turn, verdict: Json, services: Services) -> Update:
    """The same rule in other words takes the place of the first; another one is begun beside it."""
    text, before = str(verdict["text"]), state["said"][-1]
    if verdict["action"] == "change" or says_it_anew(text, before):
        return {
            **heard(verdict, "change"),
            "message": text,
            "said": [*state["said"][:-1], text],
            "answers": [],
            "readings": [],
            "keep": [],
            "card": None,
            "rounds": 0,
            "settled": False,
            "findings": [],
            "notices": [IN_PLACE.format(before=before)],
            "summary": "You said it in other words.",
        }
    put_aside(services, state, verdict)
    return {
        **fresh(verdict["who"], text),
        **heard(verdict, "change"),
        "ahead": state["ahead"],
        "of": state["of"],
        "intent": "draft",
        "notices": [BESIDE_IT.format(before=state["said"][0])],
        "summary": "You said another rule.",
    }


def _still_asks(card: Json, verdict: Json, told: str) -> Update:
    """The question stays: the same interrupt begins again."""
    options = [f"`{o}`" for o in card.get("options", ())]
    choices = f" You can say {', '.join(options)}." if options else ""
    text = told.format(question=card.get("text", ""), choices=choices)
    return {**heard(verdict, "wait"), "reply": {"text": text}, "summary": text}
