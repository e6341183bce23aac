"""The page a person reads, the figures Prometheus reads, and what a webhook gets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright
from prometheus_client.parser import text_string_to_metric_families

from data.store import Used
from evals.nightly.compare import compare
from evals.nightly.drift import drift
from evals.nightly.kept import Nights
from evals.nightly.night import Found, settle
from evals.nightly.publish import NotPosted, post, write_figures, write_report
from evals.nightly.results import Run
from evals.nightly.summary import summary_of
from evals.usage import WHOLE, Step, Usage
from tests.evals.nightly.test_compare import a_run, with_drop
from tests.evals.nightly.test_drift import gaps_in_the_south, some_days

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path / "nightly")


def said(run: Run) -> Run:
    """Items whose words a page must not take for markup."""
    values = (replace(v, item=f"example: <b>{v.item}</b> #12ab", detail="") for v in run.values)
    return replace(run, values=tuple(values))


def used(organisation: str, turns: int = 2) -> dict[str, Any]:
    """A day of this many turns of half a second, for which a model was asked."""
    at = datetime(2026, 11, 19, 9, tzinfo=UTC)
    steps = (Step(WHOLE, turns, 500.0, 900.0, 0),) if turns else ()
    model = {at: Used(turns, 1000 * turns, 0, 0.5)} if turns else {}
    hours = {at: turns} if turns else {}
    return Usage(organisation, hours, 0, steps, turns, turns // 2, model).in_short()


def a_night(nights: Nights) -> tuple[Found, dict[str, Any]]:
    before = a_run("2026-11-19", 1, items=60)
    after = with_drop(
        a_run("2026-11-20", 2, items=60, model="m2"),
        lambda v: v.organisation == "south" and v.step == "retrieve",
        0.4,
    )
    days = some_days(60)
    signals = drift([*days[:-1], gaps_in_the_south(days[-1])], "south")
    found = Found(
        nights.night("2026-11-20"),
        said(after),
        compare(said(before), said(after)),
        {"signals": [asdict(s) for s in signals], "usage": [used("south"), used("north", 0)]},
        {"waiting": 2, "unjudged": 3},
    )
    summary = found.night.once("summary.json", lambda: summary_of(found, settle(nights, found)))
    return found, summary


def test_the_page_says_first_what_happened_and_holds_everything_in_itself(
    nights: Nights, tmp_path: Path
) -> None:
    found, summary = a_night(nights)
    path = write_report(nights, found, summary, tmp_path / "for people")
    assert path.parent == tmp_path / "for people"
    assert (found.night.folder / "measures.csv").read_text().count("\n") > 20
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 800})
        asked: list[str] = []
        page.on("request", lambda r: asked.append(r.url))
        page.goto(path.as_uri())
        assert page.locator("h1").inner_text() == "Alarm: retrieve got worse for south"
        assert "model was m1, is m2" in page.inner_text("body")
        rows = page.locator(".usage tbody tr").all_inner_texts()
        south, north = (" ".join(row.split()) for row in rows)
        assert south == "south 2 0 0.5 s 0.9 s 1 of 2 2,000 $0.50 09:00"
        assert north == "north 0 0 – – – 0 $0.00 –"
        assert "requests without a rule at south" in page.inner_text(".charts")
        assert page.get_by_text("Judges against people").is_visible()
        assert page.get_by_text("agreement of plain with people: kappa").first.is_visible()
        assert page.locator(".steps li.worse b").all_inner_texts() == ["retrieve"]
        assert "<b>item-" in page.locator(".cause li").first.inner_text(), "shown, not run"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, "fits a phone"
        browser.close()
    assert asked == [path.as_uri()]


def test_the_page_of_a_first_night_has_nothing_to_hold_it_to(nights: Nights) -> None:
    run = a_run("2026-11-20", 1, items=5)
    night = nights.night(run.id)
    night.once(night.RUN, run.to_json)
    found = Found(night, run, None, {"signals": []})
    summary = night.once("summary.json", lambda: summary_of(found, settle(nights, found)))
    text = write_report(nights, found, summary, None).read_text()
    assert "The first run" in text and "Every measure against" not in text
    accepted = nights.accepted()
    assert accepted is not None and accepted.id == run.id


def test_prometheus_reads_the_figures(nights: Nights, tmp_path: Path) -> None:
    found, summary = a_night(nights)
    write_figures(found, summary, tmp_path / "rulewright.prom")
    text = (tmp_path / "rulewright.prom").read_text()
    samples = {
        (s.name, *sorted(s.labels.values())): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }
    assert samples["rulewright_nightly_alarm",] == 1
    assert samples["rulewright_nightly_worse", "retrieve", "right", "south"] == 1
    assert samples["rulewright_nightly_worse", "north", "retrieve", "right"] == 0
    assert samples["rulewright_nightly_difference", "retrieve", "right", "south"] < -0.2
    assert samples["rulewright_nightly_unjudged",] == 3
    assert sum(v for k, v in samples.items() if k[0] == "rulewright_nightly_drift_unusual") == 1


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200 if len(got) > 1 else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", got
    server.shutdown()


def test_a_webhook_gets_the_summary_once_and_is_tried_again_after_a_refusal(
    nights: Nights, webhook: tuple[str, list[dict[str, Any]]]
) -> None:
    address, got = webhook
    found, summary = a_night(nights)
    with pytest.raises(NotPosted):
        post(found, summary, address, Path("report.html"))
    for _ in range(3):
        post(found, summary, address, Path("report.html"))
    assert len(got) == 2
    assert got[1]["alarm"] is True and "retrieve for south" in got[1]["text"]
    with pytest.raises(NotPosted):
        post(replace(found, night=nights.night("other")), summary, "file:///etc/passwd", Path())
