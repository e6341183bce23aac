"""Findings: what is wrong with a pack, a rule or a rule set, said to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
FindingCode = Literal[
    "parse", "unknown-term", "ambiguous", "type", "range", "code-set",
    "never-applies", "shadowed", "conflict", "gap", "mandatory-escape",
    "invariant",
    "not-allowed", "redundant", "duplicate", "pack", "left-out",
]  # fmt: skip
READING_CODES: frozenset[str] = frozenset(
    ["parse", "unknown-term", "ambiguous", "type", "range", "duplicate", "pack"]
)
"""Findings of reading: they refuse a pack. The others stop a save, not ``decide``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. A value, never an exception: the author got something wrong, we did not."""

    code: FindingCode
    severity: Severity
    message: str
    """One plain sentence, lower case, no full stop, the author's words in backticks."""
    suggestion: str = ""
    """What to try."""
    rules: tuple[str, ...] = ()
    """Titles of the rules it speaks of."""
    place: str = ""
    """``file:line`` or ``rule "title", line n``."""
    witness: Mapping[str, Any] | None = None
    """A request (nested facts) that shows it, re-run through the evaluator."""

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "rules": list(self.rules),
            "message": self.message,
            "suggestion": self.suggestion,
            "place": self.place,
            "witness": self.witness,
        }


class InputError(ValueError):
    """Input that cannot be used, told by findings in the user's words."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f.message for f in findings))
        self.findings = findings
