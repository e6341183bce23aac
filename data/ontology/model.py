"""The words of one organisation: what a rule may speak about.

Everything here is plain, frozen data. It is read from ``ontology.yaml`` by
:mod:`data.ontology.load`, and nothing in it knows any one organisation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Literal

TypeName = Literal[
    "boolean", "integer", "decimal", "enum", "date", "time", "text", "code", "set", "choice"
]
Hit = Literal["single", "collect", "sum", "min", "max"]
Number = int | Decimal
Value = bool | int | Decimal | str | date | time | frozenset[str]
"""A typed fact. Enums, texts and codes are ``str``; decimals are never floats."""

Synonyms = Mapping[str, tuple[str, ...]]


def _no_values() -> Synonyms:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One fact a request may hold, e.g. ``patient.age``."""

    path: str
    """``entity.name``: unique, and where the fact stands in a request."""
    type: TypeName
    label: str
    """What people call it; the word rule text uses."""
    synonyms: tuple[str, ...] = ()
    description: str = ""
    unit: str | None = None
    min: Number | None = None
    max: Number | None = None
    """Smallest and largest value, both included (integer and decimal)."""
    values: Synonyms = field(default_factory=_no_values)
    """Enum, or set of enum: each value with its synonyms, in the file's order."""
    of: Literal["enum", "code"] | None = None
    """What a set holds; ``None`` for every other type."""
    sensitive: str | None = None
    """``identifying``: never in a prompt, a trace or a condition."""
    default: Value | None = None
    code_set: str | None = None
    """Path of the attribute that names the code set (type code)."""
    source: str | None = None

    @property
    def entity(self) -> str:
        return self.path.partition(".")[0]

    @property
    def name(self) -> str:
        return self.path.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Decision:
    """One question the rules answer, e.g. ``procedure_code``."""

    name: str
    type: TypeName
    label: str
    hit: Hit = "single"
    synonyms: tuple[str, ...] = ()
    description: str = ""
    unit: str | None = None
    min: Number | None = None
    max: Number | None = None
    values: Synonyms = field(default_factory=_no_values)
    code_set: str | None = None
    """Path of the attribute whose value names the code set file (type code)."""
    modifiers: tuple[str, ...] = ()
    """Modifiers of a code, in the order in which they are joined to it."""
    required: bool = False
    """A request without a rule for it is a gap."""
    gap_by: str | None = None
    """Path of the attribute per whose values gaps are told."""
    candidates: str | None = None
    """Name of the candidate list (type choice)."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows that come with a request, e.g. ``prior_visits``."""

    name: str
    source: str
    entity: str
    label: str
    """Of one row: ``prior visit``."""
    date: str | None = None
    """Name of the row's date attribute."""
    plural: str | None = None
    """Of several rows, where it is not the label's own plural."""

    @property
    def many(self) -> str:
        """Of several rows: ``prior visits``."""
        return self.plural or plural_of(self.label)


def plural_of(label: str) -> str:
    """The label in the plural, as most English nouns form it."""
    if label.endswith("y") and label[-2:-1] not in tuple("aeiou"):
        return f"{label[:-1]}ies"
    return f"{label}es" if label.endswith(("s", "x", "z", "ch", "sh")) else f"{label}s"


@dataclass(frozen=True, slots=True)
class Scopes:
    """The levels a rule can be limited to, broadest first."""

    entity: str
    levels: tuple[str, ...]

    def path(self, level: str) -> str:
        """The attribute that holds this level in a request."""
        return f"{self.entity}.{level}"

    def breadth(self, level: str | None) -> int:
        """0 for no scope, then 1 for the broadest level, and so on: larger is narrower."""
        return 0 if level is None else self.levels.index(level) + 1


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows a choice picks from; they come with the request."""

    name: str
    entity: str
    key: str


@dataclass(frozen=True)
class Ontology:
    """All words of one organisation."""

    name: str
    title: str
    date: str | None
    """Path of the request's own date; effective dates count from it."""
    entities: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    """By path, in the file's order."""
    relations: Mapping[str, Relation]
    scopes: Scopes | None
    decisions: Mapping[str, Decision]
    candidates: Mapping[str, Candidates] = field(default_factory=dict[str, Candidates])

    @cached_property
    def row_entities(self) -> frozenset[str]:
        """Entities that come as rows of a relation or as candidates, not as facts."""
        return frozenset(
            [r.entity for r in self.relations.values()]
            + [c.entity for c in self.candidates.values()]
        )

    @cached_property
    def facts(self) -> tuple[Attribute, ...]:
        """The attributes a request states once: those a condition may name directly."""
        rows = self.row_entities
        return tuple(a for a in self.attributes.values() if a.entity not in rows)

    @cached_property
    def row_defaults(self) -> Mapping[str, Mapping[str, Value]]:
        """By entity whose rows come with a request: by path, what an absent fact of a row is."""
        found: dict[str, dict[str, Value]] = {entity: {} for entity in self.row_entities}
        for a in self.attributes.values():
            if a.entity in found and a.default is not None:
                found[a.entity][a.path] = a.default
        return found

    @cached_property
    def shared_labels(self) -> frozenset[str]:
        """Labels, in lower case, that are those of several facts."""
        counts = Counter(a.label.casefold() for a in self.facts)
        return frozenset(label for label, count in counts.items() if count > 1)

    @cached_property
    def fact_keys(self) -> frozenset[tuple[str, ...]]:
        """What facts of requests and of rows are called, label and ``entity label``, by words."""
        every = self.attributes.values()
        names = (name for a in every for name in (a.label, f"{a.entity} {a.label}"))
        return frozenset(tuple(name.casefold().split()) for name in names)

    @cached_property
    def texts(self) -> dict[Hashable, str]:
        """Texts that were made with these words, by what they say: kept by who makes them."""
        return {}

    @cached_property
    def relation_keys(self) -> frozenset[tuple[str, ...]]:
        """What one row and several rows of the relations are called, by words."""
        names = (name for r in self.relations.values() for name in (r.label, r.many))
        return frozenset(tuple(name.casefold().split()) for name in names)


@dataclass(frozen=True, slots=True)
class Code:
    """One row of a code set."""

    code: str
    title: str
    modifiers: tuple[str, ...] = ()
    """Modifiers allowed on this code."""
    concept: str | None = None
    """What the code stands for, shared between code sets."""


@dataclass(frozen=True)
class CodeSet:
    """The codes of one value of the deciding attribute, e.g. one clinic family."""

    name: str
    codes: Mapping[str, Code]

    def for_concept(self, concept: str) -> Code | None:
        """The code that stands for ``concept`` here, or ``None``."""
        return self._by_concept.get(concept.casefold())

    @cached_property
    def _by_concept(self) -> Mapping[str, Code]:
        return {c.concept.casefold(): c for c in self.codes.values() if c.concept}


CodeSets = Mapping[str, CodeSet]
ScopeRow = Mapping[str, str]
"""One row of the scope entity's own table: level name → value."""
