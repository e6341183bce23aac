"""The night's figures for Prometheus, as a file for the node exporter's textfile collector."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from evals.nightly.night import Found

BEGIN = "rulewright_nightly"


def write_metrics(path: Path, found: Found, summary: Mapping[str, Any]) -> None:
    """Replaces the file whole, so that no scrape sees half of it."""
    registry = CollectorRegistry()

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"{BEGIN}_{name}", text, labels, registry=registry)

    gauge("alarm", "1 where something got worse").set(float(summary["alarm"]))
    gauge("finished_seconds", "When the run ended, seconds since 1970").set(time.time())
    gauge("undelivered", "Turns that wait to be delivered").set(summary["waiting"])
    gauge("unjudged", "Turns that wait to be judged").set(summary["unjudged"])
    names = ("organisation", "step", "measure")
    score = gauge("score", "Mean of a measure, 0 to 1", *names)
    difference = gauge("difference", "Mean minus the accepted run's", *names)
    worse = gauge("worse", "1 where the measure got worse", *names)
    for cell in found.comparison.cells if found.comparison else ():
        whose = (cell.organisation or "everybody", cell.step, cell.measure)
        if cell.pairs:
            score.labels(*whose).set(cell.after)
            difference.labels(*whose).set(cell.difference)
        worse.labels(*whose).set(float(cell.verdict == "worse"))
    figure = gauge("drift", "A figure of the last day", "organisation", "figure")
    unusual = gauge("drift_unusual", "1 where it is unusual", "organisation", "figure")
    for signal in found.drift.get("signals", ()):
        of = (signal["organisation"], signal["name"])
        if signal["value"] is not None:
            figure.labels(*of).set(signal["value"])
        unusual.labels(*of).set(float(signal["level"] in ("watch", "alarm")))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)
