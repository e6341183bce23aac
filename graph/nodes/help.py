"""Help, and the polite answer to what cannot be done here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from langgraph.runtime import Runtime

from data.access import Action, may
from graph.context import Services
from graph.state import Turn, Update

WRITES = "Tell me a rule in your own words, and I show you whom it changes before it is saved."
READS = "Ask about the rules in force."
CAN: Sequence[tuple[Action, str]] = (
    (
        "draft",
        "**State a rule**: who it is for, and what they get. Then change it: `make it 45`.",
    ),
    ("draft", "**Change a rule that stands**: `change the rule …: make it 45`"),
    ("see_rules", "**Find rules**: `show the rules about …`"),
    ("see_rules", "**See what must always hold**: `show the invariants`"),
    (
        "see_rules",
        "**See the words there are**: `what facts are there?`, `codes with …`, "
        "`what can I say about …?`",
    ),
    ("explain", "**Ask why**: `why did <number> get …?`, `why not …?`"),
    ("compare", "**See changes**: `what changed?`, `show the version history`"),
    (
        "retire",
        "**Take a rule out**: `pause the rule …`, later `resume the rule …`; "
        "for good: `retire the rule …`",
    ),
    ("draft", "**Put a draft aside**: `keep it`, later `show my drafts` and `go on`"),
    ("add_scenario", "**Keep a case**: `add a scenario: …`, `show the scenarios`"),
    ("add_scenario", "**See what your cases miss**: `what do my scenarios miss?`"),
    ("teach_synonym", "**Teach a word**: `remember … as …`; an approver decides"),
    ("approve_synonym", "**Decide on taught words**: `show the words that wait`"),
    ("promote", "**Put it live**: `promote to production`; take it back: `roll back`"),
)
"""What can be said, and the right it takes."""
NOT_OURS = "I found none of your organisation's words in that, so I left it."
ENGLISH_ONLY = "I read English only for now."


HEALTH = (
    "I cannot help with health questions; please call a doctor, or the emergency number if it is"
    " urgent."
)
ASIDE = "That is nothing I can help with: I only work on your organisation's rules. Say `help`."


def what_can_be_said(roles: Iterable[str]) -> str:
    """For somebody with these roles."""
    roles = frozenset(roles)
    lines = [f"- {line}" for action, line in CAN if may(roles, action)]
    return "\n".join([WRITES if may(roles, "draft") else READS, "", *lines])


def help_(state: Turn, runtime: Runtime[Services]) -> Update:
    """What can be said here."""
    text = what_can_be_said(state["who"]["roles"])
    return {"reply": {"text": text}, "summary": "Said what can be done here."}


def out_of_scope(state: Turn, runtime: Runtime[Services]) -> Update:
    """One polite sentence; then what can be done, where the words are nobody's here."""
    if state["intent"] == "health":
        return {"reply": {"text": HEALTH}, "summary": "A health question."}
    if state["intent"] == "aside":
        return {"reply": {"text": ASIDE}, "summary": "Not about the rules."}
    if state["args"].get("foreign"):
        text = f"{ENGLISH_ONLY} For example: `{_example(state, runtime.context)}`"
        return {"reply": {"text": text}, "summary": "Not in English."}
    can = WRITES if may(state["who"]["roles"], "draft") else READS
    text = f"{NOT_OURS} {can} Say `help` to see what else I can do."
    return {"reply": {"text": text}, "summary": "Not about the rules."}


def _example(state: Turn, services: Services) -> str:
    """A sentence of the organisation's own for who may write, and has one; else a question."""
    pairs = services.examples(state["who"]["org_id"])
    writes = may(state["who"]["roles"], "draft")
    return min((p.sentence for p in pairs), key=len) if writes and pairs else "show the rules"
