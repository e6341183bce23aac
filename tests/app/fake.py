"""A pretended pipeline behind the real chat: it keeps the contract and nothing else.

Run as a program it serves the chat: ``python -m tests.app.fake VAR PORT``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.desk import Asked, Desk, Opinion, Person
from app.settings import Settings
from graph.context import Silent
from graph.events import (
    ButtonSpec,
    Card,
    Event,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    Reply,
    Trouble,
)
from tests.app import payloads

PASSWORD = "right horse"
ROLES = {"ann": {"author", "approver"}, "ben": {"approver"}, "cleo": {"author"}, "rita": set[str]()}


@dataclass(frozen=True)
class Who:
    org_id: str
    person_id: str
    login: str
    roles: frozenset[str]
    grants: tuple[None, ...] = (None,)


class FakePeople:
    async def check(self, login: str, password: str, address: str) -> Person | None:
        if login not in ROLES or password != PASSWORD:
            return None
        return Person(login, login.title(), frozenset(ROLES[login]))

    async def who(self, login: str) -> Who | None:
        return Who("o" * 32, login, login, frozenset(ROLES[login])) if login in ROLES else None


@dataclass
class FakeAssistant:
    """Drafts the same rule always; what waits is kept in a file, so that a restart keeps it."""

    file: Path
    saved: list[str] = field(default_factory=list)

    def _waiting(self) -> dict[str, Any]:
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def _put(self, thread_id: str, payload: Mapping[str, Any] | None) -> None:
        self.file.write_text(json.dumps(self._waiting() | {thread_id: payload}))

    async def waiting(self, thread_id: str) -> list[Mapping[str, Any]]:
        waits = self._waiting().get(thread_id)
        return [waits] if waits else []

    async def forget(self, thread_id: str) -> None:
        self._put(thread_id, None)

    async def turn(
        self, who: Who, thread_id: str, message: str, recorder: Any = None
    ) -> AsyncIterator[Event]:
        match message.casefold():
            case "crash":
                raise RuntimeError("secret detail in /var/lib/thing.py")
            case "trouble":
                yield Trouble("The past requests could not be replayed.", "ab12cd34")
            case "slow":
                yield NodeStarted("retrieve", "Finding the words you used")
                await asyncio.sleep(60)
            case "what changed?":
                rows = [
                    {"version": f"v{i}", "by": "ann", "what": "a <b>rule</b>"} for i in range(3)
                ]
                yield Reply("Three versions so far.", rows)
            case "show the rules":
                yield Reply("All rules.", [{"rule": f"Rule {i}", "code": i} for i in range(40)])
            case "show everything":
                yield Reply("A lot.", [{"rule": f"Rule {i}", "code": i} for i in range(400)])
            case "promote to production":
                yield Reply(
                    "Version 1 waits on staging.",
                    actions=(ButtonSpec("promote", "Promote to production", {"version": "v1"}),),
                )
            case "ask me":
                yield self._card(thread_id, payloads.question(f"q-{len(self._waiting())}"))
            case _:
                async for event in self._draft(thread_id, message):
                    yield event

    async def _draft(self, thread_id: str, message: str) -> AsyncIterator[Event]:
        done = [
            ("retrieve", "Finding your words", "Found the words you used."),
            ("draft", "Writing the rule", "Wrote the rule; every word has its place."),
            ("validate", "Checking it", "Checked it against 71 rules."),
        ]
        for node, label, summary in done:
            yield NodeStarted(node, label)
            await asyncio.sleep(0.05)
            yield NodeFinished(node, label, summary, 50.0)
        yield NodeStarted("test", "Replaying past requests")
        yield NodeProgress("test", "Replaying past requests", 0.4)
        await asyncio.sleep(0.05)
        yield NodeFinished("test", "Replaying", "Replayed 100,000 past requests.", 410.0)
        number = sum(1 for line in self.file.parent.glob("card-*")) + 1
        (self.file.parent / f"card-{number}").touch()
        blocked = {"can_confirm": False, "blockers": ["`soon` has no place in the rule."]}
        changes = blocked if "soon" in message else {}
        shown = {"message": message} if "<" in message else {}
        yield self._card(thread_id, payloads.confirm(f"i-{number}", **changes, **shown))

    def _card(self, thread_id: str, payload: dict[str, Any]) -> Card:
        self._put(thread_id, payload)
        return Card(payload["interrupt_id"], payload["kind"], payload)

    async def act(
        self,
        who: Who,
        thread_id: str,
        action: str,
        payload: Mapping[str, Any],
        recorder: Any = None,
    ) -> AsyncIterator[Event]:
        match action:
            case "confirm":
                self._put(thread_id, None)
                with (self.file.parent / "saved").open("a") as saved:
                    saved.write(payload["interrupt_id"] + "\n")
                yield Reply(
                    "Saved as version `4f1c09ab`. It is on staging now.",
                    actions=(ButtonSpec("promote", "Promote to production", {"version": "v1"}),),
                )
            case "change":
                async for event in self._draft(thread_id, str(payload["text"])):
                    yield event
            case "discard":
                self._put(thread_id, None)
                yield Reply("Discarded. Nothing was saved.")
            case "answer":
                async for event in self._draft(thread_id, str(payload["text"])):
                    yield event
            case _:
                yield Reply(f"Done: {action} {payload.get('version')}.")


async def fake_desk(settings: Settings) -> Desk:
    from app.blobs import Blobs
    from app.layer import Layer

    var = settings.var
    assistant = FakeAssistant(var / "waiting.json")
    layer = Layer(settings.chat_address, Blobs(var / "blobs"), assistant.forget)
    await layer.prepare()

    @asynccontextmanager
    async def record(who: Any, asked: Asked) -> AsyncGenerator[Silent]:
        with (var / "turns").open("a") as file:
            said = asked.action or asked.message.splitlines()[0][:40]
            file.write(f"{asked.run_id} {who.login} {said}\n")
        yield Silent()

    async def keep(opinion: Opinion) -> None:
        with (var / "opinions").open("a") as file:
            file.write(
                json.dumps([opinion.run_id, opinion.login, opinion.up, opinion.comment]) + "\n"
            )

    async def drop(run_id: str, login: str) -> None:
        with (var / "opinions").open("a") as file:
            file.write(json.dumps([run_id, login, None, ""]) + "\n")

    async def examples(who: Any) -> Sequence[str]:
        return [
            payloads.MESSAGE.removeprefix("Please: "),
            "An urgent request goes to the first line.",
        ]

    async def ready() -> Mapping[str, bool]:
        return {"conversations": True}

    return Desk(
        people=FakePeople(),
        assistant=assistant,
        layer=layer,
        record=record,
        keep_opinion=keep,
        drop_opinion=drop,
        examples=examples,
        close=layer.close,
        ready=ready,
    )


def main() -> None:
    import uvicorn

    from app.web import create_app

    settings = Settings(var=Path(sys.argv[1]), port=int(sys.argv[2]))
    app = create_app(settings, fake_desk)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning")


if __name__ == "__main__":
    main()
