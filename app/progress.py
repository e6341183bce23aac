"""How far a command is: one line on standard error, while somebody waits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from threading import Timer
from time import monotonic
from typing import TextIO, TypeVar

T = TypeVar("T")
SILENT = 1.0
"""Seconds before anything is said: what is over by then needs no words."""
BETWEEN = 0.1
"""Seconds between two changes of the line."""


class ProgressLine:
    """A line that is written over, and gone in the end; nothing where no terminal listens."""

    def __init__(self, stream: TextIO | None = None, silent: float = SILENT) -> None:
        self._stream = stream or sys.stderr
        self._listens = self._stream.isatty()
        self._next = monotonic() + silent
        self._width = 0
        self._waiting: Timer | None = None

    def looking_for(self, what: str, done: float) -> None:
        """Tells what is looked for, and how much of the whole is done: 0 to 1."""
        self._tell(f"{done:4.0%}  looking for {what}")

    def working_on(self, what: str, done: float) -> None:
        """Tells what is under way, and how much of it is done: 0 to 1."""
        self._tell(f"{done:4.0%}  {what}")

    def counted(self, items: Collection[T], what: str) -> Iterator[T]:
        """The items, each told as it comes."""
        for done, item in enumerate(items):
            self._tell(f"{what}: {done:,} of {len(items):,}")
            yield item

    @contextmanager
    def while_waiting(self, words: str) -> Generator[None]:
        """Tells the words where what is done here takes its time."""
        if not self._listens:
            yield
            return
        self._waiting = Timer(max(self._next - monotonic(), 0), self._tell, (words,))
        self._waiting.daemon = True
        self._waiting.start()
        try:
            yield
        finally:
            self._waiting.cancel()

    def clear(self) -> None:
        """Takes the line away."""
        if self._width:
            self._write("")
            self._width = 0

    def _tell(self, text: str) -> None:
        now = monotonic()
        if self._listens and now >= self._next:
            self._next = now + BETWEEN
            self._write(text)

    def _write(self, text: str) -> None:
        print(f"\r{text:<{self._width}}", end="\r" if not text else "", file=self._stream)
        self._stream.flush()
        self._width = len(text)
