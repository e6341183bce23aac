"""Keys of the decision API: one organisation each, shown once, kept as a hash."""

from __future__ import annotations

import hmac
import secrets

from sqlmodel import Session, col, select

from data.store.audit import audit
from data.store.canonical import now, sha256
from data.store.errors import NotFound
from data.store.tables import ApiKey

_NO_SECRET = sha256("")


def add_api_key(session: Session, org_id: str, label: str, by: str = "") -> str:
    """A new key, ``rw_<id>_<secret>``. This is the one time that it can be seen.

    The secret is 256 random bits, so a fast hash keeps it as safe as a slow one would.
    """
    key_id, secret = secrets.token_hex(8), secrets.token_hex(32)
    session.add(ApiKey(id=key_id, org_id=org_id, label=label, secret_hash=sha256(secret)))
    session.flush()
    audit(session, org_id, by, "api_key.added", key_id, {"label": label})
    return f"rw_{key_id}_{secret}"


def org_of_api_key(session: Session, key: str) -> str | None:
    """The organisation whose key this is, or ``None``. Tells nothing by how long it takes."""
    prefix, _, rest = key.partition("_")
    key_id, _, secret = rest.partition("_")
    row = session.get(ApiKey, key_id) if prefix == "rw" else None
    fits = hmac.compare_digest(sha256(secret), row.secret_hash if row else _NO_SECRET)
    return row.org_id if row is not None and fits and row.revoked is None else None


def api_keys(session: Session, org_id: str) -> tuple[ApiKey, ...]:
    """The organisation's keys, the oldest first; revoked ones too."""
    wanted = select(ApiKey).where(ApiKey.org_id == org_id).order_by(col(ApiKey.created))
    return tuple(session.exec(wanted))


def revoke_api_key(session: Session, org_id: str, key_id: str, by: str) -> None:
    """The key opens nothing from now on. Raises ``NotFound``."""
    row = session.get(ApiKey, key_id)
    if row is None or row.org_id != org_id:
        raise NotFound("there is no such key")
    if row.revoked is None:
        row.revoked = now()
        session.add(row)
        audit(session, org_id, by, "api_key.revoked", key_id)
