"""Logs as one JSON object a line, without what people typed."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

FRAMES = 4
"""How much of the way to an error is told."""


def _where(_: Any, __: str, event: EventDict) -> EventDict:
    """An exception as its kind and where it rose: its text may quote what a person typed."""
    error = _error(event.pop("exc_info", None))
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
        event["error"] = type(error).__name__
        event["at"] = [f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in frames]
    return event


def _error(info: Any) -> BaseException | None:
    """The exception in what a logger was handed, in any of the forms loggers take."""
    match info:
        case BaseException():
            return info
        case (_, BaseException() as error, _):
            return error
        case True:
            return sys.exc_info()[1]
        case _:
            return None


class _Stderr:
    """Standard error as it is when something is written, whoever has replaced it meanwhile."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logs() -> None:
    """Send all logs to standard error, one JSON object a line; called once a process."""
    out: Any = _Stderr()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _where,
    ]
    render: Processor = structlog.processors.JSONRenderer(default=str)
    structlog.configure(
        processors=[*shared, render],
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=shared, processors=[ProcessorFormatter.remove_processors_meta, render]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for noisy in ("chainlit", "engineio", "httpx", "socketio", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
