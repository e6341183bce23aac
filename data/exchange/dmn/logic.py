"""Which table answers a decision, and what each of its columns reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from data.exchange.dmn.feel import read_literal
from data.exchange.dmn.model import (
    Decided,
    Invocation,
    Knowledge,
    Literal,
    Model,
    Output,
    Row,
    Table,
    Unread,
)
from data.exchange.dmn.words import Source
from data.exchange.problem import NotSayable

_SPOKEN = {
    "context": "is worked out in a context of several expressions",
    "nothing": "has no logic",
    "functionDefinition": "is a function",
    "relation": "is a list of rows",
}


@dataclass(frozen=True, slots=True)
class Bound:
    """A table, and for each of its columns what it reads."""

    decided: Decided
    table: Table
    columns: tuple[Source, ...]


def bound(model: Model, decided: Decided, known: Mapping[str, Source]) -> Bound:
    """The table behind a decision. Raises :class:`NotSayable` with the reason."""
    table, names = _table(model, decided)
    wanted = (names.get(c.expression, c.expression) for c in table.columns)
    columns = tuple(_source(w, names, known) for w in wanted)
    return Bound(decided, table, columns)


def read_by_others(bounds: Mapping[str, Bound]) -> frozenset[str]:
    """The sources that some table reads."""
    return frozenset(s.name for b in bounds.values() for s in b.columns)


def _table(model: Model, decided: Decided) -> tuple[Table, Mapping[str, str]]:
    """The table, and the expressions that its parameters stand for."""
    match decided.logic:
        case Table() as table:
            return table, {}
        case Literal(text):
            read_literal(text)
            output = Output(decided.name, decided.type)
            return Table("UNIQUE", "", (), (output,), (Row((), (text,)),)), {}
        case Invocation() as call:
            known = model.knowledge.get(call.called)
            if known is None:
                raise NotSayable(f"it calls `{call.called}`, which the model does not hold")
            return _called(known), call.bindings
        case Unread(kind):
            raise NotSayable(f"`{decided.name}` {_SPOKEN.get(kind, f'is a {kind} expression')}")


def _called(known: Knowledge) -> Table:
    match known.logic:
        case Table() as table:
            return table
        case Unread(kind):
            raise NotSayable(f"`{known.name}` {_SPOKEN.get(kind, f'is a {kind} expression')}")
        case Literal(text):
            raise NotSayable(f"`{known.name}` is the expression `{text}`")
        case Invocation():
            raise NotSayable(f"`{known.name}` calls another model")


def _source(expression: str, names: Mapping[str, str], known: Mapping[str, Source]) -> Source:
    """What the expression names; a parameter's parts are parts of what it stands for."""
    for written in _ways(expression, names):
        if written in known:
            return known[written]
    raise NotSayable(f"`{expression}` is an expression, not a fact")


def _ways(expression: str, names: Mapping[str, str]) -> Iterator[str]:
    plain = ".".join(" ".join(part.split()) for part in expression.split("."))
    yield plain
    head, dot, rest = plain.partition(".")
    if dot and head in names:
        yield f"{names[head]}.{rest}"
