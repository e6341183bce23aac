"""An ``overrides`` that names no rule."""

from __future__ import annotations

from collections.abc import Iterable

from data.ontology.nearest import did_you_mean
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.findings import Finding


def unknown_overrides(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Every title in ``overrides`` that no rule bears."""
    for title, rule in encoding.rules.items():
        for named in rule.overrides:
            if named not in encoding.rules:
                yield Finding(
                    "unknown-term",
                    "error",
                    f"`{title}` overrides `{named}`, but no rule has that title",
                    did_you_mean(named, tuple(encoding.rules)) or "leave it out",
                    (title,),
                    f'rule "{title}"',
                )
