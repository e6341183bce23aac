"""What is wrong with a rule set as a whole: design section 5, each finding with a witness.

Complete on the fragment of conditions without ``is known``: what is not reported does not
exist. Conditions that ask ``is known`` are treated soundly: a witness is always re-run
through the evaluator, and what is said of every request holds for every request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from data.rulelang.findings import Finding, Severity
from data.rulelang.version import Version

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
Progress = Callable[[str, float], None]
"""Hears what is looked for, in plain words, and how much of the whole is done: 0 to 1."""


def check(version: Version, progress: Progress | None = None) -> list[Finding]:
    """All findings of analysis, errors first, always in the same order.

    A witness is worked out, and re-run, when it is first looked at.
    """
    # Imported here: the solver takes a while to load.
    from data.rulelang.analyse.encoding import Encoding
    from data.rulelang.analyse.pipeline import findings

    return sorted(findings(Encoding(version), progress), key=_rank)


def _rank(finding: Finding) -> tuple[object, ...]:
    """Errors first; what speaks of no rule comes after what does."""
    severity = SEVERITIES.index(finding.severity)
    return (severity, finding.code, not finding.rules, finding.rules, finding.message)


def new_findings(before: Iterable[Finding], after: Iterable[Finding]) -> list[Finding]:
    """The findings of the second rule set that the first did not have, witnesses aside."""
    known = {(f.code, f.rules, f.message) for f in before}
    return [f for f in after if (f.code, f.rules, f.message) not in known]
