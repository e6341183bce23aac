"""One sentence through the pipeline, and everything it told on the way, as plain JSON."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from graph.events import Card, Event, Reply, Trouble
from graph.run import Assistant, Who

Json = dict[str, Any]


class Ear:
    """Notes what the pipeline tells of its steps."""

    def __init__(self) -> None:
        self.steps: list[Json] = []
        self.told: Mapping[str, Any] = {}
        self.broke = ""

    def node(
        self, name: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], millis: float
    ) -> None:
        self.steps.append({"name": name, "outputs": dict(outputs), "millis": millis})

    def facts(self, facts: Mapping[str, Any]) -> None:
        self.told = facts

    def failed(self, error: BaseException, reference: str) -> None:
        self.broke = type(error).__name__


async def hear(assistant: Assistant, who: Who, sentence: str) -> Json:
    """What came of one sentence in a conversation of its own; ``broke`` names an error's kind.

    Only what ends in something a person sees counts: a card, a question or a reply.
    """
    ear, began = Ear(), perf_counter()
    thread = str(uuid.uuid4())
    events = [e async for e in assistant.turn(who, thread, sentence, ear)]
    seconds = perf_counter() - began
    await assistant.forget(thread)
    return {
        **{k: v for step in ear.steps for k, v in step["outputs"].items() if k in EARLY},
        **{k: v for k, v in ear.told.items() if k in KEPT},
        "steps": ear.steps,
        "answer": [text for e in events for text in _said(e)],
        "rows": [row for e in events if isinstance(e, Reply) for row in e.rows or ()],
        "broke": ear.broke,
        "seconds": seconds,
    }


KEPT = frozenset([
    "message", "said", "intent", "status", "rules", "carried", "retrieved", "placed", "unplaced",
    "drafter", "note", "question", "findings", "scenarios", "generated", "sentences",
])  # fmt: skip
EARLY = frozenset(["retrieved", "rules", "question"])
"""What a step has told already when a later one breaks."""


def _said(event: Event) -> list[str]:
    match event:
        case Reply(text=text) | Trouble(text=text):
            return [text]
        case Card(kind="question", payload=card):
            return [str(card["text"])]
        case _:
            return []
