"""DMN 1.x XML → :class:`Model`. No entity is expanded, nothing outside the file is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from data.exchange.dmn.model import (
    Column,
    Decided,
    Input,
    Invocation,
    Knowledge,
    Literal,
    Logic,
    Model,
    Output,
    Row,
    Table,
    Type,
    Unread,
)
from data.exchange.problem import refuse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

OURS = "https://rulewright.dev/dmn"
"""Namespace of the few attributes that carry what DMN has no word for."""
LARGEST = 20_000_000
"""Bytes of a model."""
_EXPRESSIONS = frozenset(
    ["decisionTable", "literalExpression", "invocation", "context", "functionDefinition",
     "relation", "list", "for", "every", "some", "conditional", "filter"]
)  # fmt: skip


def read_model(content: bytes) -> Model:
    """The model. Raises ``InputError`` in the user's words where the file is none."""
    root = _root(content)
    return Model(
        name=root.get("name") or "decisions",
        types={t.name: t for t in map(_type, _all(root, "itemDefinition"))},
        inputs={i.name: i for i in map(_input, _all(root, "inputData"))},
        knowledge={k.name: k for k in map(_knowledge, _all(root, "businessKnowledgeModel"))},
        decisions={d.name: d for d in map(_decision, _all(root, "decision"))},
    )


def _root(content: bytes) -> Element:
    # Imported here: only who brings a model waits for it.
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(content) > LARGEST:
        refuse(f"the model is larger than {LARGEST // 1_000_000} MB", "split it into models")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        line, _ = error.position
        refuse("the file is not well-formed XML", "export the model once more", f"line {line}")
    except DefusedXmlException:
        refuse(
            "the file declares entities or a document type, which can hide an attack",
            "export the model without them",
        )
    except (LookupError, ValueError):
        refuse("the file is in an encoding that cannot be read", "save it as UTF-8")
    if _local(root) != "definitions" or "/DMN/" not in root.tag:
        refuse("the file is XML, but no DMN model", "a model begins with `definitions` of DMN 1.x")
    return root


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element if _local(child) == name)


def _first(element: Element, name: str) -> Element | None:
    return next(_all(element, name), None)


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def _text(element: Element | None) -> str:
    """The ``text`` of an expression; empty where there is none."""
    found = None if element is None else _first(element, "text")
    return (found.text or "").strip() if found is not None else ""


def _unprefixed(name: str | None) -> str:
    """``feel:string`` and ``{…}string`` are ``string``."""
    return _words(name).rpartition("}")[2].rpartition(":")[2]


def _extra(element: Element) -> dict[str, str]:
    mark = f"{{{OURS}}}"
    return {k.removeprefix(mark): v for k, v in element.attrib.items() if k.startswith(mark)}


def _type(element: Element) -> Type:
    base = _first(element, "typeRef")
    return Type(
        name=_words(element.get("name")),
        label=_words(element.get("label")),
        base=_unprefixed(base.text if base is not None else ""),
        allowed=_text(_first(element, "allowedValues")),
        parts=tuple(map(_type, _all(element, "itemComponent"))),
        collection=element.get("isCollection") == "true",
        extra=_extra(element),
    )


def _variable_type(element: Element) -> str:
    variable = _first(element, "variable")
    return _unprefixed(variable.get("typeRef")) if variable is not None else ""


def _input(element: Element) -> Input:
    name, label = _words(element.get("name")), _words(element.get("label"))
    return Input(name, _variable_type(element), label)


def _decision(element: Element) -> Decided:
    return Decided(
        name=_words(element.get("name")),
        type=_variable_type(element),
        logic=_logic(element),
        label=_words(element.get("label")),
        extra=_extra(element),
    )


def _knowledge(element: Element) -> Knowledge:
    name, inner = _words(element.get("name")), _first(element, "encapsulatedLogic")
    if inner is None:
        return Knowledge(name, {}, Unread("nothing"))
    parameters = {
        _words(p.get("name")): _unprefixed(p.get("typeRef")) for p in _all(inner, "formalParameter")
    }
    return Knowledge(name, parameters, _logic(inner))


def _logic(element: Element) -> Logic:
    found = next((child for child in element if _local(child) in _EXPRESSIONS), None)
    if found is None:
        return Unread("nothing")
    match _local(found):
        case "decisionTable":
            return _table(found)
        case "literalExpression":
            return Literal(_text(found))
        case "invocation":
            return _invocation(found)
        case kind:
            return Unread(kind)


def _invocation(element: Element) -> Invocation:
    bindings: dict[str, str] = {}
    for binding in _all(element, "binding"):
        parameter = _first(binding, "parameter")
        value = _first(binding, "literalExpression")
        if parameter is not None:
            bindings[_words(parameter.get("name"))] = _words(_text(value))
    return Invocation(_words(_text(_first(element, "literalExpression"))), bindings)


def _table(element: Element) -> Table:
    return Table(
        policy=_words(element.get("hitPolicy")) or "UNIQUE",
        aggregation=_words(element.get("aggregation")),
        columns=tuple(map(_column, _all(element, "input"))),
        outputs=tuple(map(_output, _all(element, "output"))),
        rows=tuple(map(_row, _all(element, "rule"))),
    )


def _column(element: Element) -> Column:
    expression = _first(element, "inputExpression")
    return Column(
        expression=_words(_text(expression)),
        type=_unprefixed(expression.get("typeRef")) if expression is not None else "",
        allowed=_text(_first(element, "inputValues")),
        label=_words(element.get("label")),
    )


def _output(element: Element) -> Output:
    return Output(
        name=_words(element.get("name")),
        type=_unprefixed(element.get("typeRef")),
        allowed=_text(_first(element, "outputValues")),
        default=_text(_first(element, "defaultOutputEntry")),
    )


def _row(element: Element) -> Row:
    remarks = [*_all(element, "description"), *_all(element, "annotationEntry")]
    told = [_words(r.text) or _words(_text(r)) for r in remarks]
    return Row(
        inputs=tuple(_text(e) for e in _all(element, "inputEntry")),
        outputs=tuple(_text(e) for e in _all(element, "outputEntry")),
        label=_words(element.get("label")),
        remark="; ".join(t for t in told if t),
    )
