"""An ``overrides`` that names no rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from data.ontology.nearest import did_you_mean
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.ast import Rule
from data.rulelang.findings import Finding


def unknown_overrides(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Every title in ``overrides`` that no rule bears."""
    return overriding_nothing(encoding.rules.values(), encoding.rules.keys())


def overriding_nothing(rules: Iterable[Rule], titles: Collection[str]) -> Iterable[Finding]:
    """The same of some rules among those of these titles."""
    for rule in rules:
        for named in rule.overrides:
            if named not in titles:
                yield Finding(
                    "unknown-term",
                    "error",
                    f"`{rule.title}` overrides `{named}`, but no rule has that title",
                    did_you_mean(named, tuple(titles)) or "leave it out",
                    (rule.title,),
                    f'rule "{rule.title}"',
                )
