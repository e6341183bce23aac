"""A request as it comes in, checked against the ontology and typed.

A request is nested facts: ``{"patient": {"age": 52}, "prior_visits": [{"exam": "MRI"}]}``.
A fact that is absent or ``null`` is unknown; an absent list is unknown, ``[]`` is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from data.ontology.model import Attribute, Candidates, Ontology, Value
from data.ontology.nearest import did_you_mean, shown
from data.ontology.values import BadValue, Converter, converter, json_value, unchanged
from data.rulelang.findings import FindingCode

Row = Mapping[str, Value]
REQUEST_ID = "id"
"""A name at the top that belongs to the caller: allowed, and without meaning."""


@dataclass(frozen=True, slots=True)
class Request:
    """Typed facts; what is absent is unknown."""

    given: Mapping[str, Value]
    """By path."""
    rows: Mapping[str, tuple[Row, ...]]
    """By relation or candidate list, each row's facts by path of the row's entity."""


class RequestError(ValueError):
    """A request that cannot be answered, told in the caller's words."""

    def __init__(
        self, code: FindingCode, message: str, help: str, path: tuple[str | int, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code: FindingCode = code
        self.message = message
        self.help = help
        self.path = path
        """Where in the request: entity, name, or list, row number from 0, name."""

    def to_json(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, "help": self.help}}


def read_request(ontology: Ontology, obj: object) -> Request:
    """The typed request; raises :class:`RequestError` for the first thing that is wrong."""
    plan = _plan_of(ontology)
    if not isinstance(obj, dict):
        message = f"a request is an object of facts, not `{shown(obj)}`"
        raise RequestError("type", message, 'write {"entity": {"name": value}}')
    given: dict[str, Value] = {}
    rows: dict[str, tuple[Row, ...]] = {}
    for name, facts in cast("dict[str, object]", obj).items():
        if (entity := plan.entities.get(name)) is not None:
            if facts is not None:
                _read_facts(entity, facts, given, (name,))
        elif (table := plan.tables.get(name)) is not None:
            if facts is not None:
                rows[name] = _read_rows(table, facts)
        elif name != REQUEST_ID:
            _unknown_name(plan, name)
    return Request(given, rows)


def nested(
    given: Mapping[str, Value], rows: Mapping[str, tuple[Row, ...]] | None = None
) -> dict[str, Any]:
    """Typed facts as the nested plain JSON that :func:`read_request` reads back."""
    facts: dict[str, Any] = {}
    for path, value in given.items():
        entity, _, name = path.partition(".")
        facts.setdefault(entity, {})[name] = json_value(value)
    for name, table in (rows or {}).items():
        facts[name] = [
            {path.partition(".")[2]: json_value(value) for path, value in row.items()}
            for row in table
        ]
    return facts


_Reader = tuple[str, type, Mapping[object, Value], Converter]
"""Path, type and values that are taken as they are, and the converter for all others."""


@dataclass(frozen=True, slots=True)
class _Entity:
    name: str
    readers: Mapping[str, _Reader]
    """By name."""


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    entity: _Entity
    key: str | None
    """Path every row must hold and no two rows may share (candidates)."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """An ontology made ready for reading requests."""

    ontology: Ontology
    entities: Mapping[str, _Entity]
    tables: Mapping[str, _Table]


_plans: dict[int, _Plan] = {}
_MOST_PLANS = 128


def _plan_of(ontology: Ontology) -> _Plan:
    """The plan of this very object, built once; the plan keeps it alive, so its id is its own."""
    plan = _plans.get(id(ontology))
    if plan is None:
        if len(_plans) >= _MOST_PLANS:
            _plans.clear()
        plan = _plans[id(ontology)] = _plan(ontology)
    return plan


def _plan(ontology: Ontology) -> _Plan:
    rows = ontology.row_entities
    entities = {name: _entity(ontology, name) for name in ontology.entities}
    tables = {
        r.name: _Table(r.name, entities[r.entity], None) for r in ontology.relations.values()
    } | {c.name: _candidates(c, entities[c.entity]) for c in ontology.candidates.values()}
    return _Plan(ontology, {n: e for n, e in entities.items() if n not in rows}, tables)


def _candidates(candidates: Candidates, entity: _Entity) -> _Table:
    return _Table(candidates.name, entity, f"{candidates.entity}.{candidates.key}")


def _entity(ontology: Ontology, name: str) -> _Entity:
    attributes: list[Attribute] = [a for a in ontology.attributes.values() if a.entity == name]
    return _Entity(name, {a.name: (a.path, *unchanged(a), converter(a)) for a in attributes})


def _read_facts(
    entity: _Entity, facts: object, given: dict[str, Value], where: tuple[str | int, ...]
) -> None:
    """Add the typed facts to ``given``."""
    if not isinstance(facts, dict):
        message = f"{_place(where)} must be an object of facts, not `{shown(facts)}`"
        raise RequestError("type", message, 'write {"name": value}', where)
    readers = entity.readers
    for name, value in cast("dict[str, object]", facts).items():
        reader = readers.get(name)
        if reader is None:
            _unknown_fact(entity, name, where)
        path, kind, same, convert = reader
        if type(value) is kind and (known := same.get(value)) is not None:
            given[path] = known
            continue
        if value is None:
            continue
        try:
            given[path] = convert(value)
        except BadValue as bad:
            row = f"{_place(where)}: " if len(where) > 1 else ""
            raise RequestError(bad.code, row + bad.message, bad.help, (*where, name)) from None


def _read_rows(table: _Table, rows: object) -> tuple[Row, ...]:
    if not isinstance(rows, list):
        message = f"`{table.name}` must be a list of rows, not `{shown(rows)}`"
        raise RequestError("type", message, "write [] for none", (table.name,))
    read: list[Row] = []
    seen: set[Value] = set()
    for index, facts in enumerate(cast("list[object]", rows)):
        row: dict[str, Value] = {}
        where = (table.name, index)
        _read_facts(table.entity, facts, row, where)
        if table.key is not None:
            _check_key(table.key, row, seen, where)
        read.append(row)
    return tuple(read)


def _check_key(key: str, row: Row, seen: set[Value], where: tuple[str | int, ...]) -> None:
    if key not in row:
        message = f"{_place(where)} has no `{key.partition('.')[2]}`"
        raise RequestError("type", message, "give every row its key", where)
    if row[key] in seen:
        message = f"{_place(where)} has the same `{key.partition('.')[2]}` as a row before it"
        raise RequestError("duplicate", message, "give each row once", where)
    seen.add(row[key])


def _place(where: tuple[str | int, ...]) -> str:
    match where:
        case (name, int() as index):
            return f"row {index + 1} of `{name}`"
        case _:
            return f"`{where[0]}`"


def _unknown_name(plan: _Plan, name: object) -> NoReturn:
    known = (*plan.entities, *plan.tables)
    help = did_you_mean(str(name), known)
    owners = [e for e in plan.entities.values() if name in e.readers]
    tables = [t.name for t in plan.tables.values() if t.entity.name == name]
    if owners:
        help = f"write it under `{owners[0].name}`"
    elif tables:
        help = f"give a list of rows under `{tables[0]}`"
    elif "." in str(name):
        help = 'write facts nested: {"entity": {"name": value}}'
    message = f"a request has no `{shown(name)}` here"
    raise RequestError("unknown-term", message, help, (str(name),))


def _unknown_fact(entity: _Entity, name: object, where: tuple[str | int, ...]) -> NoReturn:
    message = f"{_place(where)} has no fact `{shown(name)}`"
    help = did_you_mean(str(name), entity.readers)
    raise RequestError("unknown-term", message, help, (*where, str(name)))
