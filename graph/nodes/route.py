"""Route: what the message asks for, and whether this person may ask it."""

from __future__ import annotations

from collections.abc import Collection

from langgraph.runtime import Runtime

from data.access import Action, may
from graph.context import Services
from graph.language import HOLDS_MARKUP, MARKUP, is_foreign
from graph.routes import Intent, Route, route
from graph.state import Turn, Update

NEAR_ENOUGH = 0.6
ATTACHED: tuple[Intent, ...] = ("table", "policy")
"""What comes as a file."""

NEEDS: dict[Intent, Action] = {
    "draft": "draft",
    "show": "see_rules",
    "list_scenarios": "see_rules",
    "list_invariants": "see_rules",
    "changes": "compare",
    "explain": "explain",
    "explain_not": "explain",
    "promote": "promote",
    "roll_back": "roll_back",
    "pause": "pause",
    "resume": "pause",
    "retire": "retire",
    "add_scenario": "add_scenario",
    "adequacy": "see_rules",
    "case_right": "add_scenario",
    "case_wrong": "see_rules",
    "case_next": "see_rules",
    "unfinished": "draft",
    "glossary": "see_rules",
    "teach": "teach_synonym",
    "taught_words": "see_rules",
    "waiting_words": "see_rules",
    "remember": "approve_synonym",
    "forget": "see_rules",
    "go_on": "draft",
    "edit": "draft",
    "same": "draft",
    "table": "draft",
    "policy": "draft",
    "call": "decide",
    "call_change": "decide",
    "call_rest": "decide",
}
WHAT: dict[Intent, str] = {
    "draft": "A rule, in your words.",
    "show": "You want to see rules.",
    "list_scenarios": "You want to see the scenarios.",
    "list_invariants": "You want to see the invariants.",
    "changes": "You want to know what changed.",
    "explain": "You want to know why.",
    "explain_not": "You want to know why not.",
    "promote": "A change is to go to production.",
    "roll_back": "You want the version before back.",
    "pause": "A rule is to pause.",
    "resume": "A paused rule is to hold again.",
    "retire": "A rule is to go.",
    "add_scenario": "A case to keep.",
    "adequacy": "You want to know what the scenarios miss.",
    "case_right": "That case is right.",
    "case_wrong": "That case is not right.",
    "case_next": "Another case.",
    "unfinished": "You want to see your drafts.",
    "glossary": "You want to know which words there are.",
    "teach": "A word to remember.",
    "taught_words": "You want to see the words that were taught.",
    "waiting_words": "You want to see the words that wait.",
    "remember": "A word is to be remembered.",
    "forget": "A word is to go.",
    "go_on": "You want to go on with a draft.",
    "edit": "A rule is to change.",
    "same": "The same for another.",
    "table": "A table of rules.",
    "policy": "A text with rules.",
    "call": "An appointment that needs its code.",
    "call_change": "An answer is to change.",
    "call_rest": "You want to know the rest.",
    "help": "You want to know what can be done here.",
}
NOT_ALLOWED = "Your role does not allow that here: ask an owner."
REFUSED = {
    "draft": "You may look at rules here, but not write them: ask an author.",
    "table": "You may look at rules here, but not write them: ask an author.",
    "policy": "You may look at rules here, but not write them: ask an author.",
    "teach": "You may look at rules here, but teach no words: ask an author.",
    "remember": "Only an approver may decide which words are remembered: ask one to.",
    "promote": "Only an approver may promote: ask one to.",
    "roll_back": (
        "Only an approver may roll back: ask one to. One rule of yours you can take out with"
        " `retire the rule …`, or hold with `pause the rule …`."
    ),
}


def choose_route(state: Turn, runtime: Runtime[Services]) -> Update:
    """Deterministic: phrases kept as data, then whether a term of the organisation is said."""
    attached: Intent | None = next((kind for kind in ATTACHED if kind in state["args"]), None)
    found = (
        Route(attached, state["args"])
        if attached is not None
        else route(state["message"], lambda text: _knows(text, state, runtime.context))
    )
    a_rule = found.intent in ("draft", "out_of_scope")
    if a_rule and MARKUP.search(state["message"]):
        return _refused(HOLDS_MARKUP)
    if a_rule and _is_foreign(state, runtime.context):
        return {"intent": "out_of_scope", "args": {"foreign": "yes"}, "summary": "Not in English."}
    if found.intent == "draft" and takes_calls(state["who"]["roles"]):
        found = Route("call", {"case": state["message"]})
    needed = NEEDS.get(found.intent)
    if needed is not None and not may(state["who"]["roles"], needed):
        return _refused(REFUSED.get(found.intent, NOT_ALLOWED))
    what = WHAT.get(found.intent, "Not something I can do.")
    return {"intent": found.intent, "args": dict(found.args), "summary": what}


def _refused(text: str) -> Update:
    return {"intent": "refused", "args": {}, "reply": {"text": text}, "summary": text}


def takes_calls(roles: Collection[str]) -> bool:
    """Who writes no rules and answers calls: what they describe is an appointment."""
    return "operator" in roles and not may(roles, "draft")


def _is_foreign(state: Turn, services: Services) -> bool:
    version = services.staging(state["who"]["org_id"])
    if version is None:
        return False
    return is_foreign(
        state["message"], services.retriever(state["who"]["org_id"], version).names_something
    )


def _knows(text: str, state: Turn, services: Services) -> bool:
    """Whether a term of the organisation is said, or one that sounds much like it."""
    org_id = state["who"]["org_id"]
    version = services.staging(org_id)
    if version is None:
        return True
    retriever = services.retriever(org_id, version)
    near = retriever.retrieve(text, 3)
    return retriever.names_something(text) or any(f.score >= NEAR_ENOUGH for f in near)
