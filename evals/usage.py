"""What was used and how it went, for whoever pays for it: turns, steps, the model, by the hour.

Turns and steps are read from MLflow, what the model took from the store, where it is counted at
once. Hours and days are UTC.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from data.store import Used, model_use_by_hour, organisations
from data.store.engine import Store
from evals.tracking import be_quiet, experiment_name, first_opening, traces_between
from graph.nodes.draft import TOOK_OVER

WHOLE = "turn"
"""Stands for all steps of a turn together."""
Trace = Any
Hours = Mapping[datetime, Used]


@dataclass(frozen=True, slots=True)
class Step:
    """How often a step of the pipeline ran, how long it took (milliseconds), and what failed."""

    name: str
    times: int
    p50: float
    p95: float
    failed: int


@dataclass(frozen=True, slots=True)
class Usage:
    """One organisation over some days."""

    organisation: str
    turns: Mapping[datetime, int]
    """Hour → turns that began in it."""
    broke: int
    """Turns that ended in an error of ours."""
    steps: tuple[Step, ...]
    """The turn as a whole first, then by the time they took in all."""
    asked: int
    """Drafts that a model was asked for."""
    answered: int
    """Of those, the ones for which no other drafter had to take over."""
    model: Hours
    """Hour → what the model took."""

    @property
    def used(self) -> Used:
        return total(self.model.values())

    def in_short(self) -> dict[str, Any]:
        """A line for a page; the times are of whole turns, in milliseconds."""
        whole = next((s for s in self.steps if s.name == WHOLE), None)
        return {
            "organisation": self.organisation,
            "turns": sum(self.turns.values()),
            "broke": self.broke,
            "p50": whole.p50 if whole else None,
            "p95": whole.p95 if whole else None,
            "asked": self.asked,
            "answered": self.answered,
            "tokens": self.used.tokens,
            "cost": self.used.cost,
            "busiest": [hour for hour, _ in self.peaks(1)],
        }

    def peaks(self, most: int = 3) -> list[tuple[int, int]]:
        """The hours of the day with the most turns, and how many: the busiest first."""
        by_hour = Counter[int]()
        for hour, turns in self.turns.items():
            by_hour[hour.hour] += turns
        return by_hour.most_common(most)


@dataclass(frozen=True, slots=True)
class Unit:
    """Provisioned capacity, as it is sold."""

    price: float
    """US dollars an hour, used or not."""
    tokens: int
    """What it takes in an hour."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The real load paid in two ways, US dollars."""

    by_token: float
    provisioned: float
    units: int
    """Enough for the busiest hour."""
    busiest: int
    """Tokens in it."""


def read_usage(store: Store, tracking_uri: str, start: datetime, end: datetime) -> list[Usage]:
    """Each organisation from ``start`` to before ``end``. Raises what MLflow raises."""
    be_quiet()
    from mlflow import MlflowClient

    with first_opening(tracking_uri):
        client = MlflowClient(tracking_uri)
    with store.reading() as session:
        known = [(o.name, o.id) for o in organisations(session)]
        took = {id: model_use_by_hour(session, id, start, end) for _, id in known}
    return [usage_of(name, _traces(client, id, start, end), took[id]) for name, id in known]


def usage_of(organisation: str, traces: Iterable[Trace], model: Hours) -> Usage:
    """What the traces of one organisation tell."""
    seen = list(traces)
    spans = [s for t in seen for s in t.data.spans]
    drafts = [dict(s.outputs or {}) for s in spans if s.name == "draft"]
    asked = [d for d in drafts if d.get("tries")]
    return Usage(
        organisation,
        Counter(_hour(t) for t in seen),
        sum("error" in t.info.tags for t in seen),
        _steps(spans),
        len(asked),
        sum(TOOK_OVER not in str(d.get("note", "")) for d in asked),
        model,
    )


def prices(found: Sequence[Usage], unit: Unit, hours: int) -> Prices:
    """Units are shared by all organisations, and stand ready for every one of the hours."""
    load = Counter[datetime]()
    for usage in found:
        for hour, used in usage.model.items():
            load[hour] += used.tokens
    busiest = max(load.values(), default=0)
    units = math.ceil(busiest / unit.tokens)
    by_token = sum(u.used.cost for u in found)
    return Prices(by_token, units * unit.price * hours, units, busiest)


def total(each: Iterable[Used]) -> Used:
    found = list(each)
    return Used(
        sum(u.tries for u in found),
        sum(u.input_tokens for u in found),
        sum(u.output_tokens for u in found),
        sum(u.cost for u in found),
    )


def _steps(spans: Sequence[Any]) -> tuple[Step, ...]:
    grouped: dict[str, list[Any]] = {}
    for span in spans:
        name = WHOLE if span.parent_id is None else str(span.name)
        grouped.setdefault(name, []).append(span)
    took = {n: [(s.end_time_ns - s.start_time_ns) / 1e6 for s in g] for n, g in grouped.items()}
    order = sorted(grouped, key=lambda n: (n != WHOLE, -sum(took[n])))
    return tuple(_step(n, took[n], grouped[n]) for n in order)


def _step(name: str, millis: Sequence[float], spans: Sequence[Any]) -> Step:
    p50, p95 = (float(np.quantile(millis, q)) for q in (0.5, 0.95))
    failed = sum(s.status.status_code.value == "ERROR" for s in spans)
    return Step(name, len(spans), p50, p95, failed)


def _hour(trace: Trace) -> datetime:
    began = datetime.fromtimestamp(trace.info.request_time / 1000, UTC)
    return began.replace(minute=0, second=0, microsecond=0)


def _traces(client: Any, org_id: str, start: datetime, end: datetime) -> Iterator[Trace]:
    found = client.get_experiment_by_name(experiment_name(org_id))
    if found is None:
        return
    yield from traces_between(client, str(found.experiment_id), start, end)
