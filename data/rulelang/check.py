"""What is wrong with a rule set as a whole: design section 5, each finding with a witness.

Complete on the fragment of conditions without ``is known``: what is not reported does not
exist. Conditions that ask ``is known`` are treated soundly: a witness is always re-run
through the evaluator, and what is said of every request holds for every request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

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


def draft_findings(before: Version, after: Version, known: Sequence[Finding]) -> list[Finding]:
    """The findings of the version after that the version before, with those known, did not have.

    The same as of two whole checks, and where few rules changed by what they touch alone.
    """
    from data.rulelang.analyse.draft import brought

    found = brought(before, after, known, before.alive)
    return new_findings(known, check(after) if found is None else sorted(found, key=_rank))


def new_findings(before: Iterable[Finding], after: Iterable[Finding]) -> list[Finding]:
    """The findings of the second rule set that the first did not have, witnesses aside."""
    known = {_told(f) for f in before}
    return [f for f in after if _told(f) not in known]


def _told(finding: Finding) -> tuple[object, ...]:
    """What makes it news. Of a rule that never has its way it is none by which others."""
    message = "" if finding.code == "shadowed" else finding.message
    return (finding.code, finding.severity, finding.rules, message)
