"""The story of the issues pack: rules choose, the author narrows in words, all see who moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]
import pytest

from data.packs.history.table import generate
from data.packs.load import Pack, load_pack
from data.rulelang.evaluate import decide_one
from data.rulelang.request import read_request
from data.rulelang.version import Version
from data.store import deployed
from graph.checkpoints import open_checkpoints
from graph.context import Services
from graph.run import Assistant, Who
from tests.graph.radiology import radiology
from tests.graph.world import card_of, new_thread, press, reply_of, say

pq: Any = pyarrow.parquet
"""Arrow has no types of its own."""
SENTENCE = "Remove anybody from an external company"
HAIR = "Never assign engineers with purple hair"
ISSUE = {
    "issue": {
        "kind": "bug", "severity": "medium", "team": "payments", "language": "Go", "areas": [],
        "customer": "business", "points": 3, "personal_data": False, "good_first_issue": False,
        "regression": False, "opened": "2026-11-20",
    },
    "repository": {"id": "ledger-invoices"},
    "engineers": [
        {"login": "alice-moreau", "team": "payments", "company": "external", "seniority": "senior",
         "skills": ["Go"], "open_issues": 1, "resolved": 5, "last_assigned": "2026-11-01",
         "on_call": False},
        {"login": "bob-tanaka", "team": "payments", "company": "own staff", "seniority": "regular",
         "skills": ["Go"], "open_issues": 4, "resolved": 5, "last_assigned": "2026-11-01",
         "on_call": False},
    ],
}  # fmt: skip


@dataclass
class Desk:
    """The assistant over the issues pack."""

    pack: Pack
    services: Services
    assistant: Assistant
    author: Who
    history: Path

    def assignee(self) -> str:
        version = self._version()
        return str(decide_one(version, read_request(version.ontology, ISSUE), "assignee").value)

    def _version(self) -> Version:
        with self.services.store.reading() as session:
            running = deployed(session, self.author.org_id, "staging")
        return self.services.version(self.author.org_id, str(running))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "issues.parquet"
    pq.write_table(generate(load_pack("issues"), rows=300), path)
    return path


@pytest.fixture
async def desk(tmp_path: Path, history: Path) -> AsyncIterator[Desk]:
    pack = load_pack("issues")
    services, author = radiology(pack, tmp_path, history)
    async with open_checkpoints(str(tmp_path / "checkpoints.db")) as checkpoints:
        yield Desk(pack, services, Assistant(services, checkpoints), author, history)


async def test_nobody_of_an_external_company_is_chosen_once_the_author_says_so(desk: Desk) -> None:
    assert desk.assignee() == "alice-moreau"
    thread = new_thread()
    card = card_of(await say(desk.assistant, desk.author, thread, SENTENCE))
    assert card.kind == "confirm" and card.payload["can_confirm"], card.payload
    assert "exclude engineers where company is external" in card.payload["rules"][0]["text"]

    tests = card.payload["tests"]
    assert tests["scenarios"]["run"] == len(desk.pack.scenarios)
    changed = {c["name"]: (c["before"], c["after"]) for c in tests["scenarios"]["changed"]}
    first = "a bug goes to the least loaded of its team, whatever their company"
    assert changed == {first: ("alice-moreau", "bob-tanaka")}

    moves = [m for m in tests["history"]["moves"] if m["decision"] == "assignee"]
    assert moves and tests["history"]["changed"]
    outside = {"alice-moreau", "farid-haas", "ines-clark", "leo-brandt", "omar-weiss"}
    plain = [m for m in moves if not m["from"].startswith("open")]
    assert {m["from"] for m in plain} <= outside
    assert not {m["to"] for m in plain} & outside

    await press(desk.assistant, desk.author, thread, "confirm", interrupt_id=card.interrupt_id)
    assert desk.assignee() == "bob-tanaka"


async def test_why_somebody_was_chosen_and_somebody_was_not(desk: Desk) -> None:
    row = next(r for r in _decided_rows(desk.history) if r["decided.assignee"] is not None)
    thread = new_thread()
    text = reply_of(await say(desk.assistant, desk.author, thread, f"explain {row['id']}")).text
    assert "Left out" in text
    other = next(e["login"] for e in row["engineers"] if f"{e['login']}" in text)
    text = reply_of(await say(desk.assistant, desk.author, thread, f"why not {other}?")).text
    assert f"{other} is left out by" in text or f"{other} may be chosen" in text
    assert f"It would be {other} with" in text or f"No change of facts gives {other}" in text
    asked = f"why was {other} left out?"
    assert reply_of(await say(desk.assistant, desk.author, thread, asked)).text == text
    text = reply_of(await say(desk.assistant, desk.author, thread, "who was left out?")).text
    assert "Left out" in text


async def test_who_stands_in_the_request_keeps_their_key_and_nobody_else(desk: Desk) -> None:
    row = _decided_rows(desk.history)[0]
    shown = {e["login"] for e in row["engineers"]}
    there = sorted(shown)[0]
    [away, *_] = sorted(_logins(desk.history) - shown)
    org = desk.author.org_id
    assert desk.services.masked(org, f"why not {there}") == "why not [name]"
    assert desk.services.masked(org, f"why not {there} for {row['id']}", row["id"]).count(there)
    masked = desk.services.masked(org, f"why not {away}", None, row)
    assert masked == "why not [name]"

    thread = new_thread()
    text = reply_of(await say(desk.assistant, desk.author, thread, f"why not {there}")).text
    assert there not in text
    await say(desk.assistant, desk.author, thread, f"explain {row['id']}")
    text = reply_of(await say(desk.assistant, desk.author, thread, f"why not {there}")).text
    assert there in text
    text = reply_of(await say(desk.assistant, desk.author, thread, f"why not {away}")).text
    assert away not in text


def _logins(path: Path) -> set[str]:
    return {e["login"] for row in _decided_rows(path) for e in row["engineers"]}


def _decided_rows(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist()


@pytest.mark.parametrize(
    ("sentence", "outcome"),
    [
        ("never assign to contractors", "exclude engineers where company is external"),
        ("only engineers on the issue's team", "require engineers where team is issue team"),
        ("prefer whoever has the fewest open issues", "prefer engineers with fewest open issues"),
    ],
)
async def test_ordinary_words_become_rules(desk: Desk, sentence: str, outcome: str) -> None:
    card = card_of(await say(desk.assistant, desk.author, new_thread(), sentence))
    assert card.kind == "confirm"
    assert outcome in card.payload["rules"][0]["text"]


async def test_who_is_nobody_s_word_is_asked_about(desk: Desk) -> None:
    card = card_of(await say(desk.assistant, desk.author, new_thread(), HAIR))
    assert card.kind == "question"
    assert "purple" in card.payload["text"]
