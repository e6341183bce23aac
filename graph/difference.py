"""What differs between two versions, rule by rule, in words."""

from __future__ import annotations

from data.rulelang.version import Version
from graph.state import Json
from graph.words import rule_words


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
