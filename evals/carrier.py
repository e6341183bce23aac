"""Takes parcels out of the outbox and has them worked on, once each, however long that takes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import timedelta

from evals.allowed import code_of
from evals.outbox import HOLD, Held, Kind, Outbox

BATCH = 50
ENOUGH_FAILURES = 3
"""After so many failures in a row a pass ends: the other side is down, not a parcel wrong."""
LONGEST_PAUSE = 60.0
"""Seconds between two passes while it is down; the first pause doubles up to it."""

Work = Callable[[Held], None]
"""Does what a parcel is for; doing it twice is doing it once. An exception: try again later."""

log = logging.getLogger(__name__)


class Carrier:
    """Works on parcels of some kinds. Nobody on the request path waits for it."""

    def __init__(
        self,
        outbox: Outbox,
        kinds: Collection[Kind],
        open_work: Callable[[], Work],
        pause: float = 1.0,
        batch: int = BATCH,
        hold: timedelta = HOLD,
    ) -> None:
        """``pause``: seconds between two looks into an empty outbox; ``hold``: what a batch takes
        at most. ``open_work`` is called when there is the first thing to do."""
        self._outbox = outbox
        self._kinds = kinds
        self._open = open_work
        self._pause = pause
        self._batch = batch
        self._hold = hold
        self._work: Work | None = None
        self._passing = threading.Lock()
        self._bad_passes = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Works in a thread of its own until :meth:`stop`."""
        self._stop.clear()
        name = type(self).__name__.lower()
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Ends the thread after its pass; what is not done stays in the outbox."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)
            self._thread = None

    def flush(self, timeout: float = 30.0) -> int:
        """Works until nothing waits or time is up; returns how many still wait."""
        until = time.monotonic() + timeout
        while (left := self._outbox.waiting(self._kinds)) and time.monotonic() < until:
            if not self.once():
                time.sleep(min(0.1, self._pause))
        return left

    def run(self) -> None:
        """Works until :meth:`stop`."""
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
        """One look into the outbox; returns how many parcels were done."""
        with self._passing:
            limit = min(ENOUGH_FAILURES, self._batch) if self._bad_passes else self._batch
            done = failures = 0
            for held in self._outbox.take(limit, self._kinds, self._hold):
                if failures == ENOUGH_FAILURES or self._stop.is_set():
                    break
                delivered = self._try(held)
                done, failures = done + delivered, 0 if delivered else failures + 1
            self._bad_passes = min(self._bad_passes + 1, 16) if failures and not done else 0
            return done

    def _try(self, held: Held) -> bool:
        try:
            self._work = self._work or self._open()
            self._work(held)
        except Exception as error:
            self._outbox.failed(held, code_of(error))
            log.warning("a %s was not delivered: %s", held.parcel.kind, code_of(error))
            return False
        self._outbox.delivered(held)
        return True
