"""``rulewright nightly`` as a person or a timer runs it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.nightly import ALARM, BUSY, accept, nightly
from app.settings import Settings
from data.packs.load import shipped_packs
from data.rulelang.findings import InputError
from evals.nightly import sets
from evals.nightly.kept import Nights


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
