"""What a decision's answer is, and how it is printed (design section 4, law 6)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from data.ontology.model import Value
from data.ontology.values import json_value

MOST_POSSIBLE = 50
"""Answers of an undecided result that are printed; ``more`` says how many are not."""
Status = Literal["decided", "undecided", "no_rule", "left_to_staff", "conflict", "error"]


@dataclass(frozen=True, slots=True, order=True)
class Beaten:
    """A rule that applied and lost, and why."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True, order=True)
class Aside:
    """A candidate who is not chosen, and the rule that says so."""

    candidate: str
    rule: str | None
    """``None``: only the order of the keys puts another one first."""


@dataclass(frozen=True, eq=False)
class Result:
    """The answer to one decision of one request; two that tell the same are equal."""

    status: Status
    value: Value | tuple[Value, ...] | None = None
    """Decided: the value; a sorted tuple for collect."""
    rule: str | None = None
    """Decided or left to staff: the winning rule, the first by title of those that agree."""
    beats: tuple[Beaten, ...] = ()
    rules: tuple[str, ...] = ()
    """Other rules that had a part: contributions, modifiers, or the sides of a conflict."""
    modifiers: tuple[tuple[str, str], ...] = ()
    """Decided code: each modifier that rules spoke of, and the rule that won on it."""
    facts: tuple[str, ...] = ()
    """Paths of the given facts that these rules look at."""
    dropped: tuple[Aside, ...] = ()
    """Choice: who may not be chosen, once for every rule that says so."""
    behind: tuple[Aside, ...] = ()
    """Choice: who is left and stands behind the one chosen, each with the rule that says so."""
    reason: str | None = None
    """Left to staff: the rule's ``because``. A choice with no rule: why nobody is left."""
    possible: tuple[Result, ...] = ()
    """Undecided or conflict: what it could be."""
    needs: tuple[str, ...] = ()
    """Undecided: paths of the facts that could change the answer on their own."""
    message: str | None = None
    """Error: what is wrong with the code, in words."""
    partial: bool = False
    """Undecided: too much is open to look at all of it; ``possible`` holds a part of the truth."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Result) and self._told() == other._told()

    def __hash__(self) -> int:
        return hash(self._told())

    def __reduce__(self) -> tuple[type[Result], tuple[Any, ...]]:
        return Result, self._told()

    def _told(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(Result))

    @property
    def key(self) -> tuple[str, Any]:
        """Two results are the same answer when status and value are equal."""
        return (self.status, self.value)

    def to_json(self) -> dict[str, Any]:
        """As ``rulewright decide`` prints it."""
        match self.status:
            case "decided":
                return self._decided()
            case "undecided":
                return self._undecided()
            case "left_to_staff":
                return {"status": self.status, "rule": self.rule, "reason": self.reason,
                        "beats": _beats(self.beats), "facts": [*self.facts]}  # fmt: skip
            case "conflict":
                possible = [p.briefly() for p in self.possible]
                return {"status": "conflict", "rules": [*self.rules], "possible": possible}
            case "error":
                return {"status": "error", "rule": self.rule, "message": self.message}
            case "no_rule":
                said = {"reason": self.reason} if self.reason else {}
                return {"status": "no_rule", **said, **self._asides()}

    def _undecided(self) -> dict[str, Any]:
        possible = [p.briefly() for p in self.possible[:MOST_POSSIBLE]]
        shown: dict[str, Any] = {"status": "undecided", "possible": possible}
        if len(self.possible) > MOST_POSSIBLE:
            shown["more"] = len(self.possible) - MOST_POSSIBLE
        shown["needs"] = [*self.needs]
        return shown | ({"partial": True} if self.partial else {})

    def briefly(self) -> Any:
        """As one of the possible answers: the plain value, or the status."""
        return _plain(self.value) if self.status == "decided" else {"status": self.status}

    def _decided(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"status": "decided", "value": _plain(self.value)}
        if self.rule is not None:
            shown |= {"rule": self.rule, "beats": _beats(self.beats)}
        if self.rules:
            shown["rules"] = [*self.rules]
        return {**shown, **self._asides(), "facts": [*self.facts]}

    def _asides(self) -> dict[str, Any]:
        lists = {"dropped": self.dropped, "behind": self.behind}
        return {
            name: [{"candidate": a.candidate, "rule": a.rule} for a in asides]
            for name, asides in lists.items()
            if asides
        }


def in_order(results: Iterable[Result]) -> tuple[Result, ...]:
    """One of each answer, values before statuses, always in the same order."""
    unique = {r.key: r for r in results}
    return tuple(sorted(unique.values(), key=_rank))


def merged(results: Iterable[Result]) -> Result:
    """One answer that several fillings of the unknown facts share, with all that led to it.

    The winning rule is the first by title; what it beats and what was read are put together.
    """
    found = list(results)
    rule = min((r.rule for r in found if r.rule is not None), default=None)
    same = [r for r in found if r.rule == rule]
    others = [r for r in found if r is not same[0]]
    return replace(
        same[0],
        beats=tuple(sorted({b for r in same for b in r.beats})),
        rules=tuple(sorted({t for r in found for t in r.rules})),
        modifiers=tuple(sorted({m for r in found for m in r.modifiers})),
        possible=in_order(p for r in found for p in r.possible),
        dropped=tuple(a for a in same[0].dropped if all(a in r.dropped for r in others)),
        behind=tuple(a for a in same[0].behind if all(a in r.behind for r in others)),
    )


def _plain(value: Value | tuple[Value, ...] | None) -> Any:
    if isinstance(value, tuple):
        return [json_value(v) for v in value]
    return None if value is None else json_value(value)


def _beats(beats: tuple[Beaten, ...]) -> list[dict[str, str]]:
    return [{"rule": b.rule, "because": b.because} for b in beats]


def _rank(result: Result) -> tuple[int, bool, float, str]:
    shown = result.briefly()
    number = isinstance(shown, int | float) and not isinstance(shown, bool)
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True)
    return (result.status != "decided", not number, float(shown) if number else 0.0, text)
