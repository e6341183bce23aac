"""``rulewright nightly``: how good the assistant was, held against the last accepted run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version as release
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import drafting
from app.environment import be_quiet
from app.progress import ProgressLine
from app.settings import Settings, read_settings
from data.access.roles import ROLES
from data.rulelang.findings import Finding, InputError

if TYPE_CHECKING:
    from data.packs import Pack
    from data.store.engine import Store
    from evals.nightly.drift import Signal
    from evals.nightly.evaluate import Place
    from evals.nightly.kept import Nights
    from evals.nightly.night import Found, Work
    from graph.prompts import Prompts

ALARM, BUSY = 1, 2
"""Exit statuses: something got worse (or the settings cannot be used); a night is under way."""
LONGEST = 1800.0
"""Seconds that sending what waits, and judging it, may take each; what is left is told."""
ASKED_AT_ONCE = 4
"""Sentences that wait for a model side by side."""


def nightly(again: bool = False, settings: Settings | None = None) -> int:
    """Run tonight's night, or say again what it found. Exit status 1 on alarm."""
    be_quiet()
    settings = settings or read_settings()
    from evals.nightly.kept import Busy, Nights

    nights = Nights(settings.var / "nightly")
    try:
        with nights.alone():
            return _tonight(nights, again, settings)
    except Busy:
        print("another `rulewright nightly` is under way: wait until it ends", file=sys.stderr)
        return BUSY


def accept(run: str, settings: Settings | None = None) -> int:
    """Hold the nights to come to this run. Raises ``InputError`` where there is none such."""
    settings = settings or read_settings()
    from evals.nightly.kept import Busy, Nights, NoSuchRun

    nights = Nights(settings.var / "nightly")
    try:
        with nights.alone():
            nights.accept(run)
    except Busy:
        print("`rulewright nightly` is under way: wait until it ends", file=sys.stderr)
        return BUSY
    except NoSuchRun:
        known = ", ".join(nights.finished()[-5:]) or "none yet"
        message, help = f"there is no run `{run}`", f"the last ones are: {known}"
        raise InputError((Finding("unknown-term", "error", message, help),)) from None
    print(f"The next nights are held to the run {run}.")
    return 0


def _tonight(nights: Nights, again: bool, settings: Settings) -> int:
    """Every part that is there already is only read, so that a finished night is told again."""
    from app.prompts import kept, register
    from evals.nightly.night import run_night, settle
    from evals.nightly.publish import write_report
    from evals.nightly.summary import in_words, summary_of

    if settings.chat_model:
        register(settings, kept(settings).in_use(), "in use")
    name, line = _name(nights, again), ProgressLine()
    found = run_night(nights, name, work_of(settings, name, line))
    line.clear()
    night = found.night
    summary = night.once(night.SUMMARY, lambda: summary_of(found, settle(nights, found)))
    report = write_report(nights, found, summary, settings.nightly_report)
    _hand_on(found, summary, report, settings)
    print(f"{in_words(summary)}\nReport: {report}")
    return ALARM if summary["alarm"] else 0


def _hand_on(found: Found, summary: dict[str, Any], report: Path, settings: Settings) -> None:
    from evals.nightly.publish import NotPosted, post, write_figures

    if settings.nightly_metrics is not None:
        write_figures(found, summary, settings.nightly_metrics)
    if settings.nightly_webhook:
        try:
            post(found, summary, settings.nightly_webhook, report)
        except NotPosted as error:
            said = f"The summary could not be posted ({error}); the next call tries again."
            print(said, file=sys.stderr)


def _name(nights: Nights, again: bool) -> str:
    """The date; a further run in one night is numbered from 2."""
    date = datetime.now(UTC).date().isoformat()
    mine = [n for n in nights.finished() if n.startswith(date)]
    return f"{date}.{len(mine) + 1}" if again and mine else mine[-1] if mine else date


def work_of(
    settings: Settings, name: str, line: ProgressLine, prompts: Prompts | None = None
) -> Work:
    """What a night does; a model is asked with these prompts, or with those in use."""
    from app.prompts import kept
    from app.serve import after_turns
    from app.wiring import drafters
    from evals.nightly.judged import judging
    from evals.nightly.night import Work
    from evals.nightly.sets import read_sets

    line.working_on("reading what people corrected", 0.0)
    _learn(settings)
    sets = read_sets(_sets(settings), settings.var / "regression")
    asked_with = prompts or kept(settings).in_use()

    @asynccontextmanager
    async def open_desk(pack: Pack, folder: Path) -> AsyncGenerator[drafting.Desk]:
        vectors = folder / "index" if settings.vectors else None
        proposing = drafters(settings, lambda: asked_with)
        async with drafting.open_desk(pack, folder, vectors, proposing) as desk:
            everything = replace(desk.who, roles=frozenset(ROLES))
            yield drafting.Desk(desk.assistant, everything)

    return Work(
        catch_up=lambda: _catch_up(settings),
        drift=lambda: _drift(settings),
        sets=sets,
        open_desk=open_desk,
        place=_place(settings, name, asked_with),
        chance=bool(settings.chat_model),
        judging=judging(after_turns(settings).endpoint),
        tell=line.working_on,
    )


def _sets(settings: Settings) -> list[str]:
    more = (name.strip() for name in settings.nightly_sets.split(","))
    return [settings.pack, *filter(None, more)]


def _place(settings: Settings, name: str, prompts: Prompts) -> Place:
    from data.index.embedding import NAME
    from evals.nightly.evaluate import Place
    from evals.nightly.judged import judge_versions
    from evals.reviewers import ReviewServer

    server = ReviewServer(settings.var / "mlflow", settings.mlflow_port)
    made_with = {
        "code": code_version(),
        "model": settings.chat_model or "grammar",
        "prompt": prompts.version if settings.chat_model else "none",
        "vectors": NAME if settings.vectors else "none",
        "judge": settings.judge_model or "none",
        "rubrics": judge_versions(),
    }
    workers = ASKED_AT_ONCE if settings.chat_model else 1
    return Place(server.tracking_uri, server.artifacts, name, made_with, workers)


def code_version() -> str:
    """The release, and the commit where the code lies in a repository."""
    here = Path(__file__).parent
    asked = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return release("rulewright")
    return f"{release('rulewright')} {said.stdout.strip()}"


def _drift(settings: Settings) -> dict[str, Any]:
    """What yesterday looked like against the weeks before, and what was used, by each one."""
    from dataclasses import asdict

    from data.store import open_store
    from evals.nightly.budgets import budgets
    from evals.nightly.days import read_days
    from evals.nightly.drift import drift
    from evals.reviewers import ReviewServer
    from evals.usage import read_usage

    if not _installed(settings):
        return {"signals": []}
    store = open_store(settings.store_address)
    try:
        uri = ReviewServer(settings.var / "mlflow", settings.mlflow_port).tracking_uri
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        days = read_days(store, uri, settings.var / "nightly" / "days", yesterday)
        found = [s for name, each in days.items() for s in drift(each, name)]
        used = budgets(store, settings.budget, datetime.now(UTC))
        began = datetime.combine(yesterday, datetime.min.time(), UTC)
        usage = read_usage(store, uri, began, began + timedelta(days=1))
        return {
            "signals": [asdict(s) for s in (*found, *used, *_align(settings, store, uri))],
            "usage": [u.in_short() for u in usage],
        }
    finally:
        store.close()


def _align(settings: Settings, store: Store, uri: str) -> list[Signal]:
    """Judges are taught by what reviewers answered; how well each agrees with them."""
    from app.serve import after_turns
    from data.store.organisations import organisations
    from evals.reviewing.aligning import align, signals
    from evals.reviewing.queue import ReviewQueue
    from evals.tracking import Tracking

    then = after_turns(settings)
    found: list[Signal] = []
    if then.endpoint is None or then.examples is None:
        return found
    queue, night = ReviewQueue(Tracking(uri)), datetime.now(UTC).date().isoformat()
    with store.reading() as session:
        known = [(o.id, o.name) for o in organisations(session)]
    for org_id, name in known:
        align(org_id, queue.reviewed(org_id), then.endpoint, then.examples, night)
        found += signals(org_id, name, then.examples)
    return found


def _learn(settings: Settings) -> None:
    """What reviewers answered becomes expected; says which rule text of theirs is none."""
    from data.store import open_store
    from data.store.organisations import organisations
    from evals.nightly.days import staging
    from evals.nightly.sets import grow
    from evals.reviewers import ReviewServer
    from evals.reviewing.corrections import corrections, fault_of
    from evals.reviewing.queue import ReviewQueue
    from evals.tracking import Tracking

    if not _installed(settings):
        return
    store = open_store(settings.store_address)
    try:
        uri = ReviewServer(settings.var / "mlflow", settings.mlflow_port).tracking_uri
        queue = ReviewQueue(Tracking(uri))
        with store.reading() as session:
            known = [o.id for o in organisations(session)]
        for org_id in known:
            if (version := staging(store, org_id)) is None:
                continue
            found = corrections(queue.reviewed(org_id), fault_of(version))
            for item in found.items:
                grow(settings.var / "regression", version.ontology.name, item)
            for trace, why in found.unreadable:
                print(f"The rule meant in {trace} is no rule text: {why}", file=sys.stderr)
    finally:
        store.close()


def _installed(settings: Settings) -> bool:
    """Whether there is a store: the sets can be run before there is."""
    here = not settings.store_address.startswith("sqlite")
    return here or (settings.var / "store.db").exists()


def _catch_up(settings: Settings) -> dict[str, int]:
    """How many turns still wait to be sent and judged; none where nothing is installed yet."""
    from app.serve import after_turns
    from data.store import open_store
    from evals.delivery import carriers
    from evals.reviewers import ReviewServer
    from evals.store_outbox import StoreOutbox

    if not _installed(settings):
        return {}
    store = open_store(settings.store_address)
    try:
        uri = ReviewServer(settings.var / "mlflow", settings.mlflow_port).tracking_uri
        sender, judging, *_ = carriers(StoreOutbox(store), uri, after_turns(settings))
        return {"waiting": sender.flush(LONGEST), "unjudged": judging.flush(LONGEST)}
    finally:
        store.close()
