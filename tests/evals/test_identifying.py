"""A hundred messages with names, numbers and birth dates: none of it is in what MLflow keeps."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.access.masking import mask
from data.store import create_organisation, open_store
from evals.delivery import Delivery
from evals.score import scored
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer, trace_id_of
from evals.tracking import Tracking
from tests.evals.conftest import KEY

FILE = Path(__file__).parents[1] / "data" / "access" / "messages.yaml"
CASES: dict[str, Any] = yaml.load(FILE.read_text(), yaml.BaseLoader)  # every scalar as text
WORDS = frozenset(CASES["words"])
MESSAGES: list[dict[str, Any]] = CASES["messages"]
PLACES = frozenset(["request_id", "trace_id", "span_id", "parent_span_id", "assessment_id"])


class BadFacts(Exception):
    """Quotes what it could not read, as exceptions do."""


@dataclass(frozen=True)
class Kept:
    """Everything that is on disk after all messages were delivered."""

    org: str
    folder: Path
    by_trace: dict[str, str]
    """Trace → every text of every row that speaks of it."""


def record(tracer: Tracer, org: str, text: str) -> None:
    """A turn in which everybody quotes the message: steps, errors, scores, the thumb."""
    words = text.split()
    quoted = f"what does `{words[-1]}` mean in `{text}`?"
    rule = f'rule "{text}"\n  then because "{text}"'
    with suppress(BadFacts), tracer.turn(org, text, text, text, WORDS) as turn:
        turn.asked(text, action=text)
        turn.on_version(text)
        everything = {
            "message": text, "rules": [rule], "question": quoted, "unplaced": words,
            "placed": words, "retrieved": [f"rule:{text}"], "messages": [quoted], "note": quoted,
            "documents": [{"id": f"rule:{text}", "text": rule, "score": 1.0, "kind": text}],
            "options": words, "answer": text, "sentences": [quoted], "model": text, "prompt": text,
            "status": text, "findings": [{"code": text, "message": text}], "drafter": text,
            "patient": {"name": text}, "reply": {"text": text},
        }  # fmt: skip
        turn.said(text)
        for node in ("retrieve", "draft", "ask", "validate", "test", "confirm", "explain", text):
            turn.node(node, everything, everything, 1.0, BadFacts(text))
        turn.scored(scored("accounted", False, f"no place for: {', '.join(words)}"))
        turn.answered({**everything, "card": everything})
        with turn.running("draft", everything):
            raise BadFacts(text)
    tracer.feedback(org, text, text, False, text)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("identifying")
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    with store.session() as session:
        org = create_organisation(session, "clinic").id
    outbox = StoreOutbox(store)
    tracer = Tracer(outbox, KEY)
    for message in MESSAGES:
        record(tracer, org, message["text"])
    tracking = Tracking(f"sqlite:///{folder / 'mlflow.db'}")
    left = Delivery(outbox, "", pause=0.01, open_tracking=lambda _: tracking).flush(120)
    assert left == 0
    store.close()
    return Kept(org, folder, dict(texts_by_trace(folder / "mlflow.db")))


def texts_by_trace(path: Path) -> Iterator[tuple[str, str]]:
    """All text columns of all tables, by the trace their row names."""
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                fields = dict(row)
                trace = fields.get("trace_id") or fields.get("request_id")
                said = [v for k, v in fields.items() if isinstance(v, str) and k not in PLACES]
                found.setdefault(str(trace), []).extend(said)
    for trace, texts in found.items():
        yield trace, "\n".join(texts)


def test_every_message_became_a_trace_with_its_steps_scores_and_thumb(kept: Kept) -> None:
    assert len(MESSAGES) >= 100
    for message in MESSAGES:
        text = kept.by_trace[trace_id_of(kept.org, message["text"])]
        for expected in ("mlflow.spanInputs", "accounted", "thumb", "BadFacts"):
            assert expected in text


def stands_in(part: str, text: str) -> bool:
    """As words of their own, in any case: `doe` is not in `what does it mean`."""
    return bool(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text, re.IGNORECASE))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: m["text"])
def test_nothing_identifying_is_on_the_trace(kept: Kept, message: dict[str, Any]) -> None:
    text = kept.by_trace[trace_id_of(kept.org, message["text"])]

    assert [part for part in message["hide"] if stands_in(part, text)] == []
    assert mask(message["text"], keep=WORDS).split("[")[0].strip() in text, "the rest is there"


def test_nothing_identifying_is_in_any_file(kept: Kept) -> None:
    """Store, outbox, MLflow's database and its journals, byte for byte."""
    said = "\n".join(mask(m["text"], keep=WORDS) for m in MESSAGES)
    telling = {
        part.encode() for m in MESSAGES for part in m["hide"] if len(part) >= 6 and part not in said
    }
    assert len(telling) >= 60
    files = [p for p in kept.folder.rglob("*") if p.is_file()]
    assert {"store.db", "mlflow.db"} <= {p.name for p in files}
    for path in files:
        content = path.read_bytes()
        assert [part for part in telling if part in content] == [], path.name
