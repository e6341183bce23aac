"""A turn as it is recorded: only what is allowed, masked, whatever happens in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from data.access.masking import pseudonym
from data.store import due_outbox
from data.store.engine import Store
from evals.allowed import NODES, TURN
from evals.outbox import ALL, HOLD, Held, Kind, Outbox, Parcel
from evals.score import scored
from evals.store_outbox import StoreOutbox
from evals.traces import Tracer, TurnRecord, Veil, plain_id, session_of, trace_id_of
from graph.doors import ACTIONS, DONE_TO_DRAFTS
from graph.pipeline import LABELS
from graph.routes import Intent
from tests.evals.conftest import KEY

THREAD = "6f1e0c1e-0b67-4b3d-9a53-2f6a4c1f7a10"
TURN_ID = "0" * 31 + "1"
VERSION = "sha256:" + "a" * 64


def recorded(store: Store) -> TurnRecord:
    with store.session() as session:
        (item,) = due_outbox(session)
        return TurnRecord.from_json(item.payload["payload"])


def test_a_turn_is_kept_with_its_nodes_and_times(store: Store, tracer: Tracer, org: str) -> None:
    before = time.time_ns()
    with tracer.turn(org, "person-1", THREAD, TURN_ID) as turn:
        turn.asked("wheelchair mammograms get MM123WA")
        turn.on_version(VERSION)
        turn.node("retrieve", {"message": "wheelchair"}, {"retrieved": ["patient.wheelchair"]}, 3.5)
        with turn.running("draft", {"attempt": 1}) as node:
            node.outputs = {"drafter": "grammar", "rules": ["rule text"], "id": "x"}
        turn.scored(scored("parses", True, "1 of 1 rules read back as written"))
        turn.answered({"status": "waiting", "can_confirm": True, "draft_id": "x"})

    kept = recorded(store)

    assert before <= kept.started <= kept.ended <= time.time_ns()
    assert (kept.session, kept.version, kept.error) == (THREAD, VERSION, None)
    assert kept.inputs == {"message": "wheelchair mammograms get MM123WA"}
    assert kept.outputs == {"status": "waiting", "can_confirm": True}
    assert [s.name for s in kept.spans] == ["retrieve", "draft"]
    assert kept.spans[0].outputs == {"retrieved": ["patient.wheelchair"]}
    assert kept.spans[1].inputs == {"attempt": 1}
    assert kept.spans[1].outputs == {"drafter": "grammar", "rules": ["rule text"]}
    assert kept.scores == (scored("parses", True, "1 of 1 rules read back as written"),)


SECRET = "0034-SECRET"
OPEN = frozenset(
    [
        "message", "said", "question", "options", "answer", "note", "rules", "sentences",
        "retrieved", "placed", "unplaced", "messages", "faults",
    ]
)  # fmt: skip
"""Fields of free text: masked, not checked against a list."""
OURS = frozenset(["drafter", "model", "prompt", "prompt_version"])
"""Names that our own settings give."""
CLOSED = {f for x in (TURN, *NODES.values()) for f in (*x.inputs, *x.outputs)} - OPEN - OURS
UNLISTED = {"patient": {"name": SECRET}, "given": SECRET, "who": SECRET, "witness": SECRET}


def test_nothing_enters_a_span_that_is_not_on_its_list(
    store: Store, tracer: Tracer, org: str
) -> None:
    with tracer.turn(org, SECRET, SECRET, SECRET) as turn:
        turn.asked("hello", action=SECRET)
        turn.on_version(SECRET)
        for wrong in (SECRET, [SECRET], {"name": SECRET}, [{"code": SECRET}], [[SECRET]]):
            handed: dict[str, Any] = {**dict.fromkeys(CLOSED, wrong), **UNLISTED}
            turn.answered(handed)
            turn.facts(handed)
            for node in (*NODES, "a_node_to_come", SECRET):
                turn.node(node, handed, handed, 1)

    kept = recorded(store)

    assert SECRET not in json.dumps(kept.to_json())
    assert {s.name for s in kept.spans} == {*NODES, "a_node_to_come", "unlisted"}


def test_every_step_of_the_pipeline_has_its_list() -> None:
    assert set(NODES) == set(LABELS)


def test_what_was_looked_up_is_kept_as_documents_and_nothing_else_of_it(
    store: Store, tracer: Tracer, org: str
) -> None:
    found = {
        "id": "patient.wheelchair", "kind": "attribute", "text": "wheelchair; for Jane Smith",
        "score": 0.5, "found_by": "letters", "given": SECRET,
    }  # fmt: skip
    documents = [found, {**found, "kind": SECRET, "found_by": SECRET, "score": True}, SECRET, {}]
    with tracer.turn(org, "p", THREAD, TURN_ID) as turn:
        turn.node("retrieve", {}, {"documents": documents}, 1)

    kept, other = recorded(store).spans[0].outputs["documents"]

    assert kept == {
        "page_content": "wheelchair; for [name]",
        "metadata": {
            "doc_uri": "patient.wheelchair", "score": 0.5, "kind": "attribute",
            "found_by": "letters",
        },
    }  # fmt: skip
    assert other["metadata"] == {
        "doc_uri": "patient.wheelchair", "kind": "unlisted", "found_by": "unlisted",
    }  # fmt: skip


def test_a_turn_can_be_answered_with_a_card(store: Store, tracer: Tracer, org: str) -> None:
    findings = [{"code": "gap", "message": "no rule for Jane Smith"}]
    card = {
        "text": "which code?",
        "rules": ["rule text"],
        "findings": findings,
        "request": {"a": 1},
    }
    with tracer.turn(org, "p", THREAD, TURN_ID) as turn:
        turn.answered({"status": "question", "card": card})

    assert recorded(store).outputs == {
        "status": "question",
        "question": "which code?",
        "rules": ["rule text"],
        "findings": ["gap"],
    }


def test_words_of_a_closed_set_are_kept_and_others_are_not_told(
    store: Store, tracer: Tracer, org: str
) -> None:
    with tracer.turn(org, "p", THREAD, TURN_ID) as turn:
        turn.node("validate", {}, {"findings": ["gap", SECRET], "errors": 1}, 1)
        turn.node("confirm", {}, {"action": SECRET, "status": "saved"}, 1)

    assert [s.outputs for s in recorded(store).spans] == [
        {"findings": ["gap", "unlisted"], "errors": 1},
        {"action": "unlisted", "status": "saved"},
    ]


def test_every_intent_and_everything_done_to_a_card_is_kept(
    store: Store, tracer: Tracer, org: str
) -> None:
    done = frozenset[str](DONE_TO_DRAFTS).union(*ACTIONS.values())
    said = [*({"intent": i} for i in get_args(Intent)), *({"action": a} for a in done)]
    for n, words in enumerate(said):
        with tracer.turn(org, "p", THREAD, f"{n:032x}") as turn:
            turn.answered(words)

    with store.session() as session:
        due = due_outbox(session, limit=len(said))
    kept = [TurnRecord.from_json(i.payload["payload"]).outputs for i in due]

    assert sorted(map(str, kept)) == sorted(map(str, said))


def test_a_node_about_one_past_request_keeps_no_word_of_its_answer(
    store: Store, tracer: Tracer, org: str
) -> None:
    with tracer.turn(org, "p", THREAD, TURN_ID) as turn:
        turn.node("explain", {"facts": "52"}, {"reply": {"text": "she is 52"}, "rows": 2}, 4)

    (span,) = recorded(store).spans

    assert (span.name, span.inputs, span.outputs) == ("explain", {}, {"rows": 2})
    assert span.ended > span.started


@pytest.mark.parametrize("wrong", [True, float("nan"), float("inf"), "7", None, [7], {}])
def test_a_number_is_a_number_or_left_out(
    store: Store, tracer: Tracer, org: str, wrong: Any
) -> None:
    with tracer.turn(org, "p", THREAD, TURN_ID) as turn:
        turn.node("validate", {}, {"errors": wrong}, 1)

    assert recorded(store).spans[0].outputs == {}


def test_an_exception_is_written_down_as_its_kind(store: Store, tracer: Tracer, org: str) -> None:
    with (
        pytest.raises(ValueError),
        tracer.turn(org, "p", THREAD, TURN_ID) as turn,
        turn.running("draft", {}),
    ):
        raise ValueError("the record of Jane Smith could not be read")

    kept = recorded(store)

    assert (kept.error, kept.spans[0].error) == ("ValueError", "ValueError")
    assert "Smith" not in json.dumps(kept.to_json())


def test_a_turn_that_broke_is_found_by_the_reference_its_person_was_told(
    store: Store, tracer: Tracer, org: str
) -> None:
    with tracer.turn(org, "p", THREAD, TURN_ID) as turn:
        turn.failed(ValueError("the record of Jane Smith"), "ab12cd34")
        turn.failed(KeyError("Jane Smith"), "no reference of ours")

    kept = recorded(store)

    assert (kept.error, kept.reference) == ("KeyError", "ab12cd34")
    assert kept.outputs == {"status": "trouble"}
    assert "Smith" not in json.dumps(kept.to_json())


def test_a_word_hidden_in_the_message_stays_hidden_when_it_stands_alone(
    store: Store, tracer: Tracer, org: str
) -> None:
    with tracer.turn(org, "p", THREAD, TURN_ID) as turn:
        turn.asked("Wheelchair for Jane Smith, call 555-201-0134")
        turn.answered({"unplaced": ["SMITH", "Jane"], "question": "what does `Smith` mean?"})
        turn.node("draft", {}, {"rules": ['rule "jane smith wheelchair"']}, 1)
        turn.scored(scored("accounted", False, "no place for: smith, 0134"))

    text = json.dumps(recorded(store).to_json()).casefold()

    assert not re.findall(r"jane|smith|(?<![0-9a-f])0134(?![0-9a-f])", text)
    assert "wheelchair" in text


def test_a_word_hidden_in_an_earlier_message_stays_hidden(
    store: Store, tracer: Tracer, org: str
) -> None:
    with tracer.turn(org, "p", THREAD, TURN_ID) as turn:
        turn.said("Wheelchair for Jane Smith")
        turn.asked("make it 45")
        turn.answered({"rules": ['rule "Smith"']})

    (rule,) = recorded(store).outputs["rules"]
    assert rule.startswith('rule "[')
    assert "Smith" not in rule


def test_a_mask_that_breaks_hides_everything_and_stops_nothing() -> None:
    def broken(text: str, keep: object) -> str:
        raise RuntimeError(text)

    veil = Veil(broken, ())
    veil.learn("Jane Smith")

    assert veil("call Jane") == "[masked]"


def test_people_and_conversations_are_pseudonyms() -> None:
    assert pseudonym(KEY, "ann") == pseudonym(KEY, "ann")
    assert len({pseudonym(KEY, "ann"), pseudonym(KEY, "bob"), pseudonym(KEY[::-1], "ann")}) == 3
    assert "ann" not in pseudonym(KEY, "ann")
    assert session_of(THREAD.upper()) == THREAD
    assert session_of("Jane Smith").startswith("t-")
    assert plain_id("Jane Smith") != "Jane Smith"


def test_two_organisations_never_share_a_trace() -> None:
    assert trace_id_of("t1", TURN_ID) != trace_id_of("t10", TURN_ID)


class Locked:
    """A store that does not answer until it is opened."""

    def __init__(self, inner: Outbox) -> None:
        self.inner, self.open = inner, False

    def put(self, parcel: Parcel) -> None:
        if not self.open:
            raise OSError("disk full, while writing Jane Smith")
        self.inner.put(parcel)

    def take(self, limit: int, kinds: Collection[Kind] = ALL, hold: timedelta = HOLD) -> list[Held]:
        return list(self.inner.take(limit, kinds, hold))

    def delivered(self, held: Held) -> None:
        self.inner.delivered(held)

    def failed(self, held: Held, error: str) -> None:
        self.inner.failed(held, error)

    def waiting(self, kinds: Collection[Kind] = ALL) -> int:
        return self.inner.waiting(kinds)


def test_a_store_that_does_not_answer_breaks_no_turn_and_loses_none(
    outbox: StoreOutbox, org: str
) -> None:
    locked = Locked(outbox)
    tracer = Tracer(locked, KEY)
    for n in range(3):
        with tracer.turn(org, "p", THREAD, f"{n:032x}"):
            pass
    assert outbox.waiting() == 0

    locked.open = True
    tracer.feedback(org, "p", f"{0:032x}", True)

    assert outbox.waiting() == 4


async def test_async_turns_are_kept_too(store: Store, tracer: Tracer, org: str) -> None:
    async with tracer.turn(org, "p", THREAD, TURN_ID) as turn:
        turn.asked("show the rules")

    assert recorded(store).inputs == {"message": "show the rules"}


def test_a_turn_put_twice_is_kept_once(outbox: StoreOutbox, tracer: Tracer, org: str) -> None:
    for _ in range(2):
        with tracer.turn(org, "p", THREAD, TURN_ID):
            pass

    assert outbox.waiting() == 1


def test_a_comment_is_masked(store: Store, tracer: Tracer, org: str) -> None:
    tracer.feedback(org, "p", TURN_ID, False, "wrong, ask Jane Smith")

    with store.session() as session:
        (item,) = due_outbox(session, now=datetime.now(UTC))

    assert item.payload["payload"]["comment"] == "wrong, ask [name]"


def test_recording_needs_neither_mlflow_nor_the_store() -> None:
    look = (
        "import sys, evals.traces; "
        "print([m for m in ('mlflow', 'ragas', 'sqlmodel') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
