"""Days are read from the turns in MLflow and the decisions in the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.packs.load import load_pack
from data.store import NewPerson, bootstrap_organisation, deployed, record_decision
from data.store.engine import Store
from data.store.tables import new_id
from evals.nightly.day import Opinion
from evals.nightly.days import read_days
from evals.score import Score
from evals.traces import Feedback, SpanRecord, TurnRecord
from evals.tracking import Tracking

NOON = datetime.combine(datetime.now(UTC).date() - timedelta(days=1), datetime.min.time(), UTC)
NOON += timedelta(hours=12)


def a_turn(org_id: str, message: str, intent: str, unplaced: list[str], seconds: int) -> TurnRecord:
    began = int(NOON.timestamp() * 1e9)
    ended = began + seconds * 1_000_000_000
    drafted = {"rules": ["rule"], "unplaced": unplaced} if intent == "draft" else {}
    tokens = {"input_tokens": 90, "output_tokens": 10}
    judged = Score("says_what_was_said", True, "so", by="model", version="1")
    return TurnRecord(
        new_id(), org_id, "s", "u", None, began, ended,
        {"message": message}, {"intent": intent, **drafted},
        (SpanRecord("draft", began, ended, {}, tokens),), (judged,),
        "ValueError" if not message else None,
    )  # fmt: skip


def test_yesterday_as_it_stands_in_mlflow_and_in_the_store(
    store: Store, tracking: Tracking, tracking_uri: str, tmp_path: Path
) -> None:
    pack = load_pack("radiology")
    with store.session() as session:
        org = bootstrap_organisation(session, pack, [NewPerson("p", ("owner",))]).org_id
        version = str(deployed(session, org, "production"))
    turns = [
        a_turn(org, "wheelchair mammogram", "draft", [], 1),
        a_turn(org, "wheelchair zorble", "draft", ["zorble"], 2),
        a_turn(org, "the weather", "aside", [], 1),
        a_turn(org, "", "draft", [], 3),
    ]
    for turn in turns:
        tracking.write_turn(turn)
    tracking.write_feedback(org, Feedback(turns[0].turn_id, False, None, "person"))
    with store.session() as session:
        for place, status in (
            ("north-1", "no_rule"),
            ("north-1", "decided"),
            ("south-1", "decided"),
        ):
            outcomes = {"procedure_code": {"status": status, "value": "MM123"}}
            facts = {"clinic": {"id": place, "state": "TX"}}
            result = {"outcomes": outcomes}
            record_decision(session, org, "production", version, new_id(), facts, result)

    today = datetime.now(UTC).date()
    days = read_days(store, tracking_uri, tmp_path / "days", today)["radiology"]
    yesterday, now = days
    assert (yesterday.turns, yesterday.broke, yesterday.outside) == (4, 1, 1)
    assert (yesterday.drafts, yesterday.unplaced) == (3, 1)
    assert yesterday.words["wheelchair"] == 2 and len(yesterday.vector) == 256
    assert yesterday.tokens == 100 and yesterday.seconds is not None and yesterday.seconds > 2
    assert yesterday.opinions == (Opinion("says_what_was_said", True, False),)
    assert now.gaps == {"": (1, 3), "north-1": (1, 2), "south-1": (0, 1)}
    assert sum(now.outcomes["procedure_code"].values()) == 3
    assert list((tmp_path / "days").rglob(f"{today}.json")) == [], "thumbs may still come"
    assert read_days(store, tracking_uri, tmp_path / "days", today)["radiology"] == days
    for _ in ("written to a file", "read from it"):
        later = read_days(store, tracking_uri, tmp_path / "days", today + timedelta(days=8))
        assert later["radiology"][:2] == days
