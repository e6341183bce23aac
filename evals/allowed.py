"""What may enter a trace: one list of fields a node, and how each is read.

This is an allow-list, not a redaction: a field that is not named here is never written down,
whatever a node hands over. A field's reader returns ``None`` for what does not fit it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, cast, get_args

from data.rulelang.findings import FindingCode

Hide = Callable[[str], str]
"""Masks one text; bound to a turn, so that it also knows what was hidden in its message."""
Reader = Callable[[object, Hide], Any]

LONGEST_TEXT = 4_000
"""Characters of one text kept in a span."""
LONGEST_LIST = 50
"""Entries of one list kept in a span."""


def text(value: object, hide: Hide) -> str | None:
    """What a person wrote or reads, masked and cut."""
    return hide(value)[:LONGEST_TEXT] if isinstance(value, str) else None


def texts(value: object, hide: Hide) -> list[str] | None:
    entries = _entries(value, None)
    return None if entries is None else [hide(v)[:LONGEST_TEXT] for v in entries]


def texts_of(key: str) -> Reader:
    """The texts under ``key`` of a list of mappings; a list of plain texts is read as it is."""

    def reader(value: object, hide: Hide) -> list[str] | None:
        return texts(_entries(value, key), hide)

    return reader


def count(value: object, hide: Hide) -> int | None:
    """How many entries a list has."""
    return len(cast(list[object], value)) if isinstance(value, list | tuple) else None


def part(**fields: Reader) -> Reader:
    """A mapping, of which these fields are kept."""

    def reader(value: object, hide: Hide) -> dict[str, Any] | None:
        if not isinstance(value, Mapping):
            return None
        return admit(fields, cast(Mapping[str, Any], value), hide)

    return reader


def number(value: object, hide: Hide) -> int | float | None:
    """A count, a share or a duration; never a truth value, never NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isfinite(value) else None


def flag(value: object, hide: Hide) -> bool | None:
    return value if isinstance(value, bool) else None


def one_of(*words: str) -> Reader:
    """A word of a closed set, written in our source; any other is ``other``."""
    known = frozenset(words)
    return lambda value, hide: (
        None if not isinstance(value, str) else value if value in known else "other"
    )


def each_of(*words: str, key: str | None = None) -> Reader:
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


def _entries(value: object, key: str | None) -> list[str] | None:
    if not isinstance(value, list | tuple | set | frozenset):
        return None
    several = cast(Iterable[object], value)
    found = (_under(v, key) for v in several)
    return [v for v in found if isinstance(v, str)][:LONGEST_LIST]


def _under(value: object, key: str | None) -> object:
    return cast(Mapping[str, object], value).get(key or "") if isinstance(value, Mapping) else value


VERSION = shaped(r"sha256:[0-9a-f]{64}")
MODEL = shaped(r"[A-Za-z0-9][\w.:/@-]{0,99}")
STATUS = one_of("drafted", "question", "refused", "saved", "discarded", "answered", "trouble")
ABOUT = one_of("unplaced", "value", "reading", "missing", "scope")
ACTION = one_of(
    "confirm", "change", "discard", "answer", "keep", "promote", "roll_back", "approve",
    "pause", "resume", "retire", "add_scenario", "again", "wait",
)  # fmt: skip
INTENT = one_of(
    "draft", "show", "changes", "explain", "explain_not", "promote", "roll_back", "pause",
    "retire", "resume", "add_scenario", "list_scenarios", "unfinished", "keep", "help",
    "out_of_scope", "refused", "yes", "no",
)  # fmt: skip
FINDINGS = each_of(*get_args(FindingCode), key="code")
USAGE = part(input_tokens=number, output_tokens=number, model=MODEL)
REPLY = part(text=text)
TESTS = part(
    scenarios=part(run=number, kept=number, changed=count),
    generated=count,
    history=part(run=number, changed=number, seconds=number),
)
DRAFT = part(
    kind=one_of("rule", "retire", "pause", "resume"),
    rules=texts,
    retire=texts,
    placed=texts_of("text"),
    unplaced=texts,
    drafter=MODEL,
    prompt=MODEL,
    usage=USAGE,
)
CARD = part(
    kind=one_of("confirm", "question", "promotion"),
    text=text,
    options=texts,
    about=ABOUT,
    rules=texts_of("text"),
    unplaced=texts,
    findings=FINDINGS,
    tests=TESTS,
    drafter=MODEL,
    can_confirm=flag,
    blockers=texts,
    summary=text,
)

STATE: Mapping[str, Reader] = {
    "message": text,
    "intent": INTENT,
    "said": texts,
    "answers": texts_of("text"),
    "base_version": VERSION,
    "current": texts,
    "retrieved": texts_of("id"),
    "draft": DRAFT,
    "rounds": number,
    "findings": FINDINGS,
    "beats": count,
    "tests": TESTS,
    "card": CARD,
    "verdict": part(action=ACTION),
    "reply": REPLY,
    "summary": text,
}
"""How each key of a turn's state is read, wherever it is allowed at all."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields one span may hold; names are the keys a node hands over."""

    inputs: Mapping[str, Reader]
    outputs: Mapping[str, Reader]


def _fields(inputs: str, outputs: str) -> Fields:
    return Fields(_of_state(inputs), _of_state(outputs))


def _of_state(names: str) -> Mapping[str, Reader]:
    return {name: STATE[name] for name in names.split()}


TURN = Fields(
    inputs={"message": text, "action": ACTION},
    outputs={"status": STATUS, "card": CARD, "version": VERSION, "rows": number},
)

NODES: Mapping[str, Fields] = {
    "route": _fields("message", "intent"),
    "retrieve": _fields("message said", "retrieved"),
    "draft": _fields(
        "message said answers current retrieved findings rounds", "draft card reply summary"
    ),
    "ask": _fields("card", "verdict"),
    "validate": _fields("draft base_version", "findings rounds beats summary"),
    "test": _fields("draft base_version", "tests card summary"),
    "confirm": _fields("draft base_version", "verdict"),
    "approve": _fields("base_version", "verdict"),
    "show": _fields("message", "reply"),
    "help": _fields("message", "reply"),
    "out_of_scope": _fields("message", "reply"),
    "changes": _fields("message", "reply"),
    "pause": _fields("message", "draft"),
    "resume": _fields("message", "draft"),
    "retire": _fields("message", "draft"),
    "keep": _fields("draft", "verdict"),
}
"""Nodes that speak of single past requests (explain, scenarios) are not listed: see ``NOTHING``."""
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
