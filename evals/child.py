"""What a process of ours does that works for another one: it ends when that one does."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

BEHIND_THE_CHAT = 10
"""Niceness of what runs beside the chat: whoever types goes first on a busy machine."""


class Lifeline:
    """Ends on SIGTERM and SIGINT, and when the process it works for is gone, however it went.

    It leaves that process's group, so that a signal to the whole group still lets it clean up.
    """

    def __init__(self, parent: int | None = None) -> None:
        """``parent``: whom it works for; without one, whoever started it."""
        self._parent = parent or os.getppid()
        self._told = threading.Event()
        with suppress(PermissionError):  # it leads a group already
            os.setsid()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._end)

    def _end(self, _sign: int, _frame: object) -> None:
        self._told.set()

    def holds(self, seconds: float) -> bool:
        """Waits so long, less when told to end; whether to go on."""
        return not self._told.wait(seconds) and os.getppid() == self._parent
