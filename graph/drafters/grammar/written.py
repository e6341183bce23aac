"""Rule text itself, pasted into the chat: read by the language's own parser, word for word."""

from __future__ import annotations

import re

from data.rulelang.ast import RuleSet
from data.rulelang.parse import parse
from graph.drafters.base import Draft, Placed, Reading, Task

_BEGINS = re.compile(r'\s*rule\s+"', re.IGNORECASE)
PLACE = "rule text"
"""Where every word of it goes."""


def written(message: str, task: Task, drafter: str) -> Draft | None:
    """The rules that the message spells out; ``None`` where it is no rule text.

    What cannot be read is told as everywhere: in words, with what to try.
    """
    if not _BEGINS.match(message):
        return None
    defines = task.rule_set.defines
    parsed = parse(message, task.ontology, task.code_sets, defines=defines)
    if parsed.findings:
        first = parsed.findings[0]
        said = f"{first.message[:1].upper()}{first.message[1:]}."
        told = f"{said} Try: {first.suggestion}" if first.suggestion else said
        return Draft("refused", drafter, message=told, findings=tuple(parsed.findings))
    if parsed.rule_set != RuleSet(parsed.rule_set.rules):
        told = "Only rules can be brought here: send them without other statements."
        return Draft("refused", drafter, message=told)
    placed = Placed(0, len(message), message, PLACE)
    return Draft("drafted", drafter, (Reading(parsed.rule_set.rules, (placed,)),))
