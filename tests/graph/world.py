"""A whole organisation in a temporary folder: real store, real checkpoints, real Chroma."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from data.index import Retriever
from data.rulelang.ast import Rule, RuleSet, Scope
from data.rulelang.version import Version, make_version
from data.store import (
    Store,
    add_person,
    add_scenario,
    create_organisation,
    deploy,
    deployed,
    open_store,
    save_version,
)
from graph.context import Memory, PastRequest, Services
from graph.drafters.base import Draft, Drafter, Placed, Question, Reading, Task
from graph.events import Card, Event, Reply, Trouble
from graph.replay import History
from graph.run import Assistant, Who
from tests.graph.small import CODE_SETS, ONTOLOGY, RULE_SET, SCOPE_ROWS, WHEELCHAIR

SENTENCE = "At Northstar a screening mammogram in a wheelchair from 40 on is MM123WA"


class Told:
    """A drafter that knows a few sentences by heart; what it does not know it asks about."""

    name = "told"

    def __init__(self, **known: Rule) -> None:
        self.tasks: list[Task] = []
        self.known: dict[str, tuple[Rule, ...]] = {SENTENCE: (WHEELCHAIR,)}
        self.known |= {k: (v,) for k, v in known.items()}

    def learn(self, sentence: str, *rules: Rule) -> None:
        self.known[sentence] = rules

    def draft(self, message: str, task: Task) -> Draft:
        self.tasks.append(task)
        said = task.answers[-1].text if task.answers else message
        if said in self.known:
            placed = (Placed(0, len(message), message, "when"),)
            return Draft("drafted", self.name, (Reading(self.known[said], placed),))
        asked = Question(f"What do you mean by `{said}`?", ("MM123", "leave it out"))
        return Draft("question", self.name, question=asked, unplaced=(said,))


@dataclass
class Past:
    """Past requests handed in by the test."""

    table: pa.Table | None = None
    requests: dict[str, PastRequest] = field(default_factory=dict)
    org_id: str = ""

    def history(self, org_id: str, version: Version) -> History | None:
        if self.table is None or org_id != self.org_id:
            return None
        return History(self.table, version.ontology)

    def find(self, org_id: str, request_id: str) -> PastRequest | None:
        return self.requests.get(request_id) if org_id == self.org_id else None


@dataclass
class World:
    """One organisation with people, and the assistant over it."""

    folder: Path
    store: Store
    org_id: str
    author: Who
    approver: Who
    services: Services
    drafter: Any
    past: Past

    @asynccontextmanager
    async def assistant(self) -> AsyncIterator[Assistant]:
        """The assistant as a process would open it; entering again is a restart."""
        path = str(self.folder / "checkpoints.db")
        async with AsyncSqliteSaver.from_conn_string(path) as saver:
            yield Assistant(replace(self.services, memory=Memory()), saver)

    def staging(self) -> str | None:
        with self.store.reading() as session:
            return deployed(session, self.org_id, "staging")

    def production(self) -> str | None:
        with self.store.reading() as session:
            return deployed(session, self.org_id, "production")

    def rules(self, version_id: str | None = None) -> tuple[Rule, ...]:
        """The rules of a version, of staging's if none is named."""
        return self.services.version(self.org_id, str(version_id or self.staging())).rule_set.rules

    def person(
        self, *roles: str, grants: Sequence[Scope | None] = (None,), org_id: str = ""
    ) -> Who:
        return new_person(self.store, org_id or self.org_id, roles, grants)


def make_world(
    folder: Path,
    *,
    rule_set: RuleSet = RULE_SET,
    drafters: tuple[Drafter, ...] | None = None,
    store: Store | None = None,
    name: str = "small",
) -> World:
    store = store or open_store(f"sqlite:///{folder}/store.db")
    version = make_version(ONTOLOGY, CODE_SETS, SCOPE_ROWS, rule_set)
    with store.session() as session:
        org_id = create_organisation(session, name, name, "test").id
        saved = save_version(session, org_id, version, None, "test", "the first rules", "first")
        deploy(session, org_id, "production", saved.version_id, "test", "the first rules")
    drafter, past = Told(), Past(org_id=org_id)
    services = Services(
        store=store,
        make_retriever=lambda org, v, examples: Retriever(
            v.ontology, v.code_sets, v.rule_set, examples, folder / "index",
            scope_rows=v.scope_rows, organisation=org,
        ),
        drafters=drafters or (drafter,),
        past=past,
    )  # fmt: skip
    author = new_person(store, org_id, ("author",), (None,))
    approver = new_person(store, org_id, ("approver",), ())
    return World(folder, store, org_id, author, approver, services, drafter, past)


def new_person(
    store: Store, org_id: str, roles: Sequence[str], grants: Sequence[Scope | None]
) -> Who:
    login = f"{'-'.join(roles)}-{uuid.uuid4().hex[:8]}"
    with store.session() as session:
        person = add_person(session, org_id, login, roles, grants=grants)  # type: ignore[arg-type]
    return Who(org_id, person.id, login, frozenset(roles), tuple(grants))


def keep_case(world: World, name: str, given: Mapping[str, Any], expect: Mapping[str, Any]) -> None:
    with world.store.session() as session:
        add_scenario(session, world.org_id, name, given, expect, "test")


async def say(assistant: Assistant, who: Who, thread: str, message: str) -> list[Event]:
    return [e async for e in assistant.turn(who, thread, message)]


async def press(
    assistant: Assistant, who: Who, thread: str, action: str, **payload: Any
) -> list[Event]:
    return [e async for e in assistant.act(who, thread, action, payload)]


def card_of(events: list[Event]) -> Card:
    cards = [e for e in events if isinstance(e, Card)]
    assert cards, [e for e in events if isinstance(e, Reply | Trouble)]
    return cards[-1]


def reply_of(events: list[Event]) -> Reply:
    replies = [e for e in events if isinstance(e, Reply)]
    assert replies, [e for e in events if isinstance(e, Card | Trouble)]
    return replies[-1]


def new_thread() -> str:
    return str(uuid.uuid4())
