"""Every sentence of the chat itself. What the pipeline says comes from the pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# while working
WORKING = "Working on it"
LONGEST_MESSAGE = 10_000
EMPTY_MESSAGE = "Your message is empty. State a rule, or ask about the rules in force."


def worked(steps: int, seconds: float) -> str:
    """The one line that stays once the steps are folded away."""
    took = f"{max(seconds, 0.1):.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
    return f"{steps} {'step' if steps == 1 else 'steps'} in {took}"


def stopped(steps: int) -> str:
    return f"Stopped after {steps} {'step' if steps == 1 else 'steps'}"


STOPPED = "Stopped."


def too_long(characters: int) -> str:
    return (
        f"Your message has {characters:,} characters; at most {LONGEST_MESSAGE:,} can be read as "
        "one rule. State one rule at a time, in a few sentences."
    )


def trouble(reference: str) -> str:
    """Something of ours went wrong."""
    return (
        "Something went wrong on our side. Nothing was saved; your rules are as they were. "
        f"Try again, and if it happens again, tell your support this reference: **{reference}**."
    )


def with_reference(text: str, reference: str) -> str:
    return f"{text}\n\nReference: **{reference}**"


SIGNED_OUT = "You are no longer signed in with a right to work here. Sign in again."
NO_SUCH_ANSWER = "There is no such answer in your conversations."
ALREADY_DECIDED = "This was already decided. Nothing was changed again."
UNREADABLE_ACTION = "This button sent something that cannot be read. Reload the page and try again."

# cards
CARD_ALT = {
    "confirm": "Here is the draft.",
    "question": "One question first.",
    "promotion": "One more look before it moves.",
    "fact": "One question.",
    "word": "A word waits for you.",
}
STATUS = {
    "waiting": "Waiting for you",
    "confirmed": "Saved",
    "changed": "Changed",
    "discarded": "Discarded",
    "dropped": "Change dropped",
    "kept": "Put aside",
    "answered": "Answered",
    "superseded": "Replaced",
    "stale": "Already decided",
    "over": "Started over",
}
OUTCOME = {
    "confirmed": "You confirmed this draft. It is saved as a new version.",
    "changed": "You changed this draft. The new one is further down.",
    "discarded": "You discarded this draft. Nothing was saved.",
    "dropped": "You dropped this change. The draft is as it was before, further down.",
    "kept": "You put this draft aside. Nothing was saved.",
    "answered": "You answered. What came of it is below.",
    "superseded": "Something newer took its place. Look further down.",
    "stale": "This was already decided.",
    "over": "You started over.",
}


LONGEST_ANSWER = 200
"""Characters of an answer that its card repeats."""


def answered(said: str) -> str:
    """Under a question, once it was answered."""
    said = " ".join(said.split())
    cut = said if len(said) <= LONGEST_ANSWER else f"{said[: LONGEST_ANSWER - 1]}…"
    return f"You answered: “{cut}”"


def pressed(label: str) -> str:
    """Under a row of buttons, once one was pressed."""
    return f"You chose “{label}”."


CHANGE = {
    "new": "New rule",
    "changed": "Changed rule",
    "retired": "Taken out",
    "taken out": "Taken out",
}
CHANGE_BACK = {"new": "Comes back", "taken out": "Goes away", "changed": "As it was before"}
"""The same, where an environment goes back to an earlier version."""
CONFIRM_HINT = (
    "Confirming saves a new version and puts it on staging. "
    "Production changes only when an approver promotes it."
)


def changed_by(author: str, message: str) -> str:
    """Whose change it is, and what they said it is for."""
    return f"{author}: “{message}”" if message else author


def more_moves(count: int) -> str:
    """How many moves of a decision are not drawn; empty where all are."""
    return f"and {count} more" if count > 0 else ""


def taught(name: str, day: str) -> str:
    """Who taught a word, and when."""
    return f"{name} said it on {day}:"


def words_waiting(words: Sequence[str]) -> str:
    """Which other words wait; empty where none does."""
    return f"Waiting as well: {', '.join(words)}" if words else ""


NOTHING_CHANGES = "No past request would be decided differently."
NO_HISTORY = "There are no past requests to replay."


def impact(changed: int, run: int) -> str:
    return f"of {run:,} past requests would be decided differently"


def scenarios(run: int, kept: int) -> str:
    if run == 0:
        return "No saved scenarios yet."
    if kept == run:
        return f"All {run} saved scenarios keep their outcome."
    return f"{kept} of {run} saved scenarios keep their outcome; {run - kept} would change."


SEVERITY = {"error": "Has to be solved", "warning": "Worth a look", "note": "Good to know"}
FOR_EXAMPLE = "For example"

# profiles and starters
PROFILES = {
    "author": ("Author", "State rules in your own words, and see whom they change."),
    "approver": ("Approver", "Look at what waits on staging, promote it, or roll back."),
    "operator": ("Operator", "Find an appointment’s code with as few questions as possible."),
    "reader": ("Reader", "Ask which rules are in force, and why."),
}
ASK_STARTERS: Sequence[tuple[str, str]] = (
    ("What changed?", "What changed?"),
    ("Show the rules", "Show the rules"),
)
CALL_STARTERS: Sequence[tuple[str, str]] = (("New appointment", "New appointment"),)
APPROVE_STARTERS: Sequence[tuple[str, str]] = (
    ("What waits on staging?", "What changed?"),
    ("Promote staging to production", "Promote to production"),
    ("Roll back production", "Roll back production"),
    ("Words that wait", "Show the words that wait"),
)

CARD_WORDS: dict[str, Any] = {
    "show_as": "Show the rule",
    "in_words": "In words",
    "rule_text": "Rule text",
    "before": "As it was before",
    "sentence": "Your words, and where each went",
    "whom": "Whom it changes",
    "moves": "From what to what",
    "where": "Where",
    "examples": "Examples from the past",
    "becomes": "becomes",
    "findings": "What was found",
    "unread": "What became no rule",
    "details": "Show what it was tested on",
    "more": "How it was tested",
    "beats": "What it beats",
    "beats_none": "It meets no other rule that says something else.",
    "wins_over": "wins over",
    "because": "because",
    "cases": "Edge cases tried",
    "scenarios": "Saved scenarios",
    "none": "none",
    "cannot": "It cannot be confirmed yet:",
    "confirm": "Confirm",
    "saving": "Saving…",
    "busy": "Working…",
    "change": "Change",
    "discard": "Discard",
    "keep": "Keep for later",
    "cancel": "Cancel",
    "change_ask": "What should be different?",
    "change_hint": "For example: make it 45, also for men, remove the last part",
    "change_send": "Change the draft",
    "lost": "The connection was lost. Reload the page and try again.",
    "unplaced": "These words have no place in a rule yet:",
    "or_say": "Or say it in your own words",
    "say": "Say it in your own words",
    "answer": "Answer",
    "discard_draft": "Discard this draft",
    "drop_change": "Drop this change",
    "version": "Version",
    "to": "to",
    "move": {"promote": "Promote to production", "roll_back": "Roll back"},
    "move_other": "Go ahead",
    "not_now": "Not now",
    "remember": "Yes, remember",
    "forget": "Yes, forget it",
    "refuse": "No",
    "why_not": "If not, why?",
    "understood": "Understood",
    "or_type": "Or type it, with anything else you know",
    "type_it": "Type the answer, with anything else you know",
    "start_over": "Start over",
}
"""Labels of the cards; they travel with the props, so that every word stands in this file."""

TABLE_WORDS = {"find": "Find in this table", "fewer": "Show fewer", "as_table": "As a table"}


def show_all(rows: int) -> str:
    return f"Show all {rows}"


# at the keyboard of the machine


def cannot_start(why: str) -> str:
    return f"Rulewright cannot start: {why}"


def port_in_use(port: int, setting: str) -> str:
    return f"port {port} is in use: stop what runs there, or choose another with {setting}=…"


def ready(address: str, mlflow: str, passwords: Mapping[str, str], api_key: str) -> str:
    """What the terminal says once the chat can be reached."""
    lines = ["", "Rulewright is ready.", "", f"  chat           {address}"]
    lines += [f"  decision API   {address}/v1/docs"]
    lines += [f"  reviewers      {mlflow}  (MLflow; ready in some seconds)"] if mlflow else []
    if passwords:
        lines += ["", first_sign_in("the chat"), "", *sign_ins(passwords)]
        lines += ["", f"  key of the decision API  {api_key}"]
    return "\n".join([*lines, "", "Stop it with Ctrl+C.", ""])


def first_sign_in(where: str) -> str:
    return f"First sign-in to {where}, shown only this once:"


def sign_ins(passwords: Mapping[str, str]) -> list[str]:
    """One line a person."""
    width = max(len(login) for login in passwords)
    return [f"  {login:<{width}}  {password}" for login, password in passwords.items()]


def reviewers_ready(address: str, passwords: Mapping[str, str]) -> str:
    """What the terminal says once reviewers can sign in, some seconds after all else."""
    lines = ["Reviewers' MLflow is ready:", "", f"  reviewers      {address}"]
    told = first_sign_in("the reviewers' MLflow")
    return "\n".join(["", *lines, "", told, "", *sign_ins(passwords), ""])


MLFLOW_LATE = "The reviewers' MLflow did not start; turns are kept and delivered once it does."
