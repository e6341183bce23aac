"""The rows of a decision table → rules, by its hit policy (DMN 1.5, chapter 8.2.8).

``FIRST`` and ``PRIORITY`` become a chain of ``overrides``: a row names each later one that it can
meet with another answer. ``RULE ORDER`` and ``OUTPUT ORDER`` number the titles, and an answer
lists the rules that gave it by title, so the order and repeats of the list are in there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from data.exchange.dmn.cells import condition_of, values_of
from data.exchange.dmn.feel import Named, read_cell, read_literal
from data.exchange.dmn.model import Output, Table
from data.exchange.dmn.words import enum_values, kind_of
from data.exchange.meaning import whole
from data.exchange.order import chained
from data.exchange.problem import NotSayable
from data.ontology.model import Attribute, Decision, Hit, Ontology, TypeName, Value
from data.rulelang.ast import (
    Condition,
    Contribute,
    Decide,
    Include,
    LeaveToStaff,
    Outcome,
    Rule,
    all_of,
)

ORDERED = frozenset(["FIRST", "PRIORITY"])
_HITS: Mapping[tuple[str, str], Hit] = {
    ("UNIQUE", ""): "single", ("ANY", ""): "single", ("FIRST", ""): "single",
    ("PRIORITY", ""): "single", ("COLLECT", ""): "collect", ("RULE ORDER", ""): "collect",
    ("OUTPUT ORDER", ""): "collect", ("COLLECT", "SUM"): "sum", ("COLLECT", "COUNT"): "sum",
    ("COLLECT", "MIN"): "min", ("COLLECT", "MAX"): "max",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """One output of a table: the decision it becomes, and its value in each row."""

    decision: Decision
    values: tuple[Value | None, ...]
    default: Value | None


def answers(
    table: Table, names: Sequence[str], labels: Sequence[str], extra: Mapping[str, str],
    limits: Sequence[str],
) -> tuple[Answer, ...]:  # fmt: skip
    """A decision for each output. ``limits``: what else the model allows of each output."""
    hit = _HITS.get((table.policy, table.aggregation))
    if hit is None:
        policy = f"{table.policy} {table.aggregation}".strip()
        raise NotSayable(f"there is no hit policy `{policy}`")
    if table.aggregation and len(table.outputs) > 1:
        raise NotSayable("a table with several outputs cannot add them up")
    return tuple(
        _answer(table, n, output, (hit, name, label), extra, limit)
        for n, (output, name, label, limit) in enumerate(
            zip(table.outputs, names, labels, limits, strict=True)
        )
    )


def _answer(
    table: Table,
    number: int,
    output: Output,
    called: tuple[Hit, str, str],
    extra: Mapping[str, str],
    limit: str,
) -> Answer:
    hit, name, label = called
    values = [_value(row.outputs[number]) for row in table.rows]
    default = _value(output.default)
    if table.aggregation == "COUNT":
        values = [None if v is None else Decimal(1) for v in values]
    said = [v for v in (*values, default) if v is not None]
    silent = hit == "single" and not said and table.rows
    kind = "text" if silent else _kind(said, extra)
    allowed = [*allowed_values(output.allowed), *allowed_values(limit)]
    listed = enum_values([*allowed, *said]) if kind == "text" and not extra.get("type") else {}
    if hit in ("sum", "min", "max") and kind not in ("integer", "decimal"):
        raise NotSayable(f"`{label}` is no number, so it cannot be added up or compared")
    if hit == "collect" and kind == "boolean":
        raise NotSayable(f"`{label}` would be a list of yes and no")
    decision = Decision(
        name, "enum" if listed else kind, label, hit, values=listed,
        required=hit == "single" and default is None, unit=extra.get("unit"),
    )  # fmt: skip
    fit = _whole if kind == "integer" else _same
    return Answer(decision, tuple(map(fit, values)), fit(default))


def _value(text: str) -> Value | None:
    value = read_literal(text) if text not in ("", "-") else None
    if isinstance(value, Named):
        raise NotSayable(f"the answer `{value.name}` is a name, not a value")
    return value


def _kind(said: Sequence[Value], extra: Mapping[str, str]) -> TypeName:
    kind = kind_of(said)
    if kind is None:
        raise NotSayable("its answers are of several types" if said else "it has no answers")
    fractions = extra.get("type") == "decimal" or not all(map(_is_whole, said))
    return "integer" if kind == "decimal" and not fractions else kind


def _is_whole(value: Value) -> bool:
    return isinstance(value, Decimal) and value == value.to_integral_value()


def _whole(value: Value | None) -> Value | None:
    return None if value is None else whole(value)


def _same(value: Value | None) -> Value | None:
    return value


def allowed_values(text: str) -> tuple[Value, ...]:
    """The values that a limit lists, in its order; another form of limit lists none."""
    try:
        return values_of(read_cell(text))
    except NotSayable:
        return ()


def rules_of(
    table: Table, facts: Sequence[Attribute], known: Mapping[str, Attribute],
    found: Sequence[Answer], title: str, taken: set[str],
) -> tuple[Rule, ...]:  # fmt: skip
    """The rules of the rows. Raises :class:`NotSayable`, naming the row and the column."""
    order = list(range(len(table.rows)))
    if table.policy == "OUTPUT ORDER":
        order.sort(key=lambda n: _rank(table, found, n))
    width = len(str(len(order)))
    made: list[Rule] = []
    for place, n in enumerate(order):
        row = table.rows[n]
        named = f"{title} {place + 1:0{width}}" + (f" (row {n + 1})" if place != n else "")
        then = tuple(o for a in found if (o := _outcome(a, n)) is not None)
        if then:
            when = _when(table, n, facts, known)
            made.append(
                Rule(_free(row.label or named, taken), then, when, because=row.remark or None)
            )
    return tuple(made)


def default_of(found: Sequence[Answer], title: str, taken: set[str]) -> Rule | None:
    """The rule that answers where no row does."""
    then = tuple(_said(a.decision, a.default) for a in found if a.default is not None)
    return Rule(_free(f"{title} otherwise", taken), then) if then else None


def ordered(
    ontology: Ontology, table: Table, rules: Sequence[Rule], found: Sequence[Answer],
    otherwise: Rule | None,
) -> tuple[Rule, ...]:  # fmt: skip
    """The rules with the ``overrides`` that the hit policy and the default ask for."""
    last = () if otherwise is None else (otherwise,)
    made = tuple(replace(r, overrides=tuple(o.title for o in last)) for r in rules)
    if table.policy in ORDERED:
        ranks = [_rank(table, found, n) for n in range(len(rules))]
        made = chained(ontology, made, ranks)
    return (*made, *last)


def _rank(table: Table, found: Sequence[Answer], n: int) -> tuple[int, ...]:
    """Where a row stands in the order that the hit policy goes by."""
    if table.policy == "FIRST":
        return (n,)
    ranks: list[int] = []
    for output, answer in zip(table.outputs, found, strict=True):
        order, value = allowed_values(output.allowed), answer.values[n]
        ranks.append(order.index(value) if value in order else len(order))
    return tuple(ranks)


def _when(
    table: Table, n: int, facts: Sequence[Attribute], known: Mapping[str, Attribute]
) -> Condition | None:
    parts: list[Condition] = []
    for column, cell, fact in zip(table.columns, table.rows[n].inputs, facts, strict=True):
        try:
            part = condition_of(cell, fact, known)
        except NotSayable as reason:
            name = column.label or column.expression
            raise NotSayable(f"row {n + 1}, column `{name}`: {reason}") from None
        parts += [] if part is None else [part]
    return all_of(*parts) if parts else None


def _outcome(answer: Answer, n: int) -> Outcome | None:
    value = answer.values[n]
    if value is None:
        return LeaveToStaff(answer.decision.name) if answer.decision.hit == "single" else None
    return _said(answer.decision, value)


def _said(decision: Decision, value: Value) -> Outcome:
    match decision.hit:
        case "single":
            return Decide(decision.name, value)
        case "collect":
            return Include(decision.name, value)
        case _:
            assert isinstance(value, int | Decimal)
            return Contribute(decision.name, value)


def _free(title: str, taken: set[str]) -> str:
    tries: Iterator[str] = (f"{title}, {n}" for n in range(2, len(taken) + 3))
    kept = title if title not in taken else next(t for t in tries if t not in taken)
    taken.add(kept)
    return kept
