"""A throw-away PostgreSQL server: its own folder, its own socket, no port, no password."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``, newest version first; ``None`` without them."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    folders = [*([Path(on_path).resolve().parent] if on_path else []), *debian]
    return next((f for f in folders if (f / "pg_ctl").exists()), None)


@contextmanager
def server(bin_folder: Path) -> Iterator[str]:
    """A running server; yields the URL of its one database."""
    folder = Path(tempfile.mkdtemp(prefix="rw-pg-"))
    user = _unprivileged(folder)
    data, log = folder / "data", folder / "log"
    try:
        _run(user, [bin_folder / "initdb", "-D", data, "-U", "rw", "-A", "trust", "--no-sync"])
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        start = ["start", "-D", data, "-l", log, "-w", "-o", settings]
        _run(user, [bin_folder / "pg_ctl", *start])
        try:
            yield f"postgresql://rw@/postgres?host={folder}"
        finally:
            _run(user, [bin_folder / "pg_ctl", "stop", "-D", data, "-m", "immediate", "-w"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as instead, owner of the folder."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in known else "nobody"
    entry = pwd.getpwnam(user)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return user


def _run(user: str | None, command: list[object]) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        user=user,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
