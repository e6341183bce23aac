"""What an organisation of this installation has deployed, for the command line."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from app.settings import read_settings
from data.ontology.nearest import did_you_mean
from data.rulelang.findings import Finding, InputError
from data.rulelang.version import Version
from data.store import (
    deployed,
    load_version,
    open_store,
    organisations,
)

ENVIRONMENTS = ("staging", "production")


def deployed_version(pack: str, environment: str) -> Version:
    """The version that the pack's organisation runs there.

    Raises :class:`InputError` where there is no such environment, organisation or deployment.
    """
    if environment not in ENVIRONMENTS:
        _refuse(f"there is no environment `{environment}`", did_you_mean(environment, ENVIRONMENTS))
    settings = read_settings()
    if settings.store_address.startswith("sqlite") and not (settings.var / "store.db").exists():
        _refuse("nothing is installed here yet", "start it once with `rulewright serve`")
    store = open_store(settings.store_address)
    try:
        with store.reading() as session:
            name = _organisation_name(pack)
            known = {o.name: o.id for o in organisations(session)}
            if name not in known:
                _refuse(f"no organisation here is called `{name}`", did_you_mean(name, known))
            version_id = deployed(session, known[name], environment)
            if version_id is None:
                _refuse(f"nothing is deployed in {environment}", "promote a version in the chat")
            return load_version(session, known[name], version_id)
    finally:
        store.close()


def _organisation_name(pack: str) -> str:
    """An organisation goes by its ontology's name."""
    from data.packs import load_pack, shipped_packs

    known = pack in shipped_packs() or Path(pack).is_dir()
    return load_pack(pack, rules=False).ontology.name if known else pack


def _refuse(message: str, suggestion: str) -> NoReturn:
    raise InputError((Finding("pack", "error", message, suggestion),))
