"""Carries turns, scores and thumbs from the outbox to MLflow, once each, whenever MLflow is there.

``python -m evals.delivery`` runs it as a process of its own, which keeps MLflow and Ragas (seconds
of import, 200 MB) out of the chat. It judges the turns too, once they are there, and hands them to
an OpenTelemetry collector where one is set. :class:`Delivery` carries in a thread.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evals.carrier import Carrier, Work
from evals.child import BEHIND_THE_CHAT, Lifeline
from evals.outbox import Held, Kind, Outbox, Parcel
from evals.traces import Feedback, TurnRecord
from evals.tracking import Tracking

if TYPE_CHECKING:
    from data.store.engine import Store
    from evals.judges.endpoint import Endpoint
    from evals.judges.judging import Limits
    from evals.reviewing.filling import Filling

SENT: tuple[Kind, ...] = ("turn", "confirmed", "feedback", "feedback-removed")
KEY = "RULEWRIGHT_JUDGE_MODEL_KEY"
"""Where the sender's process finds the judging model's key: no list of processes shows it."""


def deliver(tracking: Tracking, parcel: Parcel) -> None:
    """Writes one parcel. Writing it again changes nothing."""
    payload = parcel.payload
    match parcel.kind:
        case "turn":
            tracking.write_turn(TurnRecord.from_json(payload))
        case "confirmed":
            from evals.retrieval import retrieval_scores

            scores = retrieval_scores(payload["retrieved"], payload["reference"])
            tracking.write_scores(parcel.org_id, parcel.turn_id, scores)
        case "feedback":
            tracking.write_feedback(parcel.org_id, Feedback(**payload))
        case "feedback-removed":
            tracking.remove_feedback(parcel.org_id, parcel.turn_id, payload["person"])
        case "judge" | "export":
            raise ValueError(f"a {parcel.kind} is not MLflow's")


class Delivery(Carrier):
    """The sender."""

    def __init__(
        self,
        outbox: Outbox,
        tracking_uri: str,
        pause: float = 1.0,
        open_tracking: Callable[[str], Tracking] = Tracking,
        then: Sequence[Kind] = (),
    ) -> None:
        """``then``: what becomes of a turn once it is there; each is a parcel of its own."""

        def open_work() -> Work:
            tracking = open_tracking(tracking_uri)

            def work(held: Held) -> None:
                deliver(tracking, held.parcel)
                if held.parcel.kind == "turn":
                    for kind in then:
                        outbox.put(_next(held.parcel, kind))

            return work

        super().__init__(outbox, SENT, open_work, pause)


def _next(turn: Parcel, kind: Kind) -> Parcel:
    """Put before the turn is done with, and once: a sender that dies in between loses nothing."""
    key = f"{kind}:{turn.turn_id}"
    return replace(turn, kind=kind, subject=key, key=key)


@dataclass(frozen=True, slots=True)
class Then:
    """What becomes of a turn that MLflow has."""

    endpoint: Endpoint | None = None
    """The model that judges; without one only what needs no model."""
    limits: Limits = field(default_factory=lambda: _limits())
    otlp: str = ""
    """Address of an OpenTelemetry collector (``http…``); empty is none."""
    examples: Path | None = None
    """The folder of what reviewers taught the judges; ``None``: nothing."""


def _limits() -> Limits:
    from evals.judges.judging import Limits

    return Limits()


def carriers(outbox: Outbox, tracking_uri: str, then: Then) -> list[Carrier]:
    """Everything that works on the outbox, each in a thread of its own once it is started."""
    from evals.judges.examples import taught_from
    from evals.judges.judging import judging_carrier

    taught = taught_from(then.examples)
    kinds: list[Kind] = ["judge", "export"] if then.otlp else ["judge"]
    made = [
        Delivery(outbox, tracking_uri, then=kinds),
        judging_carrier(
            outbox, lambda: Tracking(tracking_uri), then.endpoint, then.limits, taught=taught
        ),
    ]
    if then.otlp:
        from evals.otlp import Exporting

        made.append(Exporting(outbox, then.otlp))
    return made


def _filling(store: Store, tracking_uri: str) -> Filling:
    from data.store.organisations import organisations
    from data.store.people import people
    from evals.reviewing.filling import Filling
    from evals.reviewing.queue import ReviewQueue

    def known() -> list[str]:
        with store.reading() as session:
            return [o.id for o in organisations(session)]

    def reviewers(org_id: str) -> list[str]:
        with store.reading() as session:
            return [p.login for p in people(session, org_id) if p.active and "reviewer" in p.roles]

    return Filling(known, lambda: ReviewQueue(Tracking(tracking_uri), reviewers=reviewers))


def main(arguments: Sequence[str] | None = None) -> None:
    """The sender as a process: ends on SIGTERM, and when the process it works for is gone."""
    parser = argparse.ArgumentParser(prog="evals.delivery", description=__doc__)
    parser.add_argument("--store", required=True, help="address of the store")
    parser.add_argument("--tracking", required=True, help="address of MLflow: a database or http")
    parser.add_argument("--parent", type=int, help="the process whose end ends the sender")
    parser.add_argument("--judge-url", default="", help=f"model that judges; its key is in {KEY}")
    parser.add_argument("--judge-model", default="", help="its name")
    parser.add_argument("--judge-timeout", type=float, default=30.0, help="seconds a judge gets")
    parser.add_argument("--judge-share", type=float, default=1.0, help="of the turns, 0 to 1")
    parser.add_argument("--examples", type=Path, help="what reviewers taught the judges, a folder")
    parser.add_argument("--otlp", default="", help="OpenTelemetry collector, http…/v1/traces")
    chosen = parser.parse_args(arguments)
    os.nice(BEHIND_THE_CHAT)
    from data.store import open_store
    from evals.store_outbox import StoreOutbox

    store = open_store(chosen.store)
    filling = _filling(store, chosen.tracking)
    working = [*carriers(StoreOutbox(store), chosen.tracking, _then(chosen)), filling]
    lifeline = Lifeline(chosen.parent)
    for carrier in working:
        carrier.start()
    while lifeline.holds(1.0):
        continue
    for carrier in working:
        carrier.stop()


def _then(chosen: argparse.Namespace) -> Then:
    from evals.judges.endpoint import Endpoint
    from evals.judges.judging import Limits

    endpoint = None
    if chosen.judge_model:
        key, seconds = os.environ.get(KEY, ""), chosen.judge_timeout
        endpoint = Endpoint(chosen.judge_url, chosen.judge_model, key, seconds)
    return Then(endpoint, Limits(share=chosen.judge_share), chosen.otlp, chosen.examples)


def command(store_url: str, tracking_uri: str, then: Then | None = None) -> list[str]:
    """The command that runs the sender as a process; :func:`environment` goes with it."""
    then = then or Then()
    made = [
        sys.executable, "-m", "evals.delivery", "--store", store_url, "--tracking", tracking_uri,
        "--parent", str(os.getpid()), "--judge-share", str(then.limits.share),
    ]  # fmt: skip
    if then.endpoint is not None:
        at = then.endpoint
        made += ["--judge-url", at.url, "--judge-model", at.model]
        made += ["--judge-timeout", str(at.timeout)]
    if then.examples is not None:
        made += ["--examples", str(then.examples)]
    return [*made, "--otlp", then.otlp] if then.otlp else made


def environment(then: Then) -> dict[str, str]:
    """What the sender's process finds in its environment."""
    key = then.endpoint.key if then.endpoint else ""
    return {**os.environ, KEY: key} if key else dict(os.environ)


if __name__ == "__main__":
    main()
