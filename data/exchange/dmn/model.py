"""A DMN model as plain data: what the file says, not yet what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Type:
    """An item definition, or one component of one."""

    name: str
    label: str = ""
    base: str = ""
    """Name of the type it stands on, without its prefix: ``string``, ``number``, …"""
    allowed: str = ""
    """Unary tests that each value passes; empty for no limit."""
    parts: tuple[Type, ...] = ()
    collection: bool = False
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    """Attributes of our own namespace, which DMN has no word for."""


@dataclass(frozen=True, slots=True)
class Input:
    """Data that comes with a request."""

    name: str
    type: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One input of a table."""

    expression: str
    type: str = ""
    allowed: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a table."""

    name: str
    type: str = ""
    allowed: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of a table: the texts of its cells."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    label: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table."""

    policy: str
    aggregation: str
    columns: tuple[Column, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal expression."""

    text: str


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a business knowledge model, with an expression for each of its parameters."""

    called: str
    bindings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unread:
    """An expression of a kind that rules cannot say; its element's name."""

    kind: str


Logic = Table | Literal | Invocation | Unread


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: logic with parameters (name → type)."""

    name: str
    parameters: Mapping[str, str]
    logic: Logic


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision of the model."""

    name: str
    type: str
    logic: Logic
    label: str = ""
    extra: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Model:
    """A whole DMN file."""

    name: str
    types: Mapping[str, Type]
    inputs: Mapping[str, Input]
    knowledge: Mapping[str, Knowledge]
    decisions: Mapping[str, Decided]
