"""The syntax tree of the rule language. Rules are data: frozen, comparable, hashable.

``parse`` makes it, ``render`` writes it, ``evaluate`` gives it its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Literal, TypeGuard, assert_never, cast

from data.ontology.model import Number, Ontology, Value

Op = Literal[
    "is", "is not", "is one of", "is none of",
    "is at least", "is at most", "is more than", "is less than", "is between",
    "is before", "is after", "is on or after", "is on or before",
    "include", "include any of", "include all of", "include none of",
]  # fmt: skip
"""``include …`` is for sets; a list-valued operator holds a tuple, ``is between`` a pair."""

LIST_OPS: frozenset[Op] = frozenset(
    ["is one of", "is none of", "include any of", "include all of", "include none of"]
)
ORDER_OPS: frozenset[Op] = frozenset(
    ["is at least", "is at most", "is more than", "is less than", "is between"]
)
DATE_OPS: frozenset[Op] = frozenset(["is before", "is after", "is on or after", "is on or before"])
SET_OPS: frozenset[Op] = frozenset(
    ["include", "include any of", "include all of", "include none of"]
)
Unit = Literal["minutes", "hours", "days", "weeks", "months", "years"]


@dataclass(frozen=True, slots=True)
class Compare:
    """A fact compared with what the rule says, e.g. ``patient age is at least 40``."""

    attribute: str
    """Path, e.g. ``patient.age``."""
    op: Op
    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """``<fact> is known``: looks at the request as given, defaults not counted."""

    attribute: str


@dataclass(frozen=True, slots=True)
class CompareFacts:
    """A fact compared with another, e.g. ``team is issue team``; a set may ``include`` one."""

    attribute: str
    op: Op
    """No operator that takes a list, and not ``is between``."""
    other: str
    """Path of the other fact."""


@dataclass(frozen=True, slots=True)
class Span:
    """``within the last 12 months``: counted back from the request's date."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit[:-1] if self.count == 1 else self.unit}"


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a relation, e.g. ``prior visits where ( … ) within the last 12 months``."""

    relation: str
    where: Condition | None = None
    """Over the row's own facts (``visit.exam``) and those of the request (``request.exam``)."""
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class Exists:
    """``any prior visit where …``; ``no prior visit where …`` is its negation."""

    rows: Rows


@dataclass(frozen=True, slots=True)
class Count:
    """``number of prior visits where … is at least 2``."""

    rows: Rows
    op: Op
    value: int | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Since:
    """``months since latest prior visit where … is at least 11``; false without a row."""

    rows: Rows
    unit: Unit
    op: Op
    value: int | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """``recent mammogram is yes``: the condition that a ``define`` names."""

    name: str


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; never fewer than two parts, none of them an ``And``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some part holds; never fewer than two parts, none of them an ``Or``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


History = Exists | Count | Since
Test = CompareFacts | History
"""A leaf that looks at more than one fact; :mod:`data.rulelang.truth` is its meaning."""
Leaf = Compare | Known | Test | Derived
Condition = Leaf | And | Or | Not


def conjuncts(condition: Condition | None) -> tuple[Condition, ...]:
    """What holds together where the condition does; nothing for ``None``."""
    if condition is None:
        return ()
    return condition.parts if isinstance(condition, And) else (condition,)


def all_of(*parts: Condition) -> Condition:
    """The parts joined by ``and``, flattened; one part stays itself."""
    flat = tuple(chain.from_iterable(map(conjuncts, parts)))
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(*parts: Condition) -> Condition:
    """The parts joined by ``or``, flattened; one part stays itself."""
    flat = tuple(q for p in parts for q in (p.parts if isinstance(p, Or) else (p,)))
    return flat[0] if len(flat) == 1 else Or(flat)


@dataclass(frozen=True, slots=True)
class Concept:
    """``the code for "screening mammogram"``: resolved in each code set on its own."""

    name: str


@dataclass(frozen=True, slots=True)
class Decide:
    """``<decision> is <value>`` of a decision with hit policy single."""

    decision: str
    value: Value | Concept


@dataclass(frozen=True, slots=True)
class Modify:
    """``<code decision> adds WA`` or ``drops WA``."""

    decision: str
    modifier: str
    adds: bool


@dataclass(frozen=True, slots=True)
class Include:
    """``<collect decision> include "…"``."""

    decision: str
    value: Value


@dataclass(frozen=True, slots=True)
class Contribute:
    """``<sum, min or max decision> adds 15``."""

    decision: str
    amount: Number


@dataclass(frozen=True, slots=True)
class LeaveToStaff:
    """``<decision> is left to staff``: a deliberate hand-over."""

    decision: str


@dataclass(frozen=True, slots=True)
class Narrow:
    """``exclude engineers where …``, or ``require engineers where …``: who may be chosen."""

    decision: str
    where: Condition
    """Over the candidate's own facts and the request's."""
    keep: bool
    """``require``: only those of whom ``where`` is true stay."""


@dataclass(frozen=True, slots=True)
class Measure:
    """``with fewest open issues``: candidates by one of their facts."""

    attribute: str
    lowest: bool
    """Fewest, lowest or earliest first; else most, highest or latest first."""


@dataclass(frozen=True, slots=True)
class Prefer:
    """``prefer engineers with fewest open issues`` or ``where …``: who comes first."""

    decision: str
    by: Measure | Condition


Outcome = Decide | Modify | Include | Contribute | LeaveToStaff | Narrow | Prefer


def where_of(outcome: Outcome) -> Condition | None:
    """The condition on candidates that an outcome says, if it says one."""
    match outcome:
        case Narrow(_, where):
            return where
        case Prefer(_, by) if not isinstance(by, Measure):
            return by
        case _:
            return None


def with_where(outcome: Outcome, where: Condition) -> Outcome:
    """The same outcome with another condition on candidates, where it has one."""
    match outcome:
        case Narrow(decision, _, keep):
            return Narrow(decision, where, keep)
        case Prefer(decision, by) if not isinstance(by, Measure):
            return Prefer(decision, where)
        case _:
            return outcome


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a rule holds: one level, one or more of its values."""

    level: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``when`` is ``None`` for a rule that always applies in its scope."""

    title: str
    then: tuple[Outcome, ...]
    when: Condition | None = None
    scope: Scope | None = None
    mandatory: bool = False
    because: str | None = None
    start: date | None = None
    """``from``: the first day, included."""
    until: date | None = None
    """The last day, included."""
    overrides: tuple[str, ...] = ()
    """Titles of the rules it beats by name."""


@dataclass(frozen=True, slots=True)
class AcceptedGap:
    """``accept gap``: requests that are meant to have no rule."""

    title: str
    when: Condition
    because: str


@dataclass(frozen=True, slots=True)
class Define:
    """``define recent mammogram as …``: a name for a condition, used like a fact."""

    name: str
    condition: Condition

    @property
    def title(self) -> str:
        """Names stand apart from the titles of rules; how they are written does not matter."""
        return defining(self.name)


@dataclass(frozen=True, slots=True)
class Invariant:
    """What every version keeps to: ``never`` or ``always`` is the outcome given where it holds.

    It speaks of requests on which nothing hangs on an unknown fact; of others it is said through
    what they may become. Given is what is decided, or left to staff: a conflict, an error and a
    gap give nothing, so they keep a ``never`` and break an ``always``. A code is given with any
    modifiers beside those that are said.
    """

    title: str
    when: Condition
    outcome: Decide | Modify | Include | Contribute | LeaveToStaff
    """``Modify`` adds; ``Contribute`` is what a smallest or largest number comes to."""
    never: bool
    because: str | None = None


def defining(name: str) -> str:
    """The title of the statement that defines a name."""
    return f"define {' '.join(name.split()).casefold()}"


Statement = Rule | AcceptedGap | Define | Invariant


def conditions_of(statement: Statement) -> tuple[Condition, ...]:
    """Every condition that the statement says, those on candidates among them."""
    if isinstance(statement, Define):
        return (statement.condition,)
    then = statement.then if isinstance(statement, Rule) else ()
    return tuple(c for c in (statement.when, *map(where_of, then)) if c is not None)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All statements of an organisation. Their order has no meaning."""

    rules: tuple[Rule, ...] = ()
    gaps: tuple[AcceptedGap, ...] = ()
    defines: tuple[Define, ...] = ()
    invariants: tuple[Invariant, ...] = ()

    def rule(self, title: str) -> Rule | None:
        return next((r for r in self.rules if r.title == title), None)

    def expanded(self) -> RuleSet:
        """The same meaning without ``define``: each derived fact is the condition it names."""
        if not self.defines:
            return self
        rules = (
            replace(
                r,
                when=r.when and expand(r.when, self.defines),
                then=tuple(_expanded_in(o, self.defines) for o in r.then),
            )
            for r in self.rules
        )
        gaps = (replace(g, when=expand(g.when, self.defines)) for g in self.gaps)
        kept = (replace(i, when=expand(i.when, self.defines)) for i in self.invariants)
        return RuleSet(tuple(rules), tuple(gaps), (), tuple(kept))


def _expanded_in(outcome: Outcome, defines: Iterable[Define]) -> Outcome:
    where = where_of(outcome)
    return outcome if where is None else with_where(outcome, expand(where, defines))


def expand(condition: Condition, defines: Iterable[Define]) -> Condition:
    """The condition with every derived fact replaced by what it stands for.

    The defines hold no cycle and every name that is used: reading sees to both.
    """
    return _expanded(condition, {d.name: d.condition for d in defines})


def _expanded(condition: Condition, named: Mapping[str, Condition]) -> Condition:
    match condition:
        case Derived(name):
            return _expanded(named[name], named)
        case Not(part):
            return Not(_expanded(part, named))
        case And(parts):
            return all_of(*(_expanded(p, named) for p in parts))
        case Or(parts):
            return any_of(*(_expanded(p, named) for p in parts))
        case _:
            return condition


class Unexpanded(AssertionError):
    """A derived fact was to be evaluated before it was expanded: a mistake of ours."""


_JOINING = frozenset((And, Or, Not))
_TESTING = frozenset((CompareFacts, Exists, Count, Since))


def is_leaf(condition: Condition) -> TypeGuard[Leaf]:
    """Whether it joins no others."""
    return type(condition) not in _JOINING


def leaves_of(condition: Condition | None) -> tuple[Leaf, ...]:
    """The conditions that ``and``, ``or`` and ``not`` join, in order of mention."""
    match condition:
        case And() | Or():
            parts = condition.parts
        case Not():
            parts = (condition.part,)
        case None:
            return ()
        case _:
            return (condition,)
    if _JOINING.isdisjoint(map(type, parts)):
        return cast("tuple[Leaf, ...]", parts)
    return tuple(chain.from_iterable(map(leaves_of, parts)))


def tests_of(condition: Condition | None) -> tuple[Test, ...]:
    """The tests in the condition, each once, in order of first mention."""
    leaves = leaves_of(condition)
    if _TESTING.isdisjoint(map(type, leaves)):
        return ()
    return tuple(dict.fromkeys(c for c in leaves if isinstance(c, Test)))


def derived_of(*conditions: Condition | None) -> tuple[str, ...]:
    """Names of the derived facts the conditions ask for, each once."""
    leaves = (leaf for c in conditions for leaf in leaves_of(c))
    return tuple(dict.fromkeys(leaf.name for leaf in leaves if isinstance(leaf, Derived)))


def attributes_of(condition: Condition | None, ontology: Ontology) -> tuple[str, ...]:
    """What of a request the condition looks at, each once, in order of first mention.

    Paths of facts, and names of relations (``prior_visits``). A derived fact adds nothing:
    :func:`expand` first where what it stands for matters.
    """
    paths: dict[str, None] = {}
    for leaf in leaves_of(condition):
        if isinstance(leaf, Compare):
            paths[leaf.attribute] = None
        else:
            paths.update(dict.fromkeys(_looked_at(leaf, ontology)))
    return tuple(paths)


def _looked_at(leaf: Leaf, ontology: Ontology) -> tuple[str, ...]:
    match leaf:
        case Compare() | Known():
            return (leaf.attribute,)
        case CompareFacts():
            return (leaf.attribute, leaf.other)
        case Exists() | Count() | Since():
            return _rows_look_at(leaf.rows, ontology)
        case Derived():
            return ()
        case _:
            assert_never(leaf)


def _rows_look_at(rows: Rows, ontology: Ontology) -> tuple[str, ...]:
    """The relation, the request's own facts inside ``where``, and the request's date."""
    relation = ontology.relations[rows.relation]
    own = f"{relation.entity}."
    outer = (p for p in attributes_of(rows.where, ontology) if not p.startswith(own))
    dated = (ontology.date,) if ontology.date and relation.date else ()
    return (rows.relation, *outer, *dated)
