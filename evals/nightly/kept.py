"""The nights' folder: one at a time, what each night found, and which one the next is held to.

A run becomes the accepted one when it is the first, when it is better somewhere and worse nowhere,
or when a person says so. Any other run leaves it as it is: a loss of one point a night would
otherwise add up unseen. Items that are new are held to their own first values.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.nightly.results import Run

Json = dict[str, Any]


class Busy(Exception):
    """Another night is under way."""


class NoSuchRun(Exception):
    """Nothing of this name was run to its end."""


@dataclass(frozen=True, slots=True)
class Nights:
    """Everything kept of the nights."""

    folder: Path

    @contextmanager
    def alone(self) -> Generator[None]:
        """Raises :class:`Busy` while another process holds it, however that one ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy from None
            yield

    def night(self, name: str) -> Night:
        return Night(self.folder / "runs" / name)

    def finished(self) -> list[str]:
        """Names of the nights that came to their end, the oldest first."""
        return sorted(p.parent.name for p in self.folder.glob(f"runs/*/{Night.SUMMARY}"))

    def accepted(self) -> Run | None:
        """What the next night is held to; ``None`` before the first."""
        path = self.folder / "accepted.json"
        return Run.from_json(json.loads(path.read_text("utf-8"))) if path.is_file() else None

    def accept(self, name: str) -> None:
        """Holds the nights to come to this one. Raises :class:`NoSuchRun`."""
        night = self.night(name)
        if not night.has(Night.RUN):
            raise NoSuchRun(name)
        _write(self.folder / "accepted.json", night.read(Night.RUN))

    def add_new(self, run: Run) -> None:
        """Takes up the values of items that the accepted run does not have."""
        accepted = self.accepted()
        assert accepted is not None
        known = {v.key for v in accepted.values}
        new = tuple(v for v in run.values if v.key not in known)
        if new:
            grown = Run(accepted.id, accepted.made_with, accepted.values + new)
            _write(self.folder / "accepted.json", grown.to_json())


@dataclass(frozen=True, slots=True)
class Night:
    """One night's folder: each part is written whole, and once."""

    folder: Path
    RUN = "run.json"
    SUMMARY = "summary.json"

    @property
    def name(self) -> str:
        return self.folder.name

    def has(self, part: str) -> bool:
        return (self.folder / part).is_file()

    def read(self, part: str) -> Json:
        return json.loads((self.folder / part).read_text("utf-8"))

    def once(self, part: str, make: Callable[[], Json]) -> Json:
        """The part as it was written before the process was killed, or made now."""
        if not self.has(part):
            _write(self.folder / part, make())
        return self.read(part)

    def write(self, part: str, text: str) -> Path:
        return write_whole(self.folder / part, text)


def _write(path: Path, content: Json) -> None:
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=1))


def write_whole(path: Path, text: str) -> Path:
    """The file is the old one or the new one, never half of either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    return part.replace(path)
