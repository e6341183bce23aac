"""A request in, its decisions out, as plain JSON: the same for the command line and the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn, cast

from data.rulelang.request import REQUEST_ID, Request, RequestError, read_request
from data.rulelang.result import Result
from data.rulelang.version import Version

Json = dict[str, Any]
LONGEST_ID = 100
"""Characters of a request's own id that are kept."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request's text comes from, as its sender calls it, and what belongs there."""

    called: str
    help: str


LINE = Source("this line", 'write one object a line: {"entity": {"name": 1}}')


def answer(version: Version, request: object) -> Json:
    """All decisions of one request, its own id first; raises :class:`RequestError` for none."""
    read = read_request(version.ontology, request)
    results = version.compiled.decide(read)
    own_id = id_of(request)
    answered: Json = ({"id": own_id} if own_id else {}) | {
        "version": version.id,
        "outcomes": {name: _told(version, read, name, r) for name, r in results.items()},
    }
    defaults = _defaults(version, read.given)
    return answered | ({"defaults": defaults} if defaults else {})


def _told(version: Version, request: Request, name: str, result: Result) -> Json:
    """The result as it is printed; an undecided one with the fact to ask for next."""
    if result.status != "undecided":
        return result.to_json()
    from data.rulelang.ask import ask

    return result.to_json() | {"ask": ask(version, request, [name])}


def id_of(request: object) -> str:
    """What the sender calls the request; empty where it has no id."""
    found = cast("Json", request).get(REQUEST_ID) if isinstance(request, dict) else None
    return found[:LONGEST_ID] if isinstance(found, str) else ""


def answer_line(version: Version, line: str) -> Json:
    """As :func:`answer`, from text; what is wrong with the line is the answer to it."""
    try:
        return answer(version, read_json(line))
    except RequestError as error:
        return error.to_json()


def read_json(text: str, source: Source = LINE) -> object:
    """JSON with exact numbers; raises :class:`RequestError` for anything else."""
    if not text.strip():
        raise RequestError("parse", f"{source.called} is empty", source.help)
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_once_each,
        )
    except RequestError:
        raise
    except (ValueError, RecursionError):
        raise RequestError(
            "parse",
            f"{source.called} is not valid JSON",
            source.help,
        ) from None


def _refuse_constant(name: str) -> NoReturn:
    raise RequestError(
        "type", f"`{name}` is not a number", "leave the fact out where it is unknown"
    )


def _once_each(pairs: list[tuple[str, Any]]) -> Json:
    """An object whose names stand once each: which of two was meant, nobody can tell."""
    found = dict(pairs)
    if len(found) < len(pairs):
        name = next(n for i, (n, _) in enumerate(pairs) if n in dict(pairs[:i]))
        raise RequestError("duplicate", f"`{name}` stands there twice", "leave one of them out")
    return found


def _defaults(version: Version, given: Mapping[str, Any]) -> list[str]:
    """Paths of absent facts that a default of the ontology stood in for."""
    return [a.path for a in version.ontology.facts if a.default is not None and a.path not in given]
