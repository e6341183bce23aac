"""``rulewright prompts``: which wording the model is asked with, and whether another is better."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.environment import be_quiet
from app.progress import ProgressLine
from app.settings import Settings, read_settings
from evals.prompts.kept import Kept, NothingToGoBackTo
from graph.prompts import NAMES, Prompts, read_prompts, shipped

if TYPE_CHECKING:
    from evals.nightly.night import Work
    from evals.prompts.trial import Trial

REFUSED = 1
"""Exit status: it is worse, or nothing could be tried, promoted or gone back to."""
NO_MODEL = (
    "No chat model is set, so no prompt is used: set RULEWRIGHT_CHAT_MODEL and "
    "RULEWRIGHT_CHAT_MODEL_URL."
)
NO_MLFLOW = "MLflow cannot be written to; the chat does not wait for it. Call this again later."
SAME = "That is the wording in use already."
FIRST = "What came with the program is in use: there is nothing to go back to."


def kept(settings: Settings) -> Kept:
    return Kept(settings.var / "prompts")


def show(settings: Settings | None = None) -> int:
    """Print which wording is in use, and which were before; register it in MLflow."""
    settings = _ready(settings)
    mine = kept(settings)
    in_use = mine.in_use()
    if not settings.chat_model:
        print(NO_MODEL)
    numbers = register(settings, in_use, "in use")
    origin = "comes with the program" if in_use == shipped() else "promoted"
    print(f"In use: {in_use.version} ({origin})")
    for name in NAMES:
        print(f"  {name}" + (f", version {numbers[name]} in MLflow" if numbers else ""))
    before = [shipped().version, *mine.promoted()][:-1]
    if before:
        print(f"Before it: {', '.join(reversed(before))}")
    return 0


def attempt(folder: str, promote: bool, settings: Settings | None = None) -> int:
    """Compare a folder's wording with the one in use; put it in use where it is no worse.

    Raises ``InputError`` where the folder holds no prompts that can be used.
    """
    settings = _ready(settings)
    in_use = kept(settings).in_use()
    candidate = read_prompts(Path(folder), in_use)
    if not settings.chat_model or candidate == in_use:
        print(SAME if settings.chat_model else NO_MODEL, file=sys.stderr)
        return REFUSED
    trial = _tried(settings, in_use, candidate)
    print("\n".join([f"{in_use.version} → {candidate.version}", *trial.lines()]))
    if trial.verdict == "worse":
        return REFUSED
    if not promote:
        return 0
    if trial.verdict == "too few":
        return REFUSED
    kept(settings).promote(candidate)
    register(settings, candidate, f"promoted: {trial.verdict}")
    print(f"{candidate.version} is in use from the next draft on.")
    return 0


def back(settings: Settings | None = None) -> int:
    """Put the wording before in use again."""
    settings = _ready(settings)
    try:
        before = kept(settings).back()
    except NothingToGoBackTo:
        print(FIRST, file=sys.stderr)
        return REFUSED
    register(settings, before, "gone back to")
    print(f"{before.version} is in use again, from the next draft on.")
    return 0


def register(settings: Settings, prompts: Prompts, why: str) -> dict[str, int]:
    """Versions in MLflow, the alias moved to them; empty, and said so, where it is away."""
    from evals.prompts.registry import Registry
    from evals.reviewers import ReviewServer

    try:
        uri = ReviewServer(settings.var / "mlflow", settings.mlflow_port).tracking_uri
        return Registry(uri).use(prompts, why)
    except Exception:  # whatever a database or a server that is not there raises
        print(NO_MLFLOW, file=sys.stderr)
        return {}


def _ready(settings: Settings | None) -> Settings:
    be_quiet()
    return settings or read_settings()


def _tried(settings: Settings, in_use: Prompts, candidate: Prompts) -> Trial:
    from app.nightly import work_of
    from evals.prompts.trial import tried

    line = ProgressLine()

    def work(prompts: Prompts) -> Work:
        return work_of(settings, f"trial of {prompts.version}", line, prompts)

    with tempfile.TemporaryDirectory(prefix="rulewright-") as folder:
        trial = tried(in_use, candidate, work, Path(folder))
    line.clear()
    return trial
