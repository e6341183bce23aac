"""Judges of turns that are over: what each sees, and what becomes of every kind of answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.store.tables import new_id
from evals.delivery import Delivery
from evals.judges import METRICS, RUBRICS, Judge, model_judges, plain_judges
from evals.judges.endpoint import Endpoint
from evals.judges.judging import Judging, Limits, is_drawn, judging_carrier
from evals.judges.rubric import VALUES, rubric
from evals.outbox import Held, Parcel
from evals.score import Score
from evals.store_outbox import StoreOutbox
from evals.traces import SpanRecord, Tracer, TurnRecord
from evals.tracking import Tracking
from tests.evals import judge_server as answers
from tests.evals.conftest import Clock
from tests.evals.test_delivery import traces_of
from tests.graph.model_server import Answer, Model, serving

THREAD = "6f1e0c1e-0b67-4b3d-9a53-2f6a4c1f7a10"
NAMES = {claim.NAME for claim in (*RUBRICS, *METRICS)}
RUBRIC_NAMES = {claim.NAME for claim in RUBRICS}


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with serving() as running:
        yield running


@pytest.fixture
def endpoint(model: Model) -> Endpoint:
    model.asked.clear()
    return Endpoint(model.base_url, "stub", "a judge's key", timeout=20.0)


def drafted(org: str = "o") -> TurnRecord:
    documents = [{"page_content": "wheelchair assistance", "metadata": {"doc_uri": "w"}}]
    retrieve = SpanRecord("retrieve", 1, 2, {}, {"documents": documents})
    return TurnRecord(
        new_id(), org, THREAD, "user-1", None, 1, 2,
        {"message": "Wheelchair patients at Northstar get MM123WA"},
        {
            "status": "drafted",
            "rules": ['rule "Wheelchair"\n  then procedure code is MM123WA'],
            "sentences": ["Wheelchair patients at Northstar get MM123WA."],
        },
        (retrieve,), (),
    )  # fmt: skip


def asked() -> TurnRecord:
    outputs = {"status": "question", "question": "Which code do they get?", "options": ["MM123"]}
    return replace(drafted(), outputs=outputs)


def by_name(judges: tuple[Judge, ...], turn: TurnRecord) -> dict[str, Score]:
    """What :class:`Judging` makes of the turn without an outbox."""
    board = Board()
    judging = Judging(board, None, Limits())
    judging._models = judges  # pyright: ignore[reportPrivateUsage]
    judging._seconds = 60.0  # pyright: ignore[reportPrivateUsage]
    judging(held(turn))
    return board.scores


class Board:
    def __init__(self) -> None:
        self.scores: dict[str, Score] = {}

    def verdicts(self, org_id: str, turn_id: str) -> dict[str, Any]:
        return {name: score.verdict for name, score in self.scores.items()}

    def write_scores(self, org_id: str, turn_id: str, scores: Any) -> None:
        self.scores |= {s.name: s for s in scores}


def held(turn: TurnRecord, tries: int = 99) -> Any:
    return Held(Parcel("judge", turn.org_id, turn.turn_id, "s", "k", turn.to_json()), None, tries)


def test_every_claim_of_a_draft_is_judged_by_an_endpoint_that_answers_well(
    model: Model, endpoint: Endpoint
) -> None:
    model.will(answers.good)

    scores = by_name(model_judges(endpoint), drafted())

    assert scores.keys() == NAMES | {"plain_question"}
    verdicts = {name: s.verdict for name, s in scores.items()}
    abstained = {"plain_question", "question_worth_asking"}
    assert {n for n, v in verdicts.items() if v == "abstained"} == abstained, scores
    assert {n for n, v in verdicts.items() if v == "scored"} == verdicts.keys() - abstained, scores
    assert scores["says_what_was_said"].value is True
    assert 0 < float(scores["answer_relevancy"].value or 0) <= 1
    assert scores["faithfulness"].value == scores["context_precision"].value == 1.0
    assert {s.by for n, s in scores.items() if n not in abstained} == {"stub"}
    assert scores["safe_and_in_scope"].version == rubric("safe_and_in_scope").version
    assert model.keys == {"a judge's key"}


def test_a_question_is_judged_as_one_and_what_has_no_claim_abstains(
    model: Model, endpoint: Endpoint
) -> None:
    model.will(answers.good)

    scores = by_name((*plain_judges(), *model_judges(endpoint)), asked())

    given = {n: s.value for n, s in scores.items() if s.verdict == "scored"}
    assert given == {"question_worth_asking": True, "safe_and_in_scope": True,
                     "plain_question": True}  # fmt: skip
    assert scores["says_what_was_said"].reason == "no rule was drafted"


def test_a_question_in_our_jargon_is_found_without_a_model() -> None:
    turn = asked()
    bad = replace(turn, outputs={**turn.outputs, "question": "Which predicate binds patient.age=?"})

    (judge,) = plain_judges()

    assert judge.judge(bad).value is False


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        (answers.malformed, {"Malformed"}),
        (answers.off_the_scale, {"Malformed"}),
        (lambda prompt: Answer(status=500), {"Refused"}),
        (lambda prompt: Answer(status=401), {"Refused"}),
        (answers.slow(8.0), {"Timeout"}),
    ],
    ids=["malformed", "off the scale", "broken", "refused", "slow"],
)
def test_a_model_that_does_not_answer_gives_no_verdict_and_says_why(
    model: Model, answer: Callable[[str], Answer], kinds: set[str]
) -> None:
    model.will(answer)
    endpoint = Endpoint(model.base_url, "stub", "key", timeout=2.0)

    scores = by_name(model_judges(endpoint), drafted())

    asked_of_it = {n: s for n, s in scores.items() if s.verdict != "abstained"}
    assert asked_of_it.keys() == NAMES - {"question_worth_asking"}
    assert {(s.verdict, s.value) for s in asked_of_it.values()} == {("failed", None)}
    assert {s.reason for s in asked_of_it.values()} <= kinds, asked_of_it


def test_an_endpoint_that_is_not_there_gives_no_verdict_and_keeps_nobody_waiting() -> None:
    endpoint = Endpoint("http://127.0.0.1:9/v1", "stub", "key", timeout=5.0)

    scores = by_name(model_judges(endpoint), drafted())

    silent = {n: s.reason for n, s in scores.items() if s.verdict != "abstained"}
    assert set(silent.values()) == {"Unreachable"}, silent


def test_a_model_that_contradicts_itself_gives_no_verdict(model: Model, endpoint: Endpoint) -> None:
    model.will(answers.contradictory())

    scores = by_name(model_judges(endpoint), drafted())

    wavering = {
        n for n, s in scores.items() if (s.verdict, s.reason) == ("failed", "Contradiction")
    }
    assert wavering == RUBRIC_NAMES - {"question_worth_asking"}


@pytest.mark.parametrize("name", sorted(RUBRIC_NAMES))
def test_every_rubric_has_a_version_a_whole_scale_and_examples_of_both(name: str) -> None:
    read = rubric(name)

    assert read.version and read.claim
    assert list(read.scale) == list(VALUES)
    assert "## Good" in read.text and "## Bad" in read.text
    assert read.prompt().index("\n- yes:") < read.prompt().index("\n- no:")
    assert read.prompt(True).index("\n- no:") < read.prompt(True).index("\n- yes:")


def test_the_model_is_asked_about_the_masked_record_only(
    model: Model, endpoint: Endpoint, tracer: Tracer, org: str, outbox: StoreOutbox
) -> None:
    model.will(answers.good)
    with tracer.turn(org, "ann", THREAD, new_id()) as turn:
        turn.asked("Wheelchair for Jane Smith, call 555-201-0134, gets MM123WA")
        turn.answered({"status": "question", "question": "what does `Smith` mean?"})
    (parcel,) = outbox.take(1)

    by_name(model_judges(endpoint), TurnRecord.from_json(parcel.parcel.payload))

    asked_of_it = " ".join(model.prompt(n) for n in range(len(model.asked)))
    assert "Wheelchair for" in asked_of_it
    assert not [w for w in ("Jane", "Smith", "0134", "ann") if f" {w}" in asked_of_it]


# From the outbox to MLflow


def sending(outbox: StoreOutbox, tracking: Tracking) -> Delivery:
    return Delivery(outbox, "", pause=0.01, open_tracking=lambda _: tracking, then=["judge"])


def put(outbox: StoreOutbox, turn: TurnRecord) -> None:
    key = f"turn:{turn.turn_id}"
    outbox.put(Parcel("turn", turn.org_id, turn.turn_id, key, key, turn.to_json()))


def assessments(tracking: Tracking, org: str) -> dict[str, Any]:
    (trace,) = traces_of(tracking, org)
    return {a.name: a for a in trace.info.assessments}


def test_a_turn_is_judged_on_its_trace_by_whom_and_by_which_rubric(
    model: Model, endpoint: Endpoint, outbox: StoreOutbox, tracking: Tracking, org: str
) -> None:
    model.will(answers.good)
    put(outbox, drafted(org))
    sending(outbox, tracking).flush()

    assert judging_carrier(outbox, lambda: tracking, endpoint, Limits(), 0.01).flush(60) == 0

    given = assessments(tracking, org)
    said = given["says_what_was_said"]
    assert (said.value, said.source.source_type) == (True, "LLM_JUDGE")
    assert said.source.source_id == "stub: says_what_was_said 1"
    assert said.metadata == {"verdict": "scored", "version": "1"}
    assert given["faithfulness"].value == 1.0
    assert given["question_worth_asking"].metadata["verdict"] == "abstained"
    assert given["plain_question"].source.source_type == "CODE"
    assert not Path("mlflow.db").exists() and not Path("mlruns").exists()


def test_a_silent_judge_is_asked_again_and_the_others_are_not(
    model: Model, outbox: StoreOutbox, tracking: Tracking, org: str, clock: Clock
) -> None:
    model.will(answers.wavering())
    model.asked.clear()
    endpoint = Endpoint(model.base_url, "stub", "key", timeout=20.0)
    put(outbox, asked_of(org))
    sending(outbox, tracking).flush()
    judging = judging_carrier(outbox, lambda: tracking, endpoint, Limits(at_once=1), 0.01)

    assert judging.once() == 0
    first = {n: a.metadata["verdict"] for n, a in assessments(tracking, org).items()}
    calls = len(model.asked)
    clock.later()
    assert judging.once() == 1

    assert list(first.values()).count("failed") == 1
    then = {n: a.metadata["verdict"] for n, a in assessments(tracking, org).items()}
    assert "failed" not in then.values()
    assert len(model.asked) == calls + 2, "only the one that was silent"


def asked_of(org: str) -> TurnRecord:
    return replace(asked(), org_id=org)


def test_a_judge_that_stays_silent_is_left_after_so_many_tries_and_counted(
    outbox: StoreOutbox, tracking: Tracking, org: str, clock: Clock
) -> None:
    endpoint = Endpoint("http://127.0.0.1:9/v1", "stub", "key", timeout=5.0)
    put(outbox, asked_of(org))
    sending(outbox, tracking).flush()
    judging = judging_carrier(outbox, lambda: tracking, endpoint, Limits(tries=3), 0.01)

    done = []
    for _ in range(3):
        done.append(judging.once())
        clock.later()

    assert (done, outbox.waiting()) == ([0, 0, 1], 0)
    silent = [a for a in assessments(tracking, org).values() if a.metadata["verdict"] == "failed"]
    assert {a.name for a in silent} == {"question_worth_asking", "safe_and_in_scope"}
    assert {(a.value, a.error.error_code) for a in silent} == {(None, "Unreachable")}
    assert {a.source.source_type for a in silent} == {"LLM_JUDGE"}


def test_only_a_share_of_the_turns_is_judged_by_models_and_all_by_the_rest(
    outbox: StoreOutbox, org: str
) -> None:
    board = Board()
    endpoint = Endpoint("http://127.0.0.1:9/v1", "stub", "key", timeout=5.0)
    judging = Judging(board, endpoint, Limits(share=0.0))

    judging(held(asked()))

    assert board.scores.keys() == {"plain_question"}
    drawn = [is_drawn(new_id(), 0.3) for _ in range(2000)]
    assert 0.25 < sum(drawn) / len(drawn) < 0.35


def test_a_turn_that_cannot_be_judged_yet_waits_for_its_trace(
    outbox: StoreOutbox, tracking: Tracking, org: str, clock: Clock
) -> None:
    turn = asked_of(org)
    outbox.put(Parcel("judge", org, turn.turn_id, "j", "j", turn.to_json()))
    judging = judging_carrier(outbox, lambda: tracking, None, Limits(), 0.01)
    assert judging.once() == 0

    put(outbox, turn)
    sending(outbox, tracking).flush()
    clock.later()

    assert judging.flush() == 0
    assert assessments(tracking, org)["plain_question"].value is True
