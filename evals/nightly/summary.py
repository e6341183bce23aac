"""What a night found, as a small table for programs and a few sentences for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from evals.nightly.compare import EVERYBODY, Cause, Cell, Comparison
from evals.nightly.evaluate import means
from evals.nightly.night import Found

Json = dict[str, Any]
MOST_ITEMS = 5
ADVICE: Mapping[str, str] = {
    "route": "look at the phrases in `graph/intents.yaml`, and at what was typed",
    "retrieve": "look at the ontology's labels and synonyms, and at the index",
    "draft": "look at the drafts that were right before, at the prompt and at the model",
    "validate": "look at what the checks find now and did not find before",
    "test": "look at the scenarios and the generated requests that turned",
    "answer": "read the answers that were plain before",
}


def summary_of(found: Found, settled: str) -> Json:
    """The night in one object; ``alarm`` decides the exit status."""
    comparison = found.comparison
    return {
        "run": found.night.name,
        "alarm": found.alarm,
        "held_to": comparison.before if comparison else None,
        "causes": [asdict(c) for c in comparison.causes] if comparison else [],
        "better": [_told(c) for c in _of(comparison, "better")],
        "changed": dict(comparison.changed) if comparison else {},
        "made_with": dict(found.run.made_with),
        "new_items": comparison.new_items if comparison else 0,
        "gone_items": comparison.gone_items if comparison else 0,
        "lost": [_told(c) for c in comparison.cells if c.lost] if comparison else [],
        "waiting": found.delivery.get("waiting", 0),
        "unjudged": found.delivery.get("unjudged", 0),
        "drift": [d for d in found.drift.get("signals", ()) if d["level"] != "fine"],
        "means": means(found.run.values),
        "settled": settled,
        "sentences": _sentences(found, settled),
    }


def in_words(summary: Mapping[str, Any]) -> str:
    """What a person reads at the end of the command."""
    return "\n".join(summary["sentences"])


def _of(comparison: Comparison | None, verdict: str) -> Iterable[Cell]:
    return [c for c in comparison.cells if c.verdict == verdict] if comparison else []


def _told(cell: Cell) -> str:
    whose = f" for {cell.organisation}" if cell.organisation != EVERYBODY else ""
    return f"{cell.step}, {cell.measure}{whose}: {points(cell)}"


def points(cell: Cell) -> str:
    """Before, after and the difference in points of a hundred."""
    change = f"{100 * cell.difference:+.1f} points"
    if not cell.exact:
        change += f", {100 * cell.low:+.1f} to {100 * cell.high:+.1f}"
    return f"{cell.before:.1%} before, {cell.after:.1%} now ({change}; {cell.pairs} items)"


def _sentences(found: Found, settled: str) -> list[str]:
    comparison, run = found.comparison, found.run
    items = len({(v.organisation, v.item) for v in run.values})
    lines = [f"Run {run.id}: {items} items. {settled}"]
    if found.delivery.get("waiting"):
        lines.append(f"{found.delivery['waiting']} turns could not be delivered and still wait.")
    if found.delivery.get("unjudged"):
        lines.append(
            f"{found.delivery['unjudged']} turns are not judged yet: do the judges answer?"
        )
    if comparison is not None:
        lines += [line for cause in comparison.causes for line in cause_lines(cause)]
        lines += [f"Better: {_told(c)}" for c in _of(comparison, "better")]
        if comparison.alarm or comparison.better:
            lines += [f"Changed since: {name}: {a} → {b}" for name, (a, b) in _changes(comparison)]
    lines += [d["said"] for d in found.drift.get("signals", ()) if d["level"] != "fine"]
    return [*lines, "ALARM: something got worse." if found.alarm else "Nothing got worse."]


def _changes(comparison: Comparison) -> Iterable[tuple[str, tuple[str, str]]]:
    return comparison.changed.items()


def cause_lines(cause: Cause) -> list[str]:
    """What got worse, for whom, where it shows too, and where to look."""
    whose = " and ".join(cause.organisations) if cause.organisations else "everybody"
    lines = [f"Worse: {cause.step} for {whose}: {cause.worst.measure}, {points(cause.worst)}."]
    if cause.felt_in:
        lines.append(f"  Felt in later steps, too: {' and '.join(cause.felt_in)}.")
    lines += [f"  lost: {item}" for item in cause.items[:MOST_ITEMS]]
    return [*lines, f"  What to do: {ADVICE[cause.step]}."]
