"""The pipeline: reading this file from top to bottom is reading the product.

    retrieve → draft → validate → test → confirm
                 ↑________|  findings go back to the drafter, at most twice

A model's draft is held against the scorers before it is shown (``score``), and drafted again,
once, where it scores low.

A message that states several rules is divided first; each takes this way, one after another.

Every other turn is a side door. Whatever changes something waits for a person first: a draft
at ``confirm``, a promotion or rollback at ``approve``, a question at ``ask``. An operator's
call asks one question at a time at ``listen``, until the code stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.context import Services
from graph.nodes.adequacy import case_is_right, case_is_wrong, next_case, what_is_missed
from graph.nodes.approve import approve
from graph.nodes.ask import ask
from graph.nodes.call import call, listen
from graph.nodes.changes import changes
from graph.nodes.confirm import confirm
from graph.nodes.draft import draft
from graph.nodes.edit import edit, same
from graph.nodes.explain import explain
from graph.nodes.glossary import glossary
from graph.nodes.help import help_, out_of_scope
from graph.nodes.invariants import list_invariants
from graph.nodes.pause import pause, resume, retire
from graph.nodes.policy import policy
from graph.nodes.promote import promote
from graph.nodes.restore import restore
from graph.nodes.retrieve import retrieve
from graph.nodes.roll_back import roll_back
from graph.nodes.route import choose_route
from graph.nodes.scenario import keep_scenario, list_scenarios
from graph.nodes.score import faults_of_first, is_scored, score
from graph.nodes.several import divide, next_rule
from graph.nodes.show import show
from graph.nodes.table import table
from graph.nodes.taught import settle_word, teach, words
from graph.nodes.test import test
from graph.nodes.unfinished import go_on, keep, list_unfinished
from graph.nodes.validate import validate
from graph.state import Turn, Update, require_strict
from graph.statements import may_state_several

ROUNDS = 2
"""How often findings go back to the drafter."""

LABELS = {
    "route": "Understanding what you ask",
    "divide": "Telling your rules apart",
    "next_rule": "Going on with your next rule",
    "retrieve": "Looking up your organisation's words",
    "draft": "Writing the rule",
    "ask": "Asking you",
    "validate": "Checking it against all rules",
    "test": "Trying it on scenarios and past requests",
    "score": "Reading the draft over",
    "confirm": "Waiting for your word",
    "restore": "Going back to the draft",
    "keep": "Putting the draft aside",
    "show": "Finding rules",
    "changes": "Comparing versions",
    "explain": "Explaining the decision",
    "promote": "Preparing the promotion",
    "roll_back": "Preparing to go back",
    "approve": "Waiting for your word",
    "pause": "Pausing a rule",
    "resume": "Bringing a rule back",
    "retire": "Retiring a rule",
    "add_scenario": "Keeping the case",
    "list_scenarios": "Running the scenarios",
    "list_invariants": "Proving the invariants",
    "adequacy": "Trying what the scenarios would notice",
    "case_right": "Keeping the case",
    "case_wrong": "Taking up the case",
    "case_next": "Looking up the next case",
    "edit": "Taking up the rule",
    "same": "Taking up the rule",
    "unfinished": "Looking up your drafts",
    "go_on": "Taking up your draft",
    "glossary": "Looking up your organisation's words",
    "teach": "Noting the word",
    "words": "Looking up taught words",
    "settle_word": "Waiting for your word",
    "table": "Reading your table",
    "policy": "Reading your text",
    "call": "Looking up the code",
    "listen": "Asking you",
    "help": "Saying what can be done here",
    "out_of_scope": "Saying what can be done here",
}
"""Every node by the words a person reads while it runs."""

SIDE_DOORS = {
    "show": "show",
    "changes": "changes",
    "explain": "explain",
    "explain_not": "explain",
    "promote": "promote",
    "roll_back": "roll_back",
    "pause": "pause",
    "resume": "resume",
    "retire": "retire",
    "add_scenario": "add_scenario",
    "list_scenarios": "list_scenarios",
    "list_invariants": "list_invariants",
    "adequacy": "adequacy",
    "case_right": "case_right",
    "case_wrong": "case_wrong",
    "case_next": "case_next",
    "edit": "edit",
    "same": "same",
    "table": "table",
    "policy": "policy",
    "unfinished": "unfinished",
    "go_on": "go_on",
    "glossary": "glossary",
    "teach": "teach",
    "taught_words": "words",
    "waiting_words": "words",
    "remember": "words",
    "forget": "words",
    "call": "call",
    "call_change": "call",
    "call_rest": "call",
    "help": "help",
    "out_of_scope": "out_of_scope",
    "health": "out_of_scope",
    "aside": "out_of_scope",
}
"""Intent → node."""

ENDS = (
    "show", "changes", "explain", "approve", "add_scenario", "list_scenarios",
    "list_invariants", "adequacy", "case_right", "case_wrong", "case_next", "unfinished", "help",
    "glossary", "teach", "settle_word", "out_of_scope",
)  # fmt: skip
"""Nodes after which the turn is over."""

Pipeline = CompiledStateGraph[Turn, Services, Turn, Turn]

NODES: dict[str, Callable[..., Update]] = {
    "route": choose_route,
    "divide": divide,
    "next_rule": next_rule,
    "retrieve": retrieve,
    "draft": draft,
    "ask": ask,
    "validate": validate,
    "test": test,
    "score": score,
    "confirm": confirm,
    "restore": restore,
    "keep": keep,
    "show": show,
    "changes": changes,
    "explain": explain,
    "promote": promote,
    "roll_back": roll_back,
    "approve": approve,
    "pause": pause,
    "resume": resume,
    "retire": retire,
    "add_scenario": keep_scenario,
    "list_scenarios": list_scenarios,
    "list_invariants": list_invariants,
    "adequacy": what_is_missed,
    "case_right": case_is_right,
    "case_wrong": case_is_wrong,
    "case_next": next_case,
    "edit": edit,
    "same": same,
    "table": table,
    "policy": policy,
    "unfinished": list_unfinished,
    "go_on": go_on,
    "glossary": glossary,
    "teach": teach,
    "words": words,
    "settle_word": settle_word,
    "call": call,
    "listen": listen,
    "help": help_,
    "out_of_scope": out_of_scope,
}


def build(checkpointer: BaseCheckpointSaver[Any]) -> Pipeline:
    """The compiled pipeline. Raises ``NotStrict`` where checkpoints could run code."""
    require_strict()
    graph: StateGraph[Turn, Services, Turn, Turn] = StateGraph(Turn, Services)
    for name, node in NODES.items():
        cast(Any, graph).add_node(name, node)
    way = graph.add_conditional_edges

    graph.add_edge(START, "route")
    way("route", by_intent, ["retrieve", "divide", *set(SIDE_DOORS.values()), END])

    for first in ("divide", "next_rule"):
        graph.add_edge(first, "retrieve")
    way("retrieve", unless_answered("draft"), ["draft", END])
    way("draft", after_draft, ["ask", "validate", "test", "restore", "next_rule", END])
    way(
        "ask",
        after_ask,
        ["draft", "retrieve", "restore", "keep", "ask", "next_rule", END],
    )
    way("validate", after_validate, ["draft", "test", "restore", "next_rule", END])
    graph.add_edge("restore", "validate")
    way("test", after_test, ["score", "confirm"])
    way("score", after_score, ["draft", "validate", "confirm"])
    way(
        "confirm",
        after_confirm,
        ["retrieve", "draft", "validate", "restore", "confirm", "keep", "next_rule", END],
    )
    way("keep", or_next, ["next_rule", END])

    for door in ("edit", "same", "go_on"):
        way(door, unless_answered("retrieve"), ["retrieve", END])
    for door in ("pause", "resume", "retire", "table", "policy"):
        way(door, unless_answered("validate"), ["validate", END])
    for door in ("promote", "roll_back"):
        way(door, unless_answered("approve"), ["approve", END])
    way("words", unless_answered("settle_word"), ["settle_word", END])
    way("call", unless_answered("listen"), ["listen", END])
    way("listen", unless_answered("call"), ["call", END])
    for last in ENDS:
        graph.add_edge(last, END)

    return graph.compile(checkpointer=checkpointer)


def by_intent(state: Turn) -> str:
    """To the pipeline, to a side door, or nowhere where this person may not."""
    if state["intent"] == "refused":
        return END
    several = state["intent"] == "draft" and may_state_several(state["message"])
    return SIDE_DOORS.get(state["intent"], "divide" if several else "retrieve")


def unless_answered(node: str) -> Callable[[Turn], str]:
    """On to ``node``, unless there is already an answer: then there is nothing to go on with."""

    def onward(state: Turn) -> str:
        return END if state["reply"] else node

    return onward


def after_draft(state: Turn) -> str:
    """A question waits for its answer; a drafter that has no better idea is not asked again."""
    if state["card"] is not None:
        return "ask"
    if state["reply"]:
        return _nothing_came_of_it(state)
    return "test" if state["settled"] else "validate"


def _nothing_came_of_it(state: Turn) -> str:
    """The draft is gone; a change that came to nothing gives the draft back first."""
    return or_next(state) if state["earlier"] is None else "restore"


def or_next(state: Turn) -> str:
    """The turn is over, unless the message holds another rule."""
    return "next_rule" if state["ahead"] else END


def after_ask(state: Turn) -> str:
    match (state["verdict"] or {}).get("action"):
        case "discard":
            return _nothing_came_of_it(state)
        case "keep":
            return "keep"
        case "change":
            return "retrieve"
        case "wait":
            return "ask"
        case "as_scenario" | "restart":
            return or_next(state)
        case _:
            return "draft"


def after_validate(state: Turn) -> str:
    """Errors go back to the drafter while it may have a better idea; then the author sees them."""
    if state["reply"]:
        return _nothing_came_of_it(state)
    wrong = any(f["severity"] == "error" and f["code"] != "not-allowed" for f in state["findings"])
    mine = (state["draft"] or {}).get("kind") == "rule"
    again = not state["settled"] and state["rounds"] <= ROUNDS
    return "draft" if wrong and mine and again else "test"


def after_test(state: Turn) -> str:
    """A model's draft is scored before anyone sees it; the grammar's says what was said."""
    by_model = bool((state["draft"] or {}).get("prompt"))
    return "score" if (by_model or faults_of_first(state)) and not is_scored(state) else "confirm"


def after_score(state: Turn) -> str:
    """Drafted again, or the first draft once more, or shown."""
    if faults_of_first(state):
        return "draft"
    return "confirm" if state["card"] is not None else "validate"


def after_confirm(state: Turn) -> str:
    match (state["verdict"] or {}).get("action"):
        case "change":
            return "retrieve"
        case "again":
            return "validate"
        case "undo":
            return "restore"
        case "other":
            return "draft"
        case "wait":
            return "confirm"
        case "keep":
            return "keep"
        case _:
            return or_next(state)
