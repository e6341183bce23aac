"""The words of a model: its inputs as facts, and what a name in an expression refers to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from data.exchange.dmn.cells import values_of
from data.exchange.dmn.feel import Between, Cell, Than, read_cell
from data.exchange.dmn.model import Model, Type
from data.exchange.meaning import whole
from data.exchange.problem import NotSayable
from data.ontology.model import Attribute, Number, TypeName, Value
from data.ontology.nodes import IDENTIFIER
from data.ontology.word import RESERVED

PLAIN_ENTITY = "request"
"""The entity of inputs that are no structure."""
GIVEN_ENTITY = "given"
"""The entity of answers that other decisions read, and that the caller passes on."""
_SIMPLE: Mapping[str, TypeName] = {
    "number": "decimal", "string": "text", "boolean": "boolean", "date": "date", "time": "time",
}  # fmt: skip
_KINDS: tuple[tuple[type, TypeName], ...] = (
    (bool, "boolean"), (Decimal, "decimal"), (str, "text"), (date, "date"), (time, "time"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Something a table may read: an input, a part of one, or another decision's answer."""

    name: str
    """As expressions say it: ``Applicant.Age``."""
    entity: str
    part: str
    type: Type
    label: str


@dataclass(slots=True)
class Uses:
    """What the tables say of one source."""

    types: list[str] = field(default_factory=list[str])
    allowed: list[str] = field(default_factory=list[str])
    cells: list[Cell] = field(default_factory=list[Cell])


def sources(model: Model) -> dict[str, Source]:
    """All that an expression may name, by the name it has there."""
    found: dict[str, Source] = {}
    for given in model.inputs.values():
        of = resolved(model, given.type)
        if of.parts:
            for path, part in _parts(model, of):
                name = f"{given.name}.{path}"
                label = part.label or path.replace(".", " ")
                found[name] = Source(name, given.name, path, part, label)
        else:
            label = given.label or given.name
            found[given.name] = Source(given.name, PLAIN_ENTITY, given.name, of, label)
    for decided in model.decisions.values():
        of = resolved(model, decided.type)
        label = f"given {decided.label or decided.name}"
        found.setdefault(decided.name, Source(decided.name, GIVEN_ENTITY, decided.name, of, label))
    return found


def resolved(model: Model, name: str) -> Type:
    """The type of this name, with what the types it stands on add."""
    of = model.types.get(name)
    return Type(name, base=name) if of is None else _grounded(model, of, {name})


def _grounded(model: Model, of: Type, seen: set[str]) -> Type:
    below = model.types.get(of.base)
    if below is None or of.base in seen:
        return of
    ground = _grounded(model, below, seen | {of.base})
    return Type(
        of.name, of.label, ground.base, of.allowed or ground.allowed, ground.parts,
        of.collection or ground.collection, {**ground.extra, **of.extra},
    )  # fmt: skip


def _parts(model: Model, of: Type, most: int = 8) -> Iterator[tuple[str, Type]]:
    """The innermost parts, each with its path below the structure."""
    for part in of.parts if most else ():
        ground = _grounded(model, part, {part.name})
        if ground.parts:
            for path, inner in _parts(model, ground, most - 1):
                yield f"{part.name}.{path}", inner
        else:
            yield part.name, ground


def attribute_of(source: Source, uses: Uses, name: str, label: str) -> Attribute:
    """The fact. Raises :class:`NotSayable` where the type is none of ours."""
    if source.type.collection:
        raise NotSayable(f"`{source.name}` is a list")
    kind = _kind(source, uses)
    entity = identifier(source.entity)
    allowed = _allowed([source.type.allowed])
    if kind == "text":
        said = [*_allowed(uses.allowed), *uses.cells]
        values = enum_values(v for c in [*allowed, *said] for v in values_of(c))
        limited = any(values_of(c) for c in [*allowed, *_allowed(uses.allowed)])
        if values and limited:
            return Attribute(f"{entity}.{name}", "enum", label, values=values, source=source.name)
    low, high = _limits(allowed, kind)
    unit = source.type.extra.get("unit")
    return Attribute(
        f"{entity}.{name}", kind, label, min=low, max=high, unit=unit, source=source.name
    )


def identifier(name: str) -> str:
    """The name as a pack may use it; one that fits stays as it is."""
    if IDENTIFIER.fullmatch(name):
        return name
    tip = re.sub(r"\W+", "_", name).strip("_")
    return tip if IDENTIFIER.fullmatch(tip) else f"n_{tip}"


def free(name: str, taken: Iterable[str]) -> str:
    """The name, or with a number behind it where it is taken; case tells no names apart."""
    low = {t.casefold() for t in taken}
    tries = (name, *(f"{name}_{n}" for n in range(2, len(low) + 3)))
    return next(t for t in tries if t.casefold() not in low)


def enum_values(values: Iterable[Value]) -> dict[str, tuple[str, ...]]:
    """The texts as values of an enum; empty where an enum cannot hold them all."""
    texts = list(dict.fromkeys(v for v in values if isinstance(v, str)))
    folded = {" ".join(t.split()).casefold() for t in texts}
    bad = "" in folded or folded & set(RESERVED) or len(folded) < len(texts)
    plain = all(t == " ".join(t.split()) for t in texts)
    return {} if bad or not plain else dict.fromkeys(texts, ())


def kind_of(values: Sequence[Value]) -> TypeName | None:
    """The one type of these values; ``None`` for no values or several types."""
    found: set[TypeName] = {k for v in values for of, k in _KINDS if isinstance(v, of)}
    return found.pop() if len(found) == 1 else None


def _kind(source: Source, uses: Uses) -> TypeName:
    extra = source.type.extra.get("type")
    names = [source.type.base, *uses.types]
    said: list[TypeName] = [_SIMPLE[n] for n in names if n in _SIMPLE]
    known = said[0] if said else kind_of([v for c in uses.cells for v in values_of(c)])
    if known is None:
        kind = source.type.base or "unknown"
        raise NotSayable(f"`{source.name}` is of the type {kind}, which rules do not have")
    return "integer" if extra == "integer" and known == "decimal" else known


def _allowed(texts: Iterable[str]) -> list[Cell]:
    """The cells that can be read; a limit of another form limits nothing here."""
    found: list[Cell] = []
    for text in texts:
        try:
            found.append(read_cell(text))
        except NotSayable:
            continue
    return found


def _limits(allowed: Sequence[Cell], kind: TypeName) -> tuple[Number | None, Number | None]:
    """Smallest and largest value, where one closed range is all that is allowed."""
    tests = [t for c in allowed if not c.negated for t in c.tests]
    tests = [t for t in tests if not (isinstance(t, Than) and t.value is None)]
    if kind not in ("integer", "decimal") or len(tests) != 1:
        return None, None
    (test,) = tests
    if isinstance(test, Between):
        return _limit(test.low, test.low_in, kind), _limit(test.high, test.high_in, kind)
    low = _limit(test.value, True, kind) if test.sign == ">=" else None
    return low, _limit(test.value, True, kind) if test.sign == "<=" else None


def _limit(value: object, included: bool, kind: TypeName) -> Number | None:
    if not included or not isinstance(value, Decimal):
        return None
    number = whole(value) if kind == "integer" else value
    return number if isinstance(number, int | Decimal) else None
