"""A table that came with a message: read at once, and only its rules or its bad cells travel on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from data.exchange.table.read import TableRead, Words, read_tables
from data.rulelang.findings import Finding, InputError
from data.rulelang.render import render
from graph.context import Services
from graph.state import Json

MOST_RULES = 100
"""Rules of one card. A longer table goes through the command line."""
LONGEST_NAME = 80
TABLE = "table"
"""The drafter of rules that came as a table."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as somebody sent it."""

    name: str
    content: bytes

    @property
    def title(self) -> str:
        """Its name without folders, not endless."""
        return PurePath(self.name.replace("\\", "/")).name[:LONGEST_NAME] or "table"


def read_attached(services: Services, org_id: str, file: Attached) -> Json:
    """What the file says in the words of staging: rules as text, or problems; never the file."""
    version = services.staging(org_id)
    if version is None:
        return _told(file, problems=[])
    titles = frozenset(r.title for r in version.rule_set.rules)
    words = Words(version.ontology, version.code_sets, titles)
    try:
        read = read_tables(file.title, file.content, words)
    except InputError as refused:
        return _told(file, problems=refused.findings)
    if not read.problems and len(read.rules) > MOST_RULES:
        return _told(file, problems=[_too_many(read)], rows=read.rows)
    rules = [render(r, version.ontology) for r in read.rules]
    replaced = sorted(titles & {r.title for r in read.rules})
    return _told(file, read.problems, rules, read.rows, replaced)


def _told(
    file: Attached,
    problems: tuple[Finding, ...] | list[Finding],
    rules: list[str] | None = None,
    rows: int = 0,
    replaced: list[str] | None = None,
) -> Json:
    return {
        "name": file.title,
        "rules": rules or [],
        "rows": rows,
        "problems": [f.to_json() for f in problems],
        "replaced": replaced or [],
    }


def _too_many(read: TableRead) -> Finding:
    message = f"the table has {len(read.rules):,} rules, and one card shows {MOST_RULES} at most"
    return Finding("parse", "error", message, "send it in parts")
