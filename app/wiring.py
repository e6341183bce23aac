"""Puts the parts together for one process; nothing else knows them all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from app.desk import Desk

if TYPE_CHECKING:
    from app.install import Installed
    from app.settings import Settings
    from data.index import Retriever
    from data.index.items import Pair
    from data.rulelang.version import Version
    from graph.context import Services
    from graph.drafters.base import Drafter
    from graph.prompts import Prompts
    from graph.run import Who

log = structlog.get_logger("wiring")
PAGE_FIRST = 1.0
"""Seconds the first page gets before the process warms up."""


async def open_desk(settings: Settings, installed: Installed) -> Desk:
    """Everything behind the chat. ``Desk.close`` gives it back."""
    from app.blobs import Blobs
    from app.layer import Layer
    from app.recording import Recording
    from app.signin import StorePeople
    from evals.store_outbox import StoreOutbox
    from evals.traces import Tracer
    from graph.checkpoints import open_checkpoints
    from graph.run import Assistant

    open_parts = AsyncExitStack()
    saver = await open_parts.enter_async_context(open_checkpoints(settings.checkpoint_address))
    services = make_services(settings, installed)
    assistant = Assistant(services, saver)
    layer = Layer(settings.chat_address, Blobs(settings.var / "blobs"), assistant.forget)
    open_parts.push_async_callback(layer.close)
    await layer.prepare()
    people = StorePeople(installed.store)
    tracer = Tracer(StoreOutbox(installed.store), pseudonym_key(settings))
    recording = Recording(installed.store, services, tracer, people)
    warming = asyncio.create_task(_warm(services, installed.org_id))
    open_parts.callback(warming.cancel)

    async def examples(who: Who) -> Sequence[str]:
        return [e.sentence for e in services.examples(who.org_id)]

    async def ready() -> Mapping[str, bool]:
        return {
            "store": await asyncio.to_thread(_answers, services, installed.org_id),
            "conversations": await layer.answers(),
        }

    return Desk(
        people=people,
        assistant=assistant,
        layer=layer,
        record=recording.turn,
        keep_opinion=recording.keep_opinion,
        drop_opinion=recording.drop_opinion,
        examples=examples,
        close=open_parts.aclose,
        ready=ready,
    )


def make_services(settings: Settings, installed: Installed) -> Services:
    """What the nodes of the pipeline need."""
    from data.index import Retriever
    from evals.online import faults
    from graph.context import Services
    from graph.past import Tables

    index: Path | None = settings.var / "index" if settings.vectors else None

    def retriever(org_id: str, version: Version, examples: Sequence[Pair]) -> Retriever:
        return Retriever(
            version.ontology, version.code_sets, version.rule_set, examples, index,
            scope_rows=version.scope_rows, organisation=org_id,
        )  # fmt: skip

    def examples(org_id: str) -> Sequence[Pair]:
        return installed.pack.examples if org_id == installed.org_id else ()

    return Services(
        store=installed.store,
        make_retriever=retriever,
        drafters=drafters(settings),
        budget=settings.budget,
        past=Tables(installed.past.find),
        faults=faults,
        examples=examples,
    )


def drafters(
    settings: Settings, prompts: Callable[[], Prompts] | None = None
) -> tuple[Drafter, ...]:
    """Who proposes rules, asked in order; the last needs no network.

    ``prompts``: what a model is asked with; without it, the wording in use.
    """
    from evals.prompts.kept import Kept
    from graph.drafters.grammar import GrammarDrafter
    from graph.drafters.model import ModelDrafter, ModelSettings

    if not settings.chat_model:
        return (GrammarDrafter(),)
    chosen = ModelSettings(
        base_url=settings.chat_model_url,
        model=settings.chat_model,
        api_key=settings.chat_model_key.get_secret_value(),
        timeout=settings.chat_model_timeout,
        samples=settings.chat_model_samples,
        input_price=settings.chat_model_input_price,
        output_price=settings.chat_model_output_price,
    )
    in_use = prompts or Kept(settings.var / "prompts").in_use
    return (ModelDrafter(chosen, in_use), GrammarDrafter())


def pseudonym_key(settings: Settings) -> bytes:
    """Leads from a pseudonym back to a person; of its own, though made from the one secret."""
    return hashlib.sha256(b"pseudonyms " + settings.cookie_secret().encode()).digest()


def _answers(services: Services, org_id: str) -> bool:
    try:
        return services.staging(org_id) is not None
    except Exception as error:
        log.error("store does not answer", exc_info=error)
        return False


async def _warm(services: Services, org_id: str) -> None:
    """Work out now what the first turn would wait for."""

    def work() -> None:
        version = services.staging(org_id)
        if version is not None:
            services.retriever(org_id, version)
            services.findings(org_id, version)
            version.ready()
            services.history(org_id, version)

    await asyncio.sleep(PAGE_FIRST)
    try:
        await asyncio.to_thread(work)
    except Exception as error:
        log.error("warming up failed", exc_info=error)
