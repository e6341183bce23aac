"""Reviewed turns that stand as examples in a rubric's prompt, each organisation's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.judges.seen import Seen

LONGEST = 1_500
"""Characters of an example; a longer one is none."""


@dataclass(frozen=True, slots=True)
class Example:
    """A turn as a judge sees it (masked), and what people said of the claim."""

    inputs: Seen
    outputs: Seen
    holds: bool
    why: str = ""

    def line(self) -> str:
        """As it stands in the prompt."""
        answer = {"claim holds": "yes" if self.holds else "no", "why": self.why}
        shown = {"inputs": self.inputs, "outputs": self.outputs, **answer}
        return json.dumps({k: v for k, v in shown.items() if v != ""}, ensure_ascii=False)

    @property
    def fits(self) -> bool:
        """Short enough, and nothing in it can be taken for a place of the prompt's own."""
        line = self.line()
        return len(line) <= LONGEST and "{{" not in line and "}}" not in line


Taught = Callable[[str, str], Sequence[Example]]
"""Id of an organisation, name of a claim → the examples its judge is shown."""


def nothing_taught(org_id: str, claim: str) -> Sequence[Example]:
    return ()


def kept_file(folder: Path, org_id: str) -> Path:
    """What an organisation's judges were taught, and how well they agreed."""
    return folder / f"{org_id}.json"


def read_kept(folder: Path, org_id: str) -> dict[str, dict[str, Any]]:
    """Claim → its examples and how they were measured; empty where nothing is kept."""
    path = kept_file(folder, org_id)
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def taught_from(folder: Path | None) -> Taught:
    """Reads anew each time: a night may have taught a judge something since."""

    def taught(org_id: str, claim: str) -> Sequence[Example]:
        kept = read_kept(folder, org_id).get(claim, {}) if folder else {}
        return [Example(**e) for e in kept.get("examples", ())]

    return taught
