"""Restore: a change that came to nothing leaves the draft as it was."""

from __future__ import annotations

from graph.state import Turn, Update

KEPT = "The draft is as it was before."


def restore(state: Turn) -> Update:
    """The earlier draft again, to be checked, tested and shown once more."""
    return {
        "draft": state["earlier"],
        "earlier": None,
        "reply": None,
        "readings": [],
        "answers": [],
        "findings": [],
        "rounds": 0,
        "settled": True,
        "said": state["said"][:-1],
        "notices": [KEPT],
        "summary": KEPT,
    }
