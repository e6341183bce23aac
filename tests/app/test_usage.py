"""``rulewright usage``: turns, steps and tokens by organisation and hour, and two prices."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.nightly import _drift
from app.settings import Settings
from app.usage import UNREADABLE, usage
from data.store import Used, add_model_use, create_organisation, open_store
from data.store.tables import new_id
from evals.nightly.budgets import NAME
from evals.reviewers import ReviewServer
from evals.traces import SpanRecord, TurnRecord
from evals.tracking import Tracking
from evals.usage import Unit, prices, usage_of
from graph.nodes.draft import TOOK_OVER

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
EARLIER = TODAY - timedelta(days=1)
NINE, TEN = EARLIER + timedelta(hours=9), EARLIER + timedelta(hours=10)
LONG_AGO = TODAY - timedelta(days=40)


def a_turn(org: str, at: datetime, millis: int, *, note: str = "", broke: str = "") -> TurnRecord:
    began = int(at.timestamp() * 1e9) + 60_000_000_000
    ended = began + millis * 1_000_000
    told = {"tries": 1, "input_tokens": 90, "output_tokens": 10, "note": note}
    found = SpanRecord("retrieve", began, began + 5_000_000, {}, {}, broke or None)
    drafted = SpanRecord("draft", began + 5_000_000, ended, {}, told)
    steps = (found,) if broke else (found, drafted)
    return TurnRecord(
        new_id(), org, "s", "u", None, began, ended, {"message": "m"}, {"intent": "draft"},
        steps, (), broke or None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two organisations: one with four turns on one day and one long ago, one with none."""
    made = Settings(
        var=tmp_path_factory.mktemp("usage"),
        chat_model_input_price=1,
        chat_model_output_price=2,
        chat_model_unit_price=2.0,
        chat_model_unit_tokens=1000,
    )
    store = open_store(made.store_address)
    with store.session() as session:
        org = create_organisation(session, "busy").id
        create_organisation(session, "idle")
        for at, tokens in ((NINE, 300), (TEN, 2400), (LONG_AGO, 9_000_000)):
            add_model_use(session, org, at, Used(2, tokens - 100, 100, 0.25))
    store.close()
    tracking = Tracking(ReviewServer(made.var / "mlflow", made.mlflow_port).tracking_uri)
    turns = [
        a_turn(org, NINE, 100),
        a_turn(org, TEN, 200),
        a_turn(org, TEN, 300, note=f"The model is busy. {TOOK_OVER}"),
        a_turn(org, TEN, 50, broke="ValueError"),
        a_turn(org, LONG_AGO, 100),
    ]
    for turn in turns:
        tracking.write_turn(turn)
    return made


def test_what_was_used_is_told_by_step_and_hour(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert usage(7, as_json=False, settings=settings) == 0
    told = capsys.readouterr().out
    assert "4 turns, 1 of them ended in an error of ours (25.0%)" in told
    assert "asked for 3 drafts and answered for 2 (66.7%)" in told
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "turn 4 150 ms 285 ms 75.0%" in lines
    assert "retrieve 4 5 ms 5 ms 75.0%" in lines
    assert f"{TEN:%Y-%m-%d} 10:00 3 2 2,400 $0.25" in lines
    assert "in all 4 4 2,700 $0.50" in lines
    assert "Busiest hours of the day: 10:00 (3 turns), 09:00 (1 turn)." in told
    assert "idle" in told and "0 turns" in told


def test_two_ways_of_paying_are_compared_on_the_load(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert usage(7, as_json=True, settings=settings) == 0
    told = json.loads(capsys.readouterr().out)
    both, hours = told["prices"], told["hours"]
    assert (both["units"], both["busiest"], both["by_token"]) == (3, 2400, 0.5)
    assert both["provisioned"] == pytest.approx(3 * 2.0 * hours)
    unpriced = settings.model_copy(update={"chat_model_unit_price": None})
    assert usage(7, as_json=False, settings=unpriced) == 0
    assert "Provisioned" not in capsys.readouterr().out


def test_the_night_s_page_is_told_of_yesterday_and_of_the_month(settings: Settings) -> None:
    limited = settings.model_copy(update={"chat_model_budget_tokens": 1000})
    found = _drift(limited)
    busy, idle = found["usage"]
    assert (busy["organisation"], busy["turns"], busy["tokens"]) == ("busy", 4, 2700)
    assert (busy["answered"], busy["busiest"], idle["p95"]) == (2, [10], None)
    told = {s["organisation"] for s in found["signals"] if s["name"] == NAME}
    assert told == {"busy", "idle"}


def test_capacity_is_shared_by_the_organisations() -> None:
    each = [usage_of(name, [], {NINE: Used(input_tokens=600, cost=1.0)}) for name in ("a", "b")]
    found = prices(each, Unit(price=1.0, tokens=1000), hours=24)
    assert (found.units, found.busiest, found.by_token, found.provisioned) == (2, 1200, 2.0, 48.0)


def test_where_nothing_is_installed_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert usage(7, as_json=False, settings=Settings(var=tmp_path)) == UNREADABLE
    assert "rulewright serve" in capsys.readouterr().err
