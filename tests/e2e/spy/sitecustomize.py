"""Put first on the path of a process, this notes every name that the process looks up."""

from __future__ import annotations

import os
import socket
from typing import Any

_look_up = socket.getaddrinfo


def _note(name: str) -> None:
    if "SPY_FILE" in os.environ:
        with open(os.environ["SPY_FILE"], "a") as file:  # noqa: PTH123
            file.write(f"{name}\n")


def _noting(host: Any, *rest: Any, **named: Any) -> Any:
    _note(str(host))
    return _look_up(host, *rest, **named)


socket.getaddrinfo = _noting
_note("watching")
