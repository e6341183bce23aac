"""What the reviewers get of a turn: its steps, its scores, and what its person thought of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog

from app.desk import Asked, Opinion, People
from data.store import (
    NotFound,
    Store,
    feedback_on,
    record_feedback,
    record_turn,
    remove_feedback,
)
from evals.facts import reference_of
from evals.online import ontology_id, own_words
from evals.traces import Tracer, TurnRecorder, trace_id_of

if TYPE_CHECKING:
    from data.rulelang.version import Version
    from graph.context import Services
    from graph.run import Who

log = structlog.get_logger("recording")
MOST_REMEMBERED = 10_000
STATUS = {"waiting": "drafted"}
"""The pipeline's word for a turn's end → the trace's, where they differ."""


class Recording:
    """Records the turns of this process, and the thumbs given to them."""

    def __init__(self, store: Store, services: Services, tracer: Tracer, people: People) -> None:
        self._store = store
        self._services = services
        self._tracer = tracer
        self._people = people
        self._drafted_in: dict[str, str] = {}

    @asynccontextmanager
    async def turn(self, who: Who, asked: Asked) -> AsyncGenerator[Steps]:
        """Around one turn. Recording never breaks it: what fails here is logged."""
        version = await asyncio.to_thread(self._services.staging, who.org_id)
        keep = own_words(version) if version else frozenset[str]()
        turn = self._tracer.turn(who.org_id, who.person_id, asked.thread_id, asked.run_id, keep)
        steps: Steps | None = None
        try:
            async with turn as recorder:
                recorder.asked(asked.message or None, asked.action or None)
                if version is not None:
                    recorder.on_version(version.id, ontology_id(version), "staging")
                steps = Steps(recorder, self._services, who.org_id)
                yield steps
        finally:
            if steps is not None:
                await asyncio.to_thread(self._ended, who, asked, steps)

    def _ended(self, who: Who, asked: Asked, steps: Steps) -> None:
        """Note the turn, and what was retrieved for a rule that was confirmed."""
        trace = trace_id_of(who.org_id, asked.run_id)
        try:
            with self._store.session() as session:
                record_turn(
                    session, who.org_id, asked.run_id, asked.thread_id, who.person_id,
                    trace, asked.run_id,
                )  # fmt: skip
            self._confirmed(who, asked, steps)
            self._retrieved(asked, steps)
        except Exception as error:
            log.error("turn not noted", exc_info=error)

    def _retrieved(self, asked: Asked, steps: Steps) -> None:
        """A confirmation may begin the message's next rule: that one is drafted in this turn."""
        if steps.retrieved:
            self._drafted_in[asked.thread_id] = asked.run_id
            while len(self._drafted_in) > MOST_REMEMBERED:
                self._drafted_in.pop(next(iter(self._drafted_in)))

    def _confirmed(self, who: Who, asked: Asked, steps: Steps) -> None:
        saved = steps.saved()
        if saved is None:
            return
        version, titles = saved
        rules = [r for r in version.rule_set.rules if r.title in titles]
        drafted_in = self._drafted_in.pop(asked.thread_id, asked.run_id)
        reference = reference_of(rules, version.ontology, version.code_sets)
        self._tracer.confirmed(who.org_id, drafted_in, steps.looked_up, reference)

    async def keep_opinion(self, opinion: Opinion) -> None:
        who = await self._people.who(opinion.login)
        if who is not None:
            await asyncio.to_thread(self._keep, who, opinion)

    def _keep(self, who: Who, opinion: Opinion) -> None:
        comment, up = opinion.comment or None, opinion.up
        try:
            with self._store.session() as session:
                record_feedback(
                    session, who.org_id, who.person_id, opinion.run_id, int(up), comment
                )
        except NotFound:
            log.warning("a thumb for a turn that was not noted", turn=opinion.run_id)
            return
        self._tracer.feedback(who.org_id, who.person_id, opinion.run_id, up, comment)

    async def drop_opinion(self, run_id: str, login: str) -> None:
        who = await self._people.who(login)
        if who is not None:
            await asyncio.to_thread(self._drop, who, run_id)

    def _drop(self, who: Who, run_id: str) -> None:
        with self._store.session() as session:
            row = feedback_on(session, who.org_id, who.person_id, run_id)
            if row is None:
                return
            remove_feedback(session, who.org_id, who.person_id, row.id)
        self._tracer.feedback_removed(who.org_id, who.person_id, run_id)


class Steps:
    """Hears the pipeline's steps, and hands on what the reviewers' record takes."""

    def __init__(self, turn: TurnRecorder, services: Services, org_id: str) -> None:
        self._turn = turn
        self._services = services
        self._org_id = org_id
        self._saved: Mapping[str, Any] = {}
        """The facts of the draft that this turn saved."""
        self.retrieved = False
        """Whether this turn looked words up."""

    def node(
        self, name: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], millis: float
    ) -> None:
        self.retrieved = self.retrieved or name == "retrieve"
        self._turn.node(name, inputs, outputs, millis)

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Note what became of a draft, and score one that waits."""
        if facts.get("saved_version"):
            self._saved = facts
        try:
            self._note(facts)
        except Exception as error:
            log.error("facts not noted", exc_info=error)

    def failed(self, error: BaseException, reference: str) -> None:
        """Note that the turn broke: the kind of error, and the reference its person was told."""
        self._turn.failed(error, reference)

    def _note(self, facts: Mapping[str, Any]) -> None:
        self._turn.said(*map(str, facts.get("words", ())))
        status, environment = str(facts.get("status", "")), facts.get("environment")
        self._turn.answered({**facts, "status": STATUS.get(status, status)})
        version = self._version(facts)
        if version is None:
            return
        self._turn.on_version(version.id, ontology_id(version), environment)
        if status == "waiting" and facts.get("version"):
            self._turn.facts({**facts, "version": version})

    def _version(self, facts: Mapping[str, Any]) -> Version | None:
        """What the turn speaks of: the version a draft follows, or the one that runs."""
        if facts.get("version"):
            return self._services.version(self._org_id, str(facts["version"]))
        return self._services.running(self._org_id, facts.get("environment") or "staging")

    @property
    def looked_up(self) -> list[str]:
        return [str(r) for r in self._saved.get("retrieved", ())]

    def saved(self) -> tuple[Version, frozenset[str]] | None:
        """The version this turn saved and the titles that are new or different in it."""
        saved, base = self._saved.get("saved_version"), self._saved.get("version")
        if not saved or not base:
            return None
        version = self._services.version(self._org_id, str(saved))
        before = {
            r.title: r for r in self._services.version(self._org_id, str(base)).rule_set.rules
        }
        return version, frozenset(
            r.title for r in version.rule_set.rules if before.get(r.title) != r
        )
