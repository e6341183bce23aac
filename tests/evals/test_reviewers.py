"""The reviewers' server, started for real: who gets in, and to what."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request

import pytest

from data.packs.load import load_pack
from data.packs.version import version_of
from data.store.tables import new_id
from evals.judges import says_what_was_said
from evals.reviewers import OPEN, Account, Refused, Reviewers, ReviewServer
from evals.reviewing.aligning import reviewed
from evals.reviewing.corrections import corrections, fault_of
from evals.reviewing.questions import RIGHT_RULE
from evals.reviewing.queue import QUEUE, ReviewQueue
from evals.score import scored
from evals.traces import Feedback, SpanRecord, TurnRecord, trace_id_of
from evals.tracking import Tracking, nights_artifacts, nights_name
from tests.e2e.browser import CHROMIUM
from tests.evals.review_page import MEANT, drafted_turn, reviewing

VERSION = "sha256:" + "c" * 64
NAMES = ("north", "northern")
GRANT = "/3.0/mlflow/users/permissions/grant"


@dataclass(frozen=True)
class Office:
    """A running server, two organisations with a turn each, a reviewer for each."""

    server: ReviewServer
    tracking: Tracking
    orgs: tuple[str, str]
    experiments: tuple[str, str]
    nights: tuple[str, str]
    reviewers: tuple[Account, Account]

    def trace(self, org: int) -> str:
        return trace_id_of(self.orgs[org], "t")


def turn_of(org: str) -> TurnRecord:
    now = time.time_ns()
    spans = (SpanRecord("draft", now, now + 1000, {}, {"rules": [f"rule of {org}"]}),)
    said, done = {"message": f"said in {org}"}, {"status": "drafted"}
    scores = (scored("parses", True, "1 of 1"),)
    return TurnRecord(
        "t", org, "s", "user-1", VERSION, now, now + 9_000_000, said, done, spans, scores
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, free_port: int) -> Iterator[Office]:
    server = ReviewServer(tmp_path_factory.mktemp("reviewers"), free_port)
    running = server.start()
    try:
        assert not server.healthy(), "nobody waits for the start"
        orgs = (new_id(), new_id())
        tracking = Tracking(server.tracking_uri)
        for org in orgs:
            tracking.write_turn(turn_of(org))
        assert server.ready(), (server.folder / "server.log").read_text()
        staff = Reviewers.of(server)
        accounts = tuple(
            Account(server.url, f"reviewer-{n}", staff.add(org, NAMES[n], f"reviewer-{n}"))
            for n, org in enumerate(orgs)
        )
        experiments = tuple(staff.experiment(org) for org in orgs)
        nights = tuple(staff.nights(name) for name in NAMES)
        yield Office(server, tracking, orgs, experiments, nights, accounts)  # type: ignore[arg-type]
    finally:
        running.terminate()
        assert running.wait(30) == 0
    assert not server.healthy(), "nothing of it is left running"


def status_of(call: Callable[[], Any]) -> int:
    try:
        call()
    except Refused as refused:
        return refused.status
    return 200


def traces_seen(account: Account, *experiments: str) -> set[str]:
    locations = [
        {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": e}}
        for e in experiments
    ]
    found = account.send("/3.0/mlflow/traces/search", locations=locations, max_results=100)
    return {t["trace_id"] for t in found.get("traces", [])}


def test_nobody_gets_in_without_signing_in(office: Office) -> None:
    for path in ("/", "/api/2.0/mlflow/experiments/search", "/graphql"):
        with pytest.raises(HTTPError) as refused:
            OPEN(office.server.url + path, timeout=10)
        assert refused.value.code == 401, path
    wrong = Account(office.server.url, "rulewright", "password")
    assert status_of(lambda: wrong.get("/2.0/mlflow/users/list")) == 401


def test_a_reviewer_sees_the_traces_written_while_no_server_was_there(office: Office) -> None:
    for n, reviewer in enumerate(office.reviewers):
        assert traces_seen(reviewer, office.experiments[n]) == {office.trace(n)}
        found = reviewer.get("/3.0/mlflow/traces/get", trace_id=office.trace(n))["trace"]
        assert found["trace_info"]["trace_metadata"]["mlflow.trace.user"] == "user-1"
        assert office.orgs[n] in str(found["spans"])


def reads(account: Account, experiment: str, trace: str) -> dict[str, Callable[[], Any]]:
    """Every way we know to get at an organisation's traces."""
    ui = Account(account.url, account.login, account.password, "/ajax-api")
    return {
        "experiment": lambda: account.get("/2.0/mlflow/experiments/get", experiment_id=experiment),
        "trace": lambda: account.get("/3.0/mlflow/traces/get", trace_id=trace),
        "trace info": lambda: account.get(f"/3.0/mlflow/traces/{trace}"),
        "batch": lambda: account.get("/3.0/mlflow/traces/batchGet", trace_ids=trace),
        "payload": lambda: ui.get("/2.0/mlflow/get-trace-artifact", request_id=trace),
        "payload 3": lambda: ui.get("/3.0/mlflow/get-trace-artifact", request_id=trace),
        "search": lambda: traces_seen(account, experiment),
        "numbers": lambda: account.send(
            "/3.0/mlflow/traces/metrics",
            experiment_ids=[experiment],
            view_type="TRACES",
            metric_name="trace_count",
            aggregations=[{"aggregation_type": "COUNT"}],
        ),
    }


def writes(account: Account, experiment: str, trace: str) -> dict[str, Callable[[], Any]]:
    assessment = {
        "assessment_name": "x",
        "source": {"source_type": "HUMAN", "source_id": "reviewer-0"},
        "feedback": {"value": True},
    }
    at = f"/3.0/mlflow/traces/{trace}"
    return {
        "assess": lambda: account.send(f"{at}/assessments", assessment=assessment),
        "tag": lambda: account.send(f"{at}/tags", "PATCH", key="a", value="b"),
    }


def statuses(calls: Mapping[str, Callable[[], Any]]) -> dict[str, int]:
    return {name: status_of(call) for name, call in calls.items()}


def test_a_reviewer_sees_nothing_of_another_organisation(office: Office) -> None:
    ann = office.reviewers[0]
    for ways in (reads, writes):
        own = ways(ann, office.experiments[0], office.trace(0))
        theirs = ways(ann, office.experiments[1], office.trace(1))
        assert statuses(own) == dict.fromkeys(own, 200)
        assert statuses(theirs) == dict.fromkeys(theirs, 403)

    both = {"both": lambda: traces_seen(ann, *office.experiments)}
    assert statuses(both) == {"both": 403}
    listed = ann.send("/2.0/mlflow/experiments/search", max_results=100)["experiments"]
    assert {e["experiment_id"] for e in listed} == {office.experiments[0], office.nights[0]}


def of_night(account: Account, night: str, run: str) -> dict[str, Callable[[], Any]]:
    """Every way we know to get at what a night wrote down."""
    ui = Account(account.url, account.login, account.password, "/ajax-api")
    return {
        "experiment": lambda: account.get("/2.0/mlflow/experiments/get", experiment_id=night),
        "run": lambda: account.get("/2.0/mlflow/runs/get", run_id=run),
        "files": lambda: account.get("/2.0/mlflow/artifacts/list", run_id=run),
        "turns": lambda: traces_seen(account, night),
        "sets": lambda: ui.send("/3.0/mlflow/datasets/search", experiment_ids=[night]),
    }


def test_a_reviewer_reads_the_nights_of_their_own_organisation_and_changes_none(
    office: Office,
) -> None:
    from mlflow import MlflowClient

    night = MlflowClient(office.server.tracking_uri)
    runs = [night.create_run(e).info.run_id for e in office.nights]
    ann = office.reviewers[0]
    own, theirs = (of_night(ann, e, r) for e, r in zip(office.nights, runs, strict=True))

    assert statuses(own) == dict.fromkeys(own, 200)
    assert statuses(theirs) == dict.fromkeys(theirs, 403)
    for e, seen in zip(office.nights, (runs[:1], []), strict=True):
        found = ann.send("/2.0/mlflow/runs/search", experiment_ids=[e])
        assert [r["info"]["run_id"] for r in found.get("runs", [])] == seen
    changes = {
        "delete": lambda: ann.send("/2.0/mlflow/runs/delete", run_id=runs[0]),
        "measure": lambda: ann.send(
            "/2.0/mlflow/runs/log-metric", run_id=runs[0], key="a", value=1.0, timestamp=1
        ),
    }
    assert statuses(changes) == dict.fromkeys(changes, 403)
    for name, id in zip(NAMES, office.nights, strict=True):
        made = night.get_experiment_by_name(nights_name(name))
        assert made is not None and made.experiment_id == id
        assert made.artifact_location == nights_artifacts(office.server.artifacts, name)


def test_a_reviewer_lets_nobody_in(office: Office) -> None:
    ann = office.reviewers[0]
    grant = {"resource_type": "experiment", "permission": "READ", "username": "reviewer-0"}
    calls = {
        "account": lambda: ann.send("/2.0/mlflow/users/create", username="x", password="x" * 20),
        "theirs": lambda: ann.send(GRANT, **grant, resource_id=office.experiments[1]),
        "own": lambda: ann.send(GRANT, **grant, resource_id=office.experiments[0]),
    }
    assert statuses(calls) == dict.fromkeys(calls, 403)


def test_a_reviewer_corrects_a_judge(office: Office) -> None:
    ann, trace = office.reviewers[0], office.trace(0)
    given = {
        "assessment_name": "parses",
        "source": {"source_type": "HUMAN", "source_id": "reviewer-0"},
        "feedback": {"value": False},
        "rationale": "it reads back, and says something else",
    }

    ann.send(f"/3.0/mlflow/traces/{trace}/assessments", assessment=given)

    found = ann.get(f"/3.0/mlflow/traces/{trace}")["trace"]["trace_info"]["assessments"]
    judged = {
        (a["source"]["source_type"], a["feedback"]["value"])
        for a in found
        if a["assessment_name"] == "parses"
    }
    assert judged == {("CODE", True), ("HUMAN", False)}


def test_a_thumb_lands_while_the_server_runs_on_the_same_database(office: Office) -> None:
    bob, trace = office.reviewers[1], office.trace(1)

    office.tracking.write_feedback(office.orgs[1], Feedback("t", False, "too slow", "user-1"))

    found = bob.get(f"/3.0/mlflow/traces/{trace}")["trace"]["trace_info"]["assessments"]
    (thumb,) = [a for a in found if a["assessment_name"] == "thumb"]
    assert (thumb["feedback"]["value"], thumb["rationale"]) == (False, "too slow")


def test_turns_can_be_delivered_through_the_server_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = Reviewers.of(office.server).admin
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", admin.login)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", admin.password)
    through, org = Tracking(office.server.url), new_id()

    for _ in range(2):
        through.write_turn(turn_of(org))
        through.write_feedback(org, Feedback("t", True, None, "user-1"))
    seen = traces_seen(admin, through.experiment(org))
    through.remove_feedback(org, "t", "user-1")
    through.remove_feedback(org, "t", "user-1")

    assert seen == {trace_id_of(org, "t")}
    found = admin.get("/3.0/mlflow/traces/get", trace_id=trace_id_of(org, "t"))["trace"]
    assert [s["name"] for s in found["spans"]] == ["turn", "draft"]
    assert [a["assessment_name"] for a in found["trace_info"]["assessments"]] == ["parses"]


def test_the_queue_opens_to_the_reviewers_it_was_made_for(office: Office) -> None:
    queue = ReviewQueue(office.tracking, share=1.0, reviewers=lambda org: ["Reviewer-0"])
    assert office.trace(0) in queue.fill(office.orgs[0])
    ready, path = queue.ready(office.orgs[0]), "/3.0/mlflow/review-queues"
    ann, bob = office.reviewers

    assert ann.get(f"{path}/get", queue_id=ready)["review_queue"]["name"] == QUEUE
    assert office.trace(0) in str(ann.get(f"{path}/items/list", queue_id=ready))
    assert status_of(lambda: bob.get(f"{path}/get", queue_id=ready)) == 403
    assert status_of(lambda: bob.get(f"{path}/items/list", queue_id=ready)) == 403


def test_a_reviewer_answers_the_queue_in_mlflow_and_the_answer_is_expected_from_then_on(
    office: Office, tmp_path: Path
) -> None:
    if not Path(CHROMIUM).exists():
        pytest.skip("no browser on this machine")
    org, staff, name = new_id(), Reviewers.of(office.server), "rex"
    turn = drafted_turn(org)
    office.tracking.write_turn(turn)
    office.tracking.write_feedback(org, Feedback(turn.turn_id, False, "the age is lost", "user-1"))
    queue = ReviewQueue(office.tracking, share=0.0, reviewers=lambda org: [name])
    assert list(queue.fill(org).values()) == ["thumb down"]
    rex = Account(office.server.url, name, staff.add(org, "west", name))

    with reviewing(rex, staff.experiment(org)) as review:
        review.open_traces()
        review.open_queue(QUEUE)
        review.page.get_by_text("Needs review (1)").wait_for()
        review.picture("queue")
        review.page.get_by_role("button", name="Start review").click()
        review.page.get_by_text("Does the rule say what the author said").wait_for()
        review.picture("review")
        review.answer("Wrong", "the rule does not ask for the age", MEANT)
        review.open_trace("Wheelchair patients over 40", last="test")
        assert "thumb down" in review.tags()
        review.page.get_by_role("button", name="Assess trace").click()
        review.page.get_by_text("Expectations (1)").wait_for()
        review.picture("trace")

    (answered,) = queue.reviewed(org)
    said = {a.name: a for a in answered.info.assessments if a.source.source_id == name}
    assert said[RIGHT_RULE].value is False
    assert said[RIGHT_RULE].rationale == "the rule does not ask for the age"
    (shown,) = reviewed([answered], says_what_was_said)
    assert (shown.example.holds, shown.example.why) == (False, "the rule does not ask for the age")
    fault = fault_of(version_of(load_pack("radiology"), tmp_path))
    (item,) = corrections([answered], fault).items
    assert (item.sentence, item.rules) == (turn.inputs["message"], MEANT)
    assert item.source is not None and item.source["by"] == name


def test_a_foreign_host_name_is_refused(office: Office) -> None:
    asked = Request(f"{office.server.url}/api/2.0/mlflow/experiments/search")
    asked.add_header("Host", "elsewhere.example")
    with pytest.raises(HTTPError) as refused:
        OPEN(asked, timeout=10)
    assert refused.value.code == 403


def test_a_login_belongs_to_one_organisation_and_can_be_renewed_and_removed(
    office: Office,
) -> None:
    staff, url = Reviewers.of(office.server), office.server.url
    first = Account(url, "cleo", staff.add(office.orgs[0], NAMES[0], "cleo"))
    with pytest.raises(Refused, match="OTHER_ORGANISATION"):
        staff.add(office.orgs[1], NAMES[1], "cleo")
    assert traces_seen(first, office.experiments[0])

    second = Account(url, "cleo", staff.add(office.orgs[0], NAMES[0], "cleo"))
    assert status_of(lambda: traces_seen(first, office.experiments[0])) == 401
    assert traces_seen(second, office.experiments[0])

    staff.remove(office.orgs[0], "cleo")
    assert status_of(lambda: traces_seen(second, office.experiments[0])) == 401


def test_what_the_server_keeps_is_readable_by_its_owner_alone(office: Office) -> None:
    kept = [p for p in office.server.folder.iterdir() if p.is_file()]
    private = {"secrets.json", "auth.ini", "accounts.db"}

    assert private <= {p.name for p in kept}
    for path in kept:
        if path.name in private:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_the_server_gets_no_more_of_the_environment_than_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    server = ReviewServer(tmp_path, 1)

    environment = server.environment()

    assert "OPENAI_API_KEY" not in environment
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert "default_permission = NO_PERMISSIONS" in (tmp_path / "auth.ini").read_text()
    assert server.secrets() == server.secrets()
    assert server.secrets().admin_password not in " ".join(server.mlflow_command())
    assert os.environ["OPENAI_API_KEY"] == "sk-secret"
