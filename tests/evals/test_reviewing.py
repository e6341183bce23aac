"""The review queue on a real MLflow store: who enters it, why, and what answers become."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow.entities import AssessmentSource, Expectation
from mlflow.entities import Feedback as Answer

from data.packs.load import load_pack
from data.packs.version import version_of
from data.store.tables import new_id
from evals.nightly.sets import Item, grow, grown_file
from evals.reviewing.corrections import corrections, fault_of
from evals.reviewing.filling import Filling
from evals.reviewing.pick import Judged, reason
from evals.reviewing.questions import QUESTIONS, RIGHT_QUESTION, RIGHT_RULE, RULE_MEANT
from evals.reviewing.queue import QUEUE, REASON, ReviewQueue
from evals.score import Score, scored
from evals.traces import Feedback, TurnRecord, trace_id_of
from evals.tracking import Tracking

RULE = 'rule "a"\n  when  severity is critical\n  then  priority is P1'


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracking]:
    yield Tracking(f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db")


def turn(tracking: Tracking, org: str, number: int, *scores: Score, **more: str) -> str:
    id, now = f"{number:032x}", time.time_ns()
    said = {"message": more.get("message", "critical issues are P1")}
    done = {"status": "drafted", "rules": [RULE], **more}
    tracking.write_turn(
        TurnRecord(id, org, "s", "u", None, now - 10**7, now, said, done, (), scores)
    )
    return id


def judge(name: str, value: float) -> Score:
    return Score(name, value, "because", by="openai:/m", version="1")


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        (Judged("t", (False,), {"parses": 1.0}), "thumb down"),
        (Judged("t", (True,), {"plain_language": 0.2}), "a thumb up, but plain language is low"),
        (Judged("t", (), {}, {"safe": 1.0, "relevant": 0.1}), "judges disagree"),
        (Judged("t", (), {"accounted": 0.0}), "accounted is low"),
        (Judged("t", (), {"accounted": 1.0}, failed=True), "the turn broke"),
        (Judged("t", (True,), {"accounted": 1.0}, {"safe": 1.0}), None),
    ],
)
def test_the_weightiest_reason_is_told(turn: Judged, why: str | None) -> None:
    assert reason(turn, share=0.0) == why


def test_chance_draws_its_share_and_the_same_turns_every_time() -> None:
    turns = [Judged(f"tr-{n}") for n in range(2000)]
    drawn = [t.trace_id for t in turns if reason(t, 0.05)]
    assert 60 < len(drawn) < 140
    assert drawn == [t.trace_id for t in turns if reason(t, 0.05)]


def test_a_queue_is_filled_by_rule_and_each_turn_enters_once(tracking: Tracking) -> None:
    org, other = new_id(), new_id()
    down = turn(tracking, org, 1)
    tracking.write_feedback(org, Feedback(down, False, "no", "p"))
    low = turn(tracking, org, 2, scored("accounted", False, "lost"))
    turn(tracking, org, 3, scored("accounted", True, "all"))
    apart = turn(tracking, org, 4, judge("safe", 1.0), judge("relevant", 0.0))
    turn(tracking, other, 5, scored("accounted", False, "lost"))
    queue = ReviewQueue(tracking, share=0.0)
    found = {trace_id_of(org, t): why for t, why in (
        (down, "thumb down"), (low, "accounted is low"), (apart, "judges disagree"))}  # fmt: skip
    assert queue.fill(org) == found
    assert queue.fill(org) == {}
    for id, why in found.items():
        assert tracking.client.get_trace(id).info.tags[REASON] == why
    made = tracking.client._get_review_queue(ReviewQueue(tracking).ready(org))
    assert made.name == QUEUE
    assert len(made.schema_ids) == len(QUESTIONS)


def test_what_people_answer_becomes_expected(tracking: Tracking, tmp_path: Path) -> None:
    org = new_id()
    right, wrong, broken, asked, open_ = (
        turn(tracking, org, n, scored("accounted", False, "lost"), **more)
        for n, more in enumerate(
            ({}, {"message": "urgent ones too"}, {}, {"question": "Which?", "message": "all"}, {}),
            10,
        )
    )
    queue = ReviewQueue(tracking, share=0.0)
    queue.fill(org)
    meant = RULE.replace("critical", "high")
    answers: list[tuple[str, str, object]] = [
        (right, RIGHT_RULE, True), (wrong, RIGHT_RULE, False), (wrong, RULE_MEANT, meant),
        (broken, RULE_MEANT, "P1 when it burns"), (asked, RIGHT_QUESTION, True),
    ]  # fmt: skip
    for id, name, value in answers:
        kind = Expectation if name == RULE_MEANT else Answer
        given = kind(name=name, value=value, source=AssessmentSource("HUMAN", "rex"))
        given.trace_id = trace_id_of(org, id)
        tracking.client.store.create_assessment(given)
        tracking.client._set_review_queue_item_status(
            queue.ready(org), item_id=trace_id_of(org, id), status="complete", completed_by="rex"
        )
    version = version_of(load_pack("issues"), tmp_path)
    found = corrections(queue.reviewed(org), fault_of(version))
    items = {i.sentence: i for i in found.items}
    assert [t for t, _ in found.unreadable] == [trace_id_of(org, broken)]
    assert items["urgent ones too"].rules == meant
    assert items["critical issues are P1"].rules == RULE
    assert items["all"].asks
    assert all(i.source and i.source["by"] == "rex" for i in found.items)
    assert open_ not in str(found.items)
    for _ in range(2):
        for item in found.items:
            grow(tmp_path, "issues", item)
    lines = grown_file(tmp_path, "issues").read_text().splitlines()
    assert len(lines) == len(found.items)
    grow(tmp_path, "issues", Item(found.items[0].id, "said otherwise", rules=RULE))
    assert len(grown_file(tmp_path, "issues").read_text().splitlines()) == len(lines) + 1


def test_filling_goes_on_where_mlflow_is_away() -> None:
    def away() -> ReviewQueue:
        raise OSError("down")

    assert Filling(lambda: ["o"], away).once() == 0
