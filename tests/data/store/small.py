"""A small organisation, and short ways to fill a store with it."""

from __future__ import annotations

from functools import cache

from sqlmodel import Session

from data.ontology.model import Attribute, Code, CodeSet, Decision, Ontology, Scopes
from data.rulelang.ast import Compare, Decide, Rule, RuleSet, Scope
from data.rulelang.version import Version, make_version
from data.store import Store, add_person, create_organisation, save_version

ONTOLOGY = Ontology(
    name="small",
    title="A small network",
    date=None,
    entities=("patient", "clinic"),
    attributes={
        a.path: a
        for a in (
            Attribute("patient.age", "integer", "patient age", min=0, max=120),
            Attribute("patient.name", "text", "patient name", sensitive="identifying"),
            Attribute("clinic.state", "enum", "state", values={"TX": (), "OH": ()}),
            Attribute(
                "clinic.family", "enum", "clinic family", values={"Northstar": (), "Lakeside": ()}
            ),
            Attribute("clinic.id", "text", "clinic"),
        )
    },
    relations={},
    scopes=Scopes("clinic", ("state", "family", "id")),
    decisions={"code": Decision("code", "code", "procedure code", code_set="clinic.family")},
)
CODE_SETS = {
    name: CodeSet(name, {c: Code(c, f"exam {c}") for c in ("MM1", "MM2", "MM3", "MM4")})
    for name in ("Northstar", "Lakeside")
}
ROWS = (
    {"id": "north-1", "family": "Northstar", "state": "TX"},
    {"id": "north-2", "family": "Northstar", "state": "OH"},
    {"id": "lake-1", "family": "Lakeside", "state": "TX"},
)


@cache
def version(code: str) -> Version:
    """A version whose one rule gives this code."""
    rule = Rule(
        "Adults",
        (Decide("code", code),),
        Compare("patient.age", "is at least", 18),
        Scope("family", ("Northstar",)),
    )
    return make_version(ONTOLOGY, CODE_SETS, ROWS, RuleSet((rule,)))


def an_organisation(store: Store, name: str) -> str:
    """Id of a new organisation."""
    with store.session() as session:
        return create_organisation(session, name).id


def a_person(store: Store, org_id: str, login: str) -> str:
    """Id of a new author."""
    with store.session() as session:
        return add_person(session, org_id, login, ["author"]).id


def save(
    session: Session, org_id: str, code: str, parent: str | None, by: str, key: str = ""
) -> str:
    """Save a version and return its id."""
    saved = save_version(session, org_id, version(code), parent, by, f"use {code}", key or code)
    return saved.version_id
