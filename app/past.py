"""The past requests of the pack, made once in a process of their own."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from threading import Lock

from evals.child import BEHIND_THE_CHAT


def make_file(pack: str, folder: str) -> str:
    """Path of the pack's past requests, empty where it has none; runs in another process."""
    from data.packs import load_pack
    from data.packs.history import history_table

    path = history_table(load_pack(pack), Path(folder))
    return "" if path is None else str(path)


class PackPast:
    """Finds the file of the pack's organisation; every other organisation has no past here."""

    def __init__(self, pack_folder: Path, org_id: str, folder: Path) -> None:
        self._pack = str(pack_folder)
        self._org_id = org_id
        self._folder = str(folder)
        self._lock = Lock()
        self._made: Future[str] | None = None

    def begin(self) -> None:
        """Start making the file where it is not there yet."""
        self._future()

    def find(self, org_id: str) -> Path | None:
        """The organisation's file; waits while it is being made."""
        if org_id != self._org_id:
            return None
        path = self._future().result()
        return Path(path) if path else None

    def _future(self) -> Future[str]:
        with self._lock:
            if self._made is None:
                spawn = multiprocessing.get_context("spawn")
                pool = ProcessPoolExecutor(1, spawn, os.nice, (BEHIND_THE_CHAT,))
                self._made = pool.submit(make_file, self._pack, self._folder)
                pool.shutdown(wait=False)
            return self._made
