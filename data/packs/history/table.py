"""A pack's past requests as one Arrow table, and as a file that is made once."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs]

from data.ontology.model import Attribute, Decision
from data.packs.history.decide import Decide, decided_then
from data.packs.history.draw import ABSENT, Columns, Drawn, Numbers, draw_history
from data.packs.history.model import HistorySpec
from data.packs.history.read import read_history
from data.packs.load import Pack
from data.rulelang.evaluate import decide
from data.rulelang.version import Version, make_version

pa: Any = pyarrow
pq: Any = parquet
"""Arrow has no types of its own."""
Arrow = Any
"""An Arrow array, type or table."""
HISTORY = "history.yaml"
SHIPPED = "history.parquet"
ROWS = 100_000
SEED = 7
_FORMAT = "1"
"""Raised when an unchanged pack would give another table."""


def history_spec(pack: Pack) -> HistorySpec | None:
    """What the pack's ``history.yaml`` says, or ``None`` where it has none.

    Raises :class:`InputError` with every finding where it cannot be used.
    """
    path = pack.folder / HISTORY
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    return read_history(text, pack, HISTORY)


def generate(
    pack: Pack, rows: int | None = None, seed: int = SEED, decide: Decide = decide
) -> Arrow:
    """Made-up past requests of a pack and what was decided then.

    Columns: ``id``; one for each fact that is drawn, named by its path, null where unknown; one
    for each relation that is drawn, a list of rows; ``decided.<decision>``, null where nothing was
    recorded; ``overruled``, where a person decided otherwise than the rules of the day; and
    ``version``, which rules decided. Equal arguments give equal tables on every machine.
    A pack without ``history.yaml`` has no past requests. ``rows`` is how many; without it the
    pack's own number, or :data:`ROWS`.
    """
    spec = history_spec(pack)
    if spec is None:
        return pa.table({"id": pa.array([], pa.string())})
    size = rows or spec.requests or ROWS
    drawn = draw_history(spec, pack.ontology, pack.scope_rows, size, seed)
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    return pa.table(dict(_columns(spec, version, drawn, seed, decide)))


def history_table(
    pack: Pack, folder: Path, rows: int | None = None, seed: int = SEED
) -> Path | None:
    """The parquet file of the pack's past requests, made in ``folder`` when it is not there yet.

    A ``history.parquet`` of the pack's own comes first. ``None`` where the pack has neither.
    The file's name holds a digest of the pack: a changed pack gets a file of its own.
    """
    if (pack.folder / SHIPPED).is_file():
        return pack.folder / SHIPPED
    if not (pack.folder / HISTORY).is_file():
        return None
    path = folder / f"history-{_digest(pack, rows, seed)}.parquet"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _write(generate(pack, rows, seed), path)
    return path


def _write(table: Arrow, path: Path) -> None:
    """Whole or not at all, also when two programs write at once."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        unfinished = Path(folder) / path.name
        pq.write_table(table, unfinished, compression="zstd")
        unfinished.replace(path)


def _digest(pack: Pack, rows: int | None, seed: int) -> str:
    found = hashlib.sha256(f"{_FORMAT} {rows} {seed}".encode())
    for file in sorted(p for p in pack.folder.rglob("*") if p.is_file()):
        name = file.relative_to(pack.folder).as_posix()
        found.update(f"\n{name} {file.stat().st_size}\n".encode())
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _columns(
    spec: HistorySpec, version: Version, drawn: Drawn, seed: int, decide: Decide
) -> Iterable[tuple[str, Arrow]]:
    facts, ontology = drawn.facts, version.ontology
    digits = max(6, len(str(facts.size)))
    yield "id", pa.array([f"{spec.prefix}-{n:0{digits}}" for n in range(1, facts.size + 1)])
    for path in (a.path for a in ontology.facts if a.path in facts.numbers):
        yield path, _fact(facts, path)
    for name, (counts, rows) in drawn.rows.items():
        yield name, _lists(counts, rows)
    then = decided_then(spec, version, drawn, seed, decide)
    for name, answers in then.answers.items():
        yield f"decided.{name}", _answers(ontology.decisions[name], answers)
    yield "overruled", pa.array(then.overruled)
    yield "version", _taken(pa.array(then.labels), then.version)


def _fact(columns: Columns, path: str) -> Arrow:
    values, places = columns.distinct(path)
    plain = [sorted(v) if isinstance(v, frozenset) else v for v in values]
    return _taken(pa.array(plain, _type_of(columns.codecs[path].attribute)), places)


def _lists(counts: Numbers, rows: Columns) -> Arrow:
    """The rows of each request; null where it is not known whether there were any."""
    names = [p.partition(".")[2] for p in rows.numbers]
    structs = pa.StructArray.from_arrays([_fact(rows, p) for p in rows.numbers], names)
    ends = np.concatenate([[0], np.cumsum(np.maximum(counts, 0))]).astype(np.int32)
    unknown = np.append(counts == ABSENT, False)
    return pa.ListArray.from_arrays(pa.array(ends, mask=unknown), structs)


def _answers(decision: Decision, answers: Sequence[Any]) -> Arrow:
    """One column; equal answers are written once and looked up."""
    places: dict[Any, int] = {}
    # `True` and `1` are equal as keys: within one decision all answers are of one type.
    found = [places.setdefault(a, len(places)) for a in answers]
    kind = _type_of(decision)
    values = pa.array(list(places), pa.list_(kind) if decision.hit == "collect" else kind)
    return _taken(values, np.array(found))


def _taken(values: Arrow, places: NDArray[np.integer[Any]]) -> Arrow:
    return values.take(pa.array(places))


def _type_of(word: Attribute | Decision) -> Arrow:
    match word.type:
        case "boolean":
            return pa.bool_()
        case "integer":
            return pa.int64()
        case "decimal":
            return pa.decimal128(18, 2)
        case "date":
            return pa.date32()
        case "time":
            return pa.time32("s")
        case "set":
            return pa.list_(pa.string())
        case "enum" | "text" | "code" | "choice":
            return pa.string()
