"""What reviewers' answers become: expected results of every night to come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from data.rulelang.parse import parse
from data.rulelang.version import Version
from evals.nightly.sets import Item
from evals.reviewing.questions import RIGHT_QUESTION, RIGHT_RULE, RULE_MEANT


@dataclass(frozen=True, slots=True)
class Corrections:
    """Of the turns people have looked at."""

    items: tuple[Item, ...]
    unreadable: tuple[tuple[str, str], ...]
    """Trace, and why the rule text a reviewer gave is none."""


def corrections(traces: Iterable[Any], fault: Callable[[str], str]) -> Corrections:
    """An item for each turn whose rule is right, or was put right, or was rightly asked about.

    ``fault(text)`` is why a text is no rule text, in words; empty where it is. Of several answers
    to one question the last one counts.
    """
    items: list[Item] = []
    unreadable: list[tuple[str, str]] = []
    for trace in traces:
        said = _answers(trace)
        text = str(said.get(RULE_MEANT) or "").strip()
        wrong = fault(text) if text else ""
        if wrong:
            unreadable.append((str(trace.info.trace_id), wrong))
        elif item := _item(trace, said, text):
            items.append(item)
    return Corrections(tuple(items), tuple(unreadable))


def fault_of(version: Version) -> Callable[[str], str]:
    """Why a text is no rule text of this organisation."""

    def fault(text: str) -> str:
        words, codes, defines = version.ontology, version.code_sets, version.rule_set.defines
        read = parse(text, words, codes, "", defines)
        errors = [f.message for f in read.findings if f.severity == "error"]
        return "; ".join(errors) or ("" if read.rule_set.rules else "it holds no rule")

    return fault


def _answers(trace: Any) -> dict[str, Any]:
    people = [a for a in trace.info.assessments if a.source.source_type == "HUMAN"]
    ordered = sorted(people, key=lambda a: a.last_update_time_ms or 0)
    return {a.name: a.value for a in ordered}


def _item(trace: Any, said: dict[str, Any], text: str) -> Item | None:
    root = next(s for s in trace.data.spans if s.parent_id is None)
    inputs: dict[str, Any] = root.inputs or {}
    outputs: dict[str, Any] = root.outputs or {}
    message = inputs.get("message")
    drafted: list[str] = outputs.get("rules") or []
    if not message:
        return None
    source = {"turn": trace.info.client_request_id, "by": _by(trace)}
    name = f"reviewed: {trace.info.client_request_id}"
    if text:
        return Item(name, str(message), rules=text, source=source)
    if said.get(RIGHT_RULE) is True and drafted:
        return Item(name, str(message), rules="\n\n".join(drafted), source=source)
    if said.get(RIGHT_QUESTION) is True and outputs.get("question"):
        return Item(name, str(message), asks=True, source=source)
    return None


def _by(trace: Any) -> str:
    people = [a for a in trace.info.assessments if a.source.source_type == "HUMAN"]
    return str(people[-1].source.source_id) if people else ""
