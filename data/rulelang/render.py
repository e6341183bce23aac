"""Rules → rule text. ``parse(render(rule)) == rule``: what the author confirms is what runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import assert_never

from data.ontology.model import Decision, Ontology, TypeName, Value
from data.rulelang.ast import (
    AcceptedGap,
    And,
    Compare,
    CompareFacts,
    Concept,
    Condition,
    Contribute,
    Count,
    Decide,
    Define,
    Derived,
    Exists,
    Include,
    Known,
    LeaveToStaff,
    Measure,
    Modify,
    Narrow,
    Not,
    Op,
    Or,
    Outcome,
    Prefer,
    Rows,
    Rule,
    RuleSet,
    Scope,
    Since,
)
from data.rulelang.grammar import KEYWORDS, called, name_of
from data.rulelang.lexicon import key_of, quote

_INDENT = " " * 13
_SINGLE = frozenset(way for ways in KEYWORDS.values() for way in ways if " " not in way)
_PHRASES = tuple(key_of(way) for ways in KEYWORDS.values() for way in ways if " " in way)
_AFTER_WORD = tuple(phrase[1:] for phrase in _PHRASES if phrase[0] in ("is", "include"))


def render(rule: Rule, ontology: Ontology) -> str:
    """The one text of a rule, several lines, no line break at the end."""
    lines = [f"rule {quote(rule.title)}"]
    if rule.scope:
        mandatory = " mandatory" if rule.mandatory else ""
        lines.append(_clause("scope", _scope(rule.scope, ontology) + mandatory))
    elif rule.mandatory:
        lines.append("  mandatory")
    if rule.when:
        lines.append(_clause("when", _when(rule.when, ontology)))
    lines.append(_clause("then", _joined(_outcomes(rule.then, ontology), "and")))
    if rule.because is not None:
        lines.append(_clause("because", quote(rule.because)))
    if rule.start:
        lines.append(_clause("from", rule.start.isoformat()))
    if rule.until:
        lines.append(_clause("until", rule.until.isoformat()))
    if rule.overrides:
        lines.append(_clause("overrides", ", ".join(quote(t) for t in rule.overrides)))
    return "\n".join(lines)


def render_gap(gap: AcceptedGap, ontology: Ontology) -> str:
    """The text of an accepted gap."""
    return "\n".join(
        [
            f"accept gap {quote(gap.title)}",
            _clause("when", _when(gap.when, ontology)),
            _clause("because", quote(gap.because)),
        ]
    )


def render_define(define: Define, ontology: Ontology) -> str:
    """The text of a derived fact's definition."""
    return f"define {_name(define.name)} as\n{_INDENT}{_when(define.condition, ontology)}"


def render_set(rule_set: RuleSet, ontology: Ontology) -> str:
    """All statements, sorted by title: equal rule sets give equal text."""
    defines = [render_define(d, ontology) for d in sorted(rule_set.defines, key=lambda d: d.name)]
    rules = [render(r, ontology) for r in sorted(rule_set.rules, key=lambda r: r.title)]
    gaps = [render_gap(g, ontology) for g in sorted(rule_set.gaps, key=lambda g: g.title)]
    return "".join(text + "\n\n" for text in [*defines, *rules, *gaps]).rstrip("\n") + "\n"


def render_condition(condition: Condition, ontology: Ontology) -> str:
    """The text of a condition, on one line."""
    return _condition(condition, ontology, " ")


def render_value(value: Value) -> str:
    """A value as rule text writes it, without quotes."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | Decimal():
            return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
        case str():
            return value
        case time():
            return value.strftime("%H:%M")
        case date():
            return value.isoformat()
        case frozenset():
            return ", ".join(sorted(value))


def _clause(keyword: str, text: str) -> str:
    return f"  {keyword:<11}{text}"


def _joined(parts: list[str], word: str) -> str:
    return f"\n{_INDENT}{word} ".join(parts)


def _scope(scope: Scope, ontology: Ontology) -> str:
    scopes = ontology.scopes
    attribute = ontology.attributes.get(scopes.path(scope.level)) if scopes else None
    listed = attribute.values if attribute else ()
    texts = [quote(v) if " " in v and not listed else _text(v) for v in scope.values]
    return f"{scope.level} " + ", ".join(texts)


def _when(condition: Condition, ontology: Ontology) -> str:
    """As a clause: one line for each part, and a last negated part as ``unless``."""
    if isinstance(condition, And) and isinstance(condition.parts[-1], Not):
        rest = condition.parts[:-1]
        kept = rest[0] if len(rest) == 1 else And(rest)
        exception = _condition(condition.parts[-1].part, ontology, " ")
        return f"{_condition(kept, ontology, _BREAK)}\n{_INDENT}unless {exception}"
    return _condition(condition, ontology, _BREAK)


_BREAK = "\n" + _INDENT


def _condition(
    condition: Condition, ontology: Ontology, gap: str, inside: str | None = None
) -> str:
    """``inside`` is the entity of the rows that a ``where`` speaks of."""
    match condition:
        case Compare():
            return _compare(condition, ontology, inside)
        case Known():
            return f"{_name(name_of(ontology, condition.attribute, inside))} is known"
        case CompareFacts():
            name, other = (
                name_of(ontology, p, inside) for p in (condition.attribute, condition.other)
            )
            return f"{_name(name)} {condition.op} {_name(other)}"
        case Exists(rows):
            return f"any {_rows(rows, ontology)}"
        case Count(rows, op, value):
            return f"number of {_rows(rows, ontology, many=True)} {op} {_numbers(op, value)}"
        case Since(rows, unit, op, value):
            return f"{unit} since latest {_rows(rows, ontology)} {op} {_numbers(op, value)}"
        case Derived():
            return f"{_name(condition.name)} is yes"
        case Not(Exists(rows)):
            return f"no {_rows(rows, ontology)}"
        case Not(Derived(name)):
            return f"{_name(name)} is no"
        case Not():
            return f"not ( {_condition(condition.part, ontology, ' ', inside)} )"
        case And():
            return f"{gap}and ".join(_part(p, ontology, inside) for p in condition.parts)
        case Or():
            return f"{gap}or ".join(_part(p, ontology, inside) for p in condition.parts)
        case _:
            assert_never(condition)


def _rows(rows: Rows, ontology: Ontology, many: bool = False) -> str:
    relation = ontology.relations[rows.relation]
    said = [_name(relation.many if many else relation.label)]
    if rows.where is not None:
        said.append(f"where ( {_condition(rows.where, ontology, ' ', relation.entity)} )")
    if rows.within is not None:
        said.append(f"within the last {rows.within}")
    return " ".join(said)


def _numbers(op: Op, value: int | tuple[int, ...]) -> str:
    numbers = value if isinstance(value, tuple) else (value,)
    return (" and " if op == "is between" else ", ").join(map(str, numbers))


def _part(condition: Condition, ontology: Ontology, inside: str | None = None) -> str:
    text = _condition(condition, ontology, " ", inside)
    return f"( {text} )" if isinstance(condition, And | Or) else text


def _compare(c: Compare, ontology: Ontology, inside: str | None) -> str:
    attribute = ontology.attributes[c.attribute]
    values = c.value if isinstance(c.value, tuple) else (c.value,)
    texts = [_written(v, attribute.values, attribute.type) for v in values]
    if c.op == "is not":
        texts = [_guarded(t, attribute.values) for t in texts]
    name = _name(name_of(ontology, c.attribute, inside))
    joined = " and ".join(texts) if c.op == "is between" else ", ".join(texts)
    return f"{name} {c.op} {joined}"


def _guarded(text: str, values: Collection[str]) -> str:
    """Quote a value that together with ``is not`` reads as another: ``not pregnant``."""
    longer = ("not", *key_of(text))
    return quote(text) if any(key_of(v) == longer for v in values) else text


def _outcomes(outcomes: Iterable[Outcome], ontology: Ontology) -> list[str]:
    """One text each; what narrows several decisions that choose alike is said once."""
    return list(dict.fromkeys(_outcome(o, ontology) for o in outcomes))


def _outcome(outcome: Outcome, ontology: Ontology) -> str:
    decision = ontology.decisions[outcome.decision]
    name = _name(decision.label)
    match outcome:
        case Decide():
            if isinstance(outcome.value, Concept):
                return f"{name} is the code for {quote(outcome.value.name)}"
            return f"{name} is {_written(outcome.value, decision.values, decision.type)}"
        case Modify():
            return f"{name} {'adds' if outcome.adds else 'drops'} {_text(outcome.modifier)}"
        case Include():
            return f"{name} include {_written(outcome.value, decision.values, decision.type)}"
        case Contribute():
            verb = "adds" if decision.hit == "sum" else "is"
            return f"{name} {verb} {render_value(outcome.amount)}"
        case LeaveToStaff():
            return f"{name} is left to staff"
        case Narrow():
            verb = "require" if outcome.keep else "exclude"
            return f"{verb} {_where(outcome.where, decision, ontology)}"
        case Prefer(_, by):
            if isinstance(by, Measure):
                return f"prefer {_measure(by, decision, ontology)}"
            return f"prefer {_where(by, decision, ontology)}"
        case _:
            assert_never(outcome)


_ORDERS = {
    "date": ("earliest", "latest"),
    "time": ("earliest", "latest"),
    "integer": ("fewest", "most"),
}
_OTHER_ORDER = ("lowest", "highest")


def _measure(measure: Measure, decision: Decision, ontology: Ontology) -> str:
    attribute = ontology.attributes[measure.attribute]
    order = _ORDERS.get(attribute.type, _OTHER_ORDER)[not measure.lowest]
    label = _name(name_of(ontology, attribute.path, attribute.entity))
    return f"{called(decision.candidates or '')} with {order} {label}"


def _where(where: Condition, decision: Decision, ontology: Ontology) -> str:
    candidates = ontology.candidates[decision.candidates or ""]
    return f"{called(candidates.name)} where {_part(where, ontology, candidates.entity)}"


def _written(value: Value, values: Collection[str], type_: TypeName) -> str:
    """A value as the grammar reads it back: listed values bare, free text in quotes."""
    if not isinstance(value, str):
        return render_value(value)
    if values or (type_ in ("code", "set", "choice") and " " not in value):
        return _text(value)
    return quote(value)


def _name(label: str) -> str:
    return quote(label) if _clashes(label) else label


def _text(value: str) -> str:
    return quote(value) if _clashes(value) else value


@lru_cache(maxsize=100_000)
def _clashes(text: str) -> bool:
    """Whether unquoted text could be read as something else, or not at all."""
    words = key_of(text)
    return (
        not words
        or " ".join(text.split()) != text
        or any(mark in text for mark in ',()"#\\')
        or any(word in _SINGLE for word in words)
        or any(words[: len(op)] == op for op in _AFTER_WORD)
        or any(_contains(words, phrase) for phrase in _PHRASES)
    )


def _contains(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(words[i : i + len(phrase)] == phrase for i in range(len(words)))
