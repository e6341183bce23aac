"""A shipped pack's organisation, for tests that talk to it."""

from __future__ import annotations

from pathlib import Path

from data.index import Retriever
from data.packs.load import Pack
from data.store import bootstrap_organisation, open_store, person_by_login
from graph.context import Services
from graph.drafters.grammar import GrammarDrafter
from graph.past import Tables
from graph.run import Who


def radiology(pack: Pack, folder: Path, history: Path | None = None) -> tuple[Services, Who]:
    """A store of its own in ``folder``, and its author."""
    store = open_store(f"sqlite:///{folder}/store.db")
    with store.session() as session:
        org_id = bootstrap_organisation(session, pack).org_id
    with store.reading() as session:
        person = person_by_login(session, f"author-{pack.ontology.name}")
    assert person is not None
    services = Services(
        store=store,
        make_retriever=lambda org, v, examples: Retriever(
            v.ontology, v.code_sets, v.rule_set, examples, folder / "index",
            scope_rows=v.scope_rows, organisation=org,
        ),
        drafters=(GrammarDrafter(),),
        past=Tables(lambda org: history),
        examples=lambda org: pack.examples,
    )  # fmt: skip
    return services, Who(org_id, person.id, person.login, frozenset(person.roles), (None,))
