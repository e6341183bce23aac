"""The findings of analysis, in the order in which they are looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from data.rulelang.analyse.choices import choices
from data.rulelang.analyse.code_sets import code_sets
from data.rulelang.analyse.conflicts import conflicts
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.gaps import gaps
from data.rulelang.analyse.invariants import invariants
from data.rulelang.analyse.mandatory import mandatory_escapes
from data.rulelang.analyse.never_applies import never_applies
from data.rulelang.analyse.overrides import unknown_overrides
from data.rulelang.analyse.redundant import redundant
from data.rulelang.analyse.shadowed import shadowed
from data.rulelang.analyse.witness import UNSETTLED
from data.rulelang.check import Progress
from data.rulelang.findings import Finding

Pass = Callable[[Encoding, frozenset[str]], Iterable[Finding]]
"""What it takes to look for one kind of finding; the titles are of rules known to be dead."""

PIPELINE: tuple[tuple[str, Pass], ...] = (
    ("overrides that name no rule", unknown_overrides),
    ("rules that never apply", never_applies),
    ("codes that do not exist", code_sets),
    ("conflicts", conflicts),
    ("gaps", gaps),
    ("escapes from mandatory rules", mandatory_escapes),
    ("broken invariants", invariants),
    ("shadowed rules", shadowed),
    ("redundant rules", redundant),
    ("choices that do nothing", choices),
)
"""In plain words what each pass looks for."""

DEAD = frozenset(["never-applies", "mandatory-escape", "shadowed"])
"""Errors that say a rule has no effect: nothing more is said of its effect after that."""


def _settled(finding: Finding) -> Finding:
    """The finding; where no request was found that shows it, only that it may be so."""
    if finding.shown_by is not UNSETTLED:
        return finding
    message = f"it may be that {finding.message}; no request was found that shows it"
    suggestion = "try a request of your own: not all that its conditions ask of rows was looked at"
    return replace(finding, severity="note", message=message, suggestion=suggestion, shown_by=None)


def findings(encoding: Encoding, progress: Progress | None = None) -> Iterable[Finding]:
    """What every pass finds, each told of the rules that earlier passes found dead."""
    dead: frozenset[str] = frozenset()
    for number, (words, look) in enumerate(PIPELINE):
        if progress is not None:
            encoding.hears = partial(_tell, progress, words, number)
            encoding.hears(0)
        found = [_settled(finding) for finding in look(encoding, dead)]
        yield from found
        dead |= {f.rules[0] for f in found if f.code in DEAD and f.severity == "error"}


def _tell(progress: Progress, words: str, number: int, done: float) -> None:
    progress(words, (number + done) / len(PIPELINE))
