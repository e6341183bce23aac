"""One night from beginning to end. Killed anywhere, it goes on where it was; run again, it is done.

deliver and judge → regression sets → compare → drift → report
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any, Protocol

from data.packs.load import Pack
from data.packs.version import version_of
from evals.nightly.compare import Comparison, compare
from evals.nightly.evaluate import Ask, Outcomes, Place, evaluate_set
from evals.nightly.hear import hear
from evals.nightly.judged import Judging
from evals.nightly.kept import Night, Nights
from evals.nightly.measure import Measuring, findings_of
from evals.nightly.results import Run, Value
from evals.nightly.sets import RegressionSet
from graph.run import Assistant, Who

Json = dict[str, Any]


class Desk(Protocol):
    """The pipeline over an organisation of its own, as the chat wires it."""

    @property
    def assistant(self) -> Assistant: ...

    @property
    def who(self) -> Who: ...


OpenDesk = Callable[[Pack, Path], AbstractAsyncContextManager[Desk]]
Tell = Callable[[str, float], None]
"""``tell(what, share)``: what is under way, and how much of it is done."""


@dataclass(frozen=True)
class Work:
    """What a night does, handed in."""

    catch_up: Callable[[], Json]
    """Delivers what waits and judges what was not; returns how many still wait for either."""
    sets: Sequence[RegressionSet]
    open_desk: OpenDesk
    place: Place
    chance: bool
    """A model drafts."""
    drift: Callable[[], Json] = lambda: {"signals": []}
    """What people ask and what rules decide, against the days before."""
    judging: Judging | None = None
    """Judges the answers to the sets; ``None``: nobody does."""
    tell: Tell = lambda what, share: None


@dataclass(frozen=True, slots=True)
class Found:
    """What a night came to."""

    night: Night
    run: Run
    comparison: Comparison | None
    """``None`` for the first night."""
    drift: Json
    delivery: Json = field(default_factory=dict[str, Any])

    @property
    def alarm(self) -> bool:
        worse = self.comparison is not None and self.comparison.alarm
        return worse or any(d["level"] == "alarm" for d in self.drift.get("signals", ()))


def run_night(nights: Nights, name: str, work: Work) -> Found:
    """The night's findings. The caller holds ``nights.alone()``."""
    night = nights.night(name)
    work.tell("delivering and judging the turns of the day", 0.0)
    delivery = night.once("delivery.json", work.catch_up)
    accepted = nights.accepted()
    made = Run.from_json(night.once(Night.RUN, lambda: run_sets(night, work, accepted).to_json()))
    held_to = night.once("held_to.json", lambda: accepted.to_json() if accepted else {})
    comparison = compare(Run.from_json(held_to), made) if held_to else None
    drift = night.once("drift.json", work.drift)
    return Found(night, made, comparison, drift, delivery)


def settle(nights: Nights, found: Found) -> str:
    """Which run the next night is held to; a sentence that says so."""
    comparison = found.comparison
    if comparison is None:
        nights.accept(found.night.name)
        return "The first run: the next nights are held to it."
    if comparison.better:
        nights.accept(found.night.name)
        return "Better, and worse nowhere: the next nights are held to this run."
    if not comparison.alarm:
        nights.add_new(found.run)
    return f"The next nights are held to the run {comparison.before}, as this one was."


def run_sets(night: Night, work: Work, accepted: Run | None) -> Run:
    """Every set through the pipeline; what is expected as it was comes from the accepted run."""
    values: list[Value] = []
    for regression in work.sets:
        part = f"values-{regression.organisation}.json"
        kept = night.once(part, lambda r=regression: _values(night, work, accepted, r))
        values += [Value(**v) for v in kept["values"]]
    data = {f"data of {r.organisation}": r.version for r in work.sets}
    return Run(night.name, {**work.place.made_with, **data}, tuple(values))


def _values(night: Night, work: Work, accepted: Run | None, regression: RegressionSet) -> Json:
    made = asyncio.run(_tried(night, work, accepted, regression))
    rmtree(_desk_folder(night, regression), ignore_errors=True)
    return {"values": [asdict(v) for v in made]}


def _desk_folder(night: Night, regression: RegressionSet) -> Path:
    """What the pipeline keeps while a set is tried; nothing of it is needed afterwards."""
    return night.folder / f"desk-{regression.organisation}"


async def _tried(
    night: Night, work: Work, accepted: Run | None, regression: RegressionSet
) -> list[Value]:
    """Asks from MLflow's threads; the pipeline answers on this loop."""
    own, folder = regression.organisation, _desk_folder(night, regression)
    folder.mkdir(parents=True, exist_ok=True)
    version = await asyncio.to_thread(version_of, regression.pack, folder / "history")
    before = [v for v in accepted.values if v.organisation == own] if accepted else []
    measuring = Measuring(own, regression.pack, version, findings_of(before), work.chance)
    outcomes = Outcomes(night.folder / f"outcomes-{own}.jsonl")

    def told(done: int, of: int) -> None:
        work.tell(f"trying the sentences of {own}", done / of)

    async with work.open_desk(regression.pack, folder) as desk:
        ask = _asking(desk, asyncio.get_running_loop())
        return await asyncio.to_thread(
            evaluate_set, regression, measuring, ask, work.place, outcomes, work.judging, told
        )


def _asking(desk: Desk, loop: asyncio.AbstractEventLoop) -> Ask:
    def ask(sentence: str) -> Json:
        asked = hear(desk.assistant, desk.who, sentence)
        return asyncio.run_coroutine_threadsafe(asked, loop).result()

    return ask
