"""What may enter a trace: one list of fields a node, and how each is read.

This is an allow-list, not a redaction: a field that is not named here is never written down,
whatever a node hands over. A field's reader returns ``None`` for what does not fit it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol, cast, get_args

from data.index.items import Kind
from data.index.retriever import FoundBy
from data.rulelang.findings import FindingCode, Severity
from graph.drafters.base import About
from graph.routes import Intent


class Hide(Protocol):
    """Masks the texts of a turn; it also knows what was hidden in its message."""

    def __call__(self, text: str) -> str: ...

    def known(self, text: str) -> str:
        """The same for a text of the organisation's own, which turn after turn brings."""
        ...


Reader = Callable[[object, Hide], Any]

LONGEST_TEXT = 4_000
"""Characters of one text kept in a span."""
LONGEST_LIST = 50
"""Entries of one list kept in a span."""
UNLISTED = "unlisted"
"""Stands for a word that is none of a closed set."""


def text(value: object, hide: Hide) -> str | None:
    """What a person wrote or reads, masked and cut."""
    return hide(value)[:LONGEST_TEXT] if isinstance(value, str) else None


def texts(value: object, hide: Hide) -> list[str] | None:
    entries = _entries(value)
    return None if entries is None else [hide(v)[:LONGEST_TEXT] for v in entries]


def knowns(value: object, hide: Hide) -> list[str] | None:
    """Names of the organisation's words, rules and examples."""
    entries = _entries(value)
    return None if entries is None else [hide.known(v)[:LONGEST_TEXT] for v in entries]


def known(value: object, hide: Hide) -> str | None:
    """A text of the organisation's own."""
    return hide.known(value)[:LONGEST_TEXT] if isinstance(value, str) else None


def number(value: object, hide: Hide) -> int | float | None:
    """A count, a share or a duration; never a truth value, never NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isfinite(value) else None


def documents(value: object, hide: Hide) -> list[dict[str, Any]] | None:
    """What was looked up, in the form in which MLflow and Ragas know a retriever's documents."""
    if not isinstance(value, list | tuple):
        return None
    found = (_document(v, hide) for v in cast(Iterable[object], value))
    return [d for d in found if d is not None][:LONGEST_LIST]


def _document(value: object, hide: Hide) -> dict[str, Any] | None:
    given: Mapping[str, object] = {}
    if isinstance(value, Mapping):
        given = cast(Mapping[str, object], value)
    id, content = known(given.get("id"), hide), known(given.get("text"), hide)
    if id is None or content is None:
        return None
    said = {
        "doc_uri": id,
        "score": number(given.get("score"), hide),
        "kind": DOCUMENT(given.get("kind"), hide),
        "found_by": FOUND_BY(given.get("found_by"), hide),
    }
    return {"page_content": content, "metadata": {k: v for k, v in said.items() if v is not None}}


def flag(value: object, hide: Hide) -> bool | None:
    return value if isinstance(value, bool) else None


def one_of(*words: str) -> Reader:
    """A word of a closed set, written in our source; any other is ``unlisted``."""
    known = frozenset(words)
    return lambda value, hide: (
        None if not isinstance(value, str) else value if value in known else UNLISTED
    )


def each_of(*words: str, key: str = "") -> Reader:
    """Words of a closed set, standing in a list, or under ``key`` of its mappings."""
    read = one_of(*words)

    def reader(value: object, hide: Hide) -> list[str] | None:
        entries = _entries(value, key)
        return None if entries is None else [read(v, hide) for v in entries]

    return reader


def shaped(pattern: str) -> Reader:
    """A machine's word: a version id, a model's name. What does not match is left out."""
    whole = re.compile(pattern)
    return lambda value, hide: value if isinstance(value, str) and whole.fullmatch(value) else None


def _entries(value: object, key: str = "") -> list[str] | None:
    if not isinstance(value, list | tuple | set | frozenset):
        return None
    several = cast(Iterable[object], value)
    found = (_under(v, key) for v in several)
    return [v for v in found if isinstance(v, str)][:LONGEST_LIST]


def _under(value: object, key: str) -> object:
    return cast(Mapping[str, object], value).get(key) if isinstance(value, Mapping) else value


VERSION = shaped(r"sha256:[0-9a-f]{64}")
DOCUMENT = one_of(*get_args(Kind))
FOUND_BY = one_of(*get_args(FoundBy))
REFERENCE = shaped(r"[0-9a-f]{8}")
MODEL = shaped(r"[A-Za-z0-9][\w.:/@-]{0,99}")
STATUS = one_of(
    "drafted", "question", "refused", "waiting", "saved", "discarded", "answered", "trouble"
)
ABOUT = one_of(*get_args(About))
ACTION = one_of(
    "confirm", "change", "discard", "answer", "keep", "again", "wait", "say", "promote",
    "roll_back", "refuse", "as_scenario", "undo", "restart", "other", "rule", "asks",
    "unsure",
)  # fmt: skip
INTENT = one_of(*get_args(Intent), "refused")
"""What a message asks for: a closed vocabulary of our own, so none of it tells of anyone."""
ENVIRONMENT = one_of("staging", "production")
FINDINGS = each_of(*get_args(FindingCode), key="code")
SEVERITIES = each_of(*get_args(Severity))


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields one span may hold; names are the keys a node hands over."""

    inputs: Mapping[str, Reader]
    outputs: Mapping[str, Reader]


ASKED: Mapping[str, Reader] = {"message": text}
ABOUT_DRAFT: Mapping[str, Reader] = {"rules": texts, "version": VERSION, "can_confirm": flag}
DECIDED: Mapping[str, Reader] = {
    "action": ACTION, "status": STATUS, "version": VERSION, "waited": number,
}  # fmt: skip
MOVED: Mapping[str, Reader] = {"status": STATUS, "version": VERSION, "environment": ENVIRONMENT}
TOLD = Fields(ASKED, {"status": STATUS, "rows": number})

TURN = Fields(
    inputs={"message": text, "action": ACTION, "said": texts},
    outputs={
        "intent": INTENT, "status": STATUS, "rules": texts, "question": text, "options": texts,
        "sentences": texts, "note": text,
        "unplaced": texts, "findings": FINDINGS, "can_confirm": flag, "drafter": MODEL,
        "action": ACTION, "saved_version": VERSION,
    },
)  # fmt: skip

NODES: Mapping[str, Fields] = {
    "route": TOLD,
    "divide": TOLD,
    "next_rule": TOLD,
    "retrieve": Fields(ASKED, {"retrieved": knowns, "found": number, "documents": documents}),
    "draft": Fields(
        {"message": text, "retrieved": knowns, "attempt": number, "findings": FINDINGS},
        {
            "status": STATUS, "rules": texts, "question": text, "about": ABOUT,
            "unplaced": texts, "placed": texts, "readings": number, "drafter": MODEL,
            "note": text, "model": MODEL, "prompt": MODEL, "prompt_version": MODEL,
            "tries": number, "input_tokens": number, "output_tokens": number,
            "input_cost": number, "output_cost": number, "budget_used": number,
        },
    ),
    "ask": Fields(
        {"message": text, "question": text, "about": ABOUT, "options": texts},
        {"action": ACTION, "answer": text, "waited": number},
    ),
    "validate": Fields(
        ABOUT_DRAFT,
        {"findings": FINDINGS, "severities": SEVERITIES, "messages": texts, "errors": number},
    ),
    "test": Fields(
        ABOUT_DRAFT,
        {
            "scenarios_run": number, "scenarios_kept": number, "generated": number,
            "history_run": number, "history_changed": number, "seconds": number,
        },
    ),
    "score": Fields(ABOUT_DRAFT, {"faults": texts, "shown": one_of("first", "second")}),
    "confirm": Fields(ABOUT_DRAFT, DECIDED),
    "approve": Fields(ABOUT_DRAFT, DECIDED),
    "promote": Fields(ASKED, MOVED),
    "roll_back": Fields(ASKED, MOVED),
    "show": TOLD,
    "changes": TOLD,
    "explain": TOLD,
    "pause": TOLD,
    "resume": TOLD,
    "retire": TOLD,
    "keep": TOLD,
    "restore": TOLD,
    "add_scenario": TOLD,
    "list_scenarios": TOLD,
    "list_invariants": TOLD,
    "adequacy": TOLD,
    "case_right": TOLD,
    "case_wrong": TOLD,
    "case_next": TOLD,
    "unfinished": TOLD,
    "go_on": TOLD,
    "edit": TOLD,
    "same": TOLD,
    "glossary": TOLD,
    "teach": TOLD,
    "words": TOLD,
    "settle_word": TOLD,
    "table": TOLD,
    "policy": TOLD,
    "call": TOLD,
    "listen": TOLD,
    "help": TOLD,
    "out_of_scope": TOLD,
}  # fmt: skip
NOTHING = Fields({}, {})
"""A node that is not listed: its time is kept, its content is not."""

NODE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def fields_of(node: str) -> Fields:
    return NODES.get(node, NOTHING)


def admit(fields: Mapping[str, Reader], given: Mapping[str, Any], hide: Hide) -> dict[str, Any]:
    """The part of ``given`` that may be written down, read and masked."""
    read = {name: reader(given[name], hide) for name, reader in fields.items() if name in given}
    return {name: value for name, value in read.items() if value is not None}


def code_of(error: BaseException) -> str:
    """What went wrong as a code: the kind of error, never its message, which may quote anyone."""
    return type(error).__name__
