"""The reviewers' server and the sender end with the process they work for."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

MASTER = """
import pathlib, subprocess, sys, time
from evals.delivery import command
from evals.reviewers import ReviewServer
folder = pathlib.Path(sys.argv[1])
server = ReviewServer(folder, int(sys.argv[2]))
server.start()
subprocess.Popen(command(f"sqlite:///{folder / 'store.db'}", server.tracking_uri))
time.sleep(600)
"""


def processes_of(folder: Path) -> list[str]:
    listed = subprocess.run(
        ["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if str(folder) in line]


def wait_for(done: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.2)
    return done()


def test_nothing_outlives_the_process_it_works_for(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    master = subprocess.Popen(
        [sys.executable, "-c", MASTER, str(tmp_path), port], start_new_session=True
    )
    try:
        assert wait_for(lambda: any("mlflow server" in p for p in processes_of(tmp_path)))
        assert wait_for(lambda: any("evals.delivery" in p for p in processes_of(tmp_path)))
    finally:
        os.killpg(master.pid, signal.SIGKILL)
        master.wait()

    assert wait_for(lambda: not processes_of(tmp_path)), processes_of(tmp_path)
