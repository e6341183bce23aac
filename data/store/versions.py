"""Versions: immutable, named by the hash of what they mean, and checked whenever they are read."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from data.rulelang.version import Version, former_id, version_from_json, version_to_json
from data.store.audit import audit, lock_organisation
from data.store.canonical import canonical_json, sha256
from data.store.deployments import deploy, deployed
from data.store.errors import BaseChanged, Damaged, NotFound
from data.store.tables import SavedOnce, VersionRow, Words

_WORDS = ("ontology", "code_sets", "scope_rows", "weights")
"""Parts of a version that seldom change: kept once for all versions that share them."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save. ``new`` is false when this very save had been done before."""

    version_id: str
    new: bool


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version's own line in the history."""

    id: str
    parent: str | None
    author: str
    """Id of the person."""
    message: str
    created: datetime


def save_version(
    session: Session,
    org_id: str,
    version: Version,
    parent: str | None,
    author: str,
    message: str,
    idempotency_key: str,
) -> Saved:
    """Keep the version and let staging run it, in one transaction.

    Saving twice under one key is saving once. Raises ``BaseChanged`` when staging no longer runs
    ``parent``: another author's change came first.
    """
    lock_organisation(session, org_id)
    earlier = session.get(SavedOnce, (org_id, idempotency_key))
    if earlier is not None:
        return Saved(earlier.version_id, new=False)
    current = deployed(session, org_id, "staging")
    if current != parent:
        raise BaseChanged(current)
    if session.get(VersionRow, (org_id, version.id)) is None:
        keep_version(session, org_id, version, parent, author, message)
    session.add(SavedOnce(org_id=org_id, key=idempotency_key, version_id=version.id))
    details = {"message": message, "parent": parent}
    audit(session, org_id, author, "version.saved", version.id, details)
    deploy(session, org_id, "staging", version.id, author, message)
    return Saved(version.id, new=True)


def load_version(session: Session, org_id: str, version_id: str) -> Version:
    """The version, hashed again. Raises ``NotFound``, and ``Damaged`` if it is not what it was."""
    row = session.get(VersionRow, (org_id, version_id))
    words = session.get(Words, (org_id, row.words_id)) if row else None
    if row is None or words is None:
        raise NotFound("there is no such version")
    if sha256(words.content) != words.id:
        raise Damaged("the stored words of this version are not what was saved")
    try:
        version = version_from_json(json.loads(words.content) | json.loads(row.content))
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged("the stored version cannot be read") from error
    if version.id == version_id:
        return version
    if former_id(version) == version_id:
        return replace(version, id=version_id)
    raise Damaged("the stored version is not what was saved")


def version_info(session: Session, org_id: str, version_id: str) -> VersionInfo:
    """Raises ``NotFound``."""
    row = session.get(VersionRow, (org_id, version_id))
    if row is None:
        raise NotFound("there is no such version")
    return _info(row)


def history_of_versions(session: Session, org_id: str, limit: int = 100) -> tuple[VersionInfo, ...]:
    """The newest first."""
    wanted = (
        select(VersionRow)
        .where(VersionRow.org_id == org_id)
        .order_by(col(VersionRow.created).desc(), col(VersionRow.id))
        .options(defer(VersionRow.content))  # pyright: ignore[reportArgumentType]
    )
    return tuple(_info(row) for row in session.exec(wanted.limit(limit)))


def _info(row: VersionRow) -> VersionInfo:
    return VersionInfo(row.id, row.parent, row.author, row.message, row.created)


def keep_version(
    session: Session, org_id: str, version: Version, parent: str | None, author: str, message: str
) -> None:
    """Write the version down; no environment runs it yet."""
    content = version_to_json(version)
    words_id = _keep_words(session, org_id, {k: content.pop(k) for k in _WORDS if k in content})
    session.add(
        VersionRow(
            org_id=org_id,
            id=version.id,
            parent=parent,
            author=author,
            message=message,
            words_id=words_id,
            content=canonical_json(content),
        )
    )
    session.flush()


def _keep_words(session: Session, org_id: str, words: dict[str, Any]) -> str:
    text = canonical_json(words)
    words_id = sha256(text)
    if session.get(Words, (org_id, words_id)) is None:
        session.add(Words(org_id=org_id, id=words_id, content=text))
        session.flush()
    return words_id
