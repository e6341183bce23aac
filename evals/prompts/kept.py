"""The wordings that were promoted here, the last one in use; the chat needs no MLflow for it."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from evals.nightly.kept import write_whole
from graph.prompts import Prompts, shipped

log = logging.getLogger("evals.prompts")


class NothingToGoBackTo(Exception):
    """What came with the program is in use already."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder of wordings, each in a file named by its version, and the order of promotions."""

    folder: Path

    def in_use(self) -> Prompts:
        """What was promoted last; what came with the program where that cannot be read."""
        try:
            promoted = self.promoted()
            return self._read(promoted[-1]) if promoted else shipped()
        except (OSError, ValueError, KeyError) as error:
            log.error("the promoted prompts cannot be read: those shipped are used", exc_info=error)
            return shipped()

    def promoted(self) -> list[str]:
        """Versions, the first promoted first; empty while what came with the program is in use."""
        path = self.folder / "promoted.json"
        return list(json.loads(path.read_text("utf-8"))) if path.is_file() else []

    def promote(self, prompts: Prompts) -> None:
        """Puts it in use: from the next draft on, in every process of this folder."""
        write_whole(self.folder / f"{prompts.version}.json", json.dumps(dict(prompts.texts)))
        self._write([*self.promoted(), prompts.version])

    def back(self) -> Prompts:
        """Puts the one before in use again, and returns it. Raises :class:`NothingToGoBackTo`."""
        promoted = self.promoted()
        if not promoted:
            raise NothingToGoBackTo
        self._write(promoted[:-1])
        return self.in_use()

    def _write(self, promoted: list[str]) -> None:
        write_whole(self.folder / "promoted.json", json.dumps(promoted))

    def _read(self, version: str) -> Prompts:
        """Raises ``ValueError`` where the file is not what its name says."""
        found = Prompts(json.loads((self.folder / f"{version}.json").read_text("utf-8")))
        if found.version != version:
            raise ValueError(version)
        return found
