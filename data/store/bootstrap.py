"""The first start: an organisation from its pack, with people who can sign in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmodel import Session

from data.access.roles import ROLES, Role
from data.packs.version import version_of
from data.rulelang.ast import Scope
from data.store.deployments import deploy
from data.store.errors import NameTaken, StoreError
from data.store.organisations import create_organisation, organisation_by_name
from data.store.people import add_person, new_password
from data.store.scenarios import add_scenario
from data.store.versions import save_version

if TYPE_CHECKING:
    from pathlib import Path

    from data.packs.load import Pack

BY = "first start"
"""Who the audit says did it."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Someone to let in on the first start."""

    login: str
    roles: tuple[Role, ...]
    grants: tuple[Scope | None, ...] = ()
    """Where they may write; ``None`` is everywhere."""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """What the first start made. ``passwords`` (by login) are known this once only."""

    org_id: str
    created: bool
    passwords: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


def bootstrap_organisation(
    session: Session,
    pack: Pack,
    people: Sequence[NewPerson] | None = None,
    kept: Path | None = None,
) -> Bootstrapped:
    """Make the pack's organisation: its words and rules live, its scenarios, its people.

    The organisation's name is the ontology's. One that exists is left as it is. Without ``people``
    there is one for each role, ``<role>-<organisation>``, who may write everywhere. What the
    pack's history says is kept in the folder ``kept`` between runs. Raises ``NameTaken`` when a
    sign-in name is in use.
    """
    name = pack.ontology.name
    try:
        org_id = create_organisation(session, name, pack.ontology.title, BY).id
    except NameTaken:
        return Bootstrapped(organisation_by_name(session, name).id, created=False)
    _first_version(session, org_id, pack, kept)
    for scenario in pack.scenarios:
        add_scenario(session, org_id, scenario.name, scenario.given, scenario.expect, BY)
    wanted = first_people(name) if people is None else tuple(people)
    return Bootstrapped(org_id, True, {p.login: _add(session, org_id, p) for p in wanted})


def first_people(organisation: str) -> tuple[NewPerson, ...]:
    """One person a role; those who write may write everywhere."""
    writers: tuple[Role, ...] = ("author", "owner")
    return tuple(
        NewPerson(f"{role}-{organisation}", (role,), (None,) if role in writers else ())
        for role in ROLES
    )


def _first_version(session: Session, org_id: str, pack: Pack, kept: Path | None) -> None:
    version = version_of(pack, kept)
    message = "the rules the organisation began with"
    saved = save_version(session, org_id, version, None, BY, message, "first version")
    deploy(session, org_id, "production", saved.version_id, BY, message)


def _add(session: Session, org_id: str, person: NewPerson) -> str:
    if not person.roles:
        raise StoreError(f"`{person.login}` needs a role")
    password = new_password()
    add_person(
        session,
        org_id,
        person.login,
        person.roles,
        display=person.display or person.login,
        password=password,
        grants=person.grants,
        by=BY,
    )
    return password
