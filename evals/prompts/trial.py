"""A candidate's wording held against the one in use, on the regression sets, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evals.nightly.compare import Cell, Comparison, compare
from evals.nightly.kept import Night
from evals.nightly.night import Work, run_sets
from evals.nightly.summary import cause_lines, points
from graph.prompts import Prompts

Verdict = Literal["better", "worse", "no worse", "too few"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What the sets say of two wordings."""

    comparison: Comparison

    @property
    def verdict(self) -> Verdict:
        """``too few``: the drafts could not be compared, whatever else could."""
        drafts = [c.verdict for c in self.comparison.cells if c.step == "draft"]
        if self.comparison.alarm:
            return "worse"
        if all(v == "too few" for v in drafts):
            return "too few"
        return "better" if self.comparison.better else "no worse"

    def lines(self) -> list[str]:
        """What a person reads: what got worse and for whom, what got better, and what it means."""
        better = [c for c in self.comparison.cells if c.verdict == "better"]
        worse = [line for cause in self.comparison.causes for line in cause_lines(cause)]
        return [*worse, *map(_better, better), _CLOSING[self.verdict]]


_CLOSING: dict[Verdict, str] = {
    "better": "Better, and worse nowhere.",
    "worse": "Worse: it is not promoted.",
    "no worse": "No better and no worse than what is in use.",
    "too few": "Too few sentences to tell: name more sets in RULEWRIGHT_NIGHTLY_SETS.",
}


def _better(cell: Cell) -> str:
    whose = f" for {cell.organisation}" if cell.organisation else ""
    return f"Better: {cell.step}{whose}: {cell.measure}, {points(cell)}."


def tried(
    in_use: Prompts, candidate: Prompts, work: Callable[[Prompts], Work], folder: Path
) -> Trial:
    """Runs the sets with both, one after the other, in runs of their own in MLflow."""
    before, after = (Night(folder / p.version) for p in (in_use, candidate))
    held_to = run_sets(before, work(in_use), None)
    return Trial(compare(held_to, run_sets(after, work(candidate), held_to)))
