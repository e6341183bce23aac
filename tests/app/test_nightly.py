"""``rulewright nightly`` as a person or a timer runs it."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow.entities import AssessmentSource
from mlflow.entities import Feedback as Answered

from app.install import install
from app.nightly import ALARM, BUSY, _drift, accept, nightly
from app.serve import after_turns
from app.settings import Settings
from data.packs.load import shipped_packs
from data.rulelang.findings import InputError
from evals.judges.examples import taught_from
from evals.nightly import sets
from evals.nightly.kept import Nights
from evals.reviewers import ReviewServer
from evals.reviewing.questions import RIGHT_RULE
from evals.reviewing.queue import ReviewQueue
from evals.traces import TurnRecord
from evals.tracking import Tracking
from tests.evals.judge_server import verdict
from tests.graph.model_server import Answer, serving


@pytest.fixture(scope="module", autouse=True)
def few_messages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Three messages: all of them are tried elsewhere."""
    file = tmp_path_factory.mktemp("messages") / "messages.yaml"
    file.write_text("".join(sets.MESSAGES.read_text("utf-8").splitlines(keepends=True)[:4]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "MESSAGES", file)
        sets._messages.cache_clear()
        yield
    sets._messages.cache_clear()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small organisation: five examples and its scenarios."""
    folder = tmp_path_factory.mktemp("nightly")
    shutil.copytree(shipped_packs()["issues"], folder / "pack")
    examples = folder / "pack" / "examples.yaml"
    whole = examples.read_text().split("\n- sentence:")
    examples.write_text("\n- sentence:".join(whole[:6]) + "\n")
    return Settings(
        var=folder / "var",
        pack=str(folder / "pack"),
        nightly_metrics=folder / "metrics" / "rulewright.prom",
        nightly_report=folder / "reports",
    )


def test_a_night_is_run_once_told_again_and_alarms_where_something_got_worse(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nightly(settings=settings) == 0
    first = capsys.readouterr().out
    assert "The first run" in first and "Nothing got worse." in first
    kept = {p: p.stat().st_mtime_ns for p in settings.var.rglob("*.json")}
    assert nightly(settings=settings) == 0
    assert capsys.readouterr().out == first
    assert kept == {p: p.stat().st_mtime_ns for p in settings.var.rglob("*.json")}
    assert settings.nightly_metrics is not None and settings.nightly_metrics.is_file()
    assert settings.nightly_report is not None
    assert len(list(settings.nightly_report.glob("nightly-*.html"))) == 1

    (accepted,) = Nights(settings.var / "nightly").finished()
    rules = Path(settings.pack) / "rules" / "priority.rules"
    rules.write_text(rules.read_text().replace("priority is P2", "priority is P3"))
    assert nightly(again=True, settings=settings) == ALARM
    told = capsys.readouterr().out
    assert f"{accepted}.2" in told and "Worse: test for everybody: scenarios" in told
    assert accept(f"{accepted}.2", settings) == 0
    with pytest.raises(InputError):
        accept("never", settings)


def test_one_at_a_time(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with Nights(settings.var / "nightly").alone():
        assert nightly(settings=settings) == BUSY
        assert accept("any", settings) == BUSY
    assert "under way" in capsys.readouterr().err


def contented(prompt: str) -> Answer:
    """A judge that finds every rule right, until it is shown what reviewers said."""
    (number,) = re.findall(r"case (\d+) is P1", prompt.split("Inputs:")[-1])
    return verdict("yes" if "What reviewers said" not in prompt or int(number) % 2 else "no")


def test_a_night_teaches_the_judges_what_reviewers_answered(tmp_path: Path) -> None:
    with serving() as model:
        model.will(contented)
        settings = Settings(
            var=tmp_path, pack="issues", judge_model="stub", judge_model_url=model.base_url
        )
        installed = install(settings)
        org = installed.org_id
        server = ReviewServer(settings.var / "mlflow", settings.mlflow_port)
        tracking = Tracking(server.tracking_uri)
        people_answer(tracking, org, 30)
        installed.store.close()

        found = {s["name"]: s for s in _drift(settings)["signals"]}

    told = found["agreement of says what was said with reviewers"]
    assert (told["organisation"], told["value"], told["level"]) == ("issues", 1.0, "fine")
    assert "kappa 0.00 before and 1.00" in told["said"]
    taught = taught_from(after_turns(settings).examples)
    assert taught(org, "says_what_was_said") and not taught(org, "question_worth_asking")


def people_answer(tracking: Tracking, org: str, many: int) -> None:
    """Turns that waited in the queue; of every other one its rule is called wrong."""
    queue, now = ReviewQueue(tracking, share=1.0), time.time_ns()
    for n in range(many):
        said, done = {"message": f"case {n} is P1"}, {"status": "drafted", "rules": [f"rule {n}"]}
        tracking.write_turn(
            TurnRecord(f"{n:032x}", org, "s", "u", None, now + n, now + n, said, done, (), ())
        )
    for trace in queue.fill(org):
        number = int(tracking.client.get_trace(trace).info.client_request_id, 16)
        given = Answered(
            name=RIGHT_RULE, value=bool(number % 2), source=AssessmentSource("HUMAN", "rex")
        )
        given.trace_id = trace
        tracking.client.store.create_assessment(given)
        tracking.client._set_review_queue_item_status(
            queue.ready(org), item_id=trace, status="complete", completed_by="rex"
        )
