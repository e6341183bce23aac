"""Table: the rows of an attached table become one draft of several rules."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from langgraph.runtime import Runtime

from graph.context import Services
from graph.drafters.base import Reading
from graph.drafts import draft_json, rules_in
from graph.state import Json, Turn, Update, replied
from graph.tables import TABLE

MOST_TOLD = 12
"""Of what is wrong with a file, so much is told in one answer."""
BESIDE = "I read the file only; what you wrote beside it, please say again by itself."


def table(state: Turn, runtime: Runtime[Services]) -> Update:
    """All rows or none: a bad cell is named, and the file is to be sent again."""
    services, read = runtime.context, state["args"]["table"]
    version = services.staging(state["who"]["org_id"])
    if version is None:
        return replied("There are no rules yet to add to: ask the owner to load the pack.")
    if read["problems"]:
        return replied(not_taken_up(read))
    defines = version.rule_set.defines
    rules = rules_in(read["rules"], version.ontology, version.code_sets, defines)
    made = draft_json(uuid.uuid4().hex, "rule", version.ontology, Reading(rules), drafter=TABLE)
    told = f"Read {counted(len(rules), 'rule')} from “{read['name']}”."
    notices = [told, *([BESIDE] if state["args"].get("beside") else []), *_replaced(read)]
    return {
        "base_version": version.id,
        "draft": made,
        "settled": True,
        "notices": notices,
        "summary": told,
    }


def not_taken_up(read: Json) -> str:
    """Each thing that is wrong with the file, with its place and what to try."""
    found: Sequence[Json] = read["problems"]
    lines = [_line(p) for p in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        lines.append(f"and {len(found) - MOST_TOLD} more")
    listed = "\n".join(f"- {line}" for line in lines)
    return (
        f"I could not take up “{read['name']}”, so nothing of it was kept:\n\n{listed}\n\n"
        "Put it right in the file, and attach it again."
    )


def _line(problem: Json) -> str:
    place = f"**{problem['place'].replace('`', '')}**: " if problem["place"] else ""
    tip = f" ({problem['suggestion']})" if problem["suggestion"] else ""
    return f"{place}{problem['message']}{tip}"


def _replaced(read: Json) -> list[str]:
    titles: list[str] = read["replaced"]
    if not titles:
        return []
    named = ", ".join(f"“{t}”" for t in titles[:5]) + (", …" if len(titles) > 5 else "")
    return [f"Taking the place of the rule of the same title: {named}."]


def counted(number: int, what: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {what}" + ("" if number == 1 else "s")
