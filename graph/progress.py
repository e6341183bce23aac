"""How far a step is, told to whoever waits for it once it takes longer than a second."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from langgraph.config import get_stream_writer

SLOW_SECONDS = 1.0
Tell = Callable[[float, str], None]
"""The share that is done, 0 to 1, and the words for it."""


def once_slow(node: str) -> Tell:
    """Counts from now; only inside a turn, where there is somebody to tell."""
    writer, started = get_stream_writer(), perf_counter()

    def tell(done: float, text: str) -> None:
        if perf_counter() - started > SLOW_SECONDS:
            writer({"progress": {"node": node, "text": text, "done": done}})

    return tell
