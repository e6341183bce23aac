"""``rulewright draft``: the pipeline without a browser, up to the confirmation. Saves nothing."""

from __future__ import annotations

import asyncio
import json
import tempfile
import uuid
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.environment import be_quiet

if TYPE_CHECKING:
    from data.packs import Pack
    from graph.context import Services
    from graph.drafters.base import Drafter
    from graph.events import Event
    from graph.run import Assistant, Who

Json = dict[str, Any]
LOGIN = "command-line"


def draft_lines(pack_name: str, sentences: Iterable[str], *, as_json: bool) -> int:
    """Draft each sentence on its own and print what came of it; 0 unless one was refused."""
    be_quiet()
    from data.packs import load_pack

    pack = load_pack(pack_name)
    with tempfile.TemporaryDirectory(prefix="rulewright-") as folder:
        return asyncio.run(_draft_all(pack, Path(folder), sentences, as_json))


async def _draft_all(pack: Pack, folder: Path, sentences: Iterable[str], as_json: bool) -> int:
    refused = False
    async with open_desk(pack, folder) as desk:
        for sentence in sentences:
            told = await desk.draft(sentence.rstrip("\n"))
            refused = refused or told["status"] == "refused"
            print(json.dumps(told, ensure_ascii=False) if as_json else _in_words(told), flush=True)
    return int(refused)


@asynccontextmanager
async def open_desk(
    pack: Pack,
    folder: Path,
    vectors: Path | None = None,
    proposing: tuple[Drafter, ...] | None = None,
) -> AsyncGenerator[Desk]:
    """The pipeline over the pack's organisation, with all that it keeps in the folder.

    ``vectors``: where the index keeps them. Words and letters find what is needed without, and
    making them takes longer than a draft. ``proposing``: who drafts; else whom the settings name.
    """
    from graph.checkpoints import open_checkpoints
    from graph.run import Assistant

    services, who = await asyncio.to_thread(_organisation, pack, folder, vectors, proposing)
    async with open_checkpoints(str(folder / "checkpoints.db")) as saver:
        yield Desk(Assistant(services, saver), who)


@dataclass(frozen=True)
class Desk:
    """An organisation that lives in a temporary folder for as long as the command runs."""

    assistant: Assistant
    who: Who

    async def draft(self, sentence: str) -> Json:
        """What the pipeline makes of one sentence, in a conversation of its own."""
        return await self.say(str(uuid.uuid4()), sentence)

    async def say(self, thread: str, message: str) -> Json:
        """What the pipeline makes of the next message of this conversation."""
        seen = _Seen()
        events = [e async for e in self.assistant.turn(self.who, thread, message, seen)]
        return _told(events, seen)


class _Seen:
    """Notes what the steps found on the way to the card."""

    def __init__(self) -> None:
        self.retrieved: list[str] = []
        self.drafter = ""

    def node(self, name: str, inputs: Any, outputs: Any, millis: float) -> None:
        if name == "retrieve":
            self.retrieved = list(outputs["retrieved"])
        if name == "draft":
            self.drafter = outputs["drafter"] or self.drafter

    def facts(self, facts: Any) -> None:
        self.drafter = facts.get("drafter") or self.drafter

    def failed(self, error: BaseException, reference: str) -> None:
        """Nothing to note: the sentence's answer tells the reference."""


def _organisation(
    pack: Pack, folder: Path, vectors: Path | None, proposing: tuple[Drafter, ...] | None
) -> tuple[Services, Who]:
    """The pack's organisation in a store of its own, with one person who may do everything."""
    from app.settings import read_settings
    from app.wiring import drafters
    from data.index import Retriever
    from data.store import NewPerson, bootstrap_organisation, open_store, person_by_login
    from graph.context import Services
    from graph.run import Who

    settings = read_settings()
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    with store.session() as session:
        everyone = [NewPerson(LOGIN, ("author", "owner"), (None,))]
        made = bootstrap_organisation(session, pack, everyone, settings.var / "history")
        person = person_by_login(session, LOGIN)
    services = Services(
        store=store,
        make_retriever=lambda org, version, examples: Retriever(
            version.ontology, version.code_sets, version.rule_set, examples, vectors,
            scope_rows=version.scope_rows, organisation=org,
        ),
        drafters=proposing or drafters(settings),
        examples=lambda _: pack.examples,
        one_by_one=False,
    )  # fmt: skip
    assert person is not None
    who = Who(made.org_id, person.id, LOGIN, frozenset(["author", "owner"]), (None,))
    return services, who


def _told(events: Sequence[Event], seen: _Seen) -> Json:
    from graph.events import Card, Reply, Trouble

    told: Json = {
        "status": "refused", "rules": [], "question": None, "unplaced": [], "findings": [],
        "tests": {}, "retrieved": seen.retrieved, "drafter": seen.drafter,
    }  # fmt: skip
    for event in events:
        match event:
            case Card(kind="confirm", payload=card):
                rules = [r["text"] for r in card["rules"]]
                told |= {"status": "drafted", "rules": rules, "findings": card["findings"]}
                told |= {"tests": card["tests"], "unplaced": card["unplaced"]}
            case Card(payload=card):
                asked = {k: card.get(k) for k in ("text", "options", "request")}
                told |= {"status": "question", "question": asked}
                told["unplaced"] = card.get("unplaced", [])
            case Reply(text=text):
                told["message"] = text
            case Trouble():
                told["message"] = f"{event.text} Reference: {event.reference}"
            case _:
                continue
    return told


def _in_words(told: Json) -> str:
    if told["question"]:
        options = "".join(f"\n  - {o}" for o in told["question"]["options"] or ())
        return f"? {told['question']['text']}{options}"
    if told["status"] == "refused":
        return told.get("message", "nothing came of this sentence")
    findings = [f"{f['severity']} {f['code']}: {f['message']}" for f in told["findings"]]
    return "\n".join([*told["rules"], *findings]) + "\n"
