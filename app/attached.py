"""A file that came with a message: taken into memory at once, and kept nowhere."""

from __future__ import annotations

from pathlib import Path

import chainlit as cl

from graph.tables import Attached


def taken(message: cl.Message) -> Attached | None:
    """The first file of the message; every file of it is gone from the disk afterwards.

    The conversation keeps its name. What it holds lives on in the rules, if they are confirmed.
    """
    found: list[Attached] = []
    for element in message.elements:
        if element.path:
            path = Path(element.path)
            found.append(Attached(element.name, path.read_bytes()))
            path.unlink()
    return found[0] if found else None
