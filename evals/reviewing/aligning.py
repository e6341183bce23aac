"""Judges by a rubric are taught by reviewers, and only where that agrees no worse with them.

Reviewed turns are split in two by what was said. Some of the one half stand as examples in the
rubric's prompt; Cohen's kappa with people is measured on the other, with what the judge is shown
now and with the candidate. One sentence is never in both halves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from itertools import chain, zip_longest
from pathlib import Path
from types import ModuleType
from typing import Any

from evals.judges import question_worth_asking, says_what_was_said
from evals.judges.by_rubric import ByRubric
from evals.judges.endpoint import Endpoint
from evals.judges.examples import Example, kept_file, read_kept
from evals.judges.judging import GRACE, is_drawn, judged
from evals.judges.rubric import rubric
from evals.nightly.day import Opinion
from evals.nightly.drift import FAIR, Signal, kappa
from evals.nightly.kept import write_whole
from evals.reviewing.questions import RIGHT_QUESTION, RIGHT_RULE
from evals.traces import TurnRecord

CLAIMS: Mapping[ModuleType, str] = {
    says_what_was_said: RIGHT_RULE,
    question_worth_asking: RIGHT_QUESTION,
}
"""A judge's claim → the question that asks people the same."""
MOST = 6
"""Examples in a prompt."""
FEWEST, MOST_HELD = 10, 40
"""Turns held back that agreement is measured on."""
AT_ONCE = 4
"""Turns that are judged side by side."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A turn that people agree on."""

    turn: TurnRecord
    example: Example

    @property
    def held_back(self) -> bool:
        """The same for every turn in which the same was said."""
        said = json.dumps([self.turn.inputs.get("said"), self.turn.inputs.get("message")])
        return is_drawn(f"held back {said}", 0.5)


def align(org_id: str, traces: Iterable[Any], endpoint: Endpoint, folder: Path, night: str) -> None:
    """Measures each claim's candidate once, and keeps what its judge is shown from now on."""
    every, kept = list(traces), read_kept(folder, org_id)
    for claim in CLAIMS:
        known = reviewed(every, claim)
        held = [r for r in known if r.held_back][:MOST_HELD]
        candidate = chosen([r.example for r in known if not r.held_back])
        mark = _mark(candidate, held, endpoint, claim)
        before = kept.get(claim.NAME, {})
        if candidate and len(held) >= FEWEST and before.get("mark") != mark:
            kept[claim.NAME] = _tried(claim, candidate, held, endpoint, before, night, mark)
    if kept:
        write_whole(kept_file(folder, org_id), json.dumps(kept, ensure_ascii=False))


def reviewed(traces: Iterable[Any], claim: ModuleType) -> list[Reviewed]:
    """The turns on whose claim all who answered say the same, the latest first."""
    found = [r for trace in traces if (r := _reviewed(trace, claim))]
    return sorted(found, key=lambda r: r.turn.started, reverse=True)


def chosen(examples: Sequence[Example]) -> tuple[Example, ...]:
    """The latest that fit, as many of a yes as of a no where there are both."""
    sides = ([e for e in examples if e.fits and e.holds is holds] for holds in (False, True))
    mixed = chain.from_iterable(zip_longest(*sides))
    return tuple(e for e in mixed if e is not None)[:MOST]


def signals(org_id: str, organisation: str, folder: Path) -> list[Signal]:
    """How well each taught judge agrees with reviewers, as the night's report shows it."""
    return [
        _signal(name.replace("_", " "), kept, organisation)
        for name, kept in read_kept(folder, org_id).items()
        if kept["history"]
    ]


def _signal(claim: str, kept: Mapping[str, Any], organisation: str) -> Signal:
    series = tuple((str(night), float(value)) for night, value in kept["history"])
    value, name = series[-1][1], f"agreement of {claim} with reviewers"
    how = "used" if kept["used"] else "not used"
    said = (
        f"{organisation}: {name}: kappa {kept['before']:.2f} before and {kept['after']:.2f} with "
        f"the latest examples ({how}), over {kept['turns']} turns held back"
    )
    level = "fine" if value >= FAIR else "watch"
    return Signal(organisation, name, "agreement", level, value, None, FAIR, said, series)


def _tried(
    claim: ModuleType,
    candidate: Sequence[Example],
    held: Sequence[Reviewed],
    endpoint: Endpoint,
    kept: Mapping[str, Any],
    night: str,
    mark: str,
) -> dict[str, Any]:
    """What is kept of the claim from now on."""
    now = [Example(**e) for e in kept.get("examples", ())]
    before, after = (_answers(claim, shown, held, endpoint) for shown in (now, candidate))
    both = [r for r in held if r.turn.turn_id in before and r.turn.turn_id in after]
    enough = len(both) >= FEWEST and len({r.example.holds for r in both}) == 2
    was, would = (_kappa(both, a) if enough else None for a in (before, after))
    used = was is not None and would is not None and would >= was and len(after) >= len(before)
    measured = would if used else was
    history = [*kept.get("history", ()), *([] if measured is None else [[night, measured]])]
    shown = [asdict(e) for e in (candidate if used else now)]
    result = {"before": was, "after": would, "turns": len(both), "used": used}
    if measured is None:
        result = {k: kept.get(k) for k in result}
    return {"mark": mark, "examples": shown, "history": history, **result}


def _answers(
    claim: ModuleType, shown: Sequence[Example], held: Sequence[Reviewed], endpoint: Endpoint
) -> dict[str, bool]:
    """Turn → the judge's verdict, of those that it has one on."""
    judge = ByRubric(rubric(claim.NAME), claim.look, endpoint, lambda org_id, name: shown)
    seconds = endpoint.timeout + GRACE

    def verdict(one: Reviewed) -> bool | None:
        (score,) = judged(one.turn, [judge], seconds, nullcontext())
        return None if score.value is None else bool(score.value)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        given = pool.map(verdict, held)
        return {r.turn.turn_id: v for r, v in zip(held, given, strict=True) if v is not None}


def _kappa(held: Sequence[Reviewed], answers: Mapping[str, bool]) -> float | None:
    return kappa([Opinion("", answers[r.turn.turn_id], r.example.holds) for r in held])


def _mark(
    candidate: Sequence[Example], held: Sequence[Reviewed], endpoint: Endpoint, claim: ModuleType
) -> str:
    """Changes with whatever the measurement hangs on."""
    turns = sorted((r.turn.turn_id, r.example.holds) for r in held)
    lines = [e.line() for e in candidate]
    whole = json.dumps([lines, turns, endpoint.model, rubric(claim.NAME).version])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _reviewed(trace: Any, claim: ModuleType) -> Reviewed | None:
    said = [
        a
        for a in trace.info.assessments
        if a.source.source_type == "HUMAN" and a.name == CLAIMS[claim] and a.value is not None
    ]
    look: Callable[[TurnRecord], Any] = claim.look
    seen = look(turn := _turn(trace))
    if len({bool(a.value) for a in said}) != 1 or isinstance(seen, str):
        return None
    why = next((str(a.rationale) for a in said if a.rationale), "")
    return Reviewed(turn, Example(*seen, holds=bool(said[0].value), why=why))


def _turn(trace: Any) -> TurnRecord:
    """As much of the turn as the judges of these claims look at."""
    root = next(s for s in trace.data.spans if s.parent_id is None)
    started = int(trace.info.request_time) * 1_000_000
    turn, inputs, outputs = str(trace.info.client_request_id), root.inputs, root.outputs
    return TurnRecord(turn, "", "", "", None, started, started, inputs or {}, outputs or {}, (), ())
