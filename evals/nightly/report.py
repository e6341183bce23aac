"""The night as one self-contained page that a person reads in three minutes, and as tables."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evals.nightly.classify import IntentScore, macro_f1
from evals.nightly.compare import Cause, Cell
from evals.nightly.drift import shown
from evals.nightly.evaluate import routed
from evals.nightly.night import Found
from evals.nightly.results import STEPS, Step
from evals.nightly.summary import ADVICE, points

Json = dict[str, Any]
HERE = Path(__file__).parent
HALF = 150
"""Pixels from the middle of an interval plot to its end."""
WIDTH, HEIGHT, MARGIN = 300, 70, 6
MOST_ITEMS = 6
SMALLEST_SCALE = 10
"""Points of a hundred that the interval plots reach at least."""
LEAST_HISTORY = 0.1
"""A share that moves less is drawn as nearly flat."""
COLOURS: Mapping[str, str] = {"worse": "worse", "better": "better", "alarm": "worse"}
LEADING: Mapping[Step, str] = {
    "route": "intent",
    "retrieve": "recall",
    "draft": "execution accuracy",
    "validate": "findings",
    "test": "scenarios",
    "answer": "plain language",
}
"""The measure that stands for a step where there is room for one."""


def page(found: Found, summary: Mapping[str, Any], past: Sequence[Mapping[str, Any]]) -> str:
    """The page. ``past``: summaries of the finished runs, the oldest first, this one included."""
    room = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return room.get_template("page.html").render(view=_view(found, summary, past))


def _view(found: Found, summary: Mapping[str, Any], past: Sequence[Mapping[str, Any]]) -> Json:
    comparison = found.comparison
    cells = comparison.cells if comparison else ()
    signals: list[Json] = list(found.drift.get("signals", ()))
    intents = routed(found.run.values)
    f1 = macro_f1(intents)
    return {
        "run": summary["run"],
        "alarm": summary["alarm"],
        "headline": _headline(found, signals),
        "lead": _lead(found, signals),
        "settled": summary["settled"],
        "held_to": summary["held_to"],
        "tried": len({(v.organisation, v.item) for v in found.run.values}),
        "steps": [_step(step, cells, summary["means"]) for step in STEPS],
        "causes": [_cause(c, found) for c in (comparison.causes if comparison else ())],
        "changed": "; ".join(f"{n} was {a}, is {b}" for n, (a, b) in summary["changed"].items()),
        "rows": _rows(cells),
        "scale": _scale(cells),
        "history": [line for step in STEPS if (line := _history(step, past))],
        "unusual": [_drawn(s) for s in signals if s["level"] in ("alarm", "watch")],
        "agreement": [
            _drawn(s)
            for s in signals
            if s["kind"] == "agreement" and s["series"] and s["level"] == "fine"
        ],
        "drift": [_listed(s) for s in signals],
        "usage": [_used(u) for u in found.drift.get("usage", ())],
        "intents": [_intent(i) for i in intents],
        "macro_f1": "" if f1 is None else f"{f1:.2f}",
        "made_with": list(summary["made_with"].items()),
        "waiting": summary["waiting"],
        "unjudged": summary["unjudged"],
    }


def _headline(found: Found, signals: Sequence[Json]) -> str:
    causes = found.comparison.causes if found.comparison else ()
    if causes:
        return f"Alarm: {causes[0].step} got worse for {_whose(causes[0].organisations)}"
    if found.comparison is not None and found.comparison.alarm:
        return "Alarm: something got worse"
    if alarms := [s for s in signals if s["level"] == "alarm"]:
        return f"Alarm: {alarms[0]['name']} of {alarms[0]['organisation']} is unusual"
    return "Nothing got worse" if found.comparison else "The first run"


def _lead(found: Found, signals: Sequence[Json]) -> str:
    comparison = found.comparison
    watched = sum(s["level"] in ("alarm", "watch") for s in signals)
    unusual = f"{watched or 'No'} figure{'' if watched == 1 else 's'} of yesterday unusual."
    if comparison is None:
        return f"There is nothing to hold it to yet. {unusual}"
    counts = [sum(c.verdict == v for c in comparison.cells) for v in ("worse", "better")]
    return (
        f"Of {len(comparison.cells)} measures {counts[0] or 'none'} got worse and "
        f"{counts[1] or 'none'} better. {unusual}"
    )


def _whose(organisations: Sequence[str]) -> str:
    return " and ".join(organisations) if organisations else "everybody"


def _step(step: Step, cells: Sequence[Cell], means: Mapping[str, float]) -> Json:
    mine = [c for c in cells if c.step == step]
    for mark in ("worse", "better"):
        if marked := [c for c in mine if c.verdict == mark]:
            most = max(marked, key=lambda c: abs(c.difference))
            said = f"{most.measure} {100 * most.difference:+.0f} points"
            return {"name": step, "mark": mark, "said": said}
    mean = means.get(f"{step}/{LEADING[step]}")
    said = "no verdict" if mean is None else f"{LEADING[step]} {mean:.0%}"
    return {"name": step, "mark": "", "said": said}


def _cause(cause: Cause, found: Found) -> Json:
    details = {
        v.item: v.detail
        for v in found.run.values
        if (v.step, v.measure) == (cause.step, cause.worst.measure)
    }
    items = [{"name": _name(i), "detail": details.get(i, "")} for i in cause.items[:MOST_ITEMS]]
    return {
        "title": f"{cause.step.capitalize()} for {_whose(cause.organisations)}:",
        "said": f"{cause.worst.measure}, {points(cause.worst)}.",
        "felt_in": " and ".join(cause.felt_in),
        "lost": items,
        "many": len(cause.items),
        "advice": ADVICE[cause.step],
    }


def _name(item: str) -> str:
    """What was said, without the mark of its expectation."""
    return item.rpartition(" #")[0] or item


def _scale(cells: Iterable[Cell]) -> int:
    ends = [100 * abs(e) for c in cells for e in (c.low, c.high)]
    return max(SMALLEST_SCALE, int(max(ends, default=0)) + 1)


def _rows(cells: Sequence[Cell]) -> list[Json]:
    scale, before = _scale(cells), ("", "")
    rows: list[Json] = []
    for cell in cells:
        now = cell.step, cell.measure
        first = {"first": now[0] != before[0], "first_of_measure": now != before}
        rows.append(_row(cell, scale) | first)
        before = now
    return rows


def _row(cell: Cell, scale: int) -> Json:
    def at(value: float) -> float:
        return round(HALF + HALF * 0.96 * 100 * value / scale, 1)

    few = cell.verdict == "too few"
    return {
        "step": cell.step,
        "measure": cell.measure,
        "whose": cell.organisation or "everybody",
        "before": f"{cell.before:.1%}" if cell.pairs else "–",
        "after": f"{cell.after:.1%}" if cell.pairs else "–",
        "difference": "too few" if few else f"{100 * cell.difference:+.1f}",
        "mark": COLOURS.get(cell.verdict, ""),
        "colour": COLOURS.get(cell.verdict, "plain"),
        "at": at(cell.difference),
        "low_at": at(cell.low),
        "high_at": at(cell.high),
        "said": f"{cell.verdict}: {points(cell)}",
        "pairs": cell.pairs,
        "lost": cell.lost,
    }


@dataclass(frozen=True, slots=True)
class _Line:
    points: str
    last: tuple[float, float]
    limit_at: float | None


def _line(values: Sequence[float], limit: float | None = None, least: float = 0.0) -> _Line:
    """The values from left to right; the height holds them, the limit, and ``least`` at least."""
    every = [*values, *([] if limit is None else [limit])]
    low, high = min(every), max(every)
    reach = max(high - low, least) or 1.0

    def y(value: float) -> float:
        return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - low) / reach, 1)

    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    at = [(round(MARGIN + n * step, 1), y(v)) for n, v in enumerate(values)]
    text = " ".join(f"{x},{height}" for x, height in at)
    return _Line(text, at[-1], None if limit is None else y(limit))


def _history(step: Step, past: Sequence[Mapping[str, Any]]) -> Json | None:
    """How the step's leading measure went over the runs; ``None`` with fewer than two."""
    name = f"{step}/{LEADING[step]}"
    values = [float(p["means"][name]) for p in past if name in p.get("means", {})]
    if len(values) < 2:
        return None
    said = f"{values[-1]:.1%}, between {min(values):.1%} and {max(values):.1%}"
    drawn = asdict(_line(values, least=LEAST_HISTORY))
    return {"name": f"{step}, {LEADING[step]}", "said": said, "colour": "plain", **drawn}


def _drawn(signal: Mapping[str, Any]) -> Json:
    values = [v for _, v in signal["series"]]
    drawn = asdict(_line(values, signal["limit"])) if values else {"points": ""}
    colour = {"alarm": "worse", "watch": "watch"}.get(signal["level"], "plain")
    name = f"{signal['organisation']}: {signal['name']}"
    said = signal["said"].removeprefix(f"{name}: ")
    return {"name": name, "said": said, "level": signal["level"], "colour": colour, **drawn}


def _used(line: Mapping[str, Any]) -> Json:
    def told(millis: float | None) -> str:
        return "–" if millis is None else f"{millis / 1000:.1f} s"

    return {
        **line,
        "p50": told(line["p50"]),
        "p95": told(line["p95"]),
        "model": f"{line['answered']:,} of {line['asked']:,}" if line["asked"] else "–",
        "tokens": f"{line['tokens']:,}",
        "cost": f"${line['cost']:,.2f}",
        "busiest": "".join(f"{hour:02}:00" for hour in line["busiest"]) or "–",
    }


def _listed(signal: Mapping[str, Any]) -> Json:
    def told(value: float | None) -> str:
        return "–" if value is None else shown(value, signal["kind"])

    figures = {name: told(signal[name]) for name in ("value", "usual", "limit")}
    return {**{k: signal[k] for k in ("organisation", "name", "level")}, **figures}


def _intent(score: IntentScore) -> Json:
    precision = "–" if score.precision is None else f"{score.precision:.0%}"
    shown = {"precision": precision, "recall": f"{score.recall:.0%}", "f1": f"{score.f1:.2f}"}
    return {"intent": score.intent, "many": score.items, **shown}


def cells_table(cells: Iterable[Cell]) -> str:
    """Every measure as CSV."""
    rows = [asdict(c) | {"difference": c.difference} for c in cells]
    return _csv([{**r, "organisation": r["organisation"] or "everybody"} for r in rows])


def items_table(found: Found) -> str:
    """Every value of every item as CSV."""
    return _csv([asdict(v) for v in found.run.values])


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = StringIO()
    if rows:
        table = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    return out.getvalue()
