"""A DMN model → the files of a pack, and a list of what rules cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from data.exchange.dmn.feel import Between, Cell, Endpoint, Than, read_cell
from data.exchange.dmn.logic import Bound, bound, read_by_others
from data.exchange.dmn.model import Model, Table
from data.exchange.dmn.read import read_model
from data.exchange.dmn.rows import Answer, answers, default_of, ordered, rules_of
from data.exchange.dmn.words import (
    Source,
    Uses,
    attribute_of,
    free,
    identifier,
    resolved,
    sources,
)
from data.exchange.pack_text import ontology_text
from data.exchange.problem import NotSayable, refuse
from data.ontology.model import Attribute, Decision, Ontology
from data.ontology.nearest import listed
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.findings import Finding, FindingCode
from data.rulelang.render import render
from data.rulelang.version import make_version


@dataclass(frozen=True, slots=True)
class Imported:
    """What a model became."""

    ontology: Ontology
    rule_set: RuleSet
    files: Mapping[str, str]
    """The pack: name of a file → its text."""
    findings: tuple[Finding, ...]
    """What was left out, and what means something else than it may seem; with place and reason."""
    outputs: Mapping[str, Mapping[str, str]]
    """Decision of the model → its outputs → the decision here."""


@dataclass(slots=True)
class _Work:
    """What is being put together."""

    model: Model
    known: Mapping[str, Source]
    findings: list[Finding] = field(default_factory=list[Finding])
    facts: dict[str, Attribute] = field(default_factory=dict[str, Attribute])
    """By the name that expressions use."""
    decisions: dict[str, Decision] = field(default_factory=dict[str, Decision])
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict[str, tuple[Rule, ...]])
    """By the decision of the model."""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    titles: set[str] = field(default_factory=set[str])

    def left_out(self, decision: str, reason: object) -> None:
        self.note("left-out", decision, f"`{decision}` was left out: {reason}")

    def note(self, code: FindingCode, decision: str, message: str, suggestion: str = "") -> None:
        place = f"decision `{decision}`"
        self.findings.append(Finding(code, "warning", message, suggestion, place=place))


def load_dmn(content: bytes) -> Imported:
    """The pack that a DMN model says. Raises ``InputError`` where nothing can be read."""
    model = read_model(content)
    work = _Work(model, sources(model))
    bounds = _bounds(work)
    _facts(work, bounds)
    for name, one in bounds.items():
        try:
            _decision(work, one)
        except NotSayable as reason:
            work.left_out(name, reason)
    if not work.decisions:
        told = "; ".join(f.message for f in work.findings) or "it holds no decision"
        refuse(f"nothing of the model can be said in rules: {told}")
    return _imported(work, bounds)


def _bounds(work: _Work) -> dict[str, Bound]:
    found: dict[str, Bound] = {}
    for name, decided in work.model.decisions.items():
        try:
            found[name] = bound(work.model, decided, work.known)
        except NotSayable as reason:
            work.left_out(name, reason)
    return found


def _facts(work: _Work, bounds: Mapping[str, Bound]) -> None:
    """Every input, and every answer that some table reads, becomes a fact."""
    uses = {name: Uses() for name in work.known}
    for one in bounds.values():
        for n, (column, source) in enumerate(zip(one.table.columns, one.columns, strict=True)):
            used = uses[source.name]
            used.types.append(resolved(work.model, column.type).base)
            used.allowed.append(column.allowed)
            used.cells += _cells(one.table, n)
    read = read_by_others(bounds)
    for name, source in work.known.items():
        if name in work.model.decisions and name not in read:
            continue
        try:
            work.facts[name] = _fact(work, source, uses[name])
        except NotSayable as reason:
            if name not in read:
                place = f"input `{name}`"
                message = f"no table reads it, and it was left out: {reason}"
                work.findings.append(Finding("left-out", "note", message, place=place))


def _cells(table: Table, n: int) -> Iterator[Cell]:
    for row in table.rows:
        try:
            yield read_cell(row.inputs[n])
        except NotSayable:
            continue


def _fact(work: _Work, source: Source, uses: Uses) -> Attribute:
    entity = identifier(source.entity)
    mine = [a for a in work.facts.values() if a.entity == entity]
    name = free(identifier(source.part), [a.name for a in mine])
    label = free(source.label, [a.label for a in mine])
    return attribute_of(source, uses, name, label)


def _decision(work: _Work, one: Bound) -> None:
    """Turn one table into decisions and rules, all or nothing."""
    missing = [s.name for s in one.columns if s.name not in work.facts]
    if missing:
        raise NotSayable(f"`{missing[0]}` is no fact that rules can read")
    facts = [work.facts[s.name] for s in one.columns]
    named = _answers(work, one)
    titles = set(work.titles)
    title = one.decided.label or one.decided.name
    rules = rules_of(one.table, facts, work.facts, named, title, titles)
    otherwise = default_of(named, title, titles)
    ontology = _ontology(work, {a.decision.name: a.decision for a in named})
    work.rules[one.decided.name] = ordered(ontology, one.table, rules, named, otherwise)
    work.titles = titles
    work.decisions |= {a.decision.name: a.decision for a in named}
    outputs = zip(one.table.outputs, named, strict=True)
    work.outputs[one.decided.name] = {
        o.name or one.decided.name: a.decision.name for o, a in outputs
    }
    _meeting_ends(work, one)


def _answers(work: _Work, one: Bound) -> tuple[Answer, ...]:
    """The decisions, with names and labels that no other has."""
    decided, outputs = one.decided, one.table.outputs
    single, of = len(outputs) == 1, resolved(work.model, decided.type)
    names: list[str] = []
    labels: list[str] = []
    taken = [d.label for d in work.decisions.values()]
    for output in outputs:
        name = decided.name if single else f"{decided.name} {output.name}"
        label = (decided.label or decided.name) if single else name
        names.append(free(identifier(name), [*work.decisions, *names]))
        labels.append(free(label, [*taken, *labels]))
    parts = {p.name: p.allowed for p in of.parts}
    limits = [of.allowed if single else parts.get(o.name, "") for o in outputs]
    return answers(one.table, names, labels, decided.extra, limits)


def _meeting_ends(work: _Work, one: Bound) -> None:
    """Where answers are put together, ranges that share only an end are told."""
    if not one.table.policy.startswith("COLLECT"):
        return
    for n, column in enumerate(one.table.columns):
        begins: dict[Endpoint, int] = {}
        ends: dict[Endpoint, int] = {}
        for row, cell in enumerate(_cells(one.table, n), start=1):
            for low, high in _closed_ends(cell):
                begins.setdefault(low, row)
                ends.setdefault(high, row)
        for value in sorted(v for v in begins.keys() & ends.keys() if isinstance(v, Decimal)):
            rows = sorted((begins[value], ends[value]))
            name = column.label or column.expression
            message = f"rows {rows[0]} and {rows[1]} both count where `{name}` is exactly {value}"
            tip = "if one was meant to begin where the other ends, leave that end out of one"
            work.note("conflict", one.decided.name, message, tip)


def _closed_ends(cell: Cell) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Where each range of the cell begins and ends; ``None`` for an end that is open."""
    for test in () if cell.negated else cell.tests:
        match test:
            case Between(low, high, low_in, high_in) if low != high:
                yield low if low_in else None, high if high_in else None
            case Than(">=", value):
                yield value, None
            case Than("<=", value):
                yield None, value
            case _:
                pass


def _ontology(work: _Work, decisions: Mapping[str, Decision]) -> Ontology:
    """The words found so far, with these decisions."""
    facts = {a.path: a for a in work.facts.values()}
    model = work.model
    return Ontology(
        name=identifier(model.name), title=model.name, date=None,
        entities=tuple(dict.fromkeys(a.entity for a in facts.values())),
        attributes=facts, relations={}, scopes=None, decisions=decisions,
    )  # fmt: skip


def _imported(work: _Work, bounds: Mapping[str, Bound]) -> Imported:
    ontology = _ontology(work, work.decisions)
    rule_set = RuleSet(tuple(r for rules in work.rules.values() for r in rules))
    _given(work, bounds)
    _exceptions(work, bounds, ontology, rule_set)
    files = {"ontology.yaml": ontology_text(ontology)}
    for name, rules in work.rules.items():
        file = free(f"rules/{identifier(name)}", [f.removesuffix(".rules") for f in files])
        files[f"{file}.rules"] = "\n\n".join(render(r, ontology) for r in rules) + "\n"
    return Imported(ontology, rule_set, files, tuple(work.findings), work.outputs)


def _given(work: _Work, bounds: Mapping[str, Bound]) -> None:
    """Rules read facts, never each other's answers: those are passed on by who asks."""
    for name in work.model.decisions:
        fact = work.facts.get(name)
        if fact is not None:
            readers = [n for n, b in bounds.items() if name in {s.name for s in b.columns}]
            message = (
                f"other tables read the answer of `{name}`: rules read facts only, so it is the "
                f"fact `{fact.path}` for {listed(readers)}"
            )
            work.note("left-out", name, message, f"pass it in the request as `{fact.path}`")


def _exceptions(
    work: _Work, bounds: Mapping[str, Bound], ontology: Ontology, rule_set: RuleSet
) -> None:
    """Rows of a table without order that meet: DMN forbids it, here the narrower one wins."""
    inside = make_version(ontology, {}, (), rule_set).edges.inside
    for name, rules in work.rules.items():
        own = {r.title for r in rules if bounds[name].table.policy in ("UNIQUE", "ANY")}
        defaults = {t for r in rules for t in r.overrides}
        for inner, outer in sorted(inside):
            if inner in own and outer in own and outer not in defaults:
                policy = bounds[name].table.policy
                message = (
                    f"`{inner}` lies inside `{outer}` and answers otherwise, which {policy} "
                    "forbids; here it counts as the exception"
                )
                work.note("conflict", name, message, "make one of the two rows narrower")
