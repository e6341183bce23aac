"""The version that a pack's own rules are."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from data.packs.load import Pack
from data.rulelang.version import Version, make_version
from data.rulelang.weights import NO_WEIGHTS, Weights, weights_from_json, weights_to_json

_OF_HISTORY = ("history.yaml", "history.parquet", "ontology.yaml", "*.csv")
"""Files that say how past requests were spread."""


def version_of(pack: Pack, kept: Path | None = None) -> Version:
    """The pack's rules with what its history says of how often facts had which value.

    What the history says is kept in the folder ``kept`` between runs, where it can be written.
    """
    weights = _weights(pack, kept)
    return make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set, weights)


def _weights(pack: Pack, kept: Path | None) -> Weights:
    files = [file for name in _OF_HISTORY for file in sorted(pack.folder.glob(name))]
    if not any(file.stem == "history" for file in files):
        return NO_WEIGHTS
    path = kept / f"weights-{_digest(files)}.json" if kept else None
    if path is not None:
        with suppress(OSError, ValueError, KeyError):
            return weights_from_json(pack.ontology, json.loads(path.read_text(encoding="utf-8")))
    # Drawing past requests takes a quarter of a second, most of it loading numpy.
    from data.packs.history.weights import weights_of

    weights = weights_of(pack)
    if path is not None:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(weights_to_json(weights)), encoding="utf-8")
    return weights


def _digest(files: list[Path]) -> str:
    found = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        found.update(f"{file.name} {len(content)}\n".encode() + content)
    return found.hexdigest()[:16]
