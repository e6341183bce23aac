"""What must hold of the repository itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("data", "graph", "evals", "app")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this copy is no git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_lock_file_names_no_host_and_hashes_everything() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    pinned = re.findall(r"^([a-z0-9._-]+)==", lock, flags=re.MULTILINE)
    assert len(pinned) > 100
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_every_folder_of_the_packages_says_what_it_is_for() -> None:
    folders = {p.parent for p in tracked() if p.suffix == ".py" and p.is_relative_to(ROOT)}
    ours = [
        f
        for f in folders
        if f.relative_to(ROOT).parts[:1] and f.relative_to(ROOT).parts[0] in PACKAGES
    ]
    small = {"analyse", "grammar", "scorers", "nodes", "prompts", "migrations", "versions", "chat"}
    missing = [f for f in ours if not (f / "README.md").exists() and f.name not in small]
    assert missing == []


def test_only_one_package_opens_each_library() -> None:
    doors = {
        "chromadb": "data/index",
        "sqlmodel": "data/store",
        "sqlalchemy": ("data/store", "app"),
        "lark": ("data/rulelang", "data/exchange/dmn"),
        "defusedxml": "data/exchange",
        "openpyxl": "data/exchange/table",
        "pysat": "data/rulelang",
        "langgraph": "graph",
        "langchain_openai": "graph",
        "mlflow": "evals",
        "ragas": "evals",
        "chainlit": "app",
        "fastapi": "app",
    }
    found = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)
    for path in tracked():
        place = path.relative_to(ROOT).as_posix()
        if path.suffix != ".py" or place.partition("/")[0] not in PACKAGES:
            continue
        for library in set(found.findall(path.read_text())) & doors.keys():
            assert place.startswith(doors[library]), f"{place} imports {library}"
