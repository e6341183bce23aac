"""Rules that no request can meet."""

from __future__ import annotations

from collections.abc import Iterable

from data.ontology.nearest import did_you_mean
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.ast import Rule, all_of
from data.rulelang.cells import in_dates, in_scope
from data.rulelang.findings import Finding


def never_applies(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Every rule whose scope, dates and condition are never true together."""
    for title, rule in encoding.counted(encoding.rules.items()):
        space = encoding.around(title).space
        can_be_true, _ = space.settled(encoding.conditions[title])
        if not space.solve(can_be_true):
            message, suggestion = _why(encoding, rule)
            yield Finding(
                "never-applies", "error", message, suggestion, (title,), f'rule "{title}"'
            )


def _why(encoding: Encoding, rule: Rule) -> tuple[str, str]:
    """The first part, or pair of parts, that no request meets."""

    def possible(*parts: object) -> bool:
        said = [p for p in parts if p is not None]
        whole = all_of(*said) if said else None  # type: ignore[arg-type]
        return encoding.space.solve(encoding.space.settled(whole)[0])

    scope, dates = in_scope(encoding.ontology, rule), in_dates(encoding.ontology, rule)
    if not possible(rule.when):
        return (
            f"the condition of `{rule.title}` can never be true",
            "look for parts that exclude each other, and join them with `or`",
        )
    if not possible(dates):
        return f"`{rule.title}` ends before it begins", "swap `from` and `until`"
    if not possible(scope):
        return f"nothing lies in the scope of `{rule.title}`", _nearest_scope(encoding, rule)
    if not possible(scope, rule.when):
        return (
            f"the condition of `{rule.title}` can never be true in its scope",
            "widen the scope, or leave out the part of the condition that contradicts it",
        )
    return (
        f"the condition of `{rule.title}` can never be true on the days it is in force",
        "change `from` and `until`, or the condition",
    )


def _nearest_scope(encoding: Encoding, rule: Rule) -> str:
    if rule.scope is None:
        return "name a scope that exists"
    level = rule.scope.level
    known = [row[level] for row in encoding.version.scope_rows if level in row]
    return did_you_mean(rule.scope.values[0], known) or "name a scope that exists"
