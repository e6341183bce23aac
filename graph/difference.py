"""What differs between two versions, rule by rule, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.rulelang.version import Version
from graph.state import Json
from graph.words import rule_words


@dataclass(frozen=True, slots=True)
class Change:
    """One saved version: whose it is, what they said, and what it follows."""

    author: str
    message: str
    version: Version
    parent: Version

    def touches(self, title: str) -> bool:
        return self.version.rule_set.rule(title) != self.parent.rule_set.rule(title)


def signed(rows: Sequence[Json], changes: Sequence[Change]) -> list[Json]:
    """The rows of :func:`rule_changes` with author and message of the newest change of each."""
    return [_signed(row, changes) for row in rows]


def _signed(row: Json, changes: Sequence[Change]) -> Json:
    last = next((c for c in changes if c.touches(row["rule"])), None)
    return row if last is None else row | {"author": last.author, "message": last.message}


def rule_changes(before: Version, after: Version) -> list[Json]:
    """Each rule that was added, changed or taken out, by title."""
    old = {r.title: r for r in before.rule_set.rules}
    new = {r.title: r for r in after.rule_set.rules}
    titles = sorted({*old, *new})
    return [
        {
            "rule": title,
            "change": _kind(title in old, title in new),
            "before": " ".join(rule_words(old[title], before.ontology)) if title in old else "",
            "after": " ".join(rule_words(new[title], after.ontology)) if title in new else "",
        }
        for title in titles
        if old.get(title) != new.get(title)
    ]


def _kind(was: bool, is_now: bool) -> str:
    if was and is_now:
        return "changed"
    return "new" if is_now else "taken out"
