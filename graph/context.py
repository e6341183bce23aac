"""What the nodes need besides the state, handed in: tests hand in their own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from data.access import candidate_keys, mask, ontology_words
from data.index import Retriever
from data.index.items import Pair
from data.rulelang.check import check
from data.rulelang.findings import Finding
from data.rulelang.version import Version
from data.store import Environment, Store, decision_by_request_id, deployed, load_version
from graph.budget import Budget
from graph.drafters.base import Drafter

if TYPE_CHECKING:
    from graph.replay import History

T = TypeVar("T")
MOST_RULES = 600_000
"""What follows from versions is kept of so many rules in all, each thing that is kept counted."""
LEAST_RULES = 4_000
"""A smaller version counts as so many: its findings, with their solver, take 6 MB; 50,000 rules
with all their indexes take 360."""


@dataclass(frozen=True, slots=True)
class PastRequest:
    """One request of the past: its facts and what was decided then."""

    id: str
    facts: Mapping[str, Any]
    """Nested facts, as a request gives them."""
    decided: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Decision → the value recorded then."""
    version: str | None = None
    """What decided it, as far as it was noted."""
    overruled: bool = False
    """A person set the recorded value aside from what the rules gave."""


class Past(Protocol):
    """An organisation's past requests; one organisation never sees another's."""

    def history(self, org_id: str, version: Version) -> History | None:
        """Every past request as columns, or ``None`` where there are none."""
        ...

    def find(self, org_id: str, request_id: str) -> PastRequest | None: ...


class NoPast:
    """An organisation without a history."""

    def history(self, org_id: str, version: Version) -> History | None:
        return None

    def find(self, org_id: str, request_id: str) -> PastRequest | None:
        return None


class Recorder(Protocol):
    """Told of every step of a turn. Whoever listens decides what of it may be kept."""

    def node(
        self, name: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], millis: float
    ) -> None: ...

    def facts(self, facts: Mapping[str, Any]) -> None:
        """What is true of a draft, for the scorers, once it is decided or the turn ends."""
        ...

    def failed(self, error: BaseException, reference: str) -> None:
        """The turn broke; the person was told this reference."""
        ...


class Silent:
    """Nobody listens."""

    def node(
        self, name: str, inputs: Mapping[str, Any], outputs: Mapping[str, Any], millis: float
    ) -> None:
        return None

    def facts(self, facts: Mapping[str, Any]) -> None:
        return None

    def failed(self, error: BaseException, reference: str) -> None:
        return None


MakeRetriever = Callable[[str, Version, Sequence[Pair]], Retriever]


class Memory:
    """What follows from immutable versions, worked out once and kept for a while.

    A cache only: everything in it can be made again from the store. Versions of few rules stay in
    great number, of large ones the last few.
    """

    def __init__(self, most: int = MOST_RULES) -> None:
        self._kept: OrderedDict[tuple[str, ...], tuple[Any, int]] = OrderedDict()
        self._most = most
        self._held = 0
        self._lock = Lock()

    def once(self, key: tuple[str, ...], make: Callable[[], T], rules: Callable[[T], int]) -> T:
        """What was made for the key, else made now; ``rules``: of how many rules it tells."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast(T, self._kept[key][0])
        made = make()
        with self._lock:
            self._forget(key)
            size = max(LEAST_RULES, rules(made))
            self._kept[key] = made, size
            self._held += size
            while self._held > self._most and len(self._kept) > 1:
                self._forget(next(iter(self._kept)))
        return made

    def _forget(self, key: tuple[str, ...]) -> None:
        _, size = self._kept.pop(key, (None, 0))
        self._held -= size


@dataclass(frozen=True)
class Services:
    """The outside world of one process, typed. Nothing in it is secret or kept in a checkpoint."""

    store: Store
    make_retriever: MakeRetriever
    drafters: tuple[Drafter, ...]
    """Asked in order: the next takes over where one is unavailable. The last needs no network."""
    budget: Budget = field(default_factory=Budget)
    """What the others may take in a month, each organisation for itself."""
    past: Past = field(default_factory=NoPast)
    faults: Callable[[Mapping[str, Any], Version], Sequence[str]] = lambda told, version: ()
    """What the scorers hold against a draft that is told of (:func:`graph.told.facts`)."""
    examples: Callable[[str], Sequence[Pair]] = lambda org_id: ()
    """An organisation's own sentence → rule pairs."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    memory: Memory = field(default_factory=Memory)
    one_by_one: bool = True
    """Whether several rules of one message are a card each; else they are drafted together."""

    def mention(self, titles: Sequence[str]) -> dict[str, Any]:
        """What a node hands back that spoke of these rules, so that `that rule` is understood."""
        return {"mentioned": {"titles": list(titles), "at": self.clock().isoformat()}}

    def version(self, org_id: str, version_id: str) -> Version:
        """A saved version of the organisation. Raises the store's ``NotFound``."""

        def load() -> Version:
            with self.store.reading() as session:
                return load_version(session, org_id, version_id)

        return self.memory.once(("version", org_id, version_id), load, size_of)

    def staging(self, org_id: str) -> Version | None:
        """The version that staging runs: what a draft would follow."""
        return self.running(org_id, "staging")

    def running(self, org_id: str, environment: Environment) -> Version | None:
        """The version that an environment runs."""
        with self.store.reading() as session:
            running = deployed(session, org_id, environment)
        return self.version(org_id, running) if running else None

    def warm(self, org_id: str) -> None:
        """Works out ahead what every turn of the organisation needs."""
        version = self.staging(org_id)
        if version is None:
            return
        self.masked(org_id, "")
        self.findings(org_id, version)
        version.ready()
        self.retriever(org_id, version).retrieve(version.ontology.title)
        history = self.history(org_id, version)
        if history is not None:
            history.read_all()
            version.batch.ready()

    def past_request(self, org_id: str, request_id: str) -> PastRequest | None:
        """By its id, in the decisions made here, then in the history."""
        with self.store.reading() as session:
            row = decision_by_request_id(session, org_id, request_id)
        if row is None:
            return self.past.find(org_id, request_id)
        outcomes: Mapping[str, Any] = row.result.get("outcomes", row.result)
        decided = {d: r["value"] for d, r in outcomes.items() if "value" in r}
        return PastRequest(row.request_id, row.facts, decided, row.version_id)

    def masked(
        self,
        org_id: str,
        text: str,
        request_id: str | None = None,
        shown: Mapping[str, Any] | None = None,
    ) -> str:
        """The text without names, numbers and birth dates; the organisation's words stay.

        So does ``request_id``, where it is the number of a request and not somebody's phone, and
        what the candidates of that request, or of the one ``shown`` (its facts), are called.
        """
        version = self.staging(org_id)
        if version is None:
            return mask(text)

        def words() -> frozenset[str]:
            own = ontology_words(version.ontology, version.code_sets, version.scope_rows)
            return own | {r.title for r in version.rule_set.rules}

        kept = self._of(version, ("words", org_id, version.id), words)
        past = self.past_request(org_id, request_id) if request_id else None
        if past is not None:
            kept |= {past.id}
            shown = past.facts
        kept |= candidate_keys(version.ontology, shown or {})
        return mask(text, keep=kept)

    def retriever(self, org_id: str, version: Version) -> Retriever:
        def make() -> Retriever:
            return self.make_retriever(org_id, version, self.examples(org_id))

        return self._of(version, ("retriever", org_id, version.id), make)

    def findings(self, org_id: str, version: Version) -> tuple[Finding, ...]:
        """What the analysis says of the whole version."""
        key = ("findings", org_id, version.id)
        return self._of(version, key, lambda: tuple(check(version)))

    def _of(self, version: Version, key: tuple[str, ...], make: Callable[[], T]) -> T:
        return self.memory.once(key, make, lambda _: size_of(version))

    def history(self, org_id: str, version: Version) -> History | None:
        return self.past.history(org_id, version)


def size_of(version: Version) -> int:
    """How much room a version takes with all that follows from it: its rules."""
    return len(version.rule_set.rules)
