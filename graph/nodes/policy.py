"""Policy: the sentences of an attached text become one draft of several rules."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from langgraph.runtime import Runtime

from data.exchange.policy.read import Passage
from data.rulelang.version import Version
from graph.context import Services
from graph.drafters.base import Draft, Reading, Task
from graph.drafts import draft_json
from graph.nodes.draft import ask_drafters
from graph.nodes.retrieve import MOST
from graph.nodes.table import BESIDE, MOST_TOLD, counted, not_taken_up
from graph.policies import POLICY, PolicyRead, Unread, drafted
from graph.progress import once_slow
from graph.state import Json, Turn, Update, replied


def policy(state: Turn, runtime: Runtime[Services]) -> Update:
    """Every sentence is in a rule that cites it, or is listed with the reason why not."""
    services, file, org_id = runtime.context, state["args"]["policy"], state["who"]["org_id"]
    version = services.staging(org_id)
    if version is None:
        return replied("There are no rules yet to add to: ask the owner to load the pack.")
    if file["problems"]:
        return replied(not_taken_up(file))
    passages = [Passage(services.masked(org_id, p["text"]), p["place"]) for p in file["passages"]]
    notes: list[str] = []
    read = drafted(
        passages, file["name"], version.rule_set,
        _drafter(services, state["who"], version, notes), _progress(len(passages)),
    )  # fmt: skip
    if not read.rules:
        return replied(_nothing(file["name"], read))
    made = draft_json(
        uuid.uuid4().hex, "rule", version.ontology, Reading(read.rules), drafter=POLICY
    )
    told = _told(file["name"], read)
    return {
        "base_version": version.id,
        "draft": {**made, "unread": [_unread(u) for u in read.unread]},
        "settled": True,
        "notices": [told, *notes[-1:], *([BESIDE] if state["args"].get("beside") else [])],
        "summary": told,
    }


def _drafter(
    services: Services, who: Json, version: Version, notes: list[str]
) -> Callable[[str], Draft]:
    """Drafts one sentence; what its author should know of the asking goes to ``notes``."""
    retriever = services.retriever(who["org_id"], version)

    def draft(text: str) -> Draft:
        task = Task(
            ontology=version.ontology,
            code_sets=version.code_sets,
            rule_set=version.rule_set,
            retrieved=tuple(f.id for f in retriever.retrieve(text, MOST)),
            scope_rows=version.scope_rows,
        )
        asked = ask_drafters(text, task, services, version, who)
        notes.extend([asked.note] if asked.note else [])
        return asked.draft

    return draft


def _progress(count: int) -> Callable[[int], None]:
    tell = once_slow("policy")
    return lambda number: tell(number / count, f"Reading sentence {number + 1} of {count}")


def _told(name: str, read: PolicyRead) -> str:
    told = f"Read {counted(len(read.rules), 'rule')} from “{name}”."
    left = f" {counted(len(read.unread), 'sentence')} became no rule: see below."
    return told + left if read.unread else told


def _nothing(name: str, read: PolicyRead) -> str:
    lines = [f"- {_line(u)}" for u in read.unread[:MOST_TOLD]]
    if len(read.unread) > MOST_TOLD:
        lines.append(f"- and {len(read.unread) - MOST_TOLD} more")
    listed = "\n".join(lines)
    return f"No sentence of “{name}” became a rule:\n\n{listed}\n\nSay one of them in other words."


def _line(unread: Unread) -> str:
    return f"**{unread.passage.place}**: {unread.passage.text} ({unread.reason})"


def _unread(unread: Unread) -> Json:
    return {
        "text": unread.passage.text,
        "place": unread.passage.place,
        "reason": unread.reason,
    }
