"""Decisions of the deployed version, from memory: a deploy is seen at once and never half.

Each request asks the store one tiny question: has anything been deployed since? If so the new
version is loaded, verified and swapped in whole. While the store is away, what was last seen
goes on deciding.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import structlog

from app.answers import answer, id_of
from app.explaining import explained
from data.access import mask_facts
from data.rulelang.request import RequestError
from data.rulelang.version import Version
from data.store import (
    Decided,
    Environment,
    Store,
    deployed,
    deployment_stamp,
    load_version,
    org_of_api_key,
    record_decisions,
)

Json = dict[str, Any]
log = structlog.get_logger()

MOST_WAITING = 10_000
"""Decisions that may wait to be written down; one more is answered, and logged as not kept."""
PAUSE_SECONDS = 0.2
MOST_AT_ONCE = 500


class Refused(Exception):
    """A call that cannot be answered at all."""

    def __init__(self, status: int, code: str, message: str, help: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"error": {"code": code, "message": message, "help": help}}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key it is, and what decides for them now."""

    org_id: str
    environment: Environment
    version: Version


class Decisions:
    """Answers for all organisations of this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._snapshots = Snapshots(store)
        self._log = DecisionLog(store)

    def one(self, key: str, environment: str, request: object) -> Json:
        """The answer to one request. Raises :class:`Refused` and :class:`RequestError`."""
        caller = self._caller(key, environment)
        answered = answer(caller.version, request)
        self._log.put(caller, [(request, answered)])
        return answered

    def explained(self, key: str, environment: str, request: object, wishes: Sequence[str]) -> Json:
        """The answer to one request with what led to it; nothing is written to the log."""
        return explained(self._caller(key, environment).version, request, wishes)

    def batch(self, key: str, environment: str, requests: Sequence[object]) -> Json:
        """All answers by one and the same version, in order; an error stands in its place."""
        caller = self._caller(key, environment)
        answers = [_answer_or_error(caller.version, request) for request in requests]
        self._log.put(caller, list(zip(requests, answers, strict=True)))
        return {"version": caller.version.id, "results": answers}

    def close(self) -> None:
        self._log.close()

    def _caller(self, key: str, environment: str) -> Caller:
        if environment not in ("production", "staging"):
            raise Refused(
                404,
                "environment",
                f"there is no environment `{environment[:40]}`",
                "use production or staging",
            )
        caller = self._snapshots.caller(key, environment)
        if caller is None:
            raise Refused(
                401, "key", "this key opens nothing", "send `Authorization: Bearer <your API key>`"
            )
        return caller


class Snapshots:
    """Verified versions in memory, for as long as the store's deployment stamp stays.

    Stamp and pointer are read in one transaction, and a pointer is remembered under its stamp:
    a thread with an older view of the store can never put an older version back.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pointers: dict[tuple[str, str], tuple[int, str]] = {}
        self._versions: dict[tuple[str, str], Version] = {}
        self._keys: dict[str, str] = {}

    def caller(self, key: str, environment: Environment) -> Caller | None:
        """The organisation of a key and its deployed version; ``None`` for a key of nobody."""
        try:
            return self._from_store(key, environment)
        except Refused:
            raise
        except Exception as error:
            log.warning("store_away", error=type(error).__name__)
            return self._from_memory(key, environment)

    def _from_store(self, key: str, environment: Environment) -> Caller | None:
        with self._store.reading() as session:
            org_id = org_of_api_key(session, key)
            if org_id is None:
                self._keys.pop(key, None)
                return None
            self._keys[key] = org_id
            stamp = deployment_stamp(session)
            seen, version_id = self._pointers.get((org_id, environment), (-1, None))
            if seen != stamp:
                version_id = deployed(session, org_id, environment)
            if version_id is None:
                raise _nothing_deployed(environment)
            if (org_id, version_id) not in self._versions:
                self._versions[org_id, version_id] = load_version(session, org_id, version_id)
            if stamp > seen:
                self._pointers[org_id, environment] = (stamp, version_id)
            return Caller(org_id, environment, self._versions[org_id, version_id])

    def _from_memory(self, key: str, environment: Environment) -> Caller | None:
        org_id = self._keys.get(key, "")
        _, version_id = self._pointers.get((org_id, environment), (-1, ""))
        version = self._versions.get((org_id, version_id))
        if version is None:
            raise Refused(503, "store", "the rules cannot be read just now", "try again shortly")
        return Caller(org_id, environment, version)


class DecisionLog:
    """Writes decisions down in the background, masked; a decision never waits for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: queue.Queue[tuple[Caller, Decided] | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None

    def put(self, caller: Caller, answered: Sequence[tuple[object, Json]]) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="decision-log", daemon=True)
            self._thread.start()
        for request, result in answered:
            if "outcomes" not in result:
                continue
            try:
                self._waiting.put_nowait((caller, _decided(caller.version, request, result)))
            except queue.Full:
                log.error("decision_not_recorded", organisation=caller.org_id)

    def close(self) -> None:
        """Write what is waiting, then stop."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(timeout=10)

    def _write(self) -> None:
        open_ = True
        while open_:
            batch = [self._waiting.get()]
            time.sleep(PAUSE_SECONDS if batch[0] is not None else 0)
            while len(batch) < MOST_AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            open_ = None not in batch
            self._keep([b for b in batch if b is not None])

    def _keep(self, batch: list[tuple[Caller, Decided]]) -> None:
        groups: dict[tuple[str, Environment, str], list[Decided]] = {}
        for caller, one in batch:
            key = (caller.org_id, caller.environment, caller.version.id)
            groups.setdefault(key, []).append(one)
        for (org_id, environment, version_id), decisions in groups.items():
            for pause in (0.0, 0.5, 2.0):
                time.sleep(pause)
                try:
                    with self._store.session() as session:
                        record_decisions(session, org_id, environment, version_id, decisions)
                    break
                except Exception as error:
                    log.warning("decision_log_waits", error=type(error).__name__)
            else:
                log.error("decisions_not_recorded", organisation=org_id, count=len(decisions))


def _answer_or_error(version: Version, request: object) -> Json:
    try:
        return answer(version, request)
    except RequestError as error:
        return error.to_json()


def _decided(version: Version, request: object, result: Json) -> Decided:
    facts = mask_facts(version.ontology, cast("Mapping[str, Any]", request))
    plain = cast("Json", _plain(facts))
    return Decided(id_of(request), plain, result["outcomes"])


def _plain(value: object) -> object:
    """Exact numbers as JSON writes them."""
    match value:
        case dict():
            return {str(k): _plain(v) for k, v in cast("Json", value).items()}
        case list():
            return [_plain(v) for v in cast("list[object]", value)]
        case bool() | int() | str() | None:
            return value
        case _:
            return float(cast("float", value))


def _nothing_deployed(environment: str) -> Refused:
    return Refused(
        409,
        "environment",
        f"nothing is deployed in {environment} yet",
        "confirm a rule in the chat, or promote one",
    )
