"""Score: a model's draft that scores low is drafted again, once; the better of the two is shown."""

from __future__ import annotations

from langgraph.runtime import Runtime

from graph.context import Services
from graph.drafts import base_of
from graph.state import Json, Turn, Update
from graph.told import facts

GOOD = "Nothing speaks against the draft."
AGAIN = "Drafting it once more: {faults}."
STILL = "Drafting it again made it no better: you see it as it is."
BACK = "The first draft was the better one."


def score(state: Turn, runtime: Runtime[Services]) -> Update:
    """Holds the draft against the scorers, and decides where it goes from here."""
    first = _first(state)
    services = runtime.context
    faults = list(services.faults(facts(state), base_of(state, services)))
    if first is None:
        if not faults:
            return {"scored": _scored(state, "first", []), "summary": GOOD}
        told = AGAIN.format(faults="; ".join(faults))
        made = {**_scored(state, None, faults), "draft": state["draft"]}
        return {"scored": made, "card": None, "summary": told}
    if len(faults) > len(first["faults"]):
        return _back(first)
    same = (state["draft"] or {})["rules"] == first["draft"]["rules"]
    scored = _scored(state, "first" if same else "second", faults)
    return {"scored": scored, "summary": STILL if faults else GOOD}


def _back(first: Json) -> Update:
    """The first draft again, to be checked and tested as it was."""
    return {
        "draft": first["draft"],
        "scored": {**first, "draft": None, "shown": "first"},
        "card": None,
        "settled": True,
        "summary": BACK,
    }


def _scored(state: Turn, shown: str | None, faults: list[str]) -> Json:
    return {"of": _words(state), "shown": shown, "faults": faults, "draft": None}


def _of_these_words(state: Turn) -> Json | None:
    scored: Json = state.get("scored") or {}
    return scored if scored.get("of") == _words(state) else None


def _first(state: Turn) -> Json | None:
    """The first draft of these words, while it is drafted again."""
    scored = _of_these_words(state)
    return scored if scored is not None and scored["shown"] is None else None


def is_scored(state: Turn) -> bool:
    """Whether it is settled which draft of these words is shown."""
    scored = _of_these_words(state)
    return scored is not None and scored["shown"] is not None


def faults_of_first(state: Turn) -> tuple[str, ...]:
    """What speaks against the first draft, while it is drafted again."""
    first = _first(state)
    return () if first is None else tuple(first["faults"])


def _words(state: Turn) -> list[str]:
    """All that was said for the draft: a draft of other words is another one."""
    id = str((state["draft"] or {}).get("id", ""))
    return [id, *state["said"], *(a["text"] for a in state["answers"])]
