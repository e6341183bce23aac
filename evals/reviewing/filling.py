"""Fills the review queues beside the sender, again and again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from evals.allowed import code_of
from evals.reviewing.queue import ReviewQueue

PAUSE = 60.0
"""Seconds between two passes: judges need some, and nobody reviews within a minute."""

log = logging.getLogger(__name__)


class Filling:
    """Fills every organisation's queue. Nobody waits for it, and nothing it meets ends it."""

    def __init__(
        self,
        organisations: Callable[[], Iterable[str]],
        open_queue: Callable[[], ReviewQueue],
        pause: float = PAUSE,
    ) -> None:
        self._organisations = organisations
        self._open = open_queue
        self._pause = pause
        self._queue: ReviewQueue | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Fills in a thread of its own until :meth:`stop`."""
        self._stop.clear()
        self._thread = threading.Thread(target=self.run, name="filling", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)
            self._thread = None

    def run(self) -> None:
        while not self._stop.is_set():
            self.once()
            self._stop.wait(self._pause)

    def once(self) -> int:
        """One pass over all organisations; returns how many turns were put into a queue."""
        try:
            self._queue = self._queue or self._open()
            return sum(len(self._queue.fill(org_id)) for org_id in self._organisations())
        except Exception as error:
            log.warning("the review queues could not be filled: %s", code_of(error))
            return 0
