"""Reads days from what is kept: turns and opinions from MLflow, decisions from the store.

A day that is over by a week is kept in a file, so that a night reads the last days alone; thumbs
that come late are still counted until then.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from data.index import content_words
from data.index.embedding import embed_all
from data.ontology.model import Ontology
from data.rulelang.version import Version
from data.store import decisions_between, deployed, load_version, organisations
from data.store.engine import Store
from data.store.tables import DecisionRow
from evals.nightly.day import Day, Opinion
from evals.nightly.kept import write_whole
from evals.tracking import THUMB, experiment_name, traces_between
from graph.words import result_words

WINDOW = 63
"""Days that are looked at: eight of each weekday, and the one that is judged."""
SETTLED = 7
"""Days after which nothing of a day changes any more."""
MOST_RESULTS = 50
"""Different results of a decision that are told apart; the rest are one."""
OUTSIDE = frozenset(["out_of_scope", "health", "aside"])
Trace = Any


def read_days(store: Store, tracking_uri: str, kept: Path, last: date) -> dict[str, list[Day]]:
    """Organisation's name → its days up to ``last``, from the first on which anything happened."""
    with store.reading() as session:
        known = [(o.id, o.name) for o in organisations(session)]
    found: dict[str, list[Day]] = {}
    for org_id, name in known:
        reader = _Reader(store, tracking_uri, org_id)
        dates = [last - timedelta(days=n) for n in reversed(range(WINDOW))]
        days = [_kept(reader, kept / org_id / f"{d}.json", d, last) for d in dates]
        began = next((n for n, d in enumerate(days) if d.turns or d.outcomes), len(days))
        found[name] = days[began:]
    return found


def _kept(reader: _Reader, path: Path, when: date, last: date) -> Day:
    if path.is_file():
        return Day.from_json(json.loads(path.read_text("utf-8")))
    day = reader.day(when)
    if when <= last - timedelta(days=SETTLED):
        write_whole(path, json.dumps(day.to_json(), ensure_ascii=False))
    return day


class _Reader:
    """Reads the days of one organisation."""

    def __init__(self, store: Store, tracking_uri: str, org_id: str) -> None:
        from mlflow import MlflowClient

        self._store = store
        self._org_id = org_id
        self._client = MlflowClient(tracking_uri)
        found = self._client.get_experiment_by_name(experiment_name(org_id))
        self._experiment = None if found is None else str(found.experiment_id)
        version = staging(store, org_id)
        self._ontology = version.ontology if version else None

    def day(self, when: date) -> Day:
        start = datetime.combine(when, time(), UTC)
        end = start + timedelta(days=1)
        day = of_turns(when.isoformat(), list(self._traces(start, end)))
        if self._ontology is None:
            return day
        with self._store.reading() as session:
            rows = decisions_between(session, self._org_id, start, end)
            outcomes, gaps = of_decisions(rows, self._ontology)
        return replace(day, outcomes=outcomes, gaps=gaps)

    def _traces(self, start: datetime, end: datetime) -> Iterator[Trace]:
        if self._experiment is None:
            return
        yield from traces_between(self._client, self._experiment, start, end)


def staging(store: Store, org_id: str) -> Version | None:
    """The version that staging runs; ``None`` where nothing is deployed."""
    with store.reading() as session:
        version_id = deployed(session, org_id, "staging")
        return None if version_id is None else load_version(session, org_id, version_id)


def of_turns(when: str, traces: Sequence[Trace]) -> Day:
    """What the day's turns say, as they stand in MLflow."""
    tags: list[Mapping[str, str]] = [t.info.tags for t in traces]
    drafts = [o for o in map(_outputs, traces) if o.get("rules") or o.get("unplaced")]
    messages = [m for t in traces if (m := _message(t))]
    return Day(
        when,
        turns=len(traces),
        broke=sum("error" in t for t in tags),
        outside=sum(t.get("intent") in OUTSIDE for t in tags),
        drafts=len(drafts),
        unplaced=sum(bool(o.get("unplaced")) for o in drafts),
        words=dict(Counter(w for m in messages for w in content_words(m))),
        vector=tuple(map(float, np.mean(embed_all(messages), axis=0))) if messages else (),
        seconds=_slowest([t.info.execution_duration / 1000 for t in traces]),
        tokens=_mean([u["total_tokens"] for t in traces if (u := t.info.token_usage)]),
        cost=_mean([c["total_cost"] for t in traces if (c := t.info.cost)]),
        opinions=tuple(o for t in traces for o in _opinions(t)),
    )


def _root(trace: Trace) -> Any:
    return next((s for s in trace.data.spans if s.parent_id is None), None)


def _message(trace: Trace) -> str:
    root = _root(trace)
    asked: Mapping[str, Any] = (root.inputs or {}) if root else {}
    return str(asked.get("message") or "")


def _outputs(trace: Trace) -> Mapping[str, Any]:
    root = _root(trace)
    return (root.outputs or {}) if root else {}


def _slowest(seconds: Sequence[float]) -> float | None:
    return float(np.quantile(seconds, 0.95)) if seconds else None


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _opinions(trace: Trace) -> Iterable[Opinion]:
    """Each model's verdict on a turn that a person gave a thumb to."""
    given = [a for a in trace.info.assessments if getattr(a, "value", None) is not None]
    thumbs = [a.value for a in given if a.name == THUMB]
    if not thumbs:
        return
    for said in given:
        if said.source.source_type == "LLM_JUDGE" and isinstance(said.value, bool | int | float):
            yield Opinion(said.name, float(said.value) >= 0.5, bool(thumbs[-1]))


def of_decisions(
    rows: Iterable[DecisionRow], ontology: Ontology
) -> tuple[dict[str, dict[str, int]], dict[str, tuple[int, int]]]:
    """How often each decision had which result; at each place, how many had no rule."""
    outcomes: dict[str, Counter[str]] = {}
    gaps: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for row in rows:
        told: Mapping[str, Any] = row.result.get("outcomes", row.result)
        for decision, result in told.items():
            if decision in ontology.decisions:
                outcomes.setdefault(decision, Counter())[result_words(result)] += 1
        for place in dict.fromkeys(("", _place(row.facts, ontology))):
            every[place] += 1
            gaps[place] += _has_gap(told, ontology)
    counted = {d: dict(c.most_common(MOST_RESULTS)) for d, c in outcomes.items()}
    return counted, {place: (gaps[place], n) for place, n in every.items()}


def _has_gap(told: Mapping[str, Any], ontology: Ontology) -> bool:
    needed = (d.name for d in ontology.decisions.values() if d.required)
    return any(told.get(d, {}).get("status") == "no_rule" for d in needed)


def _place(facts: Mapping[str, Any], ontology: Ontology) -> str:
    """The narrowest scope that the request names; empty where it names none."""
    if ontology.scopes is None:
        return ""
    entity: Mapping[str, Any] = facts.get(ontology.scopes.entity) or {}
    return next((str(entity[n]) for n in reversed(ontology.scopes.levels) if entity.get(n)), "")
