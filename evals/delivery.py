"""Carries turns, scores and thumbs from the outbox to MLflow, once each, whenever MLflow is there.

``python -m evals.delivery`` runs it as a process of its own, which keeps MLflow and Ragas (seconds
of import, 200 MB) out of the chat. :class:`Delivery` runs the same in a thread.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence

from evals.allowed import code_of
from evals.child import BEHIND_THE_CHAT, Lifeline
from evals.outbox import Held, Outbox, Parcel
from evals.traces import Feedback, TurnRecord
from evals.tracking import Tracking

BATCH = 50
ENOUGH_FAILURES = 3
"""After so many failures in a row a pass ends: MLflow is down, not a parcel wrong."""
LONGEST_PAUSE = 60.0
"""Seconds between two passes while MLflow is down; the first pause doubles up to it."""

log = logging.getLogger(__name__)


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


class Delivery:
    """The sender. Nobody on the request path waits for it."""

    def __init__(
        self,
        outbox: Outbox,
        tracking_uri: str,
        pause: float = 1.0,
        open_tracking: Callable[[str], Tracking] = Tracking,
    ) -> None:
        """``pause``: seconds between two looks into an empty outbox."""
        self._outbox = outbox
        self._uri = tracking_uri
        self._pause = pause
        self._open = open_tracking
        self._tracking: Tracking | None = None
        self._passing = threading.Lock()
        self._bad_passes = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Delivers from a thread of its own until :meth:`stop`."""
        self._stop.clear()
        self._thread = threading.Thread(target=self.run, name="delivery", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Ends the thread after its pass; what is not delivered stays in the outbox."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)
            self._thread = None

    def flush(self, timeout: float = 30.0) -> int:
        """Delivers until nothing waits or time is up; returns how many still wait."""
        until = time.monotonic() + timeout
        while (left := self._outbox.waiting()) and time.monotonic() < until:
            if not self.once():
                time.sleep(min(0.1, self._pause))
        return left

    def run(self) -> None:
        """Delivers until :meth:`stop`."""
        while not self._stop.is_set():
            if not self._pass_safely():
                self._stop.wait(min(self._pause * 2**self._bad_passes, LONGEST_PAUSE))

    def _pass_safely(self) -> int:
        try:
            return self.once()
        except Exception as error:
            log.warning("the outbox does not answer: %s", code_of(error))
            return 0

    def once(self) -> int:
        """One look into the outbox; returns how many parcels were delivered."""
        with self._passing:
            limit = ENOUGH_FAILURES if self._bad_passes else BATCH
            done = failures = 0
            for held in self._outbox.take(limit):
                if failures == ENOUGH_FAILURES or self._stop.is_set():
                    break
                delivered = self._try(held)
                done, failures = done + delivered, 0 if delivered else failures + 1
            self._bad_passes = min(self._bad_passes + 1, 16) if failures and not done else 0
            return done

    def _try(self, held: Held) -> bool:
        try:
            self._tracking = self._tracking or self._open(self._uri)
            deliver(self._tracking, held.parcel)
        except Exception as error:
            self._outbox.failed(held, code_of(error))
            log.warning("a %s was not delivered: %s", held.parcel.kind, code_of(error))
            return False
        self._outbox.delivered(held)
        return True


def main(arguments: Sequence[str] | None = None) -> None:
    """The sender as a process: ends on SIGTERM, and when the process it works for is gone."""
    parser = argparse.ArgumentParser(prog="evals.delivery", description=__doc__)
    parser.add_argument("--store", required=True, help="address of the store")
    parser.add_argument("--tracking", required=True, help="address of MLflow: a database or http")
    parser.add_argument("--parent", type=int, help="the process whose end ends the sender")
    chosen = parser.parse_args(arguments)
    os.nice(BEHIND_THE_CHAT)
    from data.store import open_store
    from evals.store_outbox import StoreOutbox

    delivery = Delivery(StoreOutbox(open_store(chosen.store)), chosen.tracking)
    lifeline = Lifeline(chosen.parent)
    delivery.start()
    while lifeline.holds(1.0):
        continue
    delivery.stop()


def command(store_url: str, tracking_uri: str) -> list[str]:
    """The command that runs the sender as a process of its own."""
    return [
        sys.executable, "-m", "evals.delivery", "--store", store_url, "--tracking", tracking_uri,
        "--parent", str(os.getpid()),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
