"""A rule as a form that a chat model fills in, held to the organisation's words by a JSON schema.

An endpoint with structured output cannot then name a fact, a value or a code that does not exist.
The form is written out as rule text, every name and value in quotes, and the one parser reads it:
nothing here knows what a rule means. What the form has no field for (history, candidates, a named
condition) stands in a ``clause`` as rule text. The schema keeps to what strict mode allows: every
field required, none besides, ``anyOf`` and ``$ref``.
https://platform.openai.com/docs/guides/structured-outputs
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, cast

from data.ontology.model import Attribute, CodeSet, Decision, Ontology
from data.rulelang.ast import DATE_OPS, LIST_OPS, ORDER_OPS, SET_OPS
from data.rulelang.codes import ResolvedCode
from data.rulelang.lexicon import quote

Json = dict[str, Any]
MOST_LISTED = 100
"""Values or codes beyond so many are not listed: the parser knows them all."""
_TEXT: Json = {"type": "string"}
_EQUAL = ("is", "is not", "is one of", "is none of")
_KINDS: Mapping[str, Json] = {
    "integer": {"type": "integer"}, "decimal": {"type": "number"}, "boolean": {"type": "boolean"},
}  # fmt: skip
_QUOTED = ("enum", "text", "code", "set")


class Misfilled(ValueError):
    """The form is not filled in as the schema says."""


def answer_schema(ontology: Ontology, code_sets: Mapping[str, CodeSet]) -> Json:
    """What an answer may be: readings, a question, or a refusal; of these words and codes alone."""
    answers = [
        _record(readings={"type": "array", "items": _record(rules=_many(_ref("rule")))}),
        _record(question=_TEXT, options=_many(_TEXT)),
        _record(refused=_TEXT),
    ]
    outcomes = [o for d in ontology.decisions.values() for o in _outcomes(d, code_sets)]
    return {
        **_record(answer={"anyOf": answers}),
        "$defs": {
            "rule": _rule(ontology),
            "condition": {"anyOf": [*_joins(), *_tests(ontology), _record(clause=_TEXT)]},
            "outcome": {"anyOf": [*outcomes, _record(clause=_TEXT)]},
        },
    }


def _record(**fields: Json) -> Json:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _many(items: Json) -> Json:
    return {"type": "array", "items": items}


def _one_of(texts: Iterable[str]) -> Json:
    return {"type": "string", "enum": list(texts)}


def _ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _rule(ontology: Ontology) -> Json:
    return _record(
        title=_TEXT,
        scope=_or_null({"anyOf": list(_scopes(ontology))}) if ontology.scopes else {"type": "null"},
        mandatory={"type": "boolean"},
        when=_or_null(_ref("condition")),
        then=_many(_ref("outcome")),
    )


def _scopes(ontology: Ontology) -> Iterator[Json]:
    scopes = ontology.scopes
    for level in scopes.levels if scopes else ():
        attribute = ontology.attributes.get(scopes.path(level)) if scopes else None
        yield _record(level=_one_of([level]), values=_many(_listed(attribute)))


def _listed(attribute: Attribute | None) -> Json:
    values = attribute.values if attribute else ()
    return _one_of(values) if 0 < len(values) <= MOST_LISTED else _TEXT


def _joins() -> Iterator[Json]:
    yield _record(all=_many(_ref("condition")))
    yield _record(any=_many(_ref("condition")))
    yield _record(**{"not": _ref("condition")})


def _tests(ontology: Ontology) -> Iterator[Json]:
    """One form a fact with listed values, one for all facts of any other type."""
    plain: dict[str, list[str]] = {}
    for fact in ontology.attributes.values():
        if fact.values and len(fact.values) <= MOST_LISTED:
            yield _test([fact.label], fact.type, _one_of(fact.values))
        else:
            plain.setdefault(fact.type, []).append(fact.label)
    for kind, labels in plain.items():
        yield _test(labels, kind, _KINDS.get(kind, _TEXT))
    names = [fact.label for fact in ontology.attributes.values()]
    if names:
        yield _record(fact=_one_of(names), known={"type": "boolean"})
        yield _record(fact=_one_of(names), op=_one_of(_fact_ops()), other=_one_of(names))


def _test(labels: Sequence[str], kind: str, value: Json) -> Json:
    return _record(fact=_one_of(labels), op=_one_of(_ops(kind)), values=_many(value))


def _ops(kind: str) -> tuple[str, ...]:
    match kind:
        case "integer" | "decimal":
            return (*_EQUAL, *sorted(ORDER_OPS))
        case "date" | "time":
            return (*_EQUAL, *sorted(DATE_OPS), "is between")
        case "boolean":
            return ("is", "is not")
        case "set":
            return tuple(sorted(SET_OPS))
        case _:
            return _EQUAL


def _fact_ops() -> tuple[str, ...]:
    whole = {"is", "is not", "include", *ORDER_OPS, *DATE_OPS}
    return tuple(sorted(whole - LIST_OPS - {"is between"}))


def _outcomes(decision: Decision, code_sets: Mapping[str, CodeSet]) -> Iterator[Json]:
    named = {"decision": _one_of([decision.label])}
    yield _record(**named, left_to_staff=_one_of(["yes"]))
    match decision.hit, decision.type:
        case _, "choice":
            return
        case "single", "code":
            codes = sorted({text for s in code_sets.values() for text in _codes(s, decision)})
            yield _record(**named, **{"is": _TEXT if _too_many(codes) else _one_of(codes)})
            yield _record(**named, concept=_TEXT)
            if decision.modifiers:
                for verb in ("adds", "drops"):
                    yield _record(**named, **{verb: _one_of(decision.modifiers)})
        case "collect", _:
            yield _record(**named, include=_decision_value(decision))
        case "sum", _:
            yield _record(**named, adds=_decision_value(decision))
        case _:
            yield _record(**named, **{"is": _decision_value(decision)})


def _codes(code_set: CodeSet, decision: Decision) -> Iterator[str]:
    """Each code alone and with any of the modifiers that its row allows."""
    for base, row in code_set.codes.items():
        allowed = [m for m in decision.modifiers if m in row.modifiers]
        for count in range(len(allowed) + 1):
            for some in combinations(allowed, count):
                yield ResolvedCode(base, some).text


def _too_many(texts: Sequence[str]) -> bool:
    return not 0 < len(texts) <= MOST_LISTED


def _decision_value(decision: Decision) -> Json:
    if decision.values and len(decision.values) <= MOST_LISTED:
        return _one_of(decision.values)
    return _KINDS.get(decision.type, _TEXT)


# From the form to rule text.


def rules_text(rules: Sequence[object], ontology: Ontology) -> str:
    """The forms as rule text. Raises :class:`Misfilled`; what the text means the parser says."""
    try:
        return "\n\n".join(_rule_text(cast("Json", rule), ontology) for rule in rules)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise Misfilled(str(error)) from error


def _rule_text(form: Json, ontology: Ontology) -> str:
    if not form["then"]:
        raise Misfilled("a rule without an outcome")
    lines = [f"rule {quote(form['title'])}"]
    scope = form.get("scope")
    if scope is not None:
        places = ", ".join(quote(v) for v in scope["values"])
        lines.append(f"  scope {scope['level']} {places}{' mandatory' * form['mandatory']}")
    elif form.get("mandatory"):
        lines.append("  mandatory")
    if form.get("when") is not None:
        lines.append(f"  when {_condition(form['when'], ontology)}")
    lines.append("  then " + "\n  and ".join(_outcome(o, ontology) for o in form["then"]))
    return "\n".join(lines)


def _condition(form: Json, ontology: Ontology) -> str:
    match form:
        case {"clause": str(text)}:
            return f"( {text} )"
        case {"all": [_, *_] as parts}:
            return " and ".join(f"( {_condition(p, ontology)} )" for p in parts)
        case {"any": [_, *_] as parts}:
            return " or ".join(f"( {_condition(p, ontology)} )" for p in parts)
        case {"not": part}:
            return f"not ( {_condition(part, ontology)} )"
        case {"fact": fact, "known": known}:
            return f"{quote(fact)} is {'' if known else 'not '}known"
        case {"fact": fact, "op": op, "other": other}:
            return f"{quote(fact)} {op} the {quote(other)}"
        case {"fact": fact, "op": op, "values": [_, *_] as values}:
            kind = next((a.type for a in ontology.attributes.values() if a.label == fact), "")
            texts = [_value(v, kind) for v in values]
            return f"{quote(fact)} {op} {(' and ' if op == 'is between' else ', ').join(texts)}"
        case _:
            raise Misfilled(f"no condition: {form}")


def _outcome(form: Json, ontology: Ontology) -> str:
    if isinstance(form.get("clause"), str):
        return form["clause"]
    name = form["decision"]
    decision = next((d for d in ontology.decisions.values() if d.label == name), None)
    kind = decision.type if decision else ""
    said = quote(name)
    match form:
        case {"left_to_staff": _}:
            return f"{said} is left to staff"
        case {"concept": str(concept)}:
            return f"{said} is the code for {quote(concept)}"
        case {"is": value}:
            return f"{said} is {_value(value, kind)}"
        case {"include": value}:
            return f"{said} include {_value(value, kind)}"
        case {"adds": value}:
            return f"{said} adds {_value(value, kind)}"
        case {"drops": value}:
            return f"{said} drops {_value(value, kind)}"
        case _:
            raise Misfilled(f"no outcome: {form}")


def _value(value: object, kind: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    return quote(str(value)) if kind in _QUOTED else str(value)
