"""Findings: what is wrong with a pack, a rule or a rule set, said to a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
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


Witness = Mapping[str, Any]
"""A request: nested facts."""


class Later:
    """A witness that is worked out when it is first asked for, and kept.

    Equal to another that is the same in the end. ``lock`` is held while it is worked out.
    """

    __slots__ = ("_known", "_lock", "_work_out")

    def __init__(self, work_out: Callable[[], Witness | None], lock: Lock) -> None:
        self._work_out: Callable[[], Witness | None] | None = work_out
        self._known: Witness | None = None
        self._lock = lock

    def __call__(self) -> Witness | None:
        with self._lock:
            if self._work_out is not None:
                self._known = self._work_out()
                self._work_out = None
        return self._known

    def __eq__(self, other: object) -> bool:
        return self() == (other() if isinstance(other, Later) else other)

    def __hash__(self) -> int:
        raise TypeError("a witness is no key")

    def __repr__(self) -> str:
        return repr(self())


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
    shown_by: Witness | Later | None = None
    """What :attr:`witness` gives, or what works that out."""

    @property
    def witness(self) -> Witness | None:
        """A request that shows it, re-run through the evaluator; ``None`` if it needs none."""
        return self.shown_by() if isinstance(self.shown_by, Later) else self.shown_by

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
