"""A request in, its decisions out, as plain JSON: the same for the command line and the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from data.rulelang.evaluate import decide
from data.rulelang.request import RequestError, read_request
from data.rulelang.version import Version

Json = dict[str, Any]


def answer(version: Version, request: object) -> Json:
    """All decisions of one request; raises :class:`RequestError` where it is none."""
    read = read_request(version.ontology, request)
    results = decide(version, read)
    answered: Json = {
        "version": version.id,
        "outcomes": {name: result.to_json() for name, result in results.items()},
    }
    defaults = _defaults(version, read.given)
    return answered | ({"defaults": defaults} if defaults else {})


def answer_line(version: Version, line: str) -> Json:
    """As :func:`answer`, from text; what is wrong with the line is the answer to it."""
    try:
        return answer(version, read_json(line))
    except RequestError as error:
        return error.to_json()


def read_json(text: str) -> object:
    """JSON with exact numbers; raises :class:`RequestError` for anything else."""
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
            "this line is not valid JSON",
            'write one object a line: {"entity": {"name": 1}}',
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
