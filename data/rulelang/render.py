"""Rules → rule text. ``parse(render(rule)) == rule``: what the author confirms is what runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, time
from decimal import Decimal
from typing import assert_never

from data.ontology.model import Attribute, Decision, Ontology, TypeName, Value
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
    Invariant,
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
    Statement,
)
from data.rulelang.grammar import begins_history, called, clashes, name_of
from data.rulelang.lexicon import key_of, quote

_INDENT = " " * 13
_MOST_TEXTS = 100_000
_JOINED = (And, Or)


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
    name = _name(define.name, ontology)
    if "as" in key_of(define.name):
        name = quote(define.name)
    return f"define {name} as\n{_INDENT}{_when(define.condition, ontology)}"


def render_invariant(invariant: Invariant, ontology: Ontology) -> str:
    """The text of an invariant."""
    lines = [f"invariant {quote(invariant.title)}", *invariant_clauses(invariant, ontology)]
    if invariant.because is not None:
        lines.append(_clause("because", quote(invariant.because)))
    return "\n".join(lines)


def invariant_clauses(invariant: Invariant, ontology: Ontology) -> tuple[str, str]:
    """What it says: when, and what."""
    never, always = ("never", "with"), ("always", "gives")
    first, second = never if invariant.never else always
    (outcome,) = _outcomes((invariant.outcome,), ontology)
    when = _condition(invariant.when, ontology, _BREAK)
    return _clause(first, when), _clause(second, outcome)


def render_statement(statement: Statement, ontology: Ontology) -> str:
    """The text of any statement."""
    match statement:
        case Rule():
            return render(statement, ontology)
        case AcceptedGap():
            return render_gap(statement, ontology)
        case Define():
            return render_define(statement, ontology)
        case Invariant():
            return render_invariant(statement, ontology)


def render_condition(condition: Condition, ontology: Ontology) -> str:
    """The text of a condition, on one line."""
    return _condition(condition, ontology, " ")


def render_set(rule_set: RuleSet, ontology: Ontology) -> str:
    """All statements, sorted by title: equal rule sets give equal text."""
    defines = [render_define(d, ontology) for d in sorted(rule_set.defines, key=lambda d: d.name)]
    rules = [render(r, ontology) for r in sorted(rule_set.rules, key=lambda r: r.title)]
    gaps = [render_gap(g, ontology) for g in sorted(rule_set.gaps, key=lambda g: g.title)]
    kept = [render_invariant(i, ontology) for i in sorted(rule_set.invariants, key=_title)]
    return "".join(text + "\n\n" for text in [*defines, *rules, *gaps, *kept]).rstrip("\n") + "\n"


def _title(statement: Statement) -> str:
    return statement.title


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
    exception = _exception(condition.parts[-1]) if isinstance(condition, And) else None
    if isinstance(condition, And) and exception is not None:
        rest = condition.parts[:-1]
        kept = rest[0] if len(rest) == 1 else And(rest)
        said = _condition(exception, ontology, " ")
        return f"{_condition(kept, ontology, _BREAK)}\n{_INDENT}unless {said}"
    return _condition(condition, ontology, _BREAK)


def _exception(condition: Condition) -> Condition | None:
    """What a last part says with `unless`; `no prior visit` and `… is no` say it themselves."""
    if isinstance(condition, Not) and not isinstance(condition.part, Exists | Derived):
        return condition.part
    return None


_BREAK = "\n" + _INDENT


def _condition(
    condition: Condition, ontology: Ontology, gap: str, inside: str | None = None
) -> str:
    """``inside`` is the entity of the rows that a ``where`` speaks of."""
    match condition:
        case Compare():
            return _compare(condition, ontology, inside)
        case Known():
            return f"{_fact(condition.attribute, ontology, inside)} is known"
        case CompareFacts():
            return _compare_facts(condition, ontology, inside)
        case Exists(rows):
            return f"any {_rows(rows, ontology)}"
        case Count(rows, op, value):
            return f"number of {_rows(rows, ontology, many=True)} {op} {_numbers(op, value)}"
        case Since(rows, unit, op, value):
            return f"{unit} since latest {_rows(rows, ontology)} {op} {_numbers(op, value)}"
        case Derived(name):
            return f"{_name(name, ontology)} is yes"
        case Not(Exists(rows)):
            return f"no {_rows(rows, ontology)}"
        case Not(Derived(name)):
            return f"{_name(name, ontology)} is no"
        case Not():
            return f"not ( {_condition(condition.part, ontology, ' ', inside)} )"
        case And():
            return f"{gap}and ".join([_part(p, ontology, inside) for p in condition.parts])
        case Or():
            return f"{gap}or ".join([_part(p, ontology, inside) for p in condition.parts])
        case _:
            assert_never(condition)


def _part(condition: Condition, ontology: Ontology, inside: str | None = None) -> str:
    text = _condition(condition, ontology, " ", inside)
    return f"( {text} )" if isinstance(condition, _JOINED) else text


def _rows(rows: Rows, ontology: Ontology, many: bool = False) -> str:
    relation = ontology.relations[rows.relation]
    name = relation.many if many else relation.label
    shared = any(begins_history(words, ontology) for words in ontology.fact_keys)
    said = [quote(name) if shared or clashes(name) else name]
    if rows.where is not None:
        said.append(f"where ( {_condition(rows.where, ontology, ' ', relation.entity)} )")
    if rows.within is not None:
        said.append(f"within the last {rows.within}")
    return " ".join(said)


def _numbers(op: Op, value: int | tuple[int, ...]) -> str:
    numbers = value if isinstance(value, tuple) else (value,)
    return (" and " if op == "is between" else ", ").join(map(str, numbers))


def _compare(c: Compare, ontology: Ontology, inside: str | None) -> str:
    """Of the request's own facts each comparison is written once: many rules say the same."""
    if inside is not None:
        return _compared(c, ontology, inside)
    text = ontology.texts.get(c)
    if text is None:
        if len(ontology.texts) >= _MOST_TEXTS:
            ontology.texts.clear()
        text = ontology.texts[c] = _compared(c, ontology, None)
    return text


def _compared(c: Compare, ontology: Ontology, inside: str | None) -> str:
    attribute = ontology.attributes[c.attribute]
    values = c.value if isinstance(c.value, tuple) else (c.value,)
    texts = [_written(v, attribute.values, attribute.type) for v in values]
    if c.op in ("is", "is not", "include"):
        texts = [quote(t) if _names_a_fact(t, ontology) else t for t in texts]
    if c.op == "is not":
        texts = [_guarded(t, attribute.values) for t in texts]
    joined = " and ".join(texts) if c.op == "is between" else ", ".join(texts)
    return f"{_fact(c.attribute, ontology, inside)} {c.op} {joined}"


def _compare_facts(c: CompareFacts, ontology: Ontology, inside: str | None) -> str:
    fact, other = ontology.attributes[c.attribute], name_of(ontology, c.other, inside)
    if _reads_as_value(other, fact):
        other = f"the {quote(other)}"
    return f"{_fact(c.attribute, ontology, inside)} {c.op} {other}"


def _fact(path: str, ontology: Ontology, inside: str | None) -> str:
    return _name(name_of(ontology, path, inside), ontology)


def _names_a_fact(text: str, ontology: Ontology) -> bool:
    """Whether a value's text, perhaps after `the`, is also what some fact is called."""
    words = key_of(text)
    names = ontology.fact_keys
    return words in names or (words[:1] == ("the",) and words[1:] in names)


def _reads_as_value(name: str, fact: Attribute) -> bool:
    """Whether a fact's name, where a value of another fact can stand, must be marked as a name."""
    words = key_of(name)
    values = {key_of(v) for v in fact.values}
    free = fact.type in ("text", "code", "set") and not fact.values and len(words) == 1
    plain = words[0] in ("yes", "no", "true", "false", "the") or words[0][0] in "-0123456789"
    return clashes(name) or free or plain or bool(values & {words, ("not", *words)})


def _guarded(text: str, values: Collection[str]) -> str:
    """Quote a value that together with ``is not`` reads as another: ``not pregnant``."""
    longer = ("not", *key_of(text))
    return quote(text) if any(key_of(v) == longer for v in values) else text


def _outcomes(outcomes: Iterable[Outcome], ontology: Ontology) -> list[str]:
    """One text each; what narrows several decisions that choose alike is said once."""
    return list(dict.fromkeys(_outcome(o, ontology) for o in outcomes))


def _outcome(outcome: Outcome, ontology: Ontology) -> str:
    decision = ontology.decisions[outcome.decision]
    name = _text(decision.label)
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
    label = _fact(attribute.path, ontology, attribute.entity)
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


def _name(label: str, ontology: Ontology) -> str:
    words = key_of(label)
    begins = words[:1] == ("define",) or begins_history(words, ontology)
    return quote(label) if begins or clashes(label) else label


def _text(value: str) -> str:
    return quote(value) if clashes(value) else value
