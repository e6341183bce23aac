"""The first start: the pack's organisation with its rules, its people and one API key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.past import PackPast

if TYPE_CHECKING:
    from app.settings import Settings
    from data.packs import Pack
    from data.store import Store

BY = "first start"


@dataclass(frozen=True, slots=True)
class Installed:
    """What is served, and what is known only on the first start."""

    store: Store
    pack: Pack
    org_id: str
    past: PackPast
    passwords: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Sign-in name → password; empty on every later start."""
    api_key: str = field(default="", repr=False)


def install(settings: Settings) -> Installed:
    """Open the store, and fill it from the pack where the pack's organisation is not there yet.

    Raises ``InputError`` for a pack that cannot be used, and ``StoreError``.
    """
    from data.packs import load_pack
    from data.store import add_api_key, bootstrap_organisation, open_store

    settings.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    pack = load_pack(settings.pack)
    store = open_store(settings.store_address)
    kept = settings.var / "history"
    with store.session() as session:
        made = bootstrap_organisation(session, pack, kept=kept)
        key = add_api_key(session, made.org_id, BY, by=BY) if made.created else ""
    past = PackPast(pack.folder, made.org_id, kept)
    return Installed(store, pack, made.org_id, past, made.passwords, key)
