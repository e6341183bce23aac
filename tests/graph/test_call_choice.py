"""An operator is told who is chosen: among candidates the past noted, or whom they name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet  # pyright: ignore[reportMissingTypeStubs]
import pytest

from data.packs.history.table import generate
from data.rulelang.ask import ask
from data.rulelang.request import read_request
from data.rulelang.version import make_version
from graph.events import Card, Event
from tests.graph.talk import Talk, shipped, talking
from tests.graph.world import reply_of

pq: Any = pyarrow.parquet
"""Arrow has no types of its own."""
ISSUE = "a medium bug of the payments team in ledger-invoices"
RESOLVED = "issues resolved here? (Issues resolved in this repository so far.)"
ANSWERS = {
    "Regression?": "no",
    "Which areas?": "none",
    "Which main language?": "Go",
    "Which opened on?": "20 November 2026",
    "What is the effort, in points?": "3",
    "Personal data?": "no",
    "Good first issue?": "no",
    "Which customer tier?": "business",
}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "issues.parquet"
    pq.write_table(generate(shipped("issues"), rows=300), path)
    return path


def card_in(events: Sequence[Event]) -> Card | None:
    return next((e for e in events if isinstance(e, Card)), None)


async def answered(call: Talk, events: Sequence[Event], of: dict[str, str]) -> str:
    """The answer once all that is asked was answered; of a candidate as ``of`` says."""
    for _ in range(30):
        card = card_in(events)
        if card is None:
            return reply_of(list(events)).text
        asked = str(card.payload["text"])
        who, _, about = asked.rpartition(": ")
        assert bool(who) == (asked not in ANSWERS), asked
        events = await call.say(of[f"{who} {about}"] if who else ANSWERS[asked])
    raise AssertionError("more is asked than there is")


async def test_candidates_stand_as_the_past_noted_them(tmp_path: Path, history: Path) -> None:
    async with talking("issues", tmp_path, role="operator", history=history) as call:
        who = await call.card(ISSUE)
        assert who.payload["text"] == "Which engineers can be chosen?"
        assert who.payload["options"][:2] == ["All of them", "alice-moreau"]
        told = await answered(call, await call.say("alice-moreau and bob-tanaka"), {})
        assert "## `alice-moreau`" in told or "## `bob-tanaka`" in told
        assert "Chosen among alice-moreau and bob-tanaka, each as last noted up to" in told
        chosen = "alice-moreau" if "## `alice-moreau`" in told else "bob-tanaka"
        other = {"alice-moreau": "bob-tanaka", "bob-tanaka": "alice-moreau"}[chosen]

        await call.card("change an answer")
        away = await answered(call, await call.say(f"{chosen}: out of office is yes"), {})
        assert f"## `{other}`" in away

        again = await call.card("change an answer")
        listed = next(o for o in again.payload["options"] if o.startswith("engineers: "))
        anew = await call.card(listed)
        assert anew.payload["text"] == "Which engineers can be chosen?"
        assert f"## `{chosen}`" in await answered(call, await call.say(chosen), {})


async def test_of_candidates_nobody_noted_what_matters_is_asked(tmp_path: Path) -> None:
    def facts(open_issues: str) -> dict[str, str]:
        return {"Which team?": "payments", "Which seniority?": "senior", "Which skills?": "Go",
                "What is the open issues?": open_issues, "Which company?": "own staff",
                "Which last assigned on?": "1 November 2026",
                f"What is the {RESOLVED}": "5",
                "Data agreement?": "yes", "Security training?": "yes", "On call?": "no",
                }  # fmt: skip

    of = {f"ann {q}": a for q, a in facts("7").items()}
    of |= {f"tom {q}": a for q, a in facts("2").items()}
    async with talking("issues", tmp_path, role="operator") as call:
        who = await call.card(ISSUE)
        assert who.payload["options"] == []
        events = await call.say("ann, tom")
        first = card_in(events)
        assert first is not None
        assert first.payload["notice"] == "Nothing was noted of “ann” and “tom” so far."
        told = await answered(call, events, of)
        assert "## `tom`" in told
        assert "Chosen among ann and tom." in told


async def test_nobody_known_leaves_the_choice_to_the_staff(tmp_path: Path) -> None:
    async with talking("issues", tmp_path, role="operator") as call:
        await call.card(ISSUE)
        told = await answered(call, await call.say("don't know"), {})
        assert "Ask the staff." in told


def test_what_is_asked_next_depends_on_who_there_is() -> None:
    pack = shipped("issues")
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    issue = {"issue": {"kind": "bug", "severity": "medium", "team": "payments"}}
    outsider = {"login": "ann", "team": "payments", "company": "external"}

    def asked(*engineers: dict[str, Any]) -> str | None:
        request = read_request(pack.ontology, {**issue, "engineers": list(engineers)})
        return ask(version, request, ["assignee"])

    assert asked() is None
    assert asked(outsider) == "issue.points"
