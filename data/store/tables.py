"""Every table of the store. The migrations build exactly these; a test compares them.

Each row belongs to one organisation, and the keys say so: a reference from one row to another
carries the organisation's id with it, so that not even a wrong query can join two organisations.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import declared_attr, registry
from sqlmodel import Field, SQLModel

from data.access.roles import Role
from data.store.canonical import now

Environment = Literal["staging", "production"]


def new_id() -> str:
    """An opaque id, 32 characters always: no id is the beginning of another."""
    return secrets.token_hex(16)


class Moment(TypeDecorator[datetime]):
    """A point in time, UTC and aware on every database, to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""The store's own, apart from any other SQLModel of the process; every constraint has a name."""


class Table(SQLModel, registry=registry(metadata=METADATA)):
    """Base of the store's tables; a table is named after its class, in snake case."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__.removesuffix("Row")).lower()


def _org() -> Any:
    return Field(foreign_key="organisation.id", max_length=32)


class Organisation(Table, table=True):
    """One tenant."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field(unique=True)
    title: str
    created: datetime = Field(default_factory=now, sa_type=Moment)


class Person(Table, table=True):
    """Someone who signs in. ``login`` is unique in the whole installation."""

    __table_args__ = (UniqueConstraint("org_id", "id"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    org_id: str = _org()
    login: str = Field(unique=True)
    """In lower case."""
    display: str
    password_hash: str = Field(repr=False)
    """argon2id; empty for a person who cannot sign in by password."""
    roles: list[Role] = Field(sa_type=JSON)
    active: bool = True
    created: datetime = Field(default_factory=now, sa_type=Moment)


class Grant(Table, table=True):
    """A person's right to write: at one value of one scope level, or everywhere (both ``None``)."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "person_id"], ["person.org_id", "person.id"]),
        CheckConstraint("(level IS NULL) = (value IS NULL)", name="whole"),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    org_id: str = Field(max_length=32)
    person_id: str = Field(max_length=32, index=True)
    level: str | None = None
    value: str | None = None


class SignInTries(Table, table=True):
    """Wrong passwords in a row, per login and per address; only a hash of either is kept."""

    key: str = Field(primary_key=True, max_length=71)
    tries: int
    last: datetime = Field(sa_type=Moment)
    closed_until: datetime | None = Field(default=None, sa_type=Moment)


class ApiKey(Table, table=True):
    """A key of the decision API. The key itself is shown once and never kept."""

    id: str = Field(primary_key=True, max_length=16)
    org_id: str = _org()
    label: str
    secret_hash: str = Field(repr=False, max_length=71)
    created: datetime = Field(default_factory=now, sa_type=Moment)
    revoked: datetime | None = Field(default=None, sa_type=Moment)


class Words(Table, table=True):
    """Ontology, code sets and scope rows as canonical JSON, by the hash of that text."""

    org_id: str = Field(foreign_key="organisation.id", primary_key=True, max_length=32)
    id: str = Field(primary_key=True, max_length=71)
    content: str = Field(sa_type=Text, repr=False)


class VersionRow(Table, table=True):
    """One immutable version of an organisation's rules."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "words_id"], ["words.org_id", "words.id"]),
        ForeignKeyConstraint(["org_id", "parent"], ["version.org_id", "version.id"]),
    )
    org_id: str = Field(foreign_key="organisation.id", primary_key=True, max_length=32)
    id: str = Field(primary_key=True, max_length=71)
    parent: str | None = Field(default=None, max_length=71)
    author: str
    message: str = Field(sa_type=Text)
    words_id: str = Field(max_length=71)
    content: str = Field(sa_type=Text, repr=False)
    """The version's canonical JSON without its words: rules, accepted gaps, edges."""
    created: datetime = Field(default_factory=now, sa_type=Moment)


class SavedOnce(Table, table=True):
    """What an idempotency key was used for: saving twice is saving once."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "version_id"], ["version.org_id", "version.id"]),
    )
    org_id: str = Field(primary_key=True, max_length=32)
    key: str = Field(primary_key=True)
    version_id: str = Field(max_length=71)


class DeploymentStep(Table, table=True):
    """One move of an environment to a version. Append-only; rollback returns to ``under``."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "version_id"], ["version.org_id", "version.id"]),
        CheckConstraint("environment IN ('staging', 'production')", name="environment"),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    org_id: str = Field(max_length=32, index=True)
    seq: int
    """The deployment stamp that this step made: orders steps of all environments."""
    environment: str
    version_id: str = Field(max_length=71)
    under: str | None = Field(default=None, foreign_key="deployment_step.id", max_length=32)
    how: str
    """``deploy``, ``promote``, ``roll_back``; ``words`` where only words changed, and ``again`` for
    what waited above that."""
    by: str
    message: str = Field(sa_type=Text)
    at: datetime = Field(default_factory=now, sa_type=Moment)


class Deployment(Table, table=True):
    """The one version an environment runs."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "version_id"], ["version.org_id", "version.id"]),
    )
    org_id: str = Field(primary_key=True, max_length=32)
    environment: str = Field(primary_key=True, max_length=16)
    version_id: str = Field(max_length=71)
    step_id: str = Field(foreign_key="deployment_step.id", max_length=32)


class Counter(Table, table=True):
    """A number that only grows, in the order of commits. ``deployments`` is the one there is."""

    name: str = Field(primary_key=True)
    value: int


class AuditEntry(Table, table=True):
    """Who did what, when. Append-only by trigger; each entry's hash covers the one before."""

    org_id: str = Field(foreign_key="organisation.id", primary_key=True, max_length=32)
    seq: int = Field(primary_key=True)
    """1, 2, 3 … without a hole."""
    at: datetime = Field(sa_type=Moment)
    by: str
    action: str
    subject: str
    details: str = Field(sa_type=Text)
    """Canonical JSON."""
    previous: str = Field(max_length=71)
    hash: str = Field(max_length=71)


class ScenarioRow(Table, table=True):
    """A named case: given facts, expected outcome."""

    __table_args__ = (UniqueConstraint("org_id", "name"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    org_id: str = _org()
    name: str
    given: dict[str, Any] = Field(sa_type=JSON)
    expect: dict[str, Any] = Field(sa_type=JSON)
    by: str
    created: datetime = Field(default_factory=now, sa_type=Moment)


class TaughtWord(Table, table=True):
    """A word somebody taught for a term, with the evidence and what an approver made of it."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "by"], ["person.org_id", "person.id"]),
        CheckConstraint("status IN ('waiting', 'approved', 'refused', 'withdrawn')", name="status"),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    org_id: str = Field(max_length=32, index=True)
    word: str
    term: str
    """An attribute's path or a decision's name; of a value ``path=value``."""
    message: str = Field(sa_type=Text)
    """Where it was said, masked."""
    thread_id: str
    by: str = Field(max_length=32)
    created: datetime = Field(default_factory=now, sa_type=Moment)
    status: str = "waiting"
    settled_by: str | None = Field(default=None, max_length=32)
    settled: datetime | None = Field(default=None, sa_type=Moment)
    reason: str = Field(default="", sa_type=Text)
    """Why it was refused or withdrawn, where somebody said."""


class ThreadRow(Table, table=True):
    """A conversation and whose it is."""

    __table_args__ = (
        UniqueConstraint("org_id", "id"),
        ForeignKeyConstraint(["org_id", "person_id"], ["person.org_id", "person.id"]),
    )
    id: str = Field(primary_key=True)
    org_id: str = Field(max_length=32)
    person_id: str = Field(max_length=32, index=True)
    created: datetime = Field(default_factory=now, sa_type=Moment)


class UnfinishedDraft(Table, table=True):
    """A draft an author put aside, to be taken up again."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "person_id"], ["person.org_id", "person.id"]),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    org_id: str = Field(max_length=32)
    person_id: str = Field(max_length=32, index=True)
    thread_id: str
    message: str = Field(sa_type=Text)
    payload: dict[str, Any] = Field(sa_type=JSON)
    created: datetime = Field(default_factory=now, sa_type=Moment)


class Turn(Table, table=True):
    """One message and its answer, with the trace that tells how it came about."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "thread_id"], ["thread.org_id", "thread.id"]),
        ForeignKeyConstraint(["org_id", "person_id"], ["person.org_id", "person.id"]),
    )
    org_id: str = Field(primary_key=True, max_length=32)
    id: str = Field(primary_key=True)
    thread_id: str = Field(index=True)
    person_id: str = Field(max_length=32)
    trace_id: str | None = None
    run_id: str | None = None
    created: datetime = Field(default_factory=now, sa_type=Moment)


class FeedbackRow(Table, table=True):
    """A person's thumb and comment on one of their own turns."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "turn_id"], ["turn.org_id", "turn.id"]),
        ForeignKeyConstraint(["org_id", "person_id"], ["person.org_id", "person.id"]),
        UniqueConstraint("org_id", "turn_id", "person_id"),
    )
    id: str = Field(default_factory=new_id, primary_key=True)
    org_id: str = Field(max_length=32)
    turn_id: str
    person_id: str = Field(max_length=32)
    value: int
    """1 is a thumb up, 0 a thumb down."""
    comment: str | None = Field(default=None, sa_type=Text)
    at: datetime = Field(default_factory=now, sa_type=Moment)


class OutboxItem(Table, table=True):
    """Something to deliver elsewhere, later, whatever happens in between."""

    __table_args__ = (
        UniqueConstraint("org_id", "key"),
        Index(None, "delivered", "next_try"),
        Index(None, "org_id", "subject"),
    )
    id: int | None = Field(default=None, primary_key=True)
    org_id: str = _org()
    kind: str
    subject: str
    """Items of one subject are delivered in the order in which they were put."""
    key: str
    """Put twice under one key is put once; the receiver may use it to the same end."""
    payload: dict[str, Any] = Field(sa_type=JSON)
    attempts: int = 0
    next_try: datetime = Field(default_factory=now, sa_type=Moment)
    claim: str | None = Field(default=None, max_length=32)
    """Token of the sender that holds the item until ``next_try``."""
    last_error: str | None = None
    created: datetime = Field(default_factory=now, sa_type=Moment)
    delivered: datetime | None = Field(default=None, sa_type=Moment)


class DecisionRow(Table, table=True):
    """One answer of the decision API: what was asked, by which version, what came out."""

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "version_id"], ["version.org_id", "version.id"]),
        Index(None, "org_id", "request_id"),
        Index(None, "org_id", "created"),
    )
    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    org_id: str = Field(max_length=32)
    environment: str
    version_id: str = Field(max_length=71)
    request_id: str
    facts: dict[str, Any] = Field(sa_type=JSON)
    """Masked: nothing identifying."""
    result: dict[str, Any] = Field(sa_type=JSON)
    created: datetime = Field(default_factory=now, sa_type=Moment)


class ModelUse(Table, table=True):
    """What the drafting model took in one hour."""

    org_id: str = Field(foreign_key="organisation.id", primary_key=True, max_length=32)
    hour: datetime = Field(primary_key=True, sa_type=Moment)
    """When it began."""
    tries: int = Field(default=0, sa_type=BigInteger)
    input_tokens: int = Field(default=0, sa_type=BigInteger)
    output_tokens: int = Field(default=0, sa_type=BigInteger)
    cost: float = 0.0
    """US dollars."""
