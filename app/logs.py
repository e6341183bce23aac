"""Logs as one JSON object a line, without what people typed."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict


def _where(_: Any, __: str, event: EventDict) -> EventDict:
    """An exception as its kind and where it rose: its text may quote what a person typed."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        event["error"] = type(error).__name__
        event["at"] = [f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in frames]
    return event


def configure_logs() -> None:
    """Send logs to standard error, one JSON object a line; called once a process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _where,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for noisy in ("httpx", "chainlit", "socketio", "engineio"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
